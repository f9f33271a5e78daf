//! How a hand moves a pointer: smoothly, a little curved, sometimes a little too far.

use overt_event::Point;

use super::rng::Rng;

/// Milliseconds between two motions: 125 Hz, an ordinary mouse; up to 16 as hands and machines vary.
const STEP_MILLIS: (u32, u32) = (8, 14);

/// Nobody overshoots a near target.
const OVERSHOOT_FROM_PX: f64 = 250.0;

/// Part of the far moves that go too far first.
const OVERSHOOT_SHARE: f64 = 0.3;

/// One motion: wait, then be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Motion {
    pub(super) wait_millis: u32,
    pub(super) to: Point,
}

/// The motions from `from` to exactly `to`, a target about `width_px` wide; empty when already there.
pub(super) fn motions(rng: &mut Rng, from: Point, to: Point, width_px: f64) -> Vec<Motion> {
    let far = from.distance(to);
    if far < 1.0 {
        return Vec::new();
    }
    if far < OVERSHOOT_FROM_PX || rng.unit() > OVERSHOOT_SHARE {
        return stroke(rng, from, to, width_px);
    }
    let beyond = 1.0 + rng.between(4.0, 14.0) / far;
    let over = Point {
        x: from.x + (f64::from(to.x - from.x) * beyond) as i32,
        y: from.y + (f64::from(to.y - from.y) * beyond) as i32,
    };
    let mut all = stroke(rng, from, over, width_px);
    let mut back = stroke(rng, over, to, width_px);
    if let Some(first) = back.first_mut() {
        first.wait_millis += rng.millis(40, 90);
    }
    all.append(&mut back);
    all
}

/// One stroke with the speed of least jerk, bent to one side.
fn stroke(rng: &mut Rng, from: Point, to: Point, width_px: f64) -> Vec<Motion> {
    let (dx, dy) = (f64::from(to.x - from.x), f64::from(to.y - from.y));
    let far = dx.hypot(dy).max(1.0);
    let millis = stroke_millis(far, width_px) * rng.between(0.85, 1.15);
    let bend = rng.between(-0.07, 0.07) * far;
    let mut all = Vec::new();
    let mut gone = 0.0;
    while gone < millis {
        let wait_millis = rng.millis(STEP_MILLIS.0, STEP_MILLIS.1);
        gone += f64::from(wait_millis);
        let s = least_jerk((gone / millis).min(1.0));
        let aside = bend * (std::f64::consts::PI * s).sin();
        let x = f64::from(from.x) + dx * s - dy / far * aside;
        let y = f64::from(from.y) + dy * s + dx / far * aside;
        all.push(Motion { wait_millis, to: Point { x: x.round() as i32, y: y.round() as i32 } });
    }
    if let Some(last) = all.last_mut() {
        last.to = to;
    }
    all.dedup_by_key(|m| m.to);
    all
}

/// Fitts's law with the constants of an office mouse.
fn stroke_millis(far: f64, width_px: f64) -> f64 {
    90.0 + 95.0 * (far / width_px.max(8.0) + 1.0).log2()
}

/// Part of the way at part `t` of the time (Flash and Hogan, 1985).
fn least_jerk(t: f64) -> f64 {
    t * t * t * (10.0 + t * (6.0 * t - 15.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_ends_on_its_target_and_stays_near_the_line() {
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let (from, to) = (Point { x: 100, y: 900 }, Point { x: 1500, y: 200 });
            let all = motions(&mut rng, from, to, 80.0);
            assert_eq!(all.last().map(|m| m.to), Some(to));
            assert!(all.len() > 20, "{} motions", all.len());
            let longest = from.distance(to);
            assert!(all.iter().all(|m| m.to.distance(from) < longest + 40.0));
            assert!(all.iter().all(|m| (8..=110).contains(&m.wait_millis)));
        }
    }

    #[test]
    fn the_same_seed_moves_alike_and_nobody_moves_to_where_they_are() {
        let path = |seed| motions(&mut Rng::new(seed), Point::default(), Point { x: 400, y: 20 }, 30.0);
        assert_eq!(path(7), path(7));
        assert_ne!(path(7), path(8));
        assert_eq!(motions(&mut Rng::new(1), Point::default(), Point::default(), 9.0), []);
    }
}
