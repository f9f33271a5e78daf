//! Runs the jobs of a plan on threads. Any number of them, killed at any moment and begun again, comes to the same.

use std::cmp::Reverse;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use overt_format::RecordingDir;
use overt_unseal::{Opened, UnsealError};

use crate::build::{DatasetPurpose, Progress};
use crate::error::DatasetError;
use crate::job::{Advance, run_job};
use crate::part::Work;
use crate::plan::{Input, Job, Plan};

/// News that wait to be told.
const NEWS_MAX: usize = 256;

/// Opens a recording for the build's purpose. It is asked on several threads, again for a job that is run again, and
/// every time it writes the opening down.
pub type Open<'a, P> = dyn Fn(&RecordingDir) -> Result<Opened<P>, UnsealError> + Sync + 'a;

enum News {
    Advance(Advance),
    Done,
    Failed(DatasetError),
}

/// Runs every job whose result is not in the work folder. After an error no other is begun.
///
/// Errors: of the first job that failed; results that were committed stay.
pub(crate) fn execute<P: DatasetPurpose>(
    plan: &Plan,
    inputs: &[Input],
    work: &Work,
    open: &Open<'_, P>,
    workers: NonZero<usize>,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), DatasetError> {
    let all = plan.jobs.iter().zip(inputs);
    let (done, mut todo): (Vec<_>, Vec<_>) = all.partition(|(job, _)| work.has(job.key));
    let mut progress = Progress {
        recordings_done: done.len(),
        recordings: plan.jobs.len(),
        segments_done: segments_of(&done),
        segments: segments_of(&done) + segments_of(&todo),
        ..Progress::default()
    };
    // The longest first: no thread is left with one at the end while others have nothing to do.
    todo.sort_by_key(|(job, _)| Reverse(job.len_bytes));
    let pool = Pool { plan, work, open, todo, next: AtomicUsize::new(0), failed: AtomicBool::new(false) };
    pool.run(workers, &mut progress, tell)
}

fn segments_of(jobs: &[(&Job, &Input)]) -> usize {
    jobs.iter().map(|(job, input)| input.recording.segments().len() - job.erased.len()).sum()
}

struct Pool<'a, P> {
    plan: &'a Plan,
    work: &'a Work,
    open: &'a Open<'a, P>,
    todo: Vec<(&'a Job, &'a Input)>,
    next: AtomicUsize,
    failed: AtomicBool,
}

impl<P: DatasetPurpose> Pool<'_, P> {
    fn run(
        &self,
        workers: NonZero<usize>,
        progress: &mut Progress,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<(), DatasetError> {
        let mut first = Ok(());
        thread::scope(|scope| {
            let (news, told) = sync_channel(NEWS_MAX);
            for _ in 0..workers.get().min(self.todo.len()) {
                let news = news.clone();
                scope.spawn(move || self.work(&news));
            }
            drop(news);
            for new in told {
                match new {
                    News::Advance(advance) => progress.add(advance),
                    News::Done => progress.recordings_done += 1,
                    News::Failed(error) if first.is_ok() => first = Err(error),
                    News::Failed(_) => {}
                }
                tell(*progress);
            }
        });
        first
    }

    /// One thread: takes jobs until there are none, or one failed.
    fn work(&self, news: &SyncSender<News>) {
        while !self.failed.load(Ordering::Relaxed) {
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((job, input)) = self.todo.get(i) else { return };
            let new = match self.job(job, input, news) {
                Ok(()) => News::Done,
                Err(error) => {
                    self.failed.store(true, Ordering::Relaxed);
                    News::Failed(error)
                }
            };
            // The other end is there as long as any thread is.
            let _ = news.send(new);
        }
    }

    fn job(&self, job: &Job, input: &Input, news: &SyncSender<News>) -> Result<(), DatasetError> {
        let mut tell = |advance| {
            let _ = news.send(News::Advance(advance));
            !self.failed.load(Ordering::Relaxed)
        };
        run_job(job, &self.plan.config, input, self.open, self.work, &mut tell).map(|_| ())
    }
}

impl Progress {
    fn add(&mut self, advance: Advance) {
        self.segments_done += advance.segments;
        self.steps += advance.steps;
        self.picture_bytes += advance.picture_bytes;
    }
}
