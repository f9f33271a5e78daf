//! What keeps a window from being seen or acted in.

use overt_capture_atspi::AtspiError;
use overt_capture_x11::X11Error;
use overt_event::DenyRule;
use overt_hands::HandsError;

/// Why nothing can be seen or done any more. No variant holds what a window shows.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no accessibility bus, or it does not answer.
    #[error("Nothing can be seen without the accessibility bus. `overt doctor` says what is missing.")]
    Blind(#[from] AtspiError),
    /// The application tells nothing.
    #[error(
        "The window's application told nothing within {millis} ms. Start it after accessibility is on, or choose another window."
    )]
    Silent { millis: u64 },
    /// The agreement does not name the purpose.
    #[error(
        "The agreement does not allow to evaluate agents, so none may act. Agree to the purpose evaluate-agents first."
    )]
    Purpose,
    /// The agreement or the consent does not cover the window.
    #[error("Nothing may be done in this window ({rule:?}). `overt agreement explain` says what is agreed.")]
    Denied { rule: DenyRule },
    /// There is no such window.
    #[error("There is no such window to act in. Choose one that can be seen.")]
    NoWindow,
    /// The display is not to be reached, or somebody else has the stop key.
    #[error(transparent)]
    Display(#[from] X11Error),
    /// The key that stops cannot be heard.
    #[error("The key that stops it is not heard any more, so nothing more is done. Start again.")]
    StopKey,
    /// No picture of the window can be taken.
    #[error("The window cannot be looked at. Choose a model that does without pictures.")]
    Screen,
    /// The frame cannot be drawn.
    #[error("The frame around the window cannot be shown, so nothing is done in it.")]
    Frame,
    /// Input does not reach the display.
    #[error(transparent)]
    Hands(#[from] HandsError),
}
