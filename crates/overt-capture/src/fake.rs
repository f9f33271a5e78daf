//! A source that replays a list of operations: the desktop of tests and simulations.

use std::sync::Arc;

use overt_event::{
    Button, Frame, FrameId, Modifiers, MonoNanos, Point, RawBody, RawEvent, RawFrame, RawKey, Tile,
    TopologyId,
};

use crate::Outlet;

/// One thing that happens on the fake desktop. The first number is always its time in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A frame whose grab took 1 ms and ended then.
    Frame(u64),
    /// The same, handed over only at the second time.
    FrameArriving(u64, u64),
    /// A grab that saw nothing new since the last frame.
    SameFrame(u64),
    Damage(u64),
    Move(u64, i32, i32),
    Press(u64),
    PressArriving(u64, u64),
    Release(u64),
    Scroll(u64),
    Text(u64, char),
    /// A key that types nothing, by its name.
    Key(u64, &'static str),
    /// Nothing happens until then.
    Wait(u64),
}

/// The events the operations stand for, in the order given. `Wait` becomes no event.
pub fn events(ops: &[Op]) -> Vec<RawEvent> {
    let mut camera = Camera::default();
    ops.iter().filter_map(|op| event(op, &mut camera)).collect()
}

/// Puts the events of the operations into the queue, as a source would.
///
/// Returns how many did not fit.
pub fn replay(ops: &[Op], outlet: &Outlet) -> usize {
    events(ops).into_iter().filter_map(|e| outlet.send(e).err()).count()
}

fn event(op: &Op, camera: &mut Camera) -> Option<RawEvent> {
    let at = Point { x: 10, y: 10 };
    let (time, arrival, body) = match *op {
        Op::Frame(t) => (None, t, camera.shoot(t, true)),
        Op::FrameArriving(end, t) => (None, t, camera.shoot(end, true)),
        Op::SameFrame(t) => (None, t, camera.shoot(t, false)),
        Op::Damage(t) => (None, t, RawBody::Damage),
        Op::Move(t, x, y) => (Some(t), t, RawBody::PointerMove { at: Point { x, y } }),
        Op::Press(t) => (Some(t), t, RawBody::Button { at, button: Button::Left, down: true }),
        Op::PressArriving(t, a) => (Some(t), a, RawBody::Button { at, button: Button::Left, down: true }),
        Op::Release(t) => (Some(t), t, RawBody::Button { at, button: Button::Left, down: false }),
        Op::Scroll(t) => (Some(t), t, RawBody::Scroll { at, dx_120: 0, dy_120: 120 }),
        Op::Text(t, c) => (Some(t), t, key(&c.to_string(), Some(c.to_string()))),
        Op::Key(t, name) => (Some(t), t, key(name, None)),
        Op::Wait(_) => return None,
    };
    let mut event = RawEvent::at(MonoNanos::from_millis(arrival), body);
    event.os_time = time.map(MonoNanos::from_millis);
    Some(event)
}

fn key(name: &str, text: Option<String>) -> RawBody {
    let modifiers = Modifiers::default();
    RawBody::Key(RawKey { scancode: 38, name: name.into(), text, down: true, repeat: false, modifiers })
}

/// Takes pictures of 64x64 pixels whose colour is their number.
#[derive(Default)]
struct Camera {
    frames: u32,
    tile: Option<Arc<Tile>>,
}

impl Camera {
    fn shoot(&mut self, end: u64, changed: bool) -> RawBody {
        self.frames += 1;
        let fresh = Arc::new(Tile::solid([self.frames as u8, 0, 0]));
        let tile = self.tile.take().filter(|_| !changed).unwrap_or(fresh);
        self.tile = Some(Arc::clone(&tile));
        RawBody::Frame(RawFrame {
            id: FrameId(self.frames),
            topology: TopologyId(0),
            grab_begin: MonoNanos::from_millis(end.saturating_sub(1)),
            grab_end: MonoNanos::from_millis(end),
            frame: Arc::new(Frame { width: 64, height: 64, tiles: vec![tile] }),
            windows: Some(Vec::new()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_never_waited_for() {
        let (outlet, queue) = crate::queue(3);
        let ops: Vec<Op> = (0..5).map(Op::Press).collect();
        assert_eq!(replay(&ops, &outlet), 2);
        assert_eq!(outlet.take_lost(), 2);
        assert_eq!(outlet.take_lost(), 0);
        assert_eq!(queue.try_iter().count(), 3);
    }
}
