//! Cuts the stream of drafts into episodes and makes steps of them.

use std::collections::BTreeSet;
use std::mem;

use overt_event::{Mark, MonoNanos, NANOS_PER_MILLI};

use crate::action::{Action, FinishReason};
use crate::draft::Draft;
use crate::entry::Output;
use crate::finish::{step_from, wait_step};
use crate::rules::wait::waited;
use crate::settings::Settings;
use crate::step::{EndedBy, Episode, Step};

/// What the person marked, in its place among the actions.
pub(crate) struct Boundary {
    pub(crate) mark: Mark,
    pub(crate) time: MonoNanos,
    pub(crate) segment: u32,
}

/// The episodes so far.
#[derive(Default)]
pub(crate) struct Episodes {
    done: Vec<Episode>,
    open: Option<Open>,
}

struct Open {
    episode: Episode,
    segments: BTreeSet<u32>,
    previous: Option<Step>,
}

impl Episodes {
    /// Whether an episode is open that has steps and no finish.
    pub(crate) fn wants_finish(&self) -> bool {
        self.open.as_ref().is_some_and(|o| o.episode.steps > 0)
    }

    /// The person said something about their work.
    pub(crate) fn mark(&mut self, boundary: Boundary) {
        match boundary.mark {
            Mark::TaskBegins { ref instruction } => {
                self.close(EndedBy::NextTask);
                let mut open = Open::at(self.done.len(), boundary.time);
                open.episode.instruction.clone_from(instruction);
                open.episode.marked = true;
                open.segments.insert(boundary.segment);
                self.open = Some(open);
            }
            Mark::TaskEnds => {
                if let Some(open) = &mut self.open {
                    open.segments.insert(boundary.segment);
                    open.episode.t_end = open.episode.t_end.max(boundary.time);
                }
                self.close(EndedBy::TaskEnds);
            }
            Mark::ThumbsUp | Mark::ThumbsDown | Mark::TaskSucceeded | Mark::TaskFailed => {
                self.judge(boundary);
            }
        }
    }

    /// Thumbs go to the task at hand, or to the one that just ended.
    fn judge(&mut self, boundary: Boundary) {
        let marked = self.open.as_mut().filter(|o| o.episode.marked);
        if let Some(open) = marked {
            open.segments.insert(boundary.segment);
            open.episode.outcome = Some(boundary.mark);
        } else if let Some(last) = self.done.last_mut().filter(|e| e.marked) {
            last.segments.push(boundary.segment);
            last.segments.sort_unstable();
            last.segments.dedup();
            last.outcome = Some(boundary.mark);
        }
    }

    /// Makes a step of a finished draft, and of the wait before it if there was one.
    pub(crate) fn step(&mut self, draft: Draft, settings: &Settings, out: &mut Vec<Output>) {
        self.split_at_pause(draft.start, settings);
        let done = self.done.len();
        let previous = self.open.as_ref().and_then(|o| o.previous.as_ref());
        let wait = previous.and_then(|p| waited(p, &draft, settings)).and_then(|w| wait_step(w, &draft));
        let seqs = draft.seqs.clone();
        let finishes = matches!(draft.action, Action::Finish { reason: FinishReason::RecordingEnds });
        match step_from(draft, settings) {
            Ok(step) => {
                let open = self.open.get_or_insert_with(|| Open::at(done, step.t_start));
                for step in wait.into_iter().chain([step]) {
                    out.push(Output::Step(Box::new(open.admit(step))));
                }
            }
            Err(fault) => out.extend(seqs.into_iter().map(|seq| Output::Error(seq, fault))),
        }
        if finishes {
            self.close(EndedBy::RecordingEnds);
        }
    }

    fn split_at_pause(&mut self, next: MonoNanos, settings: &Settings) {
        let long = settings.episode_pause_millis_max * NANOS_PER_MILLI;
        let over = |o: &Open| !o.episode.marked && o.episode.steps > 0 && next.since(o.episode.t_end) > long;
        if self.open.as_ref().is_some_and(over) {
            self.close(EndedBy::Pause);
        }
    }

    /// All episodes, in order.
    pub(crate) fn close_all(&mut self) -> Vec<Episode> {
        self.close(EndedBy::RecordingEnds);
        mem::take(&mut self.done)
    }

    fn close(&mut self, ended_by: EndedBy) {
        if let Some(open) = self.open.take() {
            let segments = open.segments.into_iter().collect();
            self.done.push(Episode { ended_by, segments, ..open.episode });
        }
    }
}

impl Open {
    fn at(index: usize, t_start: MonoNanos) -> Self {
        let episode = Episode {
            index: index as u32,
            instruction: None,
            marked: false,
            outcome: None,
            ended_by: EndedBy::RecordingEnds,
            t_start,
            t_end: t_start,
            steps: 0,
            segments: Vec::new(),
        };
        Self { episode, segments: BTreeSet::new(), previous: None }
    }

    fn admit(&mut self, mut step: Step) -> Step {
        step.episode = self.episode.index;
        step.index = self.episode.steps;
        self.episode.steps += 1;
        self.episode.t_end = self.episode.t_end.max(step.t_end);
        self.segments.extend(&step.segments);
        self.previous = Some(step.clone());
        step
    }
}
