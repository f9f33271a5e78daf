//! Tasks across applications, by keys alone and through a menu bar are done by real input in what the accessibility
//! bus tells, and judged by the applications' own state.

use overt_learn::ground::Ending;
use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use overt_people::{Desk, DeskHabit, DeskTask, Task, Tried, Trying};

fn desk() -> Desk {
    Desk::start().expect("a desktop")
}

fn solves(desk: &Desk, task: DeskTask, seed: u64, policy: &dyn Policy) -> bool {
    desk.attempt(task, seed, policy, 16).expect("it is tried").solved
}

#[test]
fn a_value_is_copied_from_one_application_to_another() {
    let desk = desk();
    for seed in 0..2 {
        let knows = DeskHabit::new(DeskTask::CopyAcross);
        let tried = desk.attempt(DeskTask::CopyAcross, seed, &knows, 12).expect("it is tried");
        assert_eq!(tried, Tried { solved: true, steps: 4 }, "seed {seed}");
    }
    let idle = solves(&desk, DeskTask::CopyAcross, 0, &DeskHabit::new(DeskTask::EditByKeys));
    assert!(!idle, "what is typed into the editor is not in the form");
}

/// Knows how to do it by keys, and presses into the text first.
struct Presses;

impl Policy for Presses {
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        let Some(past) = moment.past.get(1..) else {
            let on = (0..moment.scene.nodes().len()).find(|i| moment.scene.nodes()[*i].role == "text")?;
            let deed = Deed { manner: Manner::Click, on: Some(on), text: None };
            return Some(Decision { deed, chance: 1.0 });
        };
        let then = Moment::new(moment.goal, moment.scene, past, None);
        DeskHabit::new(DeskTask::EditByKeys).decide(&then, barred)
    }
}

#[test]
fn a_file_is_changed_by_keys_alone() {
    let desk = desk();
    assert!(solves(&desk, DeskTask::EditByKeys, 5, &DeskHabit::new(DeskTask::EditByKeys)));
    assert!(!solves(&desk, DeskTask::EditByKeys, 5, &Presses), "a press is not what was asked for");
}

/// Goes through the menus to the other item.
struct GoesAstray;

impl Policy for GoesAstray {
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        let upper = moment.goal.text().contains("Uppercase");
        let (said, other) = if upper { ("Uppercase", "Lowercase") } else { ("Lowercase", "Uppercase") };
        let goal = overt_learn::Goal::new(&moment.goal.text().replace(said, other));
        DeskHabit::new(DeskTask::MenuPath)
            .decide(&Moment::new(&goal, moment.scene, moment.past, None), barred)
    }
}

#[test]
fn a_way_through_a_menu_bar_is_gone() {
    let desk = desk();
    for seed in 0..3 {
        assert!(solves(&desk, DeskTask::MenuPath, seed, &DeskHabit::new(DeskTask::MenuPath)), "{seed}");
    }
    assert!(!solves(&desk, DeskTask::MenuPath, 0, &GoesAstray));
}

/// Presses a key that no keyboard has.
struct Fumbles;

impl Policy for Fumbles {
    fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let manner = Manner::Key(vec!["XF86Nowhere".to_owned()]);
        Some(Decision { deed: Deed { manner, on: None, text: None }, chance: 1.0 })
    }
}

#[test]
fn what_breaks_an_episode_fails_it_and_not_the_next() {
    let mut trying = Trying::by_the_bus(Task::Desk(DeskTask::EditByKeys));
    let fumbled = trying.attempt(5, &Fumbles).expect("that is no fault of the desk");
    assert_eq!(fumbled, Ending::Broken);
    let knows = DeskHabit::new(DeskTask::EditByKeys);
    assert_eq!(trying.attempt(5, &knows).expect("there is a desk"), Ending::Solved);
}
