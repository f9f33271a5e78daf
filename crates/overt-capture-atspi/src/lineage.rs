//! Who lay in whom when last asked.
//!
//! A chain of ancestors is climbed one question after the other, each of which waits for the one before.
//! Where the climb was made before, all of it is asked for at once; the answers tell whether it still holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::element::ANCESTORS_MAX;
use crate::object::Object;

const OBJECTS_MAX: usize = 4_096;

/// The parents of the objects that were climbed over.
#[derive(Clone, Default)]
pub(crate) struct Lineage {
    parents: Arc<Mutex<HashMap<Object, Object>>>,
}

impl Lineage {
    fn parents(&self) -> MutexGuard<'_, HashMap<Object, Object>> {
        self.parents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, object: &Object, parent: &Object) {
        let mut parents = self.parents();
        if parents.len() >= OBJECTS_MAX {
            parents.clear();
        }
        parents.insert(object.clone(), parent.clone());
    }

    /// The object and what it probably lies in, nearest first, without the application itself.
    pub(crate) fn upwards(&self, object: &Object) -> Vec<Object> {
        let parents = self.parents();
        let chain = std::iter::successors(Some(object), |object| parents.get(object));
        chain.take_while(|object| !object.is_root()).take(ANCESTORS_MAX).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str) -> Object {
        Object::new(":1.1", path)
    }

    #[test]
    fn a_climb_is_remembered_up_to_the_application_and_a_circle_ends() {
        let lineage = Lineage::default();
        lineage.note(&object("/button"), &object("/form"));
        lineage.note(&object("/form"), &object("/page"));
        lineage.note(&object("/page"), &Object::root(":1.1"));
        assert_eq!(lineage.upwards(&object("/button")), ["/button", "/form", "/page"].map(object));
        assert_eq!(lineage.upwards(&object("/other")), [object("/other")]);
        lineage.note(&object("/page"), &object("/button"));
        assert_eq!(lineage.upwards(&object("/form")).len(), ANCESTORS_MAX);
    }

    #[test]
    fn memory_stays_bounded() {
        let lineage = Lineage::default();
        (0..10_000).for_each(|i| lineage.note(&object(&format!("/{i}")), &object("/page")));
        assert!(lineage.parents().len() <= OBJECTS_MAX);
    }
}
