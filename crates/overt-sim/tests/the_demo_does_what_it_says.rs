//! A person plays the whole demo, and the applications themselves tell that it happened.

use overt_sim::person::{DeedKind, Intent, Journal};
use overt_sim::script::{
    LOGIN_USER, ORDER_DELIVERY, ORDER_EMAIL, ORDER_ITEM, ORDER_NAME, Played, Stage, play,
};

#[test]
fn what_the_applications_saw_is_what_the_script_says() {
    let stage = Stage::set().expect("the stage is set");
    let played = play(&stage, 5).expect("the demo plays");
    the_browser_saw_the_order_and_the_sign_in(&stage, &played);
    the_notes_hold_what_was_typed_copied_and_chosen(&stage, &played);
    the_journal_tells_it_in_order_and_keeps_the_secret(&played);
}

fn the_browser_saw_the_order_and_the_sign_in(stage: &Stage, played: &Played) {
    let events = stage.pages.events();
    let submitted = |page: &str| -> serde_json::Value {
        let told = events.iter().find(|e| e.page == page && e.kind == "submit").expect("it was sent");
        serde_json::from_str(told.value.as_deref().expect("with its values")).expect("as JSON")
    };
    let expected = serde_json::json!({
        "name": ORDER_NAME, "email": ORDER_EMAIL, "item": ORDER_ITEM, "delivery": ORDER_DELIVERY,
        "payment": "Card", "tides": "true", "reference": played.reference,
    });
    assert_eq!(submitted("form"), expected);
    assert_eq!(submitted("login"), serde_json::json!({"user": LOGIN_USER, "password_given": true}));
    assert!(events.iter().any(|e| e.id == "bow-link" && e.kind == "click"));
    assert!(events.iter().all(|e| e.value.as_ref().is_none_or(|v| !v.contains(&played.secret))));
}

fn the_notes_hold_what_was_typed_copied_and_chosen(stage: &Stage, played: &Played) {
    let notes = std::fs::read_to_string(&stage.notes).expect("the notes were saved");
    let expected =
        format!("Harbour notes\nReference {}\nCALL THE PIER BEFORE NOON\nBerths: 42", played.reference);
    assert_eq!(notes.trim_end(), expected);
}

fn the_journal_tells_it_in_order_and_keeps_the_secret(played: &Played) {
    let deeds = &played.journal.deeds;
    assert!(deeds.iter().all(|d| d.begin <= d.end));
    assert!(deeds.windows(2).all(|d| d[0].end <= d[1].begin));
    let json = serde_json::to_string(&played.journal).expect("it serialises");
    assert!(!json.contains(&played.secret));
    assert_eq!(serde_json::from_str::<Journal>(&json).expect("it reads back"), played.journal);
    let expecting =
        |fits: fn(&Intent) -> bool| deeds.iter().filter(|d| d.expects.as_ref().is_some_and(fits)).count();
    assert_eq!(expecting(|i| matches!(i, Intent::OpensPopup)), 6);
    assert_eq!(expecting(|i| matches!(i, Intent::ChoosesFromPopup { .. })), 4);
    assert_eq!(expecting(|i| matches!(i, Intent::SwitchesApp { .. })), 4);
    assert!(deeds.iter().any(|d| matches!(&d.kind, DeedKind::Type { text: None })));
}
