//! Cuts the stream of drafts into episodes and makes steps of them.

use std::collections::BTreeSet;
use std::mem;

use overt_event::{AppName, Mark, MonoNanos, NANOS_PER_MILLI, WindowKind};

use crate::action::{Action, FinishReason};
use crate::draft::Draft;
use crate::entry::Output;
use crate::finish::{step_from, wait_step};
use crate::flaws::Flaws;
use crate::rules::approach::Moment;
use crate::rules::clipboard::Clipboard;
use crate::rules::form::fill;
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
    /// The segments that tell when the last of them ended.
    ended_in: Vec<u32>,
    open: Option<Open>,
    pub(crate) clipboard: Clipboard,
}

struct Open {
    episode: Episode,
    segments: BTreeSet<u32>,
    /// Those that tell how long it lasts.
    ends_in: Vec<u32>,
    previous: Option<Step>,
    /// Where its latest step took place, of those that name an application.
    app: Option<AppName>,
}

impl Episodes {
    /// Whether an episode is open that has steps and no finish.
    pub(crate) fn wants_finish(&self) -> bool {
        self.open.as_ref().is_some_and(|o| o.episode.steps > 0)
    }

    /// The person said something about their work.
    pub(crate) fn mark(&mut self, boundary: Boundary, flaws: &mut Flaws) {
        match boundary.mark {
            Mark::TaskBegins { ref instruction } => {
                if let Some(open) = &mut self.open {
                    open.segments.insert(boundary.segment);
                    if open.episode.marked {
                        open.lasts_until(boundary.time, &[boundary.segment]);
                    }
                }
                self.close(EndedBy::NextTask, flaws);
                let mut open = Open::at(self.done.len(), boundary.time, flaws);
                open.episode.instruction.clone_from(instruction);
                open.episode.marked = true;
                open.segments.insert(boundary.segment);
                self.open = Some(open);
            }
            Mark::TaskEnds => {
                if let Some(open) = &mut self.open {
                    open.segments.insert(boundary.segment);
                    open.lasts_until(boundary.time, &[boundary.segment]);
                }
                self.close(EndedBy::TaskEnds, flaws);
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
    pub(crate) fn step(
        &mut self,
        draft: Draft,
        settings: &Settings,
        flaws: &mut Flaws,
        out: &mut Vec<Output>,
    ) {
        self.split(&draft, settings, flaws);
        let (led_from, start) = (draft.surroundings.led_from, draft.start);
        let previous = self.open.as_ref().and_then(|o| o.previous.as_ref());
        let wait = previous.and_then(|p| waited(p, &draft, settings)).and_then(|w| wait_step(w, &draft));
        let (seqs, app) = (draft.seqs.clone(), worked_in(&draft).cloned());
        let finishes = matches!(draft.action, Action::Finish { reason: FinishReason::RecordingEnds });
        match step_from(draft, settings) {
            Ok(mut step) => {
                fill(&mut step, previous);
                self.clipboard.take(&mut step);
                let open = self.open.take();
                let mut open = open.unwrap_or_else(|| self.unmarked(led_from, start, flaws));
                open.app = app.or(open.app.take());
                for step in wait.into_iter().chain([step]) {
                    out.push(Output::Step(Box::new(open.admit(step, flaws))));
                }
                self.open = Some(open);
            }
            Err(fault) => {
                flaws.errors(start, seqs.len() as u64);
                out.extend(seqs.into_iter().map(|seq| Output::Error(seq, fault)));
            }
        }
        if finishes {
            self.close(EndedBy::RecordingEnds, flaws);
        }
    }

    /// One that nobody marked, which begins with what led to its first step, but not before the one before it ended.
    fn unmarked(&self, led_from: Moment, first: MonoNanos, flaws: &mut Flaws) -> Open {
        let before = self.done.last().map(|last| last.t_end).filter(|t| *t > led_from.time);
        let begins = before.unwrap_or(led_from.time).min(first);
        let told_in = if before.is_some() { &self.ended_in[..] } else { &[led_from.segment] };
        let mut open = Open::at(self.done.len(), begins, flaws);
        open.segments.extend(told_in);
        open
    }

    /// Where nobody marked tasks, a long pause or another application begins another episode.
    fn split(&mut self, next: &Draft, settings: &Settings, flaws: &mut Flaws) {
        let Some(open) = self.open.as_ref().filter(|o| !o.episode.marked && o.episode.steps > 0) else {
            return;
        };
        let elsewhere = worked_in(next).is_some_and(|app| open.app.as_ref().is_some_and(|a| a != app));
        let long = settings.episode_pause_millis_max * NANOS_PER_MILLI;
        if next.start.since(open.episode.t_end) > long {
            self.close(EndedBy::Pause, flaws);
        } else if settings.episode_by_application && elsewhere {
            self.close(EndedBy::Application, flaws);
        }
    }

    /// All episodes, in order, when the recording ends. One that is open has no step: else a finish had closed it.
    pub(crate) fn close_all(&mut self, end: Moment, flaws: &mut Flaws) -> Vec<Episode> {
        if let Some(open) = &mut self.open {
            open.segments.insert(end.segment);
            open.lasts_until(end.time, &[end.segment]);
        }
        self.close(EndedBy::RecordingEnds, flaws);
        mem::take(&mut self.done)
    }

    fn close(&mut self, ended_by: EndedBy, flaws: &mut Flaws) {
        if let Some(mut open) = self.open.take() {
            open.suffer(open.episode.t_end, flaws);
            let segments = open.segments.into_iter().collect();
            self.ended_in = open.ends_in;
            self.done.push(Episode { ended_by, segments, ..open.episode });
        }
    }
}

/// The application whose own window the action takes place in: a panel and a popup belong to what they lead to.
fn worked_in(draft: &Draft) -> Option<&AppName> {
    let kind = draft.surroundings.window.as_ref().map(|w| w.value.kind);
    let passing = matches!(kind, Some(WindowKind::Popup | WindowKind::Dock | WindowKind::Desktop));
    draft.surroundings.app.as_ref().filter(|_| !passing)
}

impl Open {
    /// What went wrong before it began harms no episode.
    fn at(index: usize, t_start: MonoNanos, flaws: &mut Flaws) -> Self {
        flaws.take_until(MonoNanos(t_start.0.saturating_sub(1)));
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
            inputs: 0,
            errors: 0,
            lost_events: 0,
        };
        Self { episode, segments: BTreeSet::new(), ends_in: Vec::new(), previous: None, app: None }
    }

    fn admit(&mut self, mut step: Step, flaws: &mut Flaws) -> Step {
        step.episode = self.episode.index;
        step.index = self.episode.steps;
        self.episode.steps += 1;
        self.episode.inputs += step.seqs.len() as u64;
        self.lasts_until(step.t_end, &step.segments);
        self.suffer(step.t_end, flaws);
        self.segments.extend(&step.segments);
        self.previous = Some(step.clone());
        step
    }

    /// It goes on until then, as these segments tell.
    fn lasts_until(&mut self, t: MonoNanos, segments: &[u32]) {
        if t >= self.episode.t_end {
            self.episode.t_end = t;
            self.ends_in = segments.to_vec();
        }
    }

    fn suffer(&mut self, until: MonoNanos, flaws: &mut Flaws) {
        let harm = flaws.take_until(until);
        self.episode.errors += harm.errors;
        self.episode.lost_events += harm.lost_events;
    }
}
