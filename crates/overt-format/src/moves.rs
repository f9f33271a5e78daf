//! Moves of the pointer that follow one another, as one message (section 4.1.1). Nine of ten records are moves,
//! and one differs from the next by four small numbers.

use overt_event::{MonoNanos, Point, Record, RecordBody, Seq};
use serde::{Deserialize, Serialize};

use crate::error::PlainFault;

/// More than are made in the second between two flushes, on most days.
pub(crate) const RUN_MOVES_MAX: usize = 512;
/// The longest message of a run: four numbers a move of at most 21 letters each, and the first record.
const RUN_BYTES_MAX: usize = 64 * 1024;

/// A move, and by how much each that follows differs from the one before it. The lists are equally long.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveRun {
    pub(crate) first: Record,
    /// Nanoseconds since the move before.
    time: Vec<i64>,
    /// Nanoseconds from each one's time to its arrival. Left out where all are 0, as in what was imported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    delay: Vec<i64>,
    x: Vec<i64>,
    y: Vec<i64>,
}

impl MoveRun {
    /// Whether the lists are as long as each other and as a run may be.
    fn is_whole(&self) -> bool {
        let len = self.time.len();
        let alike = self.x.len() == len && self.y.len() == len && [0, len].contains(&self.delay.len());
        alike && (1..RUN_MOVES_MAX).contains(&len)
    }
}

/// Collects moves as long as they make one run.
#[derive(Default)]
pub(crate) struct RunWriter {
    run: Option<(MoveRun, Record)>,
}

/// What stands in a segment instead of some records.
pub(crate) enum Written {
    One(Record),
    Run(MoveRun),
}

impl RunWriter {
    /// Takes the record into the run, if it goes on with it; a move begins one where there is none.
    pub(crate) fn take(&mut self, record: &Record) -> bool {
        match &mut self.run {
            Some((run, last)) => run.go_on(last, record).is_some(),
            none => {
                *none = MoveRun::begin(record).map(|run| (run, record.clone()));
                none.is_some()
            }
        }
    }

    /// What was collected. A run of one is its record.
    pub(crate) fn finish(&mut self) -> Option<Written> {
        let (run, _) = self.run.take()?;
        Some(if run.time.is_empty() { Written::One(run.first) } else { Written::Run(run) })
    }
}

impl MoveRun {
    fn begin(record: &Record) -> Option<Self> {
        let begins = place(record).is_some() && !record.repeated;
        let none = Vec::new;
        begins.then(|| Self { first: record.clone(), time: none(), delay: none(), x: none(), y: none() })
    }

    /// `None`, and nothing is changed, where the record does not follow the last one.
    fn go_on(&mut self, last: &mut Record, record: &Record) -> Option<()> {
        let (from, to) = (place(last)?, place(record)?);
        let alike = (record.injected, record.repeated, record.device, &record.app)
            == (last.injected, last.repeated, last.device, &last.app);
        let follows = alike && Some(record.seq.0) == last.seq.0.checked_add(1);
        if !follows || self.time.len() + 1 >= RUN_MOVES_MAX {
            return None;
        }
        let time = difference(last.time, record.time)?;
        let delay = difference(record.time, record.arrival)?;
        if delay != 0 || !self.delay.is_empty() {
            self.delay.resize(self.time.len(), 0);
            self.delay.push(delay);
        }
        self.time.push(time);
        self.x.push(i64::from(to.x) - i64::from(from.x));
        self.y.push(i64::from(to.y) - i64::from(from.y));
        // Not cloned whole: the application's name is the same.
        (last.seq, last.time, last.arrival) = (record.seq, record.time, record.arrival);
        last.body = RecordBody::PointerMove { at: to };
        Some(())
    }
}

/// Gives the records of a run, one after the other.
pub(crate) struct RunReader {
    /// Its first record becomes each of them in turn.
    run: MoveRun,
    /// Where the pointer is by then.
    at: Point,
    /// How many records were given.
    given: usize,
}

impl RunReader {
    /// Errors: [`PlainFault::Record`] where it is not a run, [`PlainFault::TooLong`].
    pub(crate) fn new(json: &[u8]) -> Result<Self, PlainFault> {
        if json.len() > RUN_BYTES_MAX {
            return Err(PlainFault::TooLong);
        }
        let run: MoveRun = serde_json::from_slice(json).map_err(|_| PlainFault::Record)?;
        let at = place(&run.first).filter(|_| run.is_whole()).ok_or(PlainFault::Record)?;
        Ok(Self { run, at, given: 0 })
    }

    /// The next record; `None` after the last one.
    ///
    /// Errors: [`PlainFault::Record`] where a sum does not fit.
    pub(crate) fn next(&mut self) -> Result<Option<Box<Record>>, PlainFault> {
        if self.given > self.run.time.len() {
            return Ok(None);
        }
        if let Some(n) = self.given.checked_sub(1) {
            self.step(n).ok_or(PlainFault::Record)?;
        }
        self.given += 1;
        let Record { seq, time, arrival, injected, repeated, device, ref app, .. } = self.run.first;
        let body = RecordBody::PointerMove { at: self.at };
        Ok(Some(Box::new(Record { seq, time, arrival, injected, repeated, device, app: app.clone(), body })))
    }

    /// Goes on by the `n`th differences.
    fn step(&mut self, n: usize) -> Option<()> {
        let Self { run, at, .. } = self;
        let moved = |from: i32, by: i64| i32::try_from(i64::from(from).checked_add(by)?).ok();
        *at = Point { x: moved(at.x, run.x[n])?, y: moved(at.y, run.y[n])? };
        let delay = run.delay.get(n).copied().unwrap_or_default();
        let time = run.first.time.0.checked_add_signed(run.time[n])?;
        run.first.seq = Seq(run.first.seq.0.checked_add(1)?);
        run.first.time = MonoNanos(time);
        run.first.arrival = MonoNanos(time.checked_add_signed(delay)?);
        Some(())
    }
}

fn place(record: &Record) -> Option<Point> {
    match record.body {
        RecordBody::PointerMove { at } => Some(at),
        _ => None,
    }
}

fn difference(from: MonoNanos, to: MonoNanos) -> Option<i64> {
    i64::try_from(i128::from(to.0) - i128::from(from.0)).ok()
}

#[cfg(test)]
mod tests {
    use overt_event::AppName;

    use super::*;

    fn moved(n: u64, x: i32) -> Record {
        let app = Some(AppName("editor".into()));
        let body = RecordBody::PointerMove { at: Point { x, y: -x } };
        let (time, arrival) = (MonoNanos(n * 8_000), MonoNanos(n * 8_000 + 70));
        Record { seq: Seq(n), time, arrival, injected: false, repeated: false, device: 3, app, body }
    }

    /// How many records each message of a run holds.
    fn parted(records: &[Record]) -> Vec<usize> {
        let (mut writer, mut parts) = (RunWriter::default(), Vec::new());
        let mut end = |writer: &mut RunWriter| match writer.finish() {
            Some(Written::One(_)) => parts.push(1),
            Some(Written::Run(run)) => parts.push(run.time.len() + 1),
            None => {}
        };
        for record in records {
            if !writer.take(record) {
                end(&mut writer);
                assert!(writer.take(record) || record.repeated, "a move begins a run");
            }
        }
        end(&mut writer);
        parts
    }

    #[test]
    fn a_run_ends_where_more_than_time_and_place_differ() {
        let records = || (0..6).map(|n| moved(n, 5)).collect::<Vec<_>>();
        assert_eq!(parted(&records()), [6]);
        let check = |change: fn(&mut Record)| {
            let mut changed = records();
            change(&mut changed[2]);
            parted(&changed)
        };
        assert_eq!(check(|r| r.injected = true), [2, 1, 3]);
        assert_eq!(check(|r| r.device = 4), [2, 1, 3]);
        assert_eq!(check(|r| r.app = None), [2, 1, 3]);
        assert_eq!(check(|r| r.seq = Seq(70)), [2, 1, 3]);
        assert_eq!(check(|r| r.repeated = true), [2, 3]);
        assert_eq!(check(|r| r.time = MonoNanos(u64::MAX)), [2, 1, 3]);
        assert_eq!(parted(&(0..1_100).map(|n| moved(n, 5)).collect::<Vec<_>>()), [512, 512, 76]);
    }

    fn read(json: &str) -> Result<Vec<Record>, PlainFault> {
        let mut reader = RunReader::new(json.as_bytes())?;
        std::iter::from_fn(|| reader.next().transpose()).map(|r| r.map(|r| *r)).collect()
    }

    fn run(first: &str, columns: [&str; 4]) -> String {
        let [time, delay, x, y] = columns;
        format!("{{\"first\":{first},\"time\":{time},\"delay\":{delay},\"x\":{x},\"y\":{y}}}")
    }

    fn first(seq: u64, kind: &str) -> String {
        let at = "\"at\":{\"x\":5,\"y\":-5}";
        format!("{{\"seq\":{seq},\"time\":9,\"arrival\":11,\"body\":{{\"kind\":\"{kind}\",{at}}}}}")
    }

    #[test]
    fn a_run_is_its_first_move_and_what_each_adds() {
        let json = run(&first(7, "pointer_move"), ["[10,-4]", "[0,3]", "[1,-9]", "[0,2]"]);
        let told: Vec<_> = read(&json)
            .expect("it reads")
            .iter()
            .map(|r| (r.seq.0, r.time.0, r.arrival.0, place(r)))
            .collect();
        let at = |x, y| Some(Point { x, y });
        assert_eq!(told, [(7, 9, 11, at(5, -5)), (8, 19, 19, at(6, -5)), (9, 15, 18, at(-3, -3))]);
    }

    #[test]
    fn what_is_no_run_is_refused() {
        let whole = ["[1]", "[1]", "[1]", "[1]"];
        let with = |at: usize, column: &'static str| {
            let mut columns = whole;
            columns[at] = column;
            run(&first(7, "pointer_move"), columns)
        };
        assert!(read(&run(&first(7, "pointer_move"), whole)).is_ok());
        let long = format!("[{}1]", "1,".repeat(RUN_MOVES_MAX - 1));
        let bad = [
            run(&first(7, "pointer_move"), ["[]"; 4]),
            run(&first(7, "pointer_move"), [&long; 4]),
            run(&first(7, "location"), whole),
            run(&first(u64::MAX, "pointer_move"), whole),
            with(0, "[1,2]"),
            with(0, "[-10]"),
            with(0, "[9223372036854775808]"),
            with(1, "[-40]"),
            with(2, "[2147483643]"),
            with(2, "[1.5]"),
            with(3, "[-2147483644]"),
            with(3, "[9223372036854775807]"),
            with(3, "[]"),
            with(3, "[1],\"z\":[1]"),
        ];
        for json in bad {
            assert_eq!(
                read(&json).map(|r| r.len()),
                Err(PlainFault::Record),
                "{}",
                &json[..json.len().min(200)]
            );
        }
        assert_eq!(read(&" ".repeat(RUN_BYTES_MAX + 1)).err(), Some(PlainFault::TooLong));
    }
}
