//! The address of one object of an application's accessibility tree.

use std::sync::Arc;

use atspi::zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

const NULL_PATH: &str = "/org/a11y/atspi/null";
const ROOT_PATH: &str = "/org/a11y/atspi/accessible/root";

/// A reference as it travels over the bus: bus name, object path.
pub(crate) type Wire = (String, OwnedObjectPath);

/// Bus name of the application and path within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Object {
    pub(crate) bus: Arc<str>,
    pub(crate) path: Arc<str>,
}

impl Object {
    pub(crate) fn new(bus: &str, path: &str) -> Self {
        Self { bus: bus.into(), path: path.into() }
    }

    /// The root of the tree of the application with this bus name.
    pub(crate) fn root(bus: &str) -> Self {
        Self::new(bus, ROOT_PATH)
    }

    /// `None` for the null object.
    pub(crate) fn from_wire((bus, path): Wire) -> Option<Self> {
        (!bus.is_empty() && path.as_str() != NULL_PATH).then(|| Self::new(&bus, path.as_str()))
    }

    /// From a variant that holds a reference, such as the property `Parent`.
    pub(crate) fn from_variant(value: OwnedValue) -> Option<Self> {
        Self::from_structure(&Structure::try_from(value).ok()?)
    }

    pub(crate) fn from_structure(structure: &Structure<'_>) -> Option<Self> {
        match structure.fields() {
            [Value::Str(bus), Value::ObjectPath(path)] if !bus.is_empty() && path.as_str() != NULL_PATH => {
                Some(Self::new(bus, path))
            }
            _ => None,
        }
    }

    pub(crate) fn is_root(&self) -> bool {
        &*self.path == ROOT_PATH
    }
}
