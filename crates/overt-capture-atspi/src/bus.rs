//! The connections to the accessibility bus, and calls with deadlines.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use async_io::Timer;
use atspi::zbus::zvariant::{DynamicType, OwnedValue, Type};
use atspi::zbus::{self, Connection, Message, fdo};
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AtspiError;
use crate::lineage::Lineage;
use crate::object::{Object, Wire};
use crate::scale::Scales;

/// How long the bus itself may take to be found and greeted.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// Calls of one batch that are on their way at once: a courtesy to the application's event loop.
const IN_FLIGHT_MAX: usize = 500;

pub(crate) const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
pub(crate) const APPLICATION: &str = "org.a11y.atspi.Application";
pub(crate) const COMPONENT: &str = "org.a11y.atspi.Component";
pub(crate) const DOCUMENT: &str = "org.a11y.atspi.Document";
pub(crate) const REGISTRY: &str = "org.a11y.atspi.Registry";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const DRIVER: &str = "org.freedesktop.DBus";

/// A question that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The application left the bus, or the bus itself is gone.
    Gone,
    /// The object does not exist, does not know the question, or answered something else.
    Refused,
}

/// The connection that is asked.
#[derive(Clone)]
pub(crate) struct Bus {
    connection: Connection,
    pub(crate) scales: Scales,
    pub(crate) lineage: Lineage,
}

/// The accessibility bus's address, from the session bus.
async fn accessibility_address(session_bus: Option<&str>) -> Result<String, zbus::Error> {
    let builder = match session_bus {
        Some(address) => zbus::connection::Builder::address(address)?,
        None => zbus::connection::Builder::session()?,
    };
    let session = builder.build().await?;
    let (bus, path) = ("org.a11y.Bus", "/org/a11y/bus");
    let reply = session.call_method(Some(bus), path, Some(bus), "GetAddress", &()).await?;
    reply.body().deserialize::<String>()
}

async fn connect_patiently(session_bus: Option<&str>) -> Result<Connection, zbus::Error> {
    let address = accessibility_address(session_bus).await?;
    zbus::connection::Builder::address(address.as_str())?.build().await
}

/// Finds the accessibility bus and connects to it, within two seconds.
pub(crate) async fn connect(session_bus: Option<&str>) -> Result<Connection, AtspiError> {
    match until(Instant::now() + CONNECT_WAIT, connect_patiently(session_bus)).await {
        Some(connection) => connection.map_err(AtspiError::NoBus),
        None => Err(AtspiError::Silent { waited_millis: CONNECT_WAIT.as_millis() as u64 }),
    }
}

impl Bus {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, scales: Scales::default(), lineage: Lineage::default() }
    }

    /// One call. It has no deadline of its own: callers give one to the whole round.
    pub(crate) async fn call<B, R>(
        &self,
        object: &Object,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<R, CallError>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.message(object, interface, method, body)
            .await?
            .body()
            .deserialize()
            .map_err(|_| CallError::Refused)
    }

    /// One call whose reply the caller reads.
    pub(crate) async fn message<B>(
        &self,
        object: &Object,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, CallError>
    where
        B: Serialize + DynamicType,
    {
        self.connection
            .call_method(Some(&*object.bus), &*object.path, Some(interface), method, body)
            .await
            .map_err(call_error)
    }

    pub(crate) async fn property(
        &self,
        object: &Object,
        interface: &str,
        name: &str,
    ) -> Result<OwnedValue, CallError> {
        self.call(object, PROPERTIES, "Get", &(interface, name)).await
    }

    pub(crate) async fn children(&self, object: &Object) -> Result<Vec<Object>, CallError> {
        let wires: Vec<Wire> = self.call(object, ACCESSIBLE, "GetChildren", &()).await?;
        Ok(wires.into_iter().filter_map(Object::from_wire).collect())
    }

    pub(crate) async fn child_count(&self, object: &Object) -> Result<usize, CallError> {
        let value = self.property(object, ACCESSIBLE, "ChildCount").await?;
        let count = i32::try_from(value).map_err(|_| CallError::Refused)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// The roots of all applications on the bus.
    pub(crate) async fn applications(&self) -> Result<Vec<Object>, CallError> {
        self.children(&Object::root(REGISTRY)).await
    }

    /// The process behind a bus name, as the bus saw it connect.
    pub(crate) async fn pid(&self, bus: &str) -> Result<u32, CallError> {
        self.driver("GetConnectionUnixProcessID", &(bus,)).await
    }

    /// Whether the bus itself still answers.
    pub(crate) async fn answers(&self, until_at: Instant) -> bool {
        let id = self.driver::<_, String>("GetId", &());
        matches!(until(until_at, id).await, Some(Ok(_)))
    }

    pub(crate) async fn driver<B, R>(&self, method: &str, body: &B) -> Result<R, CallError>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.call(&Object::new(DRIVER, "/org/freedesktop/DBus"), DRIVER, method, body).await
    }
}

fn call_error(error: zbus::Error) -> CallError {
    let gone = |name: &str| {
        matches!(
            name,
            "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
                | "org.freedesktop.DBus.Error.NoReply"
                | "org.freedesktop.DBus.Error.Disconnected"
        )
    };
    match error {
        zbus::Error::MethodError(name, ..) if gone(name.as_str()) => CallError::Gone,
        zbus::Error::InputOutput(_) => CallError::Gone,
        zbus::Error::FDO(e) if matches!(*e, fdo::Error::ServiceUnknown(_) | fdo::Error::NoReply(_)) => {
            CallError::Gone
        }
        _ => CallError::Refused,
    }
}

/// The future's output, or `None` when the moment came first.
pub(crate) async fn until<T>(at: Instant, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(Timer::at(at))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Asks all before reading the first answer. The answers come in the order of the questions; `None`
/// where the moment came first.
pub(crate) async fn each_until<T, F: Future<Output = T>>(
    at: Instant,
    questions: impl IntoIterator<Item = F>,
) -> Vec<Option<T>> {
    let mut waiting = questions.into_iter().enumerate().map(|(i, f)| async move { (i, f.await) });
    let mut flying = FuturesUnordered::new();
    let mut answers = Vec::new();
    let mut timer = pin!(Timer::at(at));
    loop {
        while flying.len() < IN_FLIGHT_MAX {
            let Some(question) = waiting.next() else { break };
            flying.push(question);
            answers.push(None);
        }
        match select(flying.next(), &mut timer).await {
            Either::Left((Some((i, answer)), _)) => answers[i] = Some(answer),
            Either::Left((None, _)) => break,
            Either::Right(_) => {
                answers.extend(waiting.map(|_| None));
                break;
            }
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_keep_the_order_of_the_questions_and_miss_none() {
        let soon = Instant::now() + Duration::from_secs(5);
        let questions = (0..2_000).map(|i| async move { i });
        let answers = async_io::block_on(each_until(soon, questions));
        assert_eq!(answers, (0..2_000).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn a_question_without_answer_does_not_hold_the_others() {
        let at = Instant::now() + Duration::from_millis(20);
        let questions = (0..3).map(|i| async move {
            if i == 1 {
                std::future::pending::<()>().await;
            }
            i
        });
        assert_eq!(async_io::block_on(each_until(at, questions)), [Some(0), None, Some(2)]);
    }
}
