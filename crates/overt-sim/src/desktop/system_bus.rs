//! A system bus of its own, on which tests play the services that know the machine.

use std::process::Child;

use anyhow::Result;
use async_io::block_on;
use tempfile::TempDir;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, connection};

use super::{children, start_and_read_line};

const UPOWER: &str = "org.freedesktop.UPower";
const UPOWER_PATH: &str = "/org/freedesktop/UPower";
const NETWORK: &str = "org.freedesktop.NetworkManager";
const NETWORK_PATH: &str = "/org/freedesktop/NetworkManager";
const LOGIN: &str = "org.freedesktop.login1";
const LOGIN_PATH: &str = "/org/freedesktop/login1";
const SESSION_PATH: &str = "/org/freedesktop/login1/session/_31";

/// A bus without any service. Dropping it ends it as a crash would.
pub struct SystemBus {
    daemon: Child,
    address: String,
    // Last: the bus has its socket in it.
    _folder: TempDir,
}

impl SystemBus {
    /// Errors: `dbus-daemon` is not installed or does not come up.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("overt-bus-").tempdir()?;
        let mut command = children::mortal_command("dbus-daemon");
        // The rules of a session's bus: whoever is on it may own any name.
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        command.arg(format!("--address=unix:path={}/bus", folder.path().display()));
        let (daemon, address) = start_and_read_line(command, "dbus-daemon")?;
        Ok(Self { daemon, address, _folder: folder })
    }

    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Plays UPower.
    pub fn power(&self, on_battery: bool) -> Result<Power> {
        let power = PowerObject { on_battery };
        Ok(Power(block_on(self.builder(UPOWER)?.serve_at(UPOWER_PATH, power)?.build())?))
    }

    /// Plays NetworkManager; `metered` is an `NMMetered`.
    pub fn network(&self, metered: u32) -> Result<Network> {
        let network = NetworkObject { metered };
        Ok(Network(block_on(self.builder(NETWORK)?.serve_at(NETWORK_PATH, network)?.build())?))
    }

    /// Plays logind with one session that is not locked.
    pub fn login(&self) -> Result<Login> {
        let (manager, session) = (ManagerObject { preparing: false }, SessionObject { locked: false });
        let builder = self.builder(LOGIN)?.serve_at(LOGIN_PATH, manager)?.serve_at(SESSION_PATH, session)?;
        Ok(Login(block_on(builder.build())?))
    }

    /// Owns UPower's, NetworkManager's and logind's names and never answers, for as long as it is kept.
    pub fn silent(&self) -> Result<Silent> {
        // A connection that serves no object leaves all calls unanswered.
        let builder = self.builder(UPOWER)?.name(NETWORK)?.name(LOGIN)?;
        Ok(Silent(block_on(builder.build())?))
    }

    fn builder(&self, name: &'static str) -> zbus::Result<connection::Builder<'_>> {
        connection::Builder::address(self.address.as_str())?.name(name)
    }
}

impl Drop for SystemBus {
    fn drop(&mut self) {
        children::end(std::slice::from_mut(&mut self.daemon));
    }
}

/// UPower as long as it is kept.
pub struct Power(Connection);

/// NetworkManager as long as it is kept.
pub struct Network(Connection);

/// logind as long as it is kept.
pub struct Login(Connection);

/// Somebody who has the names and no answers.
pub struct Silent(#[expect(dead_code, reason = "the names are held by the connection")] Connection);

impl Power {
    /// Puts the machine on its battery or takes it off, and says so.
    pub fn set_on_battery(&self, on_battery: bool) -> Result<()> {
        block_on(async {
            let object = self.0.object_server().interface::<_, PowerObject>(UPOWER_PATH).await?;
            object.get_mut().await.on_battery = on_battery;
            let power = object.get().await;
            Ok(power.on_battery_changed(object.signal_emitter()).await?)
        })
    }
}

impl Network {
    /// Makes the network metered or not, as an `NMMetered`, and says so.
    pub fn set_metered(&self, metered: u32) -> Result<()> {
        block_on(async {
            let object = self.0.object_server().interface::<_, NetworkObject>(NETWORK_PATH).await?;
            object.get_mut().await.metered = metered;
            let network = object.get().await;
            Ok(network.metered_changed(object.signal_emitter()).await?)
        })
    }
}

impl Login {
    /// Locks the session's screen or unlocks it, and says so.
    pub fn set_locked(&self, locked: bool) -> Result<()> {
        block_on(async {
            let object = self.0.object_server().interface::<_, SessionObject>(SESSION_PATH).await?;
            object.get_mut().await.locked = locked;
            let session = object.get().await;
            Ok(session.locked_hint_changed(object.signal_emitter()).await?)
        })
    }

    /// Says that the machine is about to sleep, or that it woke up.
    pub fn prepare_for_sleep(&self, begins: bool) -> Result<()> {
        block_on(async {
            let object = self.0.object_server().interface::<_, ManagerObject>(LOGIN_PATH).await?;
            object.get_mut().await.preparing = begins;
            Ok(ManagerObject::prepare_for_sleep(object.signal_emitter(), begins).await?)
        })
    }
}

struct PowerObject {
    on_battery: bool,
}

#[zbus::interface(name = "org.freedesktop.UPower")]
impl PowerObject {
    #[zbus(property)]
    fn on_battery(&self) -> bool {
        self.on_battery
    }
}

struct NetworkObject {
    metered: u32,
}

#[zbus::interface(name = "org.freedesktop.NetworkManager")]
impl NetworkObject {
    #[zbus(property)]
    fn metered(&self) -> u32 {
        self.metered
    }
}

struct ManagerObject {
    preparing: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl ManagerObject {
    fn get_session(&self, id: &str) -> zbus::fdo::Result<OwnedObjectPath> {
        match id {
            "auto" => Ok(OwnedObjectPath::try_from(SESSION_PATH).map_err(zbus::Error::from)?),
            _ => Err(zbus::fdo::Error::UnknownObject("there is one session only".to_owned())),
        }
    }

    #[zbus(property)]
    fn preparing_for_sleep(&self) -> bool {
        self.preparing
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, begins: bool) -> zbus::Result<()>;
}

struct SessionObject {
    locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl SessionObject {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }
}
