//! A data set as a page and as lines: whole in itself, bounded, and saying what was left out.

mod place;

use place::Place;

/// Sixty clicks at other places, a second apart.
fn rows() -> String {
    let clicks = (1..=60).map(|n| {
        let (t, x) = (f64::from(n), n * 7);
        format!("{t},Left,Pressed,{x},10\n{:.2},Left,Released,{x},10\n", t + 0.05)
    });
    ["time,button,state,x,y\n0.5,NoButton,Move,5,5\n".to_owned()].into_iter().chain(clicks).collect()
}

impl Place {
    /// With a data set of those clicks.
    fn with_clicks() -> Self {
        let place = Self::new();
        place.write("rows.csv", &rows());
        place.done("keys init --keys keys");
        let new = "agreement new --keys keys --out a.toml --ends 2099-12-31 --cadence none --import csv --licence CC0";
        place.done(new);
        place.done("agreement sign a.toml --keys keys");
        place.done("import csv rows.csv --agreement a.toml --keys keys --out spool");
        let recording = place.recording();
        place.done(&format!("release {recording}"));
        place.done(&format!("collect {recording} --into store"));
        place.done("build store --purpose train-agents --keys keys --out set");
        place
    }
}

#[test]
fn the_page_is_whole_in_itself_and_bounded() {
    let place = Place::with_clicks();
    assert!(place.done("inspect set --html page.html --steps 10").contains("61 in 1 episodes"));
    let page = place.read("page.html");
    for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<figure").count(), 10);
    assert!(page.contains("10 of 61 steps are shown, spread evenly; 51 are left out."));
    assert!(page.contains("No picture: cadence none."), "why there is none is said");
    assert!(page.contains("is not shown for fewer than 5 people"));
    let (first, last) = (page.contains("id=\"row-0\""), page.contains("id=\"row-60\""));
    assert!(first && last, "from the first step to the last");
}

#[test]
fn without_a_terminal_the_steps_are_lines() {
    let place = Place::with_clicks();
    let lines = place.done("show set");
    assert_eq!(lines.lines().count(), 61);
    assert!(lines.starts_with("0 click"), "{lines}");
    assert_eq!(place.done("show set --episode 0"), lines);
    let output = place.run("show set --episode 9");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("no episode 9"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&place.done("show set --json")).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(61));
}

#[test]
fn whoever_has_heard_enough_may_close_the_pipe() {
    let place = Place::with_clicks();
    let build = "build store --purpose train-agents --keys keys --out other";
    for words in ["show set", "show set --json", "inspect set --json", build, "verify other", "--help"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output =
            place.command(&words.split(' ').collect::<Vec<_>>()).stdout(writer).output().expect("overt runs");
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words}");
    }
}
