//! What keeps a model from being made, kept or tried.

use std::io;

use overt_dataset::DatasetError;
use overt_hands::HandsError;

/// Why learning or acting ended. No variant holds what people did, typed or saw.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// The data set does not read.
    #[error("The data set does not read. Check it with `overt verify`.")]
    Dataset(#[source] DatasetError),
    /// The data set reads, and nothing may be done with it any more.
    #[error("The data set may not be used any more. Take the version that replaces it, or build one.")]
    Unusable(#[source] DatasetError),
    /// The data set was not made to train agents.
    #[error("The data set was built for another purpose. Build one with `--purpose train-agents`.")]
    OtherPurpose,
    /// A model's data set is not among those at hand.
    #[error(
        "The data set that the model was made of is not given, so that nobody knows whether it must be rebuilt. Name it with `--made-of`."
    )]
    OtherDataset,
    /// A picture of the data set does not read.
    #[error("A picture of the data set does not read. Check it with `overt verify`.")]
    Picture,
    /// There is nothing to learn from.
    #[error("The data set has no step that can be learned from. Record with accessibility and marked tasks.")]
    NothingToLearn,
    /// The file is no model of ours.
    #[error("The file is not a model of Overt. Name one that `overt train` wrote.")]
    NoModel,
    /// The model's form is another one.
    #[error("The model has form {got}, and only {expected} can be read. Train it again.")]
    OtherForm { expected: u32, got: u32 },
    /// A part of the model contradicts another.
    #[error("The model is damaged: {what}. Train it again.")]
    Damaged { what: &'static str },
    /// A file cannot be read or written.
    #[error("A file could not be read or written. Check the folder and the disk.")]
    Io(#[from] io::Error),
    /// Another program writes results there.
    #[error(
        "Another program writes into that folder of results. Wait until it has ended, or name another folder."
    )]
    InUse,
    /// A results file holds something else.
    #[error("Line {line} of the results does not read. Move the file away and begin again.")]
    Results { line: usize },
    /// One task is named with two data sets.
    #[error("A task is named twice. Name each once, with one data set that holds all its demonstrations.")]
    TaskTwice,
    /// Most of a model's episodes say nothing of the model.
    #[error(
        "Most episodes of a model were lost because the browser, its display or the task's page does not work, which says nothing of the model. Check these, and give the same command again: what is finished is not tried again."
    )]
    Lost,
    /// Somebody asked to end.
    #[error(
        "The study was ended before it was finished. Give the same command again: it goes on after the last model that was finished."
    )]
    Interrupted,
    /// What recordings teach is told in a file of another kind or form.
    #[error(
        "The file is no comparison that this version reads. Name the comparison.json of `overt-people`, or compare again."
    )]
    NoComparison,
    /// A folder holds a comparison that another command, learner or version made.
    #[error(
        "Another comparison lies in that folder. Name another folder, or move its comparison.json away: its recordings are used again."
    )]
    OtherComparison,
    /// The input does not reach the display.
    #[error("Input does not reach the display.")]
    Hands(#[from] HandsError),
    /// The ground does not come up.
    #[error(transparent)]
    Ground(#[from] crate::ground::GroundError),
}

impl From<DatasetError> for LearnError {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::MustRebuild { .. } | DatasetError::Ended { .. } => Self::Unusable(error),
            error => Self::Dataset(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_used_any_more_is_not_said_not_to_read() {
        let day = || "2026-11-29".to_owned();
        let ended = LearnError::from(DatasetError::Ended { expires: day(), today: day() });
        let erased = LearnError::from(DatasetError::MustRebuild { segments: 1 });
        for error in [ended, erased] {
            assert!(matches!(error, LearnError::Unusable(_)), "{error}");
        }
        assert!(matches!(
            LearnError::from(DatasetError::Io(io::ErrorKind::NotFound.into())),
            LearnError::Dataset(_)
        ));
    }
}
