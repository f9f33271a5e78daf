//! Today, and days as people write them.

use std::time::{SystemTime, UNIX_EPOCH};

use overt_event::{Day, WallTime};

/// The wall clock. Before 1970 it is 1970, when nothing is in force.
pub fn wall_now() -> WallTime {
    WallTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64))
}

/// This day, UTC, as YYYY-MM-DD.
pub fn today() -> String {
    date(wall_now().day())
}

/// A day as YYYY-MM-DD.
pub fn date(day: Day) -> String {
    let span = jiff::Span::new().try_days(day.0);
    let date = span.and_then(|s| jiff::civil::date(1970, 1, 1).checked_add(s));
    date.map_or_else(|_| format!("day {}", day.0), |d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_dates() {
        assert_eq!(date(Day(0)), "1970-01-01");
        assert_eq!(date(Day(20_779)), "2026-11-22");
        assert_eq!(date(Day(i32::MAX)), "day 2147483647");
    }
}
