//! Hours in which nothing is recorded, by the clock on the wall of a place.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use overt_event::WallTime;
use serde::{Deserialize, Serialize};

use crate::AgreementError;
use crate::agreement::require;

const MINUTES_PER_DAY: u16 = 1_440;
const MINUTES_PER_WEEK: u16 = 7 * MINUTES_PER_DAY;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// From one time of day to another, on these days. Where `to` is not after `from` it ends on the
/// following day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    pub days: BTreeSet<Weekday>,
    /// `HH:MM`, included.
    pub from: TimeOfDay,
    /// `HH:MM`, excluded; `24:00` is the end of the day.
    pub to: TimeOfDay,
}

/// Minutes since midnight, 0..=1440, written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "expected a time of day HH:MM";
        let two = |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>());
        let (h, m) = text.split_once(':').ok_or(wrong)?;
        match (two(h), two(m)) {
            (Some(Ok(h)), Some(Ok(m))) if m < 60 && h * 60 + m <= MINUTES_PER_DAY => Ok(Self(h * 60 + m)),
            _ => Err(wrong),
        }
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

/// Quiet hours together with the place whose clock they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    zone: TimeZone,
    name: String,
    hours: Vec<QuietHours>,
}

impl Quiet {
    /// Reads the two keys that texts write them with; `None` where no hours are written.
    ///
    /// Errors: [`AgreementError::Field`] for hours without a place, a place that the time zone
    /// database (it is built in) does not know, and hours that never or always are.
    pub(crate) fn read(zone: Option<&str>, hours: &[QuietHours]) -> Result<Option<Self>, AgreementError> {
        if hours.is_empty() {
            return require(zone.is_none(), "time_zone", "is written without quiet_hours").map(|()| None);
        }
        let field = "time_zone";
        let name = zone.ok_or(AgreementError::Field { field, problem: "is missing beside quiet_hours" })?;
        let known = TimeZoneDatabase::bundled().get(name);
        let zone = known.map_err(|_| AgreementError::Field {
            field,
            problem: "is not known; write one such as Europe/Berlin",
        })?;
        require(hours.iter().all(|h| !h.days.is_empty()), "quiet_hours.days", "names none")?;
        require(hours.iter().all(|h| h.from != h.to), "quiet_hours.to", "is the same as \"from\"")?;
        require(hours.iter().all(|h| h.from.0 < MINUTES_PER_DAY), "quiet_hours.from", "is not before 24:00")?;
        Ok(Some(Self { zone, name: name.to_owned(), hours: hours.to_vec() }))
    }

    /// Whether nothing may be recorded now. A moment that no calendar has is quiet.
    pub fn is_quiet(&self, now: WallTime) -> bool {
        let Ok(stamp) = Timestamp::from_second(now.0) else { return true };
        let local = self.zone.to_datetime(stamp);
        let day = u16::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let hour = u16::from(local.hour().unsigned_abs());
        let minute = day * MINUTES_PER_DAY + hour * 60 + u16::from(local.minute().unsigned_abs());
        self.hours.iter().any(|h| h.holds(minute))
    }

    /// The place, as the time zone database names it.
    pub fn place(&self) -> &str {
        &self.name
    }

    /// The hours as written; never empty.
    pub fn hours(&self) -> &[QuietHours] {
        &self.hours
    }

    /// Whether at some minute of the week this is quiet and `other` is not.
    pub(crate) fn exceeds(&self, other: Option<&Self>) -> bool {
        let Some(other) = other else { return true };
        let covered = |m| other.hours.iter().any(|h| h.holds(m));
        let mut mine = (0..MINUTES_PER_WEEK).filter(|m| self.hours.iter().any(|h| h.holds(*m)));
        self.name != other.name || mine.any(|m| !covered(m))
    }
}

impl QuietHours {
    /// Whether a minute of the week, counted from Monday 00:00, is among them.
    fn holds(&self, minute: u16) -> bool {
        let length = if self.to > self.from {
            self.to.0 - self.from.0
        } else {
            MINUTES_PER_DAY - self.from.0 + self.to.0
        };
        self.days.iter().any(|day| {
            let from = *day as u16 * MINUTES_PER_DAY + self.from.0;
            (minute + MINUTES_PER_WEEK - from) % MINUTES_PER_WEEK < length
        })
    }
}

impl std::fmt::Display for QuietHours {
    /// Such as `mon, tue 18:00-08:00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days: Vec<String> = self.days.iter().map(|d| format!("{d:?}").to_lowercase()).collect();
        write!(f, "{} {}-{}", days.join(", "), String::from(self.from), String::from(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(toml: &str) -> Result<Option<Quiet>, AgreementError> {
        #[derive(Deserialize)]
        struct Keys {
            time_zone: Option<String>,
            quiet_hours: Vec<QuietHours>,
        }
        let keys: Keys = toml::from_str(toml).expect("it reads");
        Quiet::read(keys.time_zone.as_deref(), &keys.quiet_hours)
    }

    fn at(quiet: &Quiet, utc: &str) -> bool {
        quiet.is_quiet(WallTime(utc.parse::<Timestamp>().expect("a time").as_second()))
    }

    #[test]
    fn the_clock_on_the_wall_counts_and_summer_time_moves_it() {
        let evening = "time_zone = \"Europe/Berlin\"\nquiet_hours = [{ days = [\"sun\"], from = \"18:00\", to = \"08:00\" }]";
        let quiet = quiet(evening).expect("it reads").expect("there are some");
        // 2026-11-22 is a Sunday; Berlin is one hour ahead in winter and two in summer.
        assert!(!at(&quiet, "2026-11-22T16:59:59Z") && at(&quiet, "2026-11-22T17:00:00Z"));
        assert!(at(&quiet, "2026-11-23T06:59:59Z") && !at(&quiet, "2026-11-23T07:00:00Z"));
        assert!(!at(&quiet, "2026-07-19T15:59:59Z") && at(&quiet, "2026-07-19T16:00:00Z"));
        assert!(quiet.is_quiet(WallTime(i64::MAX)));
    }

    #[test]
    fn hours_that_say_nothing_are_refused() {
        let zone = "time_zone = \"UTC\"\n";
        for bad in [
            "quiet_hours = [{ days = [\"sun\"], from = \"18:00\", to = \"08:00\" }]",
            "time_zone = \"UTC\"\nquiet_hours = []",
            "time_zone = \"Nowhere/Land\"\nquiet_hours = [{ days = [\"sun\"], from = \"18:00\", to = \"08:00\" }]",
        ] {
            assert!(quiet(bad).is_err(), "{bad}");
        }
        for bad in [
            "{ days = [], from = \"18:00\", to = \"08:00\" }",
            "{ days = [\"mon\"], from = \"08:00\", to = \"08:00\" }",
            "{ days = [\"mon\"], from = \"24:00\", to = \"08:00\" }",
        ] {
            assert!(quiet(&format!("{zone}quiet_hours = [{bad}]")).is_err(), "{bad}");
        }
        for bad in ["8:00", "08:60", "24:01", "+8:00", "0800", "08:00:00"] {
            assert!(TimeOfDay::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn longer_hours_exceed_shorter_ones() {
        let hours = |to: &str| {
            let text = format!(
                "time_zone = \"UTC\"\nquiet_hours = [{{ days = [\"sun\"], from = \"18:00\", to = \"{to}\" }}]"
            );
            quiet(&text).expect("it reads").expect("there are some")
        };
        let (short, long) = (hours("06:00"), hours("08:00"));
        assert!(long.exceeds(Some(&short)) && !short.exceeds(Some(&long)) && long.exceeds(None));
    }
}
