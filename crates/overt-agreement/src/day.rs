//! TOML dates and days since 1970, in UTC.

use jiff::civil::{Date, date};
use overt_event::Day;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use toml::value::Datetime;

const EPOCH: Date = date(1970, 1, 1);

/// `YYYY-MM-DD`; `None` for days outside the years TOML can write.
pub(crate) fn text_from_day(day: Day) -> Option<String> {
    let date = EPOCH.checked_add(jiff::Span::new().try_days(day.0).ok()?).ok()?;
    (date.year() >= 0).then(|| date.to_string())
}

/// For people.
pub(crate) fn words(day: Day) -> String {
    text_from_day(day).unwrap_or_else(|| format!("day {}", day.0))
}

/// The day of `YYYY-MM-DD`.
pub(crate) fn day_from_text(text: &str) -> Option<Day> {
    let date: Date = text.parse().ok()?;
    Some(Day(EPOCH.until(date).ok()?.get_days()))
}

/// For `#[serde(with)]`: a TOML local date, not a text and not a time.
pub(crate) mod as_toml {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        let text = text_from_day(*day).ok_or_else(|| ser::Error::custom("a day outside the calendar"))?;
        let date: Datetime = text.parse().map_err(ser::Error::custom)?;
        date.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        let written = Datetime::deserialize(from)?;
        if written.time.is_some() || written.offset.is_some() {
            return Err(de::Error::custom("expected a date without a time"));
        }
        day_from_text(&written.to_string()).ok_or_else(|| de::Error::custom("expected a date YYYY-MM-DD"))
    }
}

/// The same for a date that need not be there; beside it stands `#[serde(default)]`.
pub(crate) mod as_optional_toml {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(day: &Option<Day>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => super::as_toml::serialize(day, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
        super::as_toml::deserialize(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (text, days) in
            [("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-22", 20_779), ("2024-02-29", 19_782)]
        {
            assert_eq!(day_from_text(text), Some(Day(days)), "{text}");
            assert_eq!(text_from_day(Day(days)).as_deref(), Some(text));
        }
        assert_eq!(text_from_day(Day(i32::MAX)), None);
        assert_eq!(day_from_text("2026-02-30"), None);
    }
}
