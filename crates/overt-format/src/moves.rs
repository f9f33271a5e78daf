//! Moves of the pointer that follow one another, as one message (section 4.1.1). Nine of ten records are moves,
//! and one differs from the next by four small numbers.

use overt_event::{AppName, MonoNanos, Point, Record, RecordBody, Seq};
use serde::Serialize;

use crate::error::PlainFault;

/// More than are made in the second between two flushes, on most days.
pub(crate) const RUN_MOVES_MAX: usize = 512;
/// The longest message of a run: four numbers a move of at most 21 letters each, and the first record.
const RUN_BYTES_MAX: usize = 64 * 1024;

/// A move, and by how much each that follows differs from the one before it. The lists are equally long.
#[derive(Serialize)]
pub(crate) struct MoveRun {
    pub(crate) first: Record,
    /// Nanoseconds since the move before.
    time: Vec<i64>,
    /// Nanoseconds from each one's time to its arrival. Left out where all are 0, as in what was imported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    delay: Vec<i64>,
    x: Vec<i64>,
    y: Vec<i64>,
}

impl MoveRun {
    /// Reads what [`Serialize`] wrote, and nothing that is written otherwise.
    fn read(json: &[u8]) -> Option<Self> {
        let mut rest = json.strip_prefix(b"{\"first\":")?;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter();
        let first = values.next()?.ok()?;
        rest = &rest[values.byte_offset()..];
        let time = column(&mut rest, b",\"time\":[")?;
        let delay = column(&mut rest, b",\"delay\":[").unwrap_or_default();
        let (x, y) = (column(&mut rest, b",\"x\":[")?, column(&mut rest, b",\"y\":[")?);
        (rest == b"}").then_some(Self { first, time, delay, x, y })
    }

    /// Whether the lists are as long as each other and as a run may be.
    fn is_whole(&self) -> bool {
        let len = self.time.len();
        let alike = self.x.len() == len && self.y.len() == len && [0, len].contains(&self.delay.len());
        alike && (1..RUN_MOVES_MAX).contains(&len) && !self.first.repeated
    }

    /// What it means; `None` where it means nothing.
    fn moves(self) -> Option<Moves> {
        let at = place(&self.first).filter(|_| self.is_whole())?;
        let Record { seq, time, arrival, injected, device, app, .. } = self.first;
        seq.0.checked_add(self.time.len() as u64)?;
        let mut last = Moved { time, arrival, at };
        let mut each = Vec::with_capacity(self.time.len() + 1);
        each.push(last);
        let delays = self.delay.into_iter().chain(std::iter::repeat(0));
        for (((time, delay), x), y) in self.time.into_iter().zip(delays).zip(self.x).zip(self.y) {
            last = last.then(time, delay, x, y)?;
            each.push(last);
        }
        Some(Moves { first: seq, injected, device, app, each })
    }
}

/// The list of whole numbers that begins so, with the bracket that ends it; nothing is taken where it is none.
fn column(json: &mut &[u8], name: &[u8]) -> Option<Vec<i64>> {
    let mut rest = json.strip_prefix(name)?;
    let mut numbers = Vec::with_capacity(RUN_MOVES_MAX);
    loop {
        numbers.push(number(&mut rest)?);
        let (end, after) = rest.split_first()?;
        rest = after;
        match end {
            b',' => {}
            b']' => break,
            _ => return None,
        }
    }
    *json = rest;
    Some(numbers)
}

/// By hand: serde_json looks before each number for all that a value could be, and runs of moves are mostly numbers.
fn number(json: &mut &[u8]) -> Option<i64> {
    let digits = json.strip_prefix(b"-").unwrap_or(json);
    let negative = digits.len() < json.len();
    let (mut value, mut len) = (0i64, 0);
    while let Some(digit) = digits.get(len).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        let digit = i64::from(digit);
        value = value.checked_mul(10)?;
        value = if negative { value.checked_sub(digit) } else { value.checked_add(digit) }?;
        len += 1;
    }
    *json = &digits[len..];
    (len > 0).then_some(value)
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

/// Moves that follow one another, alike but for number, time and place. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moves {
    /// The number of the first; each has the number after the one before it.
    pub first: Seq,
    pub injected: bool,
    pub device: u16,
    pub app: Option<AppName>,
    pub each: Vec<Moved>,
}

/// One of [`Moves`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    pub time: MonoNanos,
    pub arrival: MonoNanos,
    pub at: Point,
}

impl Moves {
    /// Errors: [`PlainFault::Record`] where it is not a run, or a sum does not fit; [`PlainFault::TooLong`].
    pub(crate) fn read(json: &[u8]) -> Result<Self, PlainFault> {
        if json.len() > RUN_BYTES_MAX {
            return Err(PlainFault::TooLong);
        }
        MoveRun::read(json).and_then(MoveRun::moves).ok_or(PlainFault::Record)
    }

    /// How many they are.
    #[allow(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// The number of the last one.
    pub fn last(&self) -> Seq {
        Seq(self.first.0.saturating_add((self.each.len() as u64).saturating_sub(1)))
    }

    /// Each with its number.
    pub fn numbered(&self) -> impl Iterator<Item = (Seq, Moved)> {
        (self.first.0..).map(Seq).zip(self.each.iter().copied())
    }

    /// The `n`th as a record; `None` after the last one.
    pub fn record(&self, n: usize) -> Option<Record> {
        let Moved { time, arrival, at } = *self.each.get(n)?;
        let Self { first, injected, device, ref app, .. } = *self;
        let (seq, body) = (Seq(first.0.saturating_add(n as u64)), RecordBody::PointerMove { at });
        Some(Record { seq, time, arrival, injected, repeated: false, device, app: app.clone(), body })
    }
}

impl Moved {
    fn then(self, nanos: i64, delay: i64, dx: i64, dy: i64) -> Option<Self> {
        let moved = |from: i32, by: i64| i32::try_from(i64::from(from).checked_add(by)?).ok();
        let time = self.time.0.checked_add_signed(nanos)?;
        Some(Self {
            time: MonoNanos(time),
            arrival: MonoNanos(time.checked_add_signed(delay)?),
            at: Point { x: moved(self.at.x, dx)?, y: moved(self.at.y, dy)? },
        })
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
        let moves = Moves::read(json.as_bytes())?;
        Ok((0..).map_while(|n| moves.record(n)).collect())
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
            run(&first(7, "pointer_move").replacen("\"time\"", "\"repeated\":true,\"time\"", 1), whole),
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
