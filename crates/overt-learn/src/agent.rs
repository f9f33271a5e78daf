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

    /// Whether it goes by what elements look like.
    fn looks_at_pictures(&self) -> bool {
        false
    }

    /// Whether what was asked for is done, as far as it knows.
    fn is_done(&self, moment: &Moment<'_>) -> bool {
        let _ = moment;
        false
    }

    /// What to do; nothing of what is `barred`. `None` where it knows nothing to do.
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision>;
}

/// What acts for an agent and sees for it.
pub trait World {
    type Error;

    /// What can be seen, with what it looks like where `pictures` are asked for; or that it is over.
    fn look(&mut self, pictures: bool) -> Result<Sight, Self::Error>;

    /// Does it. Gives what was seen then where its element had to be brought into sight first: the same elements, elsewhere.
    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>, Self::Error>;

    /// Lets the pointer rest on an element until something else is shown, or for as long as menus need to open.
    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), Self::Error>;

    /// Whether what it was asked for last, a deed or a rest, came about. What did not is no step and is not remembered, so that a
    /// world in which nothing comes about any more has to say that it is over.
    fn has_done_it(&self) -> bool {
        true
    }
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
    /// The policy said that it is done.
    Done,
    StepLimit,
    /// The model knew nothing to do.
    NoDecision,
}

/// What is the same for a whole run.
pub struct Agent<'a> {
    pub policy: &'a dyn Policy,
    pub goal: &'a Goal,
    pub steps_max: usize,
    /// Nobody else says when it is over: the policy is asked.
    pub ends_itself: bool,
}

/// In one scene a deed is done so often, at most: to do it again would be to go round in a circle.
const TIMES_MAX: usize = 2;

/// What was tried so far.
#[derive(Default)]
struct Tried {
    /// What was done in which scene.
    done: Vec<(Scene, Deed)>,
    /// Of the last of these, so many changed nothing.
    idle: usize,
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
        let pictures = self.policy.looks_at_pictures();
        while past.len() < self.steps_max {
            let Sight::Scene(scene) = world.look(pictures)? else { return Ok((Stopped::Over, past.len())) };
            let scene = self.policy.see(scene);
            if before.as_ref() != Some(&scene) {
                tried.see_change();
            }
            let moment = Moment::new(self.goal, &scene, &past, before.as_ref());
            if self.ends_itself && self.policy.is_done(&moment) {
                return Ok((Stopped::Done, past.len()));
            }
            let decided = self.policy.decide(&moment, &tried.barred(&scene));
            let Some(decision) = decided.filter(|d| told(&scene, d)) else {
                return Ok((Stopped::NoDecision, past.len()));
            };
            if let Some((done, seen)) = tried.carry_out(world, self.policy, &moment, decision.deed)? {
                past.push(done);
                // People's deeds are told with what they saw then, too: what they scrolled before has not appeared since.
                before = Some(seen.unwrap_or(scene));
            }
        }
        Ok((self.stopped_at_the_limit(world, &past, before.as_ref())?, past.len()))
    }

    /// Whether the last step that was allowed brought it about, or was only the last.
    fn stopped_at_the_limit<W: World>(
        &self,
        world: &mut W,
        past: &[Past],
        before: Option<&Scene>,
    ) -> Result<Stopped, W::Error> {
        let pictures = self.ends_itself && self.policy.looks_at_pictures();
        let Sight::Scene(scene) = world.look(pictures)? else { return Ok(Stopped::Over) };
        let is_done = self.ends_itself && {
            let scene = self.policy.see(scene);
            self.policy.is_done(&Moment::new(self.goal, &scene, past, before))
        };
        Ok(if is_done { Stopped::Done } else { Stopped::StepLimit })
    }
}

impl Tried {
    fn see_change(&mut self) {
        self.idle = 0;
        self.rested = None;
    }

    /// What had no effect, and what was done in this scene too often already.
    fn barred(&self, scene: &Scene) -> Vec<Deed> {
        let here = || self.done.iter().filter(|(seen, _)| seen == scene).map(|(_, deed)| deed);
        let often = here().filter(|deed| here().filter(|d| d == deed).count() >= TIMES_MAX);
        let idle = self.done.iter().rev().take(self.idle).map(|(_, deed)| deed);
        idle.chain(often).cloned().collect()
    }

    /// Does it, and gives what was seen then where that is another scene; `None` where it did not come about. What has a popup is
    /// first rested on, as people do: if that opens it, it is not pressed.
    fn carry_out<W: World>(
        &mut self,
        world: &mut W,
        policy: &dyn Policy,
        moment: &Moment<'_>,
        deed: Deed,
    ) -> Result<Option<(Past, Option<Scene>)>, W::Error> {
        let scene = moment.scene;
        if let Some(i) = deed.on.filter(|i| deed.manner == Manner::Click && scene.has(*i, "has popup"))
            && self.rested != Some(i)
        {
            world.rest(scene, i)?;
            if !world.has_done_it() {
                return Ok(None);
            }
            self.rested = Some(i);
            return Ok(Some((was(scene, &Manner::Hover, Some(i), None), None)));
        }
        let seen = world.perform(scene, &deed)?.map(|seen| policy.see(seen));
        if !world.has_done_it() {
            return Ok(None);
        }
        let past = was(seen.as_ref().unwrap_or(scene), &deed.manner, deed.on, deed.text.clone());
        self.done.push((scene.clone(), deed));
        self.idle += 1;
        Ok(Some((past, seen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::{Node, Rect};

    /// Two buttons; pressing the first shows the other of two scenes, pressing the second ends it.
    struct Swing {
        other: bool,
        over: bool,
    }

    impl World for Swing {
        type Error = ();

        fn look(&mut self, _: bool) -> Result<Sight, ()> {
            let name = if self.other { "other" } else { "one" };
            let node = |name: &str, y| Node {
                role: "push button".into(),
                name: name.into(),
                bounds: Rect { x: 0, y, w: 9, h: 9 },
                ..Node::default()
            };
            let scene = Scene::new(vec![node(name, 0), node("end", 10)]);
            Ok(if self.over { Sight::Over } else { Sight::Scene(scene) })
        }

        fn perform(&mut self, _: &Scene, deed: &Deed) -> Result<Option<Scene>, ()> {
            self.over = deed.on == Some(1);
            self.other = !self.other;
            Ok(None)
        }

        fn rest(&mut self, _: &Scene, _: usize) -> Result<(), ()> {
            Ok(())
        }
    }

    /// Presses the first button that it may press.
    struct First;

    impl Policy for First {
        fn decide(&self, _: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
            let press = |i| Deed { manner: Manner::Click, on: Some(i), text: None };
            let deed = (0..2).map(press).find(|d| !barred.contains(d))?;
            Some(Decision { deed, chance: 1.0 })
        }
    }

    #[test]
    fn it_does_not_go_round_in_a_circle() {
        let goal = Goal::new("end it");
        let agent = Agent { policy: &First, goal: &goal, steps_max: 40, ends_itself: true };
        let stopped = agent.run(&mut Swing { other: false, over: false }, &mut |_, _| true);
        assert_eq!(stopped, Ok((Stopped::Over, 5)));
    }

    /// A list of nameless icons, the last of them out of sight until it is pressed; pressing it shows one more.
    #[derive(Default)]
    struct Long {
        pressed: bool,
    }

    impl Long {
        fn icons(&self, up: i32, n: i32) -> Scene {
            let icon = |i| Node { bounds: Rect { x: 0, y: i * 150 - up, w: 9, h: 9 }, ..Node::default() };
            Scene::new((0..n).map(icon).collect())
        }
    }

    impl World for Long {
        type Error = ();

        fn look(&mut self, _: bool) -> Result<Sight, ()> {
            Ok(Sight::Scene(if self.pressed { self.icons(200, 4) } else { self.icons(0, 3) }))
        }

        fn perform(&mut self, _: &Scene, _: &Deed) -> Result<Option<Scene>, ()> {
            self.pressed = true;
            Ok(Some(self.icons(200, 3)))
        }

        fn rest(&mut self, _: &Scene, _: usize) -> Result<(), ()> {
            Ok(())
        }
    }

    /// Presses the third icon, and notes what it sees before that.
    #[derive(Default)]
    struct Third {
        /// Each time: which icons appeared, and where it acted last.
        seen: std::cell::RefCell<Vec<(Vec<bool>, bool)>>,
    }

    impl Policy for Third {
        fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
            self.seen.borrow_mut().push((moment.appeared.clone(), moment.was_acted_at(2)));
            Some(Decision { deed: Deed { manner: Manner::Click, on: Some(2), text: None }, chance: 1.0 })
        }
    }

    #[test]
    fn what_was_only_scrolled_has_not_appeared_and_was_acted_on_where_it_is_now() {
        let (goal, third) = (Goal::new("press it"), Third::default());
        let agent = Agent { policy: &third, goal: &goal, steps_max: 2, ends_itself: false };
        let stopped = agent.run(&mut Long::default(), &mut |_, _| true);
        assert_eq!(stopped, Ok((Stopped::StepLimit, 2)));
        let expected = [(vec![false; 3], false), (vec![false, false, false, true], true)];
        assert_eq!(third.seen.into_inner(), expected);
    }
    /// A button that is pressed three times; each other press misses it.
    #[derive(Default)]
    struct Slips {
        tries: usize,
    }

    impl World for Slips {
        type Error = ();

        fn look(&mut self, _: bool) -> Result<Sight, ()> {
            Ok(Sight::Scene(Scene::new(vec![Node::default()])))
        }

        fn perform(&mut self, _: &Scene, _: &Deed) -> Result<Option<Scene>, ()> {
            self.tries += 1;
            Ok(None)
        }

        fn rest(&mut self, _: &Scene, _: usize) -> Result<(), ()> {
            Ok(())
        }

        fn has_done_it(&self) -> bool {
            self.tries.is_multiple_of(2)
        }
    }

    struct Thrice;

    impl Policy for Thrice {
        fn is_done(&self, moment: &Moment<'_>) -> bool {
            moment.past.len() == 3
        }

        fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
            Some(Decision { deed: Deed { manner: Manner::Click, on: Some(0), text: None }, chance: 1.0 })
        }
    }

    #[test]
    fn only_what_came_about_is_a_step_and_the_last_one_may_do_it() {
        let (goal, slips) = (Goal::new("press it"), Slips::default);
        let agent = |steps_max, ends_itself| Agent { policy: &Thrice, goal: &goal, steps_max, ends_itself };
        let mut world = slips();
        let stopped = agent(3, true).run(&mut world, &mut |_, _| true);
        assert_eq!((stopped, world.tries), (Ok((Stopped::Done, 3)), 6));
        assert_eq!(agent(2, true).run(&mut slips(), &mut |_, _| true), Ok((Stopped::StepLimit, 2)));
        assert_eq!(agent(3, false).run(&mut slips(), &mut |_, _| true), Ok((Stopped::StepLimit, 3)));
    }
}
