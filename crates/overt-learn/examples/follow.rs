//! Follows a model through one episode, deed by deed: why it fails is seen here.
//!
//! `follow HTML TASK DATASET SEED [EPISODES MODEL_SEED]` trains the fullest learner on the data set, or on so many episodes of it, and
//! prints the goal, what is done and on what, and how it ended.

use std::cell::Cell;
use std::error::Error;
use std::path::Path;

use overt_learn::ground::{Ground, Limits};
use overt_learn::{Decision, Deed, Degrade, Growth, Lessons, Model, Moment, Plan, Policy, Probe, Scene};
use overt_sim::overt::date_in;

/// A model that tells what it decides.
struct Told {
    model: Model,
    said_goal: Cell<bool>,
}

impl Policy for Told {
    fn see(&self, scene: Scene) -> Scene {
        self.model.see(scene)
    }

    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        if !self.said_goal.replace(true) {
            println!("{}", moment.goal.text());
        }
        let decision = self.model.decide(moment, barred);
        match &decision {
            Some(Decision { deed, chance }) => {
                let on = deed.on.map(|i| (&moment.scene.nodes()[i], moment.scene.text(i)));
                let on = on.map(|(n, text)| (n.role.as_str(), text, n.bounds.x, n.bounds.y));
                println!(
                    "{chance:.2} {:?} on {on:?} text {:?}, {} barred",
                    deed.manner,
                    deed.text,
                    barred.len()
                );
            }
            None => println!("nothing to do"),
        }
        decision
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ([html, task, dataset, seed] | [html, task, dataset, seed, _, _]) = &words[..] else {
        return Err("Usage: follow HTML TASK DATASET SEED [EPISODES MODEL_SEED]".into());
    };
    let number = |at: usize| words.get(at).map(|word| word.parse::<u64>()).transpose();
    let (episodes_max, model_seed) = (number(4)?, number(5)?.unwrap_or(0));
    let lessons = Lessons::read(Path::new(dataset), false, &date_in(0))?;
    let growth = Growth::default();
    let plan = Plan { probe: Probe::Fuller, seed: model_seed, growth, episodes_max, degrade: Degrade::None };
    let policy = Told { model: Model::train(&lessons, plan)?, said_goal: Cell::new(false) };
    let mut ground = Ground::new(Path::new(html), Limits::default())?;
    println!("{:?}", ground.attempt(task, seed.parse()?, &policy, &mut |_| ())?);
    Ok(())
}
