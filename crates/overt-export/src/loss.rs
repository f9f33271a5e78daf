//! What an export could not carry over, counted.

use std::collections::BTreeMap;

use serde::Serialize;

/// One way in which something of a step does not reach an export. The list is closed.
///
/// Either the step is left out as a whole, because without what is lost it would be another action, or it is
/// there and less exact: see [`leaves_out`](Self::leaves_out).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    NoPicture,
    NoPosition,
    OutsidePicture,
    PictureTooNarrow,
    OtherSize,
    NoTarget,
    TextMasked,
    TextTakenBack,
    Modifiers,
    ExtraButton,
    MiddleButton,
    DragButton,
    NoHover,
    NoWait,
    HorizontalScroll,
    ScrollTooSmall,
    KeyUnnamed,
    TooManyKeys,
    NotATaskEnd,
    ReservedWord,
    CharacterWithoutKey,
    NoTaskEnd,
    MultiClickRepeated,
    DragPath,
    ScrollAmount,
    ScrollRounded,
    ScrollPixelsAssumed,
    ScrollTime,
    WaitTime,
    OutcomeAssumed,
    NoInstruction,
    PictureCompressed,
    MonitorPlace,
    WindowHandle,
    TimeOfDay,
    ReleaseTime,
}

impl Loss {
    /// Its name in `losses.json`.
    pub fn name(self) -> String {
        serde_json::to_string(&self).unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Whether the step is not in the export at all.
    pub fn leaves_out(self) -> bool {
        self <= Self::NoTaskEnd
    }

    /// What it means, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoPicture => "there is no picture from before the step",
            Self::NoPosition => "where it happened is not known",
            Self::OutsidePicture => "it happened or ended outside the picture",
            Self::PictureTooNarrow => "the picture is over 200 times as long as it is wide",
            Self::OtherSize => "the picture has another size than the first, and the format holds one",
            Self::NoTarget => "no element in it is named, alone of its kind and within the picture",
            Self::TextMasked => "what was typed is masked",
            Self::TextTakenBack => "nothing was left of what was typed",
            Self::Modifiers => "modifier keys were held, which the action space does not know",
            Self::ExtraButton => "the button is none of left, middle and right",
            Self::MiddleButton => "the action space knows no middle button",
            Self::DragButton => "it was dragged with another button than the left",
            Self::NoHover => "the action space knows no resting of the pointer",
            Self::NoWait => "the action space knows no waiting",
            Self::HorizontalScroll => "the action space does not scroll sideways",
            Self::ScrollTooSmall => "less than half a notch was scrolled",
            Self::KeyUnnamed => "a key has no name there",
            Self::TooManyKeys => "the action space knows no chord of so many keys",
            Self::NotATaskEnd => "the recording ended, not a task",
            Self::ReservedWord => "a text holds a word that the format reserves",
            Self::CharacterWithoutKey => "a character has no key on the US layout",
            Self::NoTaskEnd => "the format knows no end of a task",
            Self::MultiClickRepeated => "a multiple click became single ones",
            Self::DragPath => "of a drag only its two ends are kept",
            Self::ScrollAmount => "of scrolling only the direction is kept",
            Self::ScrollRounded => "scrolling is rounded to whole notches",
            Self::ScrollPixelsAssumed => "a notch was taken for 100 pixels",
            Self::ScrollTime => "how long was scrolled is not kept",
            Self::WaitTime => "how long was waited is not kept",
            Self::OutcomeAssumed => "nobody said whether the task succeeded; it is called a success",
            Self::NoInstruction => "nobody said what the task was",
            Self::PictureCompressed => "its picture is part of a video, which loses something of each",
            Self::MonitorPlace => "coordinates are those of one monitor, not of the desktop",
            Self::WindowHandle => "a window's handle is made up",
            Self::TimeOfDay => "times count from the day's beginning",
            Self::ReleaseTime => "when keys or buttons were released is made up",
        }
    }
}

/// Why an element is not in a format that holds elements of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Omitted {
    Unnamed,
    NotAlone,
    OutsidePicture,
    Unsure,
}

impl Omitted {
    /// Its name in `losses.json`.
    pub fn name(self) -> String {
        serde_json::to_string(&self).unwrap_or_default().trim_matches('"').to_owned()
    }

    /// What it means, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unnamed => "they have no name",
            Self::NotAlone => "another one has the same role and name",
            Self::OutsidePicture => "their box is empty or not within the picture",
            Self::Unsure => "it is not sure that the step acted on them",
        }
    }
}

/// How often what was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    counts: BTreeMap<Loss, u64>,
    /// Elements, not steps.
    omitted: BTreeMap<Omitted, u64>,
}

impl Losses {
    /// Counts one step that lost this.
    pub fn count(&mut self, loss: Loss) {
        *self.counts.entry(loss).or_default() += 1;
    }

    /// Counts one step that lost all these.
    pub fn count_all(&mut self, losses: &[Loss]) {
        losses.iter().for_each(|loss| self.count(*loss));
    }

    /// Counts elements of one picture that are not in the export.
    pub fn omit(&mut self, omitted: &BTreeMap<Omitted, u64>) {
        omitted.iter().for_each(|(why, n)| *self.omitted.entry(*why).or_default() += n);
    }

    /// Elements that are not in the export, in the order of the list.
    pub fn omitted(&self) -> impl Iterator<Item = (Omitted, u64)> + '_ {
        self.omitted.iter().map(|(why, n)| (*why, *n))
    }

    /// In the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = (Loss, u64)> + '_ {
        self.counts.iter().map(|(loss, n)| (*loss, *n))
    }

    /// How many steps lost this.
    pub fn of(&self, loss: Loss) -> u64 {
        self.counts.get(&loss).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_out_stands_before_what_does_not() {
        assert!(Loss::NoPicture.leaves_out() && Loss::NoTaskEnd.leaves_out());
        assert!(!Loss::MultiClickRepeated.leaves_out() && !Loss::ReleaseTime.leaves_out());
        assert_eq!(Loss::ScrollPixelsAssumed.name(), "scroll_pixels_assumed");
    }
}
