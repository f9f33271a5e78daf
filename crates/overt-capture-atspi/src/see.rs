//! What one object says about itself.

use std::time::Instant;

use atspi::Role;
use atspi::zbus::zvariant::OwnedValue;
use futures_util::future::join5;
use overt_event::{Node, Rect};

use crate::bus::{ACCESSIBLE, Bus, COMPONENT, CallError, each_until};
use crate::object::Object;
use crate::spelling::{States, role_from_number, role_name, trim_name};

/// AT-SPI's word for coordinates of the whole screen.
pub(crate) const SCREEN: u32 = 0;

/// One object, asked once.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) object: Object,
    pub(crate) role: Role,
    pub(crate) states: States,
    pub(crate) name: String,
    pub(crate) bounds: Rect,
    pub(crate) parent: Option<Object>,
}

impl Seen {
    pub(crate) fn node(&self) -> Node {
        Node {
            role: role_name(self.role).to_owned(),
            name: self.name.clone(),
            states: self.states.names(),
            bounds: self.bounds,
            parent: None,
        }
    }
}

/// A rectangle as it travels; hidden objects have the smallest integer in it.
pub(crate) fn rect_from_extents((x, y, w, h): (i32, i32, i32, i32)) -> Rect {
    if x == i32::MIN || y == i32::MIN || w <= 0 || h <= 0 {
        return Rect::default();
    }
    Rect { x, y, w, h }
}

impl Bus {
    pub(crate) async fn role(&self, object: &Object) -> Result<Role, CallError> {
        self.call::<_, u32>(object, ACCESSIBLE, "GetRole", &()).await.map(role_from_number)
    }

    pub(crate) async fn states(&self, object: &Object) -> Result<States, CallError> {
        let halves: Vec<u32> = self.call(object, ACCESSIBLE, "GetState", &()).await?;
        Ok(States::from_halves(&halves))
    }

    pub(crate) async fn name(&self, object: &Object) -> Result<String, CallError> {
        self.text_property(object, ACCESSIBLE, "Name").await.map(|name| trim_name(&name))
    }

    pub(crate) async fn text_property(
        &self,
        object: &Object,
        interface: &str,
        property: &str,
    ) -> Result<String, CallError> {
        let value: OwnedValue = self.property(object, interface, property).await?;
        String::try_from(value).map_err(|_| CallError::Refused)
    }

    /// Its place on the screen, physical pixels.
    pub(crate) async fn extents(&self, object: &Object) -> Result<Rect, CallError> {
        let extents: (i32, i32, i32, i32) = self.call(object, COMPONENT, "GetExtents", &(SCREEN,)).await?;
        Ok(self.scales.physical(&object.bus, rect_from_extents(extents)))
    }

    pub(crate) async fn parent(&self, object: &Object) -> Result<Option<Object>, CallError> {
        self.property(object, ACCESSIBLE, "Parent").await.map(Object::from_variant)
    }

    /// All of [`Seen`] in one round. Only the role must be answered: an object without a name, a place
    /// or a parent is still one.
    pub(crate) async fn see(&self, object: &Object) -> Result<Seen, CallError> {
        let (role, states, name, bounds, parent) = join5(
            self.role(object),
            self.states(object),
            self.name(object),
            self.extents(object),
            self.parent(object),
        )
        .await;
        Ok(Seen {
            object: object.clone(),
            role: role?,
            states: states.unwrap_or_default(),
            name: name.unwrap_or_default(),
            bounds: bounds.unwrap_or_default(),
            parent: parent.ok().flatten(),
        })
    }

    /// Those of the objects that answer, in order, asked in one round.
    pub(crate) async fn see_all(&self, objects: &[Object], deadline: Instant) -> Vec<Seen> {
        let answers = each_until(deadline, objects.iter().map(|o| self.see(o))).await;
        answers.into_iter().flatten().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_object_has_no_place() {
        let check = |input, expected| assert_eq!(rect_from_extents(input), expected);
        check((i32::MIN, i32::MIN, 0, 0), Rect::default());
        check((i32::MIN, i32::MIN, 20, 20), Rect::default());
        check((5, 6, -1, 7), Rect::default());
        check((-5, 6, 8, 7), Rect { x: -5, y: 6, w: 8, h: 7 });
    }
}
