//! What one version of an agreement allows that another does not, in plain words.

mod windows;

use std::fmt::Display;

use serde::Serialize;

pub(crate) use windows::most_words;

use crate::{Agreement, Cadence, day};

/// Whether a change lets more happen or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More may happen than before, or it cannot be told that less does.
    Wider,
    /// Less may happen than before.
    Narrower,
    /// Neither: nothing else is recorded, and nobody has less of a say.
    Neither,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub direction: Direction,
    /// One line for people, without a full stop.
    pub words: String,
}

/// Everything in which `new` differs from `old`: first what widens, then what narrows, then the rest.
pub fn diff(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let mut out = Changes::default();
    out.of_people(old, new);
    out.of_reasons(old, new);
    out.of_days(old, new);
    out.of_use(old, new);
    out.of_budget(old, new);
    out.of_quiet_hours(old, new);
    out.of_import(old, new);
    windows::compare(old, new, &mut out);
    out.0.sort_by_key(|c| c.direction);
    out.0
}

/// Whether `new` allows anything that `old` does not.
pub fn widens(old: &Agreement, new: &Agreement) -> bool {
    diff(old, new).iter().any(|c| c.direction == Direction::Wider)
}

/// Differences found so far.
#[derive(Default)]
pub(crate) struct Changes(Vec<Change>);

impl Changes {
    pub(crate) fn say(&mut self, direction: Direction, words: String) {
        self.0.push(Change { direction, words });
    }

    pub(crate) fn said(&self, direction: Direction, about: &str) -> bool {
        self.0.iter().any(|c| c.direction == direction && c.words.contains(about))
    }

    /// A number of which more is wider.
    fn amount<T: Ord + Display>(&mut self, what: &str, old: T, new: T) {
        let direction = if new > old { Direction::Wider } else { Direction::Narrower };
        if new != old {
            self.say(direction, format!("{what}: {new}; before, {old}"));
        }
    }

    /// A text whose meaning is not known here.
    fn text(&mut self, direction: Direction, what: &str, old: Option<&str>, new: Option<&str>) {
        let quoted = |t: Option<&str>| t.map_or("nothing".to_owned(), |t| format!("\"{t}\""));
        if old != new {
            self.say(direction, format!("{what}: {}; before, {}", quoted(new), quoted(old)));
        }
    }

    fn of_people(&mut self, old: &Agreement, new: &Agreement) {
        for party in old.parties() {
            match new.parties().iter().find(|p| p.key() == party.key()) {
                None => self.say(Direction::Wider, format!("{} is no party any more", party.name())),
                Some(p) if p.role() != party.role() => self.say(
                    Direction::Wider,
                    format!(
                        "{} stands for {}; before, for {}",
                        p.name(),
                        p.role().words(),
                        party.role().words()
                    ),
                ),
                Some(p) => {
                    self.text(Direction::Neither, "the name of a party", Some(party.name()), Some(p.name()))
                }
            }
        }
        // Who joins has a say, and takes away from that of the others.
        for party in new.parties().iter().filter(|p| !old.parties().iter().any(|o| o.key() == p.key())) {
            self.say(Direction::Wider, format!("{} becomes a party", party.name()));
        }
        let absent = |a: &Agreement| a.parties().len() - a.threshold();
        self.amount("parties that need not sign", absent(old), absent(new));
    }

    fn of_reasons(&mut self, old: &Agreement, new: &Agreement) {
        use Direction::{Neither, Wider};
        let texts =
            |a: &Agreement| (a.title().to_owned(), a.lawful_basis().to_owned(), a.assessment().to_owned());
        let (before, after) = (texts(old), texts(new));
        self.text(Wider, "the title", Some(&before.0), Some(&after.0));
        self.text(
            Wider,
            "the jurisdiction",
            Some(old.jurisdiction().code()),
            Some(new.jurisdiction().code()),
        );
        self.text(Wider, "the lawful basis", Some(&before.1), Some(&after.1));
        self.text(Wider, "the impact assessment", Some(&before.2), Some(&after.2));
        self.text(Wider, "the permit", old.permit(), new.permit());
        self.text(Neither, "where people's views are written down", old.consultation(), new.consultation());
        self.text(Neither, "whom to ask", old.contact(), new.contact());
    }

    fn of_days(&mut self, old: &Agreement, new: &Agreement) {
        if old.starts() != new.starts() {
            let direction = if new.starts() < old.starts() { Direction::Wider } else { Direction::Narrower };
            self.say(
                direction,
                format!("the first day: {}; before, {}", day::words(new.starts()), day::words(old.starts())),
            );
        }
        if old.ends() != new.ends() {
            let direction = if new.ends() > old.ends() { Direction::Wider } else { Direction::Narrower };
            self.say(
                direction,
                format!("the last day: {}; before, {}", day::words(new.ends()), day::words(old.ends())),
            );
        }
        if old.waiting_days() != new.waiting_days() {
            let less = new.waiting_days() < old.waiting_days();
            let direction = if less { Direction::Wider } else { Direction::Narrower };
            let (after, before) = (new.waiting_days(), old.waiting_days());
            self.say(direction, format!("days to wait before more is recorded: {after}; before, {before}"));
        }
        let kept = |a: &Agreement| a.retention_days().map_or(u64::MAX, u64::from);
        let words = |a: &Agreement| a.retention_days().map_or("no limit".to_owned(), |n| format!("{n} days"));
        if kept(old) != kept(new) {
            let direction = if kept(new) > kept(old) { Direction::Wider } else { Direction::Narrower };
            self.say(
                direction,
                format!("recordings are kept for at most: {}; before, {}", words(new), words(old)),
            );
        }
    }

    fn of_use(&mut self, old: &Agreement, new: &Agreement) {
        for purpose in new.purposes().difference(old.purposes()) {
            self.say(Direction::Wider, format!("recordings may also be used {}", purpose_words(*purpose)));
        }
        for purpose in old.purposes().difference(new.purposes()) {
            self.say(
                Direction::Narrower,
                format!("recordings may not be used any more {}", purpose_words(*purpose)),
            );
        }
        match (old.scripted(), new.scripted()) {
            (false, true) => self.say(Direction::Wider, "input made by programs may be trained on".into()),
            (true, false) => {
                self.say(Direction::Narrower, "input made by programs may not be trained on any more".into())
            }
            _ => {}
        }
        if old.cadence() != new.cadence() {
            let less = new.cadence().meet(old.cadence()) == new.cadence();
            let direction = if less { Direction::Narrower } else { Direction::Wider };
            let words = format!(
                "pictures: {}; before, {}",
                cadence_words(new.cadence()),
                cadence_words(old.cadence())
            );
            self.say(direction, words);
        }
    }

    fn of_budget(&mut self, old: &Agreement, new: &Agreement) {
        let (before, after) = (old.budget(), new.budget());
        self.amount("percent of a processor core it may take", before.cpu_percent, after.cpu_percent);
        self.amount("megabytes a day it may store and send", before.mb_per_day, after.mb_per_day);
        self.amount("it may run on the battery", before.on_battery, after.on_battery);
        self.amount("it may run on a metered network", before.on_metered, after.on_metered);
    }

    fn of_import(&mut self, old: &Agreement, new: &Agreement) {
        let (Some(before), Some(after)) = (old.import(), new.import()) else {
            if old.import().is_some() != new.import().is_some() {
                let import = if new.import().is_some() { "an import" } else { "a recording" };
                self.say(Direction::Wider, format!("it is about {import} now"));
            }
            return;
        };
        self.text(Direction::Wider, "the licence", Some(&before.licence), Some(&after.licence));
        self.text(Direction::Wider, "what is imported", Some(&before.source), Some(&after.source));
        self.may(
            "keys are kept where it is unknown what had the focus",
            before.keys_without_focus,
            after.keys_without_focus,
        );
        self.may("text is kept without looking for secrets in it", before.unfiltered, after.unfiltered);
    }

    /// Something that is done or not, and is more when it is done.
    fn may(&mut self, what: &str, old: bool, new: bool) {
        match (old, new) {
            (false, true) => self.say(Direction::Wider, what.to_owned()),
            (true, false) => self.say(Direction::Narrower, format!("no more: {what}")),
            _ => {}
        }
    }

    fn of_quiet_hours(&mut self, old: &Agreement, new: &Agreement) {
        if old.quiet() == new.quiet() {
            return;
        }
        if old.quiet().is_some_and(|q| q.exceeds(new.quiet())) {
            self.say(Direction::Wider, "something may be recorded in hours that were quiet before".into());
        }
        if new.quiet().is_some_and(|q| q.exceeds(old.quiet())) {
            self.say(Direction::Narrower, "nothing is recorded in more hours than before".into());
        }
    }
}

/// What a purpose lets a study do, after "used".
pub(crate) fn purpose_words(purpose: overt_event::Purpose) -> &'static str {
    match purpose {
        overt_event::Purpose::TrainAgents => "to train agents that use computers",
        overt_event::Purpose::EvaluateAgents => "to evaluate agents that use computers",
        overt_event::Purpose::SubjectAccess => "to show them to the person who is recorded",
    }
}

/// When pictures are taken, in words.
pub(crate) fn cadence_words(cadence: Cadence) -> String {
    match cadence {
        Cadence::OnChange { frames_per_sec } => {
            format!("when something on the screen changes, at most {frames_per_sec} a second")
        }
        Cadence::OnAction => "before and after each action".to_owned(),
        Cadence::Periodic { secs } => format!("one every {secs} seconds"),
        Cadence::None => "none".to_owned(),
    }
}
