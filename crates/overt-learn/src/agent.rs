//! Acting: look, decide, do, until it is over.

use serde::{Deserialize, Serialize};

use crate::deed::{Deed, Manner, Past};
use crate::goal::Goal;
use crate::moment::Moment;
use crate::probe::{Decision, was};
use crate::scene::Scene;

/// What decides for an agent.
pub trait Policy {
    /// What it can see of what is there.
    fn see(&self, scene: Scene) -> Scene {
        scene
    }

    /// What to do; nothing of what is `barred`. `None` where it knows nothing to do.
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision>;
}

/// What acts for an agent and sees for it.
pub trait World {
    type Error;

    /// What can be seen, or that it is over.
    fn look(&mut self) -> Result<Sight, Self::Error>;

    /// Does it.
    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<(), Self::Error>;

    /// Lets the pointer rest on an element until something else is shown, or for as long as menus need to open.
    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), Self::Error>;
}

/// What a look gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Sight {
    Scene(Scene),
    /// The world says that the task is done, for good or bad.
    Over,
}

/// How acting ended, where nothing broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    Over,
    StepLimit,
    /// The model knew nothing to do.
    NoDecision,
}

/// What is the same for a whole run.
pub struct Agent<'a> {
    pub policy: &'a dyn Policy,
    pub goal: &'a Goal,
    pub steps_max: usize,
}

/// What was tried since the scene last changed.
#[derive(Default)]
struct Tried {
    /// What had no effect.
    barred: Vec<Deed>,
    /// The element that the pointer rests on.
    rested: Option<usize>,
}

impl Agent<'_> {
    /// Acts until it is over or the steps are used up. Gives how it stopped and how many steps it took; `told` hears
    /// of each decision before it is carried out, and may forbid it by answering false.
    pub fn run<W: World>(
        &self,
        world: &mut W,
        told: &mut dyn FnMut(&Scene, &Decision) -> bool,
    ) -> Result<(Stopped, usize), W::Error> {
        let (mut past, mut before, mut tried) = (Vec::new(), None, Tried::default());
        for step in 0..self.steps_max {
            let Sight::Scene(scene) = world.look()? else { return Ok((Stopped::Over, step)) };
            let scene = self.policy.see(scene);
            if before.as_ref() != Some(&scene) {
                tried = Tried::default();
            }
            let moment = Moment::new(self.goal, &scene, &past, before.as_ref());
            let decided = self.policy.decide(&moment, &tried.barred);
            let Some(decision) = decided.filter(|d| told(&scene, d)) else {
                return Ok((Stopped::NoDecision, step));
            };
            let done = tried.carry_out(world, &moment, decision.deed)?;
            past.push(done);
            before = Some(scene);
        }
        let over = world.look()? == Sight::Over;
        Ok((if over { Stopped::Over } else { Stopped::StepLimit }, self.steps_max))
    }
}

impl Tried {
    /// Does it. What has a popup is first rested on, as people do: if that opens it, it is not pressed.
    fn carry_out<W: World>(
        &mut self,
        world: &mut W,
        moment: &Moment<'_>,
        deed: Deed,
    ) -> Result<Past, W::Error> {
        let scene = moment.scene;
        if let Some(i) = deed.on.filter(|i| deed.manner == Manner::Click && scene.has(*i, "has popup"))
            && self.rested != Some(i)
        {
            world.rest(scene, i)?;
            self.rested = Some(i);
            return Ok(was(moment, &Manner::Hover, Some(i), None));
        }
        world.perform(scene, &deed)?;
        let past = was(moment, &deed.manner, deed.on, deed.text.clone());
        self.barred.push(deed);
        Ok(past)
    }
}
