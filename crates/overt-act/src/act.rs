//! Acting: a model decides in what the window shows, and hands do it there and nowhere else.

use overt_event::WindowId;
use overt_learn::{Agent, Decision, Goal, Policy, Scene, Stopped};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::ActError;
use crate::permit::Permit;

/// Where and how an agent acts.
pub struct Order<'a> {
    /// `None`: as the environment says.
    pub display: Option<&'a str>,
    /// The session bus that leads to the accessibility bus; `None`: as the environment says.
    pub session_bus: Option<&'a str>,
    /// The system bus, whose login service tells whether the screen is locked; `None`: as the environment says.
    pub system_bus: Option<&'a str>,
    pub window: WindowId,
    pub goal: &'a str,
    /// At most so many deeds.
    pub steps_max: usize,
    /// Say what would be done first, and do nothing.
    pub dry_run: bool,
    /// Whether the process was told to end: nothing more is done then.
    pub interrupted: &'a dyn Fn() -> bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// As far as the model knows, it is done.
    Done,
    /// The model knew nothing more to do.
    NothingToDo,
    StepLimit,
    /// The person pressed the stop key.
    StopKey,
    /// Nothing was done, as was asked.
    DryRun,
    /// The process was told to end.
    Interrupted,
    /// The window is gone, or another application's by now.
    WindowGone,
    /// Another window came in front, or took the keyboard: whoever works there is not disturbed.
    NotInFront,
    /// The person moved the pointer, or holds a key or a button: what they do there is theirs.
    PersonActs,
    /// What the model wanted could not be reached again and again: it moved, or lies outside of the window.
    OutOfReach,
    /// The papers do not say any more what they said at the start.
    TermsChanged,
    /// The terms do not cover what the window shows now, or not at this moment.
    NotAllowed,
    /// The model wanted keys that the window manager or another program takes from whatever window has the focus.
    BeyondTheWindow,
    /// The application tells nothing any more.
    Silent,
}

/// What an agent did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Acted {
    pub ended: Ended,
    /// Deeds that were done, the pointer's rests among them.
    pub steps: usize,
}

/// Lets a policy act in one window. `told` hears of each decision before it is carried out.
///
/// Errors: what keeps the window from being seen or acted in; [`ActError::Denied`] before anything is looked at, where the
/// terms do not cover it.
pub fn act(
    order: &Order<'_>,
    permit: &Permit,
    policy: &dyn Policy,
    told: &mut dyn FnMut(&Scene, &Decision),
) -> Result<Acted, ActError> {
    let mut desk = Desk::sit_down(order, permit, policy.looks_at_pictures())?;
    let goal = Goal::new(order.goal);
    let agent = Agent { policy, goal: &goal, steps_max: order.steps_max, ends_itself: true };
    let mut decided = false;
    let (stopped, _) = agent.run(&mut desk, &mut |scene, decision| {
        told(scene, decision);
        decided = true;
        !order.dry_run
    })?;
    let (ended, steps) = desk.leave()?;
    let ended = match (ended, stopped) {
        (Some(ended), _) => ended,
        (None, Stopped::StepLimit) => Ended::StepLimit,
        (None, Stopped::Done) => Ended::Done,
        (None, _) if order.dry_run && decided => Ended::DryRun,
        (None, _) => Ended::NothingToDo,
    };
    Ok(Acted { ended, steps })
}
