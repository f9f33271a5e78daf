//! What became of recent inputs and pictures, for what refers to them.

use std::collections::VecDeque;

use overt_event::{Binding, DenyRule, FrameId, NoFrame, Seq};

/// Inputs remembered: 16 s of the fastest pointer; a binding follows within 3 s.
const INPUTS_MAX: usize = 16_384;
/// Pictures remembered: many times the ring from which they are bound.
const FRAMES_MAX: usize = 1_024;

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Kept, with its time told this much earlier than it was.
    Kept {
        earlier_nanos: u64,
        key: bool,
    },
    Merged,
    Denied(DenyRule),
    Lost,
}

/// Inputs and pictures whose fate is settled.
#[derive(Default)]
pub(crate) struct Fates {
    /// By number.
    inputs: VecDeque<(Seq, Fate)>,
    frames: VecDeque<FrameId>,
}

impl Fates {
    /// Settles an input. Most come in the order of their numbers.
    pub(crate) fn settle(&mut self, seq: Seq, fate: Fate) {
        if self.inputs.len() == INPUTS_MAX {
            self.inputs.pop_front();
        }
        let later = self.inputs.iter().rev().take_while(|(s, _)| *s > seq).count();
        self.inputs.insert(self.inputs.len() - later, (seq, fate));
    }

    /// A picture was kept.
    pub(crate) fn keep_frame(&mut self, id: FrameId) {
        if self.frames.len() == FRAMES_MAX {
            self.frames.pop_front();
        }
        self.frames.push_back(id);
    }

    /// What became of an input; one that is not remembered was denied, as far as anyone can tell.
    pub(crate) fn of(&self, seq: Seq) -> Fate {
        let found = self.inputs.binary_search_by_key(&seq, |(s, _)| *s);
        found.map_or(Fate::Denied(DenyRule::AppUnknown), |i| self.inputs[i].1)
    }

    fn has_frame(&self, id: FrameId) -> bool {
        self.frames.iter().rev().any(|f| *f == id)
    }

    /// The binding of a kept input: to a kept picture, or saying that there is none. Its distances
    /// are told from the input's coarse time, so that they do not tell the exact one.
    pub(crate) fn bind(&self, binding: Binding, earlier_nanos: u64, key: bool) -> Binding {
        match binding {
            Binding::Before { for_seq, frame, .. } if !self.has_frame(frame) => {
                Binding::NoBefore { for_seq, why: NoFrame::Denied }
            }
            Binding::After { for_seq, frame, .. } if !self.has_frame(frame) => {
                Binding::NoAfter { for_seq, why: NoFrame::Denied }
            }
            // The pictures before keys are chosen by the coarse time already.
            Binding::Before { for_seq, frame, margin_nanos, damage_unseen } if !key => {
                let margin_nanos = margin_nanos.saturating_sub(earlier_nanos);
                Binding::Before { for_seq, frame, margin_nanos, damage_unseen }
            }
            Binding::After { for_seq, frame, delay_nanos, timed_out } => {
                Binding::After { for_seq, frame, delay_nanos: delay_nanos + earlier_nanos, timed_out }
            }
            other => other,
        }
    }
}

/// The input a binding is for.
pub(crate) fn bound_input(binding: &Binding) -> Seq {
    match binding {
        Binding::Before { for_seq, .. }
        | Binding::NoBefore { for_seq, .. }
        | Binding::After { for_seq, .. }
        | Binding::NoAfter { for_seq, .. } => *for_seq,
    }
}
