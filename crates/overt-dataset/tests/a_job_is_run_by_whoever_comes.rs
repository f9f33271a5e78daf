//! A job is run alone, by several at once and by others than those who planned it: its result is the same, and there once.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use overt_dataset::{
    BuildSettings, Config, DatasetError, Ended, Job, Open, Plan, Work, build, plan, run_job,
};
use overt_unseal::TrainAgents;
use support::{OPENINGS_FILE, Take};

const RECORDING: u8 = 7;

/// A sealed recording, what a build of it would be, and where its result goes.
struct Planned {
    place: tempfile::TempDir,
    settings: BuildSettings,
    plan: Plan,
}

impl Planned {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let input = support::take(place.path(), Take::new(RECORDING, 2));
        let settings = support::settings(&place.path().join("ds"));
        let plan = plan::<TrainAgents>(vec![input], &settings).expect("it is planned");
        Self { place, settings, plan }
    }

    fn job(&self) -> &Job {
        &self.plan.jobs[0]
    }

    /// Runs the job as another program would: it found the recording and the work folder by itself.
    fn run(&self, job: &Job, config: &Config, open: &Open<'_, TrainAgents>) -> Result<Ended, DatasetError> {
        let input = support::found(self.place.path(), Take::new(RECORDING, 2));
        let work = Work::shared(&self.settings.work_folder())?;
        run_job(job, config, &input, open, &work, &mut |_| true)
    }

    /// The job's result, by the names of its files.
    fn part(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.settings.work_folder().join(self.job().key.to_string()))
    }

    fn openings(&self) -> usize {
        let log = std::fs::read_to_string(self.place.path().join(OPENINGS_FILE));
        log.map_or(0, |log| log.lines().count())
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry"));
    let read = |e: std::fs::DirEntry| {
        (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).expect("a file"))
    };
    entries.map(read).collect()
}

#[test]
fn two_that_race_for_one_key_see_the_same_bytes_and_one_of_them_put_them_there() {
    let planned = Planned::new();
    let opener = support::opener(planned.place.path());
    let both = Barrier::new(2);
    // Each has found no result before either goes on.
    let open = |dir: &overt_format::RecordingDir| {
        both.wait();
        opener(dir)
    };
    let race = || {
        let ended = planned.run(planned.job(), &planned.plan.config, &open).expect("it ends");
        (ended, planned.part())
    };
    let (one, other) = thread::scope(|scope| {
        let threads = [scope.spawn(race), scope.spawn(race)];
        threads.map(|t| t.join().expect("no panic")).into()
    });
    let mut ended = [one.0, other.0];
    ended.sort_by_key(|e| *e == Ended::Known);
    assert_eq!(ended, [Ended::Put, Ended::Known]);
    assert_eq!(one.1, other.1);
    let alone = Planned::new();
    let opener = support::opener(alone.place.path());
    // A segment's id and key are random: the same recording has to be sealed once.
    for n in 0..2 {
        let [from, to] = [&planned, &alone].map(|p| support::path(p.place.path(), RECORDING, n));
        std::fs::copy(from, to).expect("it is copied");
    }
    assert_eq!(alone.run(planned.job(), &planned.plan.config, &opener).expect("it ends"), Ended::Put);
    let put = files(&alone.settings.work_folder().join(planned.job().key.to_string()));
    assert_eq!(put, one.1, "who runs it alone and elsewhere makes the same");
}

#[test]
fn a_build_takes_the_parts_that_others_left_and_opens_nothing_again() {
    let planned = Planned::new();
    let opener = support::opener(planned.place.path());
    let run = || planned.run(planned.job(), &planned.plan.config, &opener).expect("it ends");
    assert_eq!((run(), run()), (Ended::Put, Ended::Known));
    assert_eq!(planned.openings(), 1, "what is there is not opened again");
    let input = || vec![support::found(planned.place.path(), Take::new(RECORDING, 2))];
    build(input(), &opener, &planned.settings, &mut |_| ()).expect("it is built");
    assert_eq!(planned.openings(), 1);
    let plain = planned.place.path().join("plain");
    support::make(planned.place.path(), &plain, input()).expect("it is built");
    support::assert_same(&planned.settings.out, &plain);
}

#[test]
fn a_build_and_single_jobs_do_not_work_in_one_folder_at_a_time() {
    let planned = Planned::new();
    let opener = support::opener(planned.place.path());
    let input = || vec![support::found(planned.place.path(), Take::new(RECORDING, 2))];
    let work = Work::shared(&planned.settings.work_folder()).expect("it opens");
    let refused = build(input(), &opener, &planned.settings, &mut |_| ());
    assert!(matches!(refused, Err(DatasetError::InUse)), "{refused:?}");
    drop(work);
    let mut met = false;
    build(input(), &opener, &planned.settings, &mut |_| {
        met |= matches!(Work::shared(&planned.settings.work_folder()), Err(DatasetError::InUse));
    })
    .expect("it is built");
    assert!(met);
}

#[test]
fn a_job_of_other_rules_or_of_another_recording_is_refused_before_anything_is_opened() {
    let planned = Planned::new();
    let opener = support::opener(planned.place.path());
    let other_rules = Config { reducer: "another", ..planned.plan.config.clone() };
    let other_recording = Job { sha256: overt_format::sha256(b"another"), ..planned.job().clone() };
    let refused = [
        planned.run(planned.job(), &other_rules, &opener),
        planned.run(&other_recording, &planned.plan.config, &opener),
    ];
    for result in refused {
        assert!(matches!(result, Err(DatasetError::OtherJob { .. })), "{result:?}");
    }
    assert_eq!(planned.openings(), 0);
}

#[test]
fn a_job_that_is_given_up_leaves_nothing() {
    let planned = Planned::new();
    let opener = support::opener(planned.place.path());
    let input = support::found(planned.place.path(), Take::new(RECORDING, 2));
    let work = Work::shared(&planned.settings.work_folder()).expect("it opens");
    let ended = run_job(planned.job(), &planned.plan.config, &input, &opener, &work, &mut |_| false);
    assert_eq!(ended.expect("it ends"), Ended::GivenUp);
    let left: Vec<String> = files_of(&planned.settings.work_folder());
    assert_eq!(left, ["lock"]);
}

fn files_of(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}
