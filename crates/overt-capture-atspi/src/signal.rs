//! The signals that are asked for, and how they read.

use atspi::zbus::zvariant::{Structure, Value};
use atspi::zbus::{Connection, Message, message};
use overt_capture::monotonic_now;
use overt_event::MonoNanos;

use crate::bus::{Bus, CallError, REGISTRY};
use crate::object::Object;

/// What applications are asked to tell. Property, bounds and visibility changes are the flood (4,283
/// at the start of one application) and are not among them.
const EVENTS: [&str; 11] = [
    "object:state-changed:focused",
    "object:state-changed:selected",
    "object:state-changed:expanded",
    "object:state-changed:checked",
    "object:selection-changed",
    "object:text-changed",
    "object:active-descendant-changed",
    "window:activate",
    "window:deactivate",
    "window:destroy",
    "document:load-complete",
];

/// What the bus is asked to pass on.
const MATCHES: [&str; 12] = [
    "type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged',arg0='focused'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged',arg0='selected'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged',arg0='expanded'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged',arg0='checked'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='SelectionChanged'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='TextChanged'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='ActiveDescendantChanged'",
    "type='signal',interface='org.a11y.atspi.Event.Window',member='Activate'",
    "type='signal',interface='org.a11y.atspi.Event.Window',member='Deactivate'",
    "type='signal',interface='org.a11y.atspi.Event.Window',member='Destroy'",
    "type='signal',interface='org.a11y.atspi.Event.Document',member='LoadComplete'",
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'",
];

/// Most characters of one inserted text that are kept: what a person types or pastes into a field,
/// not a whole document that a program loaded.
const TEXT_CHARS_MAX: usize = 4_096;

/// What an application said.
pub(crate) enum Signal {
    Focused(bool),
    Selected,
    Expanded(bool),
    Checked(bool),
    SelectionChanged,
    TextInserted(String),
    TextDeleted(u32),
    /// The child that became active; the source is its container.
    ActiveDescendant(Object),
    WindowActivated,
    WindowDeactivated,
    /// The only word of GTK that the list below a field is gone.
    WindowDestroyed,
    DocumentLoaded,
    /// The source's bus name has no owner any more.
    AppGone,
    /// The registry started again and knows nothing of what was asked for.
    RegistryStarted,
}

/// A signal, who sent it and when it arrived.
pub(crate) struct Heard {
    pub(crate) at: MonoNanos,
    pub(crate) source: Object,
    pub(crate) signal: Signal,
}

/// Asks the bus to pass the signals on to this connection.
pub(crate) async fn listen(connection: &Connection) -> Result<(), CallError> {
    let bus = Bus::new(connection.clone());
    for rule in MATCHES {
        bus.driver::<_, ()>("AddMatch", &(rule,)).await?;
    }
    Ok(())
}

/// Asks the applications, through the registry, to send the signals.
pub(crate) async fn register(connection: &Connection) -> Result<(), CallError> {
    let bus = Bus::new(connection.clone());
    let registry = Object::new(REGISTRY, "/org/a11y/atspi/registry");
    for event in EVENTS {
        bus.call::<_, ()>(&registry, REGISTRY, "RegisterEvent", &(event,)).await?;
    }
    Ok(())
}

/// Reads one message; `None` when it is not one of the signals above.
pub(crate) fn read(message: &Message) -> Option<Heard> {
    if message.message_type() != message::Type::Signal {
        return None;
    }
    let header = message.header();
    let (member, interface) = (header.member()?, header.interface()?);
    let body = message.body();
    let body: Structure<'_> = body.deserialize().ok()?;
    if interface.as_str() == "org.freedesktop.DBus" {
        return read_owner_change(member.as_str(), &body);
    }
    let source = Object::new(header.sender()?.as_str(), header.path()?.as_str());
    let signal = read_event(interface.as_str(), member.as_str(), &body)?;
    Some(Heard { at: monotonic_now(), source, signal })
}

fn read_owner_change(member: &str, body: &Structure<'_>) -> Option<Heard> {
    let [Value::Str(name), Value::Str(_), Value::Str(new_owner)] = body.fields() else { return None };
    let signal = match (member, name.as_str(), new_owner.is_empty()) {
        ("NameOwnerChanged", REGISTRY, false) => Signal::RegistryStarted,
        ("NameOwnerChanged", _, true) => Signal::AppGone,
        _ => return None,
    };
    Some(Heard { at: monotonic_now(), source: Object::root(name), signal })
}

/// An event's body is `(detail, detail1, detail2, any, …)`.
fn read_event(interface: &str, member: &str, body: &Structure<'_>) -> Option<Signal> {
    let [Value::Str(detail), Value::I32(detail1), Value::I32(detail2), any, ..] = body.fields() else {
        return None;
    };
    let on = *detail1 != 0;
    let kind = interface.strip_prefix("org.a11y.atspi.Event.")?;
    match (kind, member, detail.as_str()) {
        ("Object", "StateChanged", "focused") => Some(Signal::Focused(on)),
        ("Object", "StateChanged", "selected") => on.then_some(Signal::Selected),
        ("Object", "StateChanged", "expanded") => Some(Signal::Expanded(on)),
        ("Object", "StateChanged", "checked") => Some(Signal::Checked(on)),
        ("Object", "SelectionChanged", _) => Some(Signal::SelectionChanged),
        ("Object", "TextChanged", edit) => read_edit(edit, *detail2, any),
        ("Object", "ActiveDescendantChanged", _) => match inner(any) {
            Value::Structure(child) => Object::from_structure(child).map(Signal::ActiveDescendant),
            _ => None,
        },
        ("Window", "Activate", _) => Some(Signal::WindowActivated),
        ("Window", "Deactivate", _) => Some(Signal::WindowDeactivated),
        ("Window", "Destroy", _) => Some(Signal::WindowDestroyed),
        ("Document", "LoadComplete", _) => Some(Signal::DocumentLoaded),
        _ => None,
    }
}

/// `insert` and `delete`, in some toolkits followed by `:system`.
fn read_edit(edit: &str, chars: i32, any: &Value<'_>) -> Option<Signal> {
    match (edit.split(':').next()?, inner(any)) {
        ("insert", Value::Str(text)) if !text.is_empty() => {
            Some(Signal::TextInserted(text.chars().take(TEXT_CHARS_MAX).collect()))
        }
        ("delete", _) => u32::try_from(chars).ok().filter(|n| *n > 0).map(Signal::TextDeleted),
        _ => None,
    }
}

fn inner<'a>(value: &'a Value<'a>) -> &'a Value<'a> {
    match value {
        Value::Value(inner) => inner,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn event(member: &str, detail: &str, detail1: i32, detail2: i32, any: Value<'_>) -> Option<Signal> {
        let more = HashMap::<String, Value<'_>>::new();
        let message = Message::signal("/node/7", "org.a11y.atspi.Event.Object", member)
            .and_then(|b| b.sender(":1.7"))
            .and_then(|b| b.build(&(detail, detail1, detail2, any, more)))
            .expect("the message is well formed");
        read(&message).map(|heard| {
            assert_eq!(heard.source, Object::new(":1.7", "/node/7"));
            heard.signal
        })
    }

    #[test]
    fn state_changes_read_as_what_they_say() {
        let state = |detail, on| event("StateChanged", detail, on, 0, Value::from(0));
        assert!(matches!(state("focused", 1), Some(Signal::Focused(true))));
        assert!(matches!(state("focused", 0), Some(Signal::Focused(false))));
        assert!(matches!(state("selected", 1), Some(Signal::Selected)));
        assert!(state("selected", 0).is_none());
        assert!(state("showing", 1).is_none());
    }

    #[test]
    fn edits_carry_what_was_inserted_and_only_how_much_was_deleted() {
        let inserted = event("TextChanged", "insert", 3, 5, Value::from("Wörld"));
        assert!(matches!(inserted, Some(Signal::TextInserted(text)) if text == "Wörld"));
        let long = event("TextChanged", "insert:system", 0, 9_000, Value::from("ü".repeat(9_000)));
        assert!(matches!(long, Some(Signal::TextInserted(text)) if text.chars().count() == TEXT_CHARS_MAX));
        let deleted = event("TextChanged", "delete", 3, 5, Value::from("Wörld"));
        assert!(matches!(deleted, Some(Signal::TextDeleted(5))));
    }

    #[test]
    fn odd_bodies_are_passed_over() {
        assert!(event("ActiveDescendantChanged", "", 0, 0, Value::from("no reference")).is_none());
        let message = Message::signal("/node/7", "org.a11y.atspi.Event.Object", "StateChanged")
            .and_then(|b| b.sender(":1.7"))
            .and_then(|b| b.build(&("focused", 1_i32)))
            .expect("the message is well formed");
        assert!(read(&message).is_none());
    }
}
