//! How sure a share is.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The 97.5th percentile of the normal distribution: intervals of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// A share with the interval around it, all between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub of: f64,
    pub low: f64,
    pub high: f64,
}

/// For people: `98 % (96 to 99)`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} % ({:.0} to {:.0})", self.of * 100.0, self.low * 100.0, self.high * 100.0)
    }
}

/// Wilson's interval (1927) for so many of so many; from 0 to 1 where nothing was tried.
pub fn wilson(hits: u64, tried: u64) -> Share {
    if tried == 0 {
        return Share { of: 0.0, low: 0.0, high: 1.0 };
    }
    let (n, p) = (tried as f64, hits as f64 / tried as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Share { of: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// How much greater the second share is than the first: the difference and Newcombe's interval (1998, method 10).
pub fn gain(first: Share, second: Share) -> Share {
    let of = second.of - first.of;
    let below = ((second.of - second.low).powi(2) + (first.high - first.of).powi(2)).sqrt();
    let above = ((second.high - second.of).powi(2) + (first.of - first.low).powi(2)).sqrt();
    Share { of, low: of - below, high: of + above }
}

/// On which side of the first share the second lies; `None` where their intervals overlap.
pub(crate) fn parted(first: Share, second: Share) -> Option<Ordering> {
    if second.high < first.low {
        Some(Ordering::Less)
    } else if second.low > first.high {
        Some(Ordering::Greater)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: Share, low: f64, high: f64) {
        assert!((got.low - low).abs() < 5e-4 && (got.high - high).abs() < 5e-4, "{got:?}");
    }

    #[test]
    fn intervals_are_those_of_the_papers() {
        // Newcombe (1998): 81 of 263, 15 of 148, 0 of 20 and 1 of 29 by the score method.
        close(wilson(81, 263), 0.2553, 0.3662);
        close(wilson(15, 148), 0.0624, 0.1605);
        close(wilson(0, 20), 0.0, 0.1611);
        close(wilson(1, 29), 0.0061, 0.1718);
        // The same: 56 of 70 less 48 of 80.
        close(gain(wilson(48, 80), wilson(56, 70)), 0.0524, 0.3339);
    }

    #[test]
    fn nothing_tried_tells_nothing() {
        close(wilson(0, 0), 0.0, 1.0);
    }
}
