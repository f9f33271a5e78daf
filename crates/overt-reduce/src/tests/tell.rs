//! Tells an outcome in lines of text.

use overt_event::NANOS_PER_MILLI;

use crate::action::{Action, Intent, Typed};
use crate::entry::Output;
use crate::rules::chord::modifier_names;
use crate::step::{After, Before, Step};

/// Steps in order, each with its events; then every event that is part of none.
pub(crate) fn all(out: &[Output]) -> Vec<String> {
    let steps = out.iter().filter_map(|o| match o {
        Output::Step(step) => Some(tell(step)),
        _ => None,
    });
    let mut others: Vec<(u64, String)> = out
        .iter()
        .filter_map(|o| match o {
            Output::Step(_) => None,
            Output::Ignored(seq, why) => Some((seq.0, format!("ignored {} #{}", why.name(), seq.0))),
            Output::Error(seq, why) => Some((seq.0, format!("error {} #{}", why.name(), seq.0))),
        })
        .collect();
    others.sort();
    steps.chain(others.into_iter().map(|(_, line)| line)).collect()
}

pub(crate) fn steps(out: &[Output]) -> Vec<&Step> {
    out.iter()
        .filter_map(|o| match o {
            Output::Step(step) => Some(step.as_ref()),
            _ => None,
        })
        .collect()
}

fn tell(step: &Step) -> String {
    let mut line = format!("{}{}", step.action.kind(), what(&step.action));
    line.push_str(&format!(" {}..{}", millis(step.t_start.0), millis(step.t_end.0)));
    for intent in &step.intents {
        line.push_str(&format!(" {}", tell_intent(intent)));
    }
    if step.injected {
        line.push_str(" injected");
    }
    if !step.seqs.is_empty() {
        let seqs: Vec<String> = step.seqs.iter().map(|s| s.0.to_string()).collect();
        line.push_str(&format!(" #{}", seqs.join(",")));
    }
    line
}

fn what(action: &Action) -> String {
    match action {
        Action::Click { at, button, modifiers, .. } => {
            format!(" {button:?} {},{}{}", at.x, at.y, held(*modifiers))
        }
        Action::Drag { path, button, modifiers } => {
            let points: Vec<String> = path.iter().map(|p| format!("{},{}", p.x, p.y)).collect();
            format!(" {button:?} {}{}", points.join(">"), held(*modifiers))
        }
        Action::Scroll { at, dx_120, dy_120, modifiers } => {
            format!(" {},{} by {dx_120},{dy_120}{}", at.x, at.y, held(*modifiers))
        }
        Action::Type { text: Typed::Text(text), .. } => format!(" {text:?}"),
        Action::Type { text: Typed::Shape { letters, digits, others }, .. } => {
            format!(" {letters}+{digits}+{others}")
        }
        Action::Key { keys, count } => format!(" {} x{count}", keys.join("+")),
        Action::Hover { at } => format!(" {},{}", at.x, at.y),
        Action::Wait => String::new(),
        Action::Finish { reason } => format!(" {reason:?}"),
    }
}

fn held(modifiers: overt_event::Modifiers) -> String {
    modifier_names(modifiers).map(|m| format!(" +{m}")).collect()
}

fn tell_intent(intent: &Intent) -> String {
    match intent {
        Intent::OpensPopup => "opens_popup".into(),
        Intent::ChoosesFromPopup { path, option } => {
            format!("chooses({}/{})", path.join("/"), option.as_deref().unwrap_or("?"))
        }
        Intent::SwitchesApp { from, to, by } => {
            format!("switches({}>{} {})", app_name(from), app_name(to), by.name())
        }
        Intent::Shortcut => "shortcut".into(),
        Intent::FillsField { label, value } => format!("fills({label}={})", value.as_deref().unwrap_or("?")),
        Intent::Pastes { from, to, elements: [source, target] } => {
            format!("pastes({}:{source}>{}:{target})", app_name(from), app_name(to))
        }
    }
}

fn app_name(app: &Option<overt_event::AppName>) -> &str {
    app.as_ref().map_or("?", |a| &a.0)
}

fn millis(nanos: u64) -> u64 {
    nanos / NANOS_PER_MILLI
}

/// The frames of a step: `before ID margin M; after ID`.
pub(crate) fn frames(step: &Step) -> String {
    let before = match &step.before {
        Before::Seen { shot, margin_nanos, damage_unseen } => {
            let damage = if *damage_unseen { " damage" } else { "" };
            format!("{} margin {}{damage}", shot.facts.id.0, millis(*margin_nanos))
        }
        Before::Missing(why) => why.name().to_owned(),
    };
    let after = match &step.after {
        After::Seen { shot, timed_out } => {
            format!("{}{}", shot.facts.id.0, if *timed_out { " timeout" } else { "" })
        }
        After::Missing(why) => why.name().to_owned(),
    };
    format!("before {before}; after {after}")
}
