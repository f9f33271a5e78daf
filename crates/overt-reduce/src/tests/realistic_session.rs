//! A whole small task: open a file by menu, type, save by shortcut, switch, paste, answer a dialog.

use super::{run, tell};

const SESSION: &str = include_str!("realistic_session.txt");

#[test]
fn it_reads_as_the_work_that_was_done() {
    let (out, episodes) = run(SESSION);
    let mut told = tell::all(&out);
    told.extend(tell::steps(&out).iter().map(|s| format!("{}: {}", s.index, tell::frames(s))));
    told.extend(episodes.iter().map(|e| {
        format!("episode {:?} steps {} ended by {}", e.instruction.as_deref(), e.steps, e.ended_by.name())
    }));
    insta::assert_snapshot!(told.join("\n"));
}
