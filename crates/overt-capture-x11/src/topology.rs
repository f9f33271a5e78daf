//! How the monitors are arranged, by what the desktop tells gestures, and when that changes.

use overt_event::{Monitor, Rect, Rotation, Topology, TopologyId};
use x11rb::connection::Connection;
use x11rb::protocol::randr::{self, ConnectionExt as _, MonitorInfo, NotifyMask};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window};

use crate::error::{X11Error, if_still_there};
use crate::gestures::GestureSettings;
use crate::identity::property;

/// The resolution at which a logical pixel is a physical one.
const DPI_UNSCALED: u32 = 96;

/// Asks for an event at each change of size, monitors or rotation.
///
/// A monitor that is declared again, otherwise but under its old name, makes no event at all (Xvfb
/// 21.1.7): it is seen at the next change.
pub(crate) fn select<C: Connection>(conn: &C, root: Window) -> Result<(), X11Error> {
    conn.randr_query_version(1, 5)?.reply()?;
    let mask = NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE;
    conn.randr_select_input(root, mask)?.check()?;
    Ok(())
}

/// The arrangement at present, under the given id.
pub(crate) fn read<C: Connection>(
    conn: &C,
    root: Window,
    settings: &GestureSettings,
    id: TopologyId,
) -> Result<Topology, X11Error> {
    let size = conn.get_geometry(root)?.reply()?;
    let screen = Rect { x: 0, y: 0, w: size.width.into(), h: size.height.into() };
    let scale_milli = scale_milli(conn, root)?;
    let mut monitors = Vec::new();
    // A server without RandR 1.5 refuses, and has one monitor as far as anybody can tell.
    let listed = if_still_there(conn.randr_get_monitors(root, true)?.reply())?;
    for m in listed.map(|l| l.monitors).unwrap_or_default() {
        let bounds = Rect { x: m.x.into(), y: m.y.into(), w: m.width.into(), h: m.height.into() };
        if let Some(bounds) = bounds.intersect(screen) {
            monitors.push(Monitor { bounds, scale_milli, rotation: rotation(conn, &m)? });
        }
    }
    if monitors.is_empty() {
        monitors.push(Monitor { bounds: screen, scale_milli, rotation: Rotation::Upright });
    }
    let gestures = settings.read(conn)?;
    Ok(Topology { id, size: (size.width.into(), size.height.into()), monitors, gestures })
}

/// Whether both describe the same arrangement, whatever their ids.
pub(crate) fn same(a: &Topology, b: &Topology) -> bool {
    (a.size, &a.monitors, a.gestures) == (b.size, &b.monitors, b.gestures)
}

fn rotation<C: Connection>(conn: &C, monitor: &MonitorInfo) -> Result<Rotation, X11Error> {
    let Some(&output) = monitor.outputs.first() else { return Ok(Rotation::Upright) };
    let info = if_still_there(conn.randr_get_output_info(output, x11rb::CURRENT_TIME)?.reply())?;
    let Some(info) = info.filter(|i| i.crtc != x11rb::NONE) else { return Ok(Rotation::Upright) };
    let crtc = if_still_there(conn.randr_get_crtc_info(info.crtc, x11rb::CURRENT_TIME)?.reply())?;
    Ok(crtc.map_or(Rotation::Upright, |c| rotation_from_randr(c.rotation)))
}

/// RandR turns the picture counter-clockwise; ours is told clockwise.
///
/// No live test turns a screen: Xvfb 21.1.7 refuses to (BadMatch).
fn rotation_from_randr(rotation: randr::Rotation) -> Rotation {
    let turned = |r| rotation.contains(r);
    match () {
        () if turned(randr::Rotation::ROTATE90) => Rotation::ThreeQuarter,
        () if turned(randr::Rotation::ROTATE180) => Rotation::Half,
        () if turned(randr::Rotation::ROTATE270) => Rotation::Quarter,
        () => Rotation::Upright,
    }
}

/// The one scale that X11 has: the resolution for text in the resource database.
fn scale_milli<C: Connection>(conn: &C, root: Window) -> Result<u32, X11Error> {
    let resources = property(conn, root, AtomEnum::RESOURCE_MANAGER)?;
    let dpi = resources.and_then(|r| xft_dpi(&String::from_utf8_lossy(&r.value)));
    Ok(dpi.unwrap_or(DPI_UNSCALED) * 1000 / DPI_UNSCALED)
}

fn xft_dpi(resources: &str) -> Option<u32> {
    let value = resources.lines().find_map(|line| line.strip_prefix("Xft.dpi:"))?;
    let dpi: f64 = value.trim().parse().ok()?;
    (24.0..=960.0).contains(&dpi).then_some(dpi as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_comes_from_the_resolution_of_text() {
        let check = |resources, expected| assert_eq!(xft_dpi(resources), expected);
        check("*customization: -color\nXft.dpi:\t192\nXft.hinting: 1\n", Some(192));
        check("Xft.dpi: 120.0", Some(120));
        check("Xft.dpi: nonsense", None);
        check("Xft.dpi: -3", None);
        check("", None);
    }

    #[test]
    fn a_turned_monitor_is_told_clockwise_and_a_mirrored_one_is_upright() {
        let check = |randr, expected| assert_eq!(rotation_from_randr(randr), expected);
        check(randr::Rotation::ROTATE0, Rotation::Upright);
        check(randr::Rotation::ROTATE90, Rotation::ThreeQuarter);
        check(randr::Rotation::ROTATE270, Rotation::Quarter);
        check(randr::Rotation::ROTATE180 | randr::Rotation::REFLECT_X, Rotation::Half);
        check(randr::Rotation::REFLECT_Y, Rotation::Upright);
    }
}
