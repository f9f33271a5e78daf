//! A line of text as it is typed: characters, corrections, a caret, and where fields end.

use std::collections::VecDeque;

use overt_event::{MonoNanos, Rect, SecretKind, Seq};

/// Characters remembered, at most: more than can be typed while any of them is held.
const CELLS_MAX: usize = 4_096;
/// Fields whose label and place are remembered.
const FIELDS_MAX: usize = 16;
/// So many digits, typed and taken back, can be half of a number.
const DIGITS_RISKY: usize = 6;

/// What a character was found to be part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: SecretKind,
    /// The same for all characters of one finding.
    pub(crate) group: u32,
}

/// The number of a character in its line.
pub(crate) type CellId = u64;

/// One character that was typed, or a boundary.
pub(crate) struct Cell {
    pub(crate) seq: Seq,
    pub(crate) at: MonoNanos,
    /// From when on it may be on the screen.
    pub(crate) since: MonoNanos,
    pub(crate) c: char,
    pub(crate) field: u32,
    /// Nothing that is still to come changes what is known of it.
    pub(crate) settled: bool,
    pub(crate) mark: Option<Mark>,
    /// Still in the text.
    pub(crate) live: bool,
    /// The same character in the other line.
    pub(crate) twin: Option<CellId>,
}

/// What is typed into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) role: String,
    /// Its accessible name.
    pub(crate) label: String,
    /// Empty when it is not known.
    pub(crate) bounds: Rect,
    pub(crate) pid: u32,
}

impl Field {
    fn is(&self, other: &Self) -> bool {
        (&self.role, &self.label) == (&other.role, &other.label)
    }
}

/// What was typed, in the order of typing and in the order of the text.
#[derive(Default)]
pub(crate) struct Line {
    cells: VecDeque<Cell>,
    /// The number of the first cell.
    first: CellId,
    /// The text, by the cells' numbers.
    text: Vec<CellId>,
    caret: usize,
    field: u32,
    fields: VecDeque<(u32, Field)>,
    pub(crate) changed: bool,
}

impl Line {
    /// A character at the caret, which may be on the screen since then.
    pub(crate) fn insert(&mut self, seq: Seq, at: MonoNanos, since: MonoNanos, c: char) -> CellId {
        let c = if c == '\n' { ' ' } else { c };
        let field = self.field;
        self.put(Cell { seq, at, since, c, field, settled: false, mark: None, live: true, twin: None })
    }

    fn put(&mut self, cell: Cell) -> CellId {
        self.changed = true;
        if self.cells.len() == CELLS_MAX {
            self.cells.pop_front();
            self.first += 1;
            let first = self.first;
            let before = self.text[..self.caret].iter().filter(|id| **id < first).count();
            self.text.retain(|id| *id >= first);
            self.caret -= before;
        }
        let id = self.first + self.cells.len() as CellId;
        self.cells.push_back(cell);
        self.text.insert(self.caret, id);
        self.caret += 1;
        id
    }

    /// The caret goes where nobody knows, or the field ends.
    pub(crate) fn bound(&mut self, at: MonoNanos) {
        self.caret = self.text.len();
        let last = self.text.last().and_then(|id| self.cell(*id));
        if last.is_some_and(|c| c.c != '\n') {
            let field = self.field;
            let (seq, settled) = (Seq(0), true);
            self.put(Cell {
                seq,
                at,
                since: at,
                c: '\n',
                field,
                settled,
                mark: None,
                live: true,
                twin: None,
            });
            self.field += 1;
        }
    }

    /// What has the focus from here on. Another than before ends the field, if anything was typed there.
    /// The same one is where it was known to be, as long as it does not say where else.
    pub(crate) fn enter(&mut self, mut field: Field, at: MonoNanos) {
        match self.field_of(self.field) {
            Some(known) if !known.is(&field) => self.bound(at),
            Some(known) if field.bounds.is_empty() && known.pid == field.pid => field.bounds = known.bounds,
            _ => {}
        }
        self.fields.retain(|(n, _)| *n != self.field);
        if self.fields.len() == FIELDS_MAX {
            self.fields.pop_front();
        }
        self.fields.push_back((self.field, field));
    }

    pub(crate) fn field_of(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|(n, _)| *n == number).map(|(_, f)| f)
    }

    pub(crate) fn left(&mut self) {
        self.caret -= usize::from(self.caret > self.start_of_field());
    }

    pub(crate) fn right(&mut self) {
        self.caret += usize::from(self.caret < self.text.len());
    }

    pub(crate) fn home(&mut self) {
        self.caret = self.start_of_field();
    }

    pub(crate) fn end(&mut self) {
        self.caret = self.text.len();
    }

    fn start_of_field(&self) -> usize {
        let boundary = |id: &CellId| self.cell(*id).is_none_or(|c| c.c == '\n');
        self.text.iter().rposition(boundary).map_or(0, |i| i + 1)
    }

    /// Takes back the character before the caret. Returns its mark where that was the last of its group.
    pub(crate) fn backspace(&mut self) -> Option<Mark> {
        if self.caret == self.start_of_field() {
            return None;
        }
        self.caret -= 1;
        self.take_back()
    }

    /// The same with the character after the caret.
    pub(crate) fn delete(&mut self) -> Option<Mark> {
        if self.caret < self.text.len() { self.take_back() } else { None }
    }

    fn take_back(&mut self) -> Option<Mark> {
        self.changed = true;
        let id = self.text.remove(self.caret);
        let cell = self.cell_mut(id)?;
        cell.live = false;
        let mark = cell.mark;
        self.distrust_taken_back(id);
        let left = |m: &Mark| self.text.iter().filter_map(|id| self.cell(*id)).any(|c| c.mark == Some(*m));
        mark.filter(|m| !left(m))
    }

    /// Enough digits for half of a number, typed in a row and taken back, are kept no more than the half.
    fn distrust_taken_back(&mut self, id: CellId) {
        let dead = |id: &CellId| self.cell(*id).is_some_and(|c| !c.live);
        let end = (id..).take_while(dead).last().unwrap_or(id);
        let start = (self.first..=id).rev().take_while(dead).last().unwrap_or(id);
        let digits = (start..=end).filter(|id| self.cell(*id).is_some_and(|c| c.c.is_numeric())).count();
        if digits < DIGITS_RISKY {
            return;
        }
        for id in start..=end {
            let mark = Mark { kind: SecretKind::Unjudged, group: u32::MAX };
            if let Some(cell) = self.cell_mut(id) {
                cell.mark.get_or_insert(mark);
            }
        }
    }

    pub(crate) fn cell(&self, id: CellId) -> Option<&Cell> {
        self.cells.get(usize::try_from(id.checked_sub(self.first)?).ok()?)
    }

    pub(crate) fn cell_mut(&mut self, id: CellId) -> Option<&mut Cell> {
        self.cells.get_mut(usize::try_from(id.checked_sub(self.first)?).ok()?)
    }

    /// All that is remembered, in the order of typing.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (CellId, &Cell)> {
        (self.first..).zip(&self.cells)
    }

    /// The characters of one event. None are left where the line is too short to remember it.
    pub(crate) fn of(&self, seq: Seq) -> Vec<CellId> {
        // The latest are asked for: few were typed since.
        let all = (self.first..).zip(&self.cells);
        all.filter(|(_, c)| c.seq == seq && c.c != '\n').map(|(id, _)| id).collect()
    }

    /// The text, by cells, and how many of them stand before the caret.
    pub(crate) fn text(&self) -> (&[CellId], usize) {
        (&self.text, self.caret)
    }
}
