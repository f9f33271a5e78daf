//! Judges lines: which characters are part of something secret, which are not, and which may become it.
//!
//! What was typed and what the application tells of it are two lines. A character that stands in both
//! is as secret as either says. docs/spec/filter.md, section 3.

use std::collections::BTreeMap;

use overt_event::{KeyRecord, MonoNanos, NANOS_PER_MILLI, SecretKind, Seq};
use overt_filter::{Filter, Found};

use crate::line::{Cell, CellId, Field, Line, Mark};

/// A character waits at most this long for what makes it part of something.
pub(crate) const LINE_HOLD_MILLIS: u64 = 5_000;
/// Settled text before what is judged, for words that say what a number is.
const CONTEXT_CELLS: usize = 128;
/// An application tells an edit this long after its key, at most.
const ECHO_MILLIS: u64 = 1_000;
/// A longer edit is judged by itself.
const EDIT_CHARS_MAX: usize = 64;

/// Which of the two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Typed,
    Told,
}

/// What was found out, for those who fill pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Something secret stands in this field since then.
    Found { group: u32, kind: SecretKind, since: MonoNanos, field: Option<Field> },
    /// All of it was taken back.
    Gone { group: u32, at: MonoNanos },
    /// What was in doubt is judged.
    Judged { at: MonoNanos },
}

/// Both lines and what was found in them.
pub(crate) struct Reading {
    filter: Filter,
    typed: Line,
    told: Line,
    groups: u32,
    news: Vec<News>,
    /// The mark that came out last, and its field.
    last_out: [Option<(Mark, u32)>; 2],
    /// Events of the findings, first and last: what was pressed between them goes with them.
    spans: Vec<(Seq, Seq)>,
}

const SPANS_MAX: usize = 64;

impl Reading {
    pub(crate) fn new(filter: Filter) -> Self {
        Self {
            filter,
            typed: Line::default(),
            told: Line::default(),
            groups: 0,
            news: Vec::new(),
            last_out: [None; 2],
            spans: Vec::new(),
        }
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Nothing of what was typed is remembered.
    pub(crate) fn forget(&mut self) {
        (self.typed, self.told) = (Line::default(), Line::default());
        self.last_out = [None; 2];
        self.spans.clear();
        self.news.clear();
    }

    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Characters were typed.
    pub(crate) fn typed(&mut self, seq: Seq, at: MonoNanos, text: &str) {
        self.settle(at);
        for c in text.chars() {
            self.typed.insert(seq, at, at, c);
        }
    }

    /// The application tells that characters appeared; at the earliest they did so at `since`.
    pub(crate) fn told(&mut self, seq: Seq, at: MonoNanos, since: MonoNanos, text: &str) {
        self.settle(at);
        for c in text.chars() {
            let id = self.told.insert(seq, at, since, c);
            self.pair(id, at, c);
        }
    }

    /// The oldest character without a twin that was typed shortly before.
    fn pair(&mut self, told: CellId, at: MonoNanos, c: char) {
        let earliest = at.minus_millis(ECHO_MILLIS);
        let twin = self.typed.cells().find(|(_, t)| t.c == c && t.twin.is_none() && t.at >= earliest);
        let Some((twin, typed_at)) = twin.map(|(id, cell)| (id, cell.at)) else { return };
        if let Some(cell) = self.typed.cell_mut(twin) {
            cell.twin = Some(told);
        }
        if let Some(cell) = self.told.cell_mut(told) {
            (cell.twin, cell.since) = (Some(twin), typed_at);
        }
    }

    /// ... or went away.
    pub(crate) fn told_deleted(&mut self, at: MonoNanos, chars: u32) {
        self.settle(at);
        self.read_all(Which::Told);
        for _ in 0..chars.min(CONTEXT_CELLS as u32) {
            let gone = self.told.backspace();
            self.tell_gone(gone, at);
        }
    }

    /// A key that types nothing.
    pub(crate) fn pressed(&mut self, at: MonoNanos, key: &KeyRecord) {
        if overt_event::is_modifier(&key.name) {
            return;
        }
        self.settle(at);
        let plain = !key.modifiers.makes_chord() && !key.modifiers.shift;
        match key.name.as_str() {
            "BackSpace" if !key.modifiers.makes_chord() => self.correct(at, Line::backspace),
            "Delete" | "KP_Delete" if plain => self.correct(at, Line::delete),
            "Left" | "KP_Left" if plain => self.typed.left(),
            "Right" | "KP_Right" if plain => self.typed.right(),
            "Home" | "KP_Home" if plain => self.typed.home(),
            "End" | "KP_End" if plain => self.typed.end(),
            _ => self.bound(at),
        }
    }

    fn correct(&mut self, at: MonoNanos, how: fn(&mut Line) -> Option<Mark>) {
        self.read_all(Which::Typed);
        let gone = how(&mut self.typed);
        self.tell_gone(gone, at);
    }

    fn tell_gone(&mut self, mark: Option<Mark>, at: MonoNanos) {
        self.news.extend(mark.map(|mark| News::Gone { group: mark.group, at }));
    }

    /// What is typed next may stand anywhere.
    pub(crate) fn bound(&mut self, at: MonoNanos) {
        self.settle(at);
        self.typed.bound(at);
        self.told.bound(at);
    }

    /// What has the focus, as an event of its application told.
    pub(crate) fn enter(&mut self, field: &Field, at: MonoNanos) {
        self.settle(at);
        self.typed.enter(field.clone(), at);
        self.told.enter(field.clone(), at);
    }

    /// Nothing more comes: what is not settled is judged as it stands.
    pub(crate) fn run_out(&mut self, now: MonoNanos) {
        self.settle(now.plus_millis(LINE_HOLD_MILLIS));
    }

    /// Whether everything is known of this event's characters that will be.
    pub(crate) fn is_settled(&mut self, which: Which, seq: Seq, now: MonoNanos) -> bool {
        self.settle(now);
        let line = self.line(which);
        let settled =
            |id: &CellId| line.cell(*id).is_none_or(|c| c.settled && self.twin_settled(which, c.twin));
        line.of(seq).iter().all(settled)
    }

    fn twin_settled(&self, which: Which, twin: Option<CellId>) -> bool {
        let other = if which == Which::Typed { &self.told } else { &self.typed };
        twin.and_then(|id| other.cell(id)).is_none_or(|c| c.settled)
    }

    /// The event's characters with marks; those within a mark that is out already are nothing.
    pub(crate) fn let_out(
        &mut self,
        which: Which,
        seq: Seq,
        counts: &mut BTreeMap<SecretKind, u64>,
    ) -> String {
        let ids = self.line(which).of(seq);
        let mut out = String::new();
        if ids.is_empty() {
            *counts.entry(SecretKind::Unjudged).or_default() += 1;
            return SecretKind::Unjudged.mark();
        }
        for id in ids {
            let Some(cell) = self.line(which).cell(id) else { continue };
            let (c, field, mark) = (cell.c, cell.field, self.mark_of(which, cell.mark, cell.twin));
            let before = self.last_out[which as usize];
            self.last_out[which as usize] = mark.map(|m| (m, field));
            let Some(mark) = mark else {
                out.push(c);
                continue;
            };
            if !before.is_some_and(|(last, f)| last.group == mark.group || f == field) {
                out.push_str(&mark.kind.mark());
                // What is told of it is the same once more.
                *counts.entry(mark.kind).or_default() += u64::from(which == Which::Typed);
            }
        }
        out
    }

    fn mark_of(&self, which: Which, own: Option<Mark>, twin: Option<CellId>) -> Option<Mark> {
        let other = if which == Which::Typed { &self.told } else { &self.typed };
        own.or_else(|| twin.and_then(|id| other.cell(id)).and_then(|c| c.mark))
    }

    /// Whether it was pressed between the first and the last character of something secret.
    pub(crate) fn is_within_secret(&self, seq: Seq) -> bool {
        self.spans.iter().any(|(from, to)| (*from..=*to).contains(&seq))
    }

    fn line(&self, which: Which) -> &Line {
        match which {
            Which::Typed => &self.typed,
            Which::Told => &self.told,
        }
    }

    fn line_mut(&mut self, which: Which) -> &mut Line {
        match which {
            Which::Typed => &mut self.typed,
            Which::Told => &mut self.told,
        }
    }

    /// Whether something that is not judged yet may have been on the screen at this time.
    pub(crate) fn is_open_since(&self, time: MonoNanos) -> bool {
        let open = |line: &Line| line.cells().any(|(_, c)| !c.settled && c.since <= time);
        open(&self.typed) || open(&self.told)
    }

    /// Judges what can be judged by now. What is known depends on the times of events alone, not on
    /// when it is asked for: every event settles first what ran out before it.
    pub(crate) fn settle(&mut self, now: MonoNanos) {
        for which in [Which::Typed, Which::Told] {
            let changed = self.line(which).changed;
            let expired = |c: &Cell| !c.settled && is_over(c.at, now);
            if changed || self.line(which).cells().any(|(_, c)| expired(c)) {
                self.line_mut(which).changed = false;
                self.settle_line(which, now);
            }
        }
    }

    fn settle_line(&mut self, which: Which, now: MonoNanos) {
        let page = Page::of(self.line(which), false);
        let tail = page.tail(&self.filter);
        let labelled = Page::of(self.line(which), true);
        let open = page.after(tail.from);
        let (over, mut waiting): (Vec<CellId>, Vec<CellId>) =
            open.iter().partition(|id| self.line(which).cell(**id).is_none_or(|c| is_over(c.at, now)));
        let found = [&page, &labelled].map(|page| page.find(&self.filter));
        for (found, ids) in found.into_iter().flatten() {
            let grows = ids.iter().any(|id| open.contains(id));
            if !grows || ids.iter().any(|id| self.is_over(which, *id, now)) {
                self.mark(which, found.kind, &ids);
            } else {
                waiting.extend(ids.iter().filter(|id| !open.contains(id)));
            }
        }
        if page.is_risky(&self.filter) || labelled.is_risky(&self.filter) {
            let doubtful: Vec<CellId> =
                over.iter().copied().filter(|id| self.is_unmarked(which, *id)).collect();
            self.doubt(which, &doubtful);
        }
        self.settle_but(which, &waiting, now);
        if open.is_empty() {
            let at = self.line(which).cells().last().map_or(MonoNanos(0), |(_, c)| c.at);
            self.news.push(News::Judged { at });
        }
    }

    /// Whether its hold has just run out.
    fn is_over(&self, which: Which, id: CellId, now: MonoNanos) -> bool {
        self.line(which).cell(id).is_some_and(|c| !c.settled && is_over(c.at, now))
    }

    fn is_unmarked(&self, which: Which, id: CellId) -> bool {
        self.line(which).cell(id).is_some_and(|c| c.mark.is_none() && !c.settled)
    }

    /// All but those that wait; what was taken back waits for what was typed before it.
    fn settle_but(&mut self, which: Which, waiting: &[CellId], now: MonoNanos) {
        let first = waiting.iter().min().copied().unwrap_or(CellId::MAX);
        let line = self.line_mut(which);
        let ids: Vec<CellId> = line.cells().filter(|(_, c)| !c.settled).map(|(id, _)| id).collect();
        for id in ids {
            if let Some(cell) = line.cell_mut(id) {
                let waits = if cell.live { waiting.contains(&id) } else { id > first };
                cell.settled = !waits || is_over(cell.at, now);
            }
        }
    }

    /// What stands there is about to be changed: it was typed all the same.
    fn read_all(&mut self, which: Which) {
        let found: Vec<_> = [false, true]
            .map(|l| Page::of(self.line(which), l).find(&self.filter))
            .into_iter()
            .flatten()
            .collect();
        for (found, ids) in found {
            self.mark(which, found.kind, &ids);
        }
    }

    /// Everything typed from its first to its last character goes, what was taken back too.
    fn mark(&mut self, which: Which, kind: SecretKind, ids: &[CellId]) {
        let (Some(from), Some(to)) = (ids.iter().min().copied(), ids.iter().max().copied()) else { return };
        if ids.iter().all(|id| self.is_marked_as(which, *id, kind)) {
            return;
        }
        self.groups += 1;
        let group = self.groups;
        self.tell_found(which, group, kind, ids);
        let live: Vec<CellId> = ids.to_vec();
        let line = self.line_mut(which);
        let mut seqs: Vec<Seq> = Vec::new();
        for id in from..=to {
            let concerned = |c: &&mut Cell| !c.settled && (!c.live || live.contains(&id));
            if let Some(cell) = line.cell_mut(id).filter(concerned) {
                cell.mark = Some(Mark { kind, group });
                seqs.push(cell.seq);
            }
        }
        // What was let out before the first of them is out with the keys behind it.
        if let (Which::Typed, Some(first), Some(last)) = (which, seqs.iter().min(), seqs.iter().max()) {
            if self.spans.len() == SPANS_MAX {
                self.spans.remove(0);
            }
            self.spans.push((*first, *last));
        }
    }

    fn is_marked_as(&self, which: Which, id: CellId, kind: SecretKind) -> bool {
        self.line(which).cell(id).is_none_or(|c| c.mark.is_some_and(|m| m.kind == kind))
    }

    fn doubt(&mut self, which: Which, ids: &[CellId]) {
        if ids.is_empty() {
            return;
        }
        self.groups += 1;
        let (group, kind) = (self.groups, SecretKind::Unjudged);
        self.tell_found(which, group, kind, ids);
        for id in ids {
            if let Some(cell) = self.line_mut(which).cell_mut(*id) {
                cell.mark = Some(Mark { kind, group });
            }
        }
    }

    fn tell_found(&mut self, which: Which, group: u32, kind: SecretKind, ids: &[CellId]) {
        let line = self.line(which);
        let cells = || ids.iter().filter_map(|id| line.cell(*id));
        let Some(since) = cells().map(|c| c.since).min() else { return };
        let mut numbers: Vec<u32> = cells().map(|c| c.field).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let fields: Vec<_> = numbers.into_iter().map(|n| line.field_of(n).cloned()).collect();
        self.news.extend(fields.into_iter().map(|field| News::Found { group, kind, since, field }));
    }
}

/// Whether an edit is part of a line, and not judged by itself.
pub(crate) fn is_short(text: &str) -> bool {
    text.chars().nth(EDIT_CHARS_MAX).is_none()
}

fn is_over(at: MonoNanos, now: MonoNanos) -> bool {
    now.since(at) >= LINE_HOLD_MILLIS * NANOS_PER_MILLI && now >= at
}

/// The end of a line as one text, with the cell of each byte.
struct Page {
    text: String,
    cells: Vec<Option<CellId>>,
    caret: usize,
}

impl Page {
    /// From some settled context on; with the labels of the fields before what was typed into them.
    fn of(line: &Line, labels: bool) -> Self {
        let (ids, caret) = line.text();
        let open = |id: &CellId| line.cell(*id).is_some_and(|c| !c.settled);
        let first_open = ids.iter().position(open).unwrap_or(ids.len());
        let from = first_open.saturating_sub(CONTEXT_CELLS);
        let mut page = Self { text: String::new(), cells: Vec::new(), caret: 0 };
        let mut field = None;
        for (i, id) in ids.iter().enumerate().skip(from) {
            let Some(cell) = line.cell(*id) else { continue };
            if labels && field.replace(cell.field) != Some(cell.field) {
                page.push_label(line.field_of(cell.field));
            }
            if i == caret {
                page.caret = page.text.len();
            }
            page.text.push(cell.c);
            page.cells.resize(page.text.len(), Some(*id));
        }
        if caret == ids.len() {
            page.caret = page.text.len();
        }
        page
    }

    fn push_label(&mut self, field: Option<&Field>) {
        let Some(label) = field.map(|f| f.label.as_str()).filter(|l| !l.is_empty()) else { return };
        self.text.push_str(label.trim_end_matches([':', ' ']));
        self.text.push_str(": ");
        self.cells.resize(self.text.len(), None);
    }

    /// What may grow: the word at the caret, and all after it.
    fn tail(&self, filter: &Filter) -> overt_filter::Tail {
        filter.tail(&self.text[..self.caret])
    }

    /// Whether what may grow could be half of something. What was found whole is none, unless something stands
    /// before it that can be one number with it: the last groups of an IBAN can make a telephone number.
    fn is_risky(&self, filter: &Filter) -> bool {
        let tail = self.tail(filter);
        let found = filter.find(&self.text).into_iter().map(|f| f.range);
        let found: Vec<_> = found.filter(|r| r.end > tail.from && r.end <= self.caret).collect();
        let Some(end) = found.iter().map(|r| r.end).max() else { return tail.risky };
        let is_found = |at: usize| found.iter().any(|r| r.contains(&at));
        let letters = self.text[tail.from..end].char_indices().filter(|(_, c)| c.is_alphanumeric());
        let stands_before = letters.map(|(i, _)| tail.from + i).any(|at| !is_found(at));
        (stands_before && tail.risky) || filter.tail(&self.text[end..self.caret]).risky
    }

    fn after(&self, from: usize) -> Vec<CellId> {
        let mut ids: Vec<CellId> = self.cells[from..].iter().flatten().copied().collect();
        ids.dedup();
        ids
    }

    fn find(&self, filter: &Filter) -> Vec<(Found, Vec<CellId>)> {
        let found = filter.find(&self.text).into_iter();
        let with_cells = found.map(|f| {
            let mut ids: Vec<CellId> = self.cells[f.range.clone()].iter().flatten().copied().collect();
            ids.dedup();
            (f, ids)
        });
        with_cells.filter(|(_, ids)| !ids.is_empty()).collect()
    }
}
