//! Reads one record. Nine of ten are moves of the pointer, and those are read as they are written, letter by
//! letter; every other one, and every other way to write a move, is read by serde.

use overt_event::{AppName, MonoNanos, Point, Record, RecordBody, Seq};

/// Reads the records of one segment. Neighbours are of the same application, and share its name.
#[derive(Default)]
pub(crate) struct RecordReader {
    app: Option<AppName>,
}

impl RecordReader {
    /// The record that this is the JSON of.
    pub(crate) fn read(&mut self, json: &str) -> Result<Box<Record>, serde_json::Error> {
        match self.read_move(json) {
            Some(record) => Ok(Box::new(record)),
            None => serde_json::from_str(json),
        }
    }

    /// `None` where it is anything but a move in the encoder's own spelling.
    fn read_move(&mut self, json: &str) -> Option<Record> {
        let mut rest = Rest(json);
        rest.word("{\"seq\":")?;
        let seq = Seq(rest.number()?);
        rest.word(",\"time\":")?;
        let time = MonoNanos(rest.number()?);
        rest.word(",\"arrival\":")?;
        let arrival = MonoNanos(rest.number()?);
        let injected = rest.word(",\"injected\":true").is_some();
        let repeated = rest.word(",\"repeated\":true").is_some();
        let device = match rest.word(",\"device\":") {
            Some(()) => u16::try_from(rest.number()?).ok()?,
            None => 0,
        };
        let app = match rest.word(",\"app\":\"") {
            Some(()) => Some(self.app(rest.plain_string()?)),
            None => None,
        };
        rest.word(",\"body\":{\"kind\":\"pointer_move\",\"at\":{\"x\":")?;
        let x = rest.signed()?;
        rest.word(",\"y\":")?;
        let y = rest.signed()?;
        rest.word("}}}")?;
        let body = RecordBody::PointerMove { at: Point { x, y } };
        rest.0.is_empty().then_some(Record { seq, time, arrival, injected, repeated, device, app, body })
    }

    fn app(&mut self, name: &str) -> AppName {
        match &self.app {
            Some(app) if *app.0 == *name => app.clone(),
            _ => self.app.insert(AppName(name.into())).clone(),
        }
    }
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn word(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    /// Digits as JSON allows them: none before a zero.
    fn number(&mut self) -> Option<u64> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(digits);
        if digits > 1 && number.starts_with('0') {
            return None;
        }
        self.0 = rest;
        // No sign stands before it, and where there is no digit it does not read.
        number.parse().ok()
    }

    fn signed(&mut self) -> Option<i32> {
        let negative = self.word("-").is_some();
        let number = i64::try_from(self.number()?).ok()?;
        match (negative, number) {
            (true, 0) => None,
            (true, number) => i32::try_from(-number).ok(),
            (false, number) => i32::try_from(number).ok(),
        }
    }

    /// Up to the closing quotation mark, where nothing in between is escaped or has to be.
    fn plain_string(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|b| b == b'"' || b == b'\\' || b < b' ')?;
        let (string, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(string)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> impl Strategy<Value = Record> {
        let numbers = (any::<u64>(), any::<u64>(), 0..3_u64, any::<bool>(), any::<bool>());
        let device = prop_oneof![Just(0), any::<u16>()];
        let app = prop::option::of("[a-z-]{1,12}|\\PC{0,6}|.{0,4}");
        (numbers, device, app, any::<i32>(), any::<i32>()).prop_map(|(numbers, device, app, x, y)| {
            let (seq, time, arrival, injected, repeated) = numbers;
            Record {
                seq: Seq(seq),
                time: MonoNanos(time),
                arrival: MonoNanos(arrival),
                injected,
                repeated,
                device,
                app: app.map(|name| AppName(name.into())),
                body: RecordBody::PointerMove { at: Point { x, y } },
            }
        })
    }

    fn by_serde(json: &str) -> Option<Record> {
        serde_json::from_str(json).ok()
    }

    proptest! {
        #[test]
        fn what_serde_writes_is_read_the_same(record in record()) {
            let json = serde_json::to_string(&record).expect("a record is written");
            let read = RecordReader::default().read(&json).ok();
            prop_assert_eq!(read.as_deref(), Some(&record));
            // An application's name is short and plain; only an odd one is left to serde.
            let plain = record.app.as_ref().is_none_or(|a| a.0.chars().all(|c| c >= ' ' && !"\"\\".contains(c)));
            prop_assert_eq!(RecordReader::default().read_move(&json), plain.then_some(record));
        }

        #[test]
        fn whatever_is_read_serde_reads_the_same(
            record in record(), at in any::<prop::sample::Index>(), letter in "[-0-9 .eE,:{}\"a-z\\\\]?",
            dropped in 0..3_usize,
        ) {
            let json = serde_json::to_string(&record).expect("a record is written");
            let starts: Vec<usize> = json.char_indices().map(|(i, _)| i).collect();
            let at = at.index(starts.len());
            let end = starts.get(at + dropped).copied().unwrap_or(json.len());
            let changed = format!("{}{letter}{}", &json[..starts[at]], &json[end..]);
            if let Some(read) = RecordReader::default().read_move(&changed) {
                prop_assert_eq!(Some(read), by_serde(&changed));
            }
        }
    }

    #[test]
    fn neighbours_of_one_application_share_its_name() {
        let json = |app: &str| {
            format!(
                "{{\"seq\":1,\"time\":2,\"arrival\":3,\"app\":\"{app}\",\
                 \"body\":{{\"kind\":\"pointer_move\",\"at\":{{\"x\":5,\"y\":0}}}}}}"
            )
        };
        let mut reader = RecordReader::default();
        let mut app = |name: &str| reader.read(&json(name)).expect("it reads").app.expect("an application").0;
        let names = ["editor", "editor", "mail", "editor"].map(&mut app);
        assert_eq!(names.each_ref().map(|n| &**n), ["editor", "editor", "mail", "editor"]);
        assert!(std::sync::Arc::ptr_eq(&names[0], &names[1]));
    }

    #[test]
    fn odd_numbers_are_left_to_serde() {
        let json = |seq: &str, x: &str| {
            format!(
                "{{\"seq\":{seq},\"time\":2,\"arrival\":3,\
                 \"body\":{{\"kind\":\"pointer_move\",\"at\":{{\"x\":{x},\"y\":0}}}}}}"
            )
        };
        assert!(RecordReader::default().read_move(&json("1", "-5")).is_some());
        let odd = [
            ("01", "5"),
            ("", "5"),
            ("+1", "5"),
            ("1", "-"),
            ("1", "2147483648"),
            ("1", "1e2"),
            ("1", "-05"),
            ("1", "-0"),
        ];
        for (seq, x) in odd {
            assert_eq!(RecordReader::default().read_move(&json(seq, x)), None, "{seq} {x}");
        }
    }
}
