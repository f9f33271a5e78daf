//! What was learned so far of a model in the making, kept beside it (docs/spec/model.md, section 7).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use safetensors::SafeTensors;
use serde::Serialize;

use crate::attention::{NETS, Net};
use crate::boost::{Choice, Growth, Leaning, Tree, Trees};
use crate::course::{self, Adam, Course, Lesson, Pupil};
use crate::error::LearnError;
use crate::probe::{Probe, end_columns};
use crate::span;
use crate::tensors;

/// It is written about so often: who is interrupted learns that much again.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// What trees are grown for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Elements(Probe),
    Spans,
    Ends,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Elements(_) => "elements",
            Self::Spans => "spans",
            Self::Ends => "ends",
        }
    }

    /// So many numbers have its rows.
    fn columns(self) -> usize {
        match self {
            Self::Elements(probe) => probe.columns(),
            Self::Spans => span::NAMES.len(),
            Self::Ends => end_columns(),
        }
    }

    fn leaning(self) -> Leaning {
        if let Self::Elements(probe) = self { probe.leaning() } else { &[] }
    }
}

/// A model in the making. The default keeps nothing.
#[derive(Default)]
pub(crate) struct Progress {
    file: Option<Kept>,
    trees: BTreeMap<&'static str, Vec<Tree>>,
    course: Option<Course>,
}

struct Kept {
    path: PathBuf,
    /// What the model is made of and how: nobody goes on from what was learned of anything else.
    of: String,
    /// What an earlier run left; empty where that was nothing or of something else.
    begun: Vec<u8>,
    kept_at: Instant,
}

/// What the file tells of itself, as JSON.
#[derive(Serialize)]
struct Told<'a, T> {
    format: &'a str,
    of: &'a T,
}

impl Progress {
    /// Kept beside the model's file. What is there already counts where it is of the same.
    pub(crate) fn beside(model: &Path, of: &impl Serialize) -> Result<Self, LearnError> {
        let mut path = model.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let told = Told { format: "overt-model-part", of };
        let of = serde_json::to_string(&told).map_err(|_| LearnError::NoModel)?;
        let mut begun = std::fs::read(&path).unwrap_or_default();
        let whole = SafeTensors::deserialize(&begun).is_ok();
        if !whole || !tensors::told(&begun).is_ok_and(|told| told == of) {
            begun.clear();
        }
        Ok(Self { file: Some(Kept { path, of, begun, kept_at: Instant::now() }), ..Self::default() })
    }

    /// The model is written, and what was kept of it goes. Whether an earlier run had begun.
    pub(crate) fn end(self) -> Result<bool, LearnError> {
        let Some(Kept { path, begun, .. }) = self.file else { return Ok(false) };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(!begun.is_empty()),
        }
    }

    /// Trees for a part, on top of those that there are already. While these come back nothing is kept: who is interrupted
    /// again would have less than before.
    pub(crate) fn grow(&mut self, part: Part, choices: &[Choice], growth: Growth, seed: u64) -> Trees {
        let begun = self.begun(|file| tensors::trees(part.name(), file, part.columns())).unwrap_or_default();
        if self.file.is_some() {
            self.trees.insert(part.name(), begun.clone());
        }
        Trees::grow(choices, growth, part.leaning(), seed, begun, |all| {
            let known = self.trees.get_mut(part.name());
            if let Some(known) = known.filter(|known| known.len() < all.len()) {
                known.extend_from_slice(&all[known.len()..]);
                self.keep();
            }
        })
    }

    /// A transformer's nets, on top of the rounds that there were already.
    pub(crate) fn learn(&mut self, lessons: &[Lesson], manners: usize, seed: u64) -> Vec<Net> {
        let begun = self.begun(|file| Ok(begun_course(file, manners))).unwrap_or_default();
        self.course = self.file.is_some().then(|| begun.clone());
        course::learn(lessons, manners, seed, begun, |course| {
            if self.file.is_some() {
                self.course = Some(course.clone());
                self.keep();
            }
        })
    }

    /// Nothing where it does not read: then it is learned again.
    fn begun<T>(&self, read: impl FnOnce(&SafeTensors<'_>) -> Result<T, LearnError>) -> Option<T> {
        let kept = self.file.as_ref()?;
        read(&SafeTensors::deserialize(&kept.begun).ok()?).ok()
    }

    /// Now and then. Where that fails, for want of room, as much is learned again as was not kept.
    fn keep(&mut self) {
        let Some(kept) = self.file.as_mut().filter(|kept| kept.kept_at.elapsed() >= KEPT_EVERY) else {
            return;
        };
        let trees = self.trees.iter().flat_map(|(name, trees)| tensors::of_trees(name, trees));
        let columns: Vec<_> = trees.chain(self.course.iter().flat_map(columns)).collect();
        if let Ok(bytes) = tensors::encode(&columns, kept.of.clone()) {
            let _ = overt_format::replace_file(&kept.path, &bytes);
        }
        kept.kept_at = Instant::now();
    }
}

fn columns(course: &Course) -> Vec<tensors::Column> {
    let now = course.now.iter().flat_map(|Pupil { net, adam, rounds }| {
        let all = [("net", &net.weights), ("first", &adam.first), ("second", &adam.second)];
        let matrices = all.into_iter().flat_map(|(name, matrices)| tensors::of_matrices(name, matrices));
        matrices.chain([tensors::of_number("rounds", *rounds as i32)]).collect::<Vec<_>>()
    });
    tensors::of_nets(&course.taught).into_iter().chain(now).collect()
}

/// As far as it reads: what does not is taught again.
fn begun_course(file: &SafeTensors<'_>, manners: usize) -> Course {
    let taught = (0..NETS).map_while(|i| tensors::net(i, file, manners).ok()).collect();
    Course { taught, now: pupil(file, manners).ok() }
}

fn pupil(file: &SafeTensors<'_>, manners: usize) -> Result<Pupil, LearnError> {
    let matrices = |name| tensors::matrices(name, file, manners);
    Ok(Pupil {
        net: Net { weights: matrices("net")? },
        adam: Adam { first: matrices("first")?, second: matrices("second")? },
        rounds: tensors::number("rounds", file)? as usize,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTH: Growth =
        Growth { trees: 4, depth: 2, rate: 0.1, leaf_min: 0.1, lambda: 1.0, tenths: 8, column_tenths: 5 };

    fn choices() -> Vec<Choice> {
        let rows = |n: usize| (0..3).map(|i| vec![((n + i) % 3) as f32; span::NAMES.len()]).collect();
        (0..40).map(|n| Choice { rows: rows(n), right: vec![(3 - n % 3) % 3] }).collect()
    }

    /// As if a second had gone by.
    fn keep_now(progress: &mut Progress) {
        let kept = progress.file.as_mut().expect("it is kept");
        kept.kept_at -= KEPT_EVERY;
        progress.keep();
    }

    #[test]
    fn what_was_kept_is_gone_on_from_and_of_anything_else_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let model = home.path().join("m.safetensors");
        let mut first = Progress::beside(&model, &"this").expect("it begins");
        let whole = first.grow(Part::Spans, &choices(), GROWTH, 1);
        keep_now(&mut first);
        let mut second = Progress::beside(&model, &"this").expect("it goes on");
        let begun = second.begun(|file| tensors::trees("spans", file, span::NAMES.len()));
        assert_eq!(begun.as_ref(), Some(&whole.trees));
        assert_eq!(second.grow(Part::Spans, &choices(), GROWTH, 1), whole);
        let other = Progress::beside(&model, &"that").expect("it begins");
        assert!(other.begun(|file| tensors::trees("spans", file, span::NAMES.len())).is_none());
        assert!(second.end().expect("it ends"));
        assert!(!Progress::beside(&model, &"this").expect("it begins").end().expect("it ends"));
    }

    #[test]
    fn who_is_interrupted_twice_goes_on_from_all_that_was_grown() {
        let home = tempfile::tempdir().expect("a folder");
        let model = home.path().join("m.safetensors");
        let kept = || {
            let next = Progress::beside(&model, &"this").expect("it begins");
            next.begun(|file| tensors::trees("spans", file, span::NAMES.len())).expect("trees").len()
        };
        let mut first = Progress::beside(&model, &"this").expect("it begins");
        first.grow(Part::Spans, &choices(), Growth { trees: 3, ..GROWTH }, 1);
        keep_now(&mut first);
        assert_eq!(kept(), 3);
        // A second is over before the first tree comes back.
        let mut second = Progress::beside(&model, &"this").expect("it goes on");
        second.file.as_mut().expect("it is kept").kept_at -= KEPT_EVERY;
        second.grow(Part::Spans, &choices(), GROWTH, 1);
        assert_eq!(kept(), 4);
        keep_now(&mut second);
        assert_eq!(kept(), 4);
    }

    #[test]
    fn who_is_interrupted_twice_goes_on_from_all_rounds() {
        let home = tempfile::tempdir().expect("a folder");
        let model = home.path().join("m.safetensors");
        let kept = || {
            let next = Progress::beside(&model, &"this").expect("it begins");
            next.begun(|file| Ok(begun_course(file, 2))).expect("a course")
        };
        let lessons: Vec<Lesson> = (0..2).map(course::tests::lesson).collect();
        let mut first = Progress::beside(&model, &"this").expect("it begins");
        let nets = first.learn(&lessons, 2, 7);
        keep_now(&mut first);
        let all = kept();
        assert!(all.taught.len() == NETS - 1 && all.now.is_some(), "the last one is not told by itself");
        // All rounds were there already; what comes after them is kept together with them.
        let mut second = Progress::beside(&model, &"this").expect("it goes on");
        assert_eq!(second.learn(&lessons, 2, 7), nets);
        second.grow(Part::Ends, &[], Growth { trees: 0, ..GROWTH }, 1);
        keep_now(&mut second);
        assert_eq!(kept(), all);
    }

    #[test]
    fn what_was_torn_is_learned_again() {
        let home = tempfile::tempdir().expect("a folder");
        let model = home.path().join("m.safetensors");
        let mut first = Progress::beside(&model, &"this").expect("it begins");
        let whole = first.grow(Part::Spans, &choices(), GROWTH, 1);
        keep_now(&mut first);
        let path = home.path().join("m.safetensors.part");
        let bytes = std::fs::read(&path).expect("it was kept");
        std::fs::write(&path, &bytes[..bytes.len() - 3]).expect("it is torn");
        let mut second = Progress::beside(&model, &"this").expect("it begins");
        assert_eq!(second.grow(Part::Spans, &choices(), GROWTH, 1), whole);
        assert!(!second.end().expect("it ends"), "it began anew, and says so");
    }
}
