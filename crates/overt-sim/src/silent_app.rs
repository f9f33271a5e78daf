//! An application on the accessibility bus that says what it likes and never answers a question.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use async_io::block_on;
use zbus::zvariant::{ObjectPath, Value};
use zbus::{Connection, connection};

const ROOT: &str = "/org/a11y/atspi/accessible/root";
const OBJECT: &str = "org.a11y.atspi.Event.Object";

/// It is there for as long as this is kept.
pub struct SilentApp {
    connection: Connection,
}

impl SilentApp {
    /// Registers itself with the accessibility bus at this address.
    pub fn register(accessibility_bus: &str) -> Result<Self> {
        let connection = block_on(async {
            let connection = connection::Builder::address(accessibility_bus)?.build().await?;
            let name = connection.unique_name().context("the bus gave no name")?.to_string();
            let own = (name, ObjectPath::try_from(ROOT)?);
            let (registry, socket) = (Some("org.a11y.atspi.Registry"), Some("org.a11y.atspi.Socket"));
            connection.call_method(registry, ROOT, socket, "Embed", &(own,)).await?;
            anyhow::Ok(connection)
        })?;
        Ok(Self { connection })
    }

    /// Says that something of its own has the focus.
    pub fn claim_focus(&self) -> Result<()> {
        self.say("StateChanged", "focused", 1, Value::from(0))
    }

    /// Says that a character was typed into something of its own.
    pub fn insert(&self) -> Result<()> {
        self.say("TextChanged", "insert", 0, Value::from("x"))
    }

    fn say(&self, member: &str, detail: &str, detail1: i32, any: Value<'_>) -> Result<()> {
        let body = (detail, detail1, 1_i32, any, HashMap::<String, Value<'_>>::new());
        let path = "/org/a11y/atspi/accessible/7";
        let sent = self.connection.emit_signal(None::<&str>, path, OBJECT, member, &body);
        Ok(block_on(sent)?)
    }
}
