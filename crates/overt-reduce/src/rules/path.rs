//! Rule 2: a drag keeps a simplified path.

use overt_event::Point;

/// The points of a path that lie further than `slack_px` from the line through their neighbours
/// (Ramer, Douglas and Peucker), first and last always included.
pub(crate) fn simplify(path: &[Point], slack_px: f64) -> Vec<Point> {
    let Some(last) = path.len().checked_sub(1).filter(|l| *l > 1) else { return path.to_vec() };
    let mut keep = vec![false; path.len()];
    (keep[0], keep[last]) = (true, true);
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        if let Some(bend) = bend(path, from, to, slack_px) {
            keep[bend] = true;
            spans.push((from, bend));
            spans.push((bend, to));
        }
    }
    path.iter().zip(keep).filter_map(|(p, kept)| kept.then_some(*p)).collect()
}

/// The point between two others that is furthest from their line, if it is too far.
fn bend(path: &[Point], from: usize, to: usize, slack_px: f64) -> Option<usize> {
    let between = (from + 1..to).map(|i| (i, distance_from_line(path[i], path[from], path[to])));
    let furthest = between.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    (furthest.1 > slack_px).then_some(furthest.0)
}

fn distance_from_line(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (f64::from(b.x) - f64::from(a.x), f64::from(b.y) - f64::from(a.y));
    let length = dx.hypot(dy);
    if length == 0.0 {
        return p.distance(a);
    }
    let (px, py) = (f64::from(p.x) - f64::from(a.x), f64::from(p.y) - f64::from(a.y));
    let along = ((px * dx + py * dy) / (length * length)).clamp(0.0, 1.0);
    (px - along * dx).hypot(py - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[(i32, i32)], expected: &[(i32, i32)]) {
        let points = |xs: &[(i32, i32)]| xs.iter().map(|&(x, y)| Point { x, y }).collect::<Vec<_>>();
        assert_eq!(simplify(&points(path), 2.0), points(expected));
    }

    #[test]
    fn a_straight_path_keeps_its_ends_and_a_corner_stays() {
        check(&[(0, 0), (10, 1), (20, 0)], &[(0, 0), (20, 0)]);
        check(&[(0, 0), (50, 0), (100, 0), (100, 50)], &[(0, 0), (100, 0), (100, 50)]);
        check(&[(0, 0)], &[(0, 0)]);
    }

    #[test]
    fn a_path_that_returns_keeps_its_far_end() {
        check(&[(0, 0), (90, 0), (0, 0)], &[(0, 0), (90, 0), (0, 0)]);
    }
}
