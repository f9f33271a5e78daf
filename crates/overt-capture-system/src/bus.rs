//! The connection to the system bus: what is listened to, and questions with deadlines.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use async_io::Timer;
use futures_util::future::{Either, select};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{Connection, connection};

use crate::sign::{
    LOGIN, LOGIN_MANAGER, LOGIN_PATH, LOGIN_SESSION, NETWORK, NETWORK_PATH, SESSIONS_PATH, Sign, UPOWER,
    UPOWER_PATH, metered_from_number,
};

const DRIVER: &str = "org.freedesktop.DBus";
const DRIVER_PATH: &str = "/org/freedesktop/DBus";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// The bus at this address; `None` is the one that `DBUS_SYSTEM_BUS_ADDRESS` or the system names.
pub(crate) async fn connect(address: Option<&str>) -> zbus::Result<Connection> {
    let builder = match address {
        Some(address) => connection::Builder::address(address)?,
        None => connection::Builder::system()?,
    };
    builder.build().await
}

/// Asks the bus for the signals that are a reason to ask again.
pub(crate) async fn listen(bus: &Connection) -> zbus::Result<()> {
    for rule in rules() {
        bus.call_method(Some(DRIVER), DRIVER_PATH, Some(DRIVER), "AddMatch", &(rule,)).await?;
    }
    Ok(())
}

fn rules() -> Vec<String> {
    let changed = |sender: &str, place: &str| {
        let what = format!("interface='{PROPERTIES}',member='PropertiesChanged'");
        format!("type='signal',sender='{sender}',{what},{place}")
    };
    let owner = |name: &&str| {
        format!(
            "type='signal',sender='{DRIVER}',interface='{DRIVER}',member='NameOwnerChanged',arg0='{name}'"
        )
    };
    let mut rules = vec![
        changed(UPOWER, &format!("path='{UPOWER_PATH}'")),
        changed(NETWORK, &format!("path='{NETWORK_PATH}'")),
        changed(LOGIN, &format!("path_namespace='{SESSIONS_PATH}'")),
        format!("type='signal',sender='{LOGIN}',interface='{LOGIN_MANAGER}',member='PrepareForSleep'"),
    ];
    rules.extend([UPOWER, NETWORK, LOGIN].iter().map(owner));
    rules
}

/// What the service says of a sign; `None` when there is no such service, no such thing, or no answer.
pub(crate) async fn ask(bus: &Connection, sign: Sign) -> Option<bool> {
    match sign {
        Sign::Battery => flag(property(bus, sign, UPOWER_PATH, UPOWER, "OnBattery").await?),
        Sign::Metered => {
            let value = property(bus, sign, NETWORK_PATH, NETWORK, "Metered").await?;
            metered_from_number(u32::try_from(value).ok()?)
        }
        Sign::Locked => {
            let session = session(bus).await?;
            flag(property(bus, sign, session.as_str(), LOGIN_SESSION, "LockedHint").await?)
        }
        Sign::Sleep => flag(property(bus, sign, LOGIN_PATH, LOGIN_MANAGER, "PreparingForSleep").await?),
    }
}

fn flag(value: OwnedValue) -> Option<bool> {
    bool::try_from(value).ok()
}

/// The person's session: `auto` is the caller's own, or the one on the person's display when the caller
/// stands outside of all, as a service of the person does (org.freedesktop.login1(5)).
async fn session(bus: &Connection) -> Option<OwnedObjectPath> {
    let manager = (Some(LOGIN), LOGIN_PATH, Some(LOGIN_MANAGER));
    let reply = bus.call_method(manager.0, manager.1, manager.2, "GetSession", &("auto",)).await;
    reply.ok()?.body().deserialize().ok()
}

async fn property(
    bus: &Connection,
    sign: Sign,
    path: &str,
    interface: &str,
    name: &str,
) -> Option<OwnedValue> {
    let question = (interface, name);
    let reply = bus.call_method(Some(sign.service()), path, Some(PROPERTIES), "Get", &question).await;
    reply.ok()?.body().deserialize().ok()
}

/// The future's output, or `None` when the time is over first.
pub(crate) async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(Timer::after(time))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
