//! A step in words, safe to print: what was captured can hold anything.

use overt_dataset::{IntentCell, StepRow};

/// The step in a line: its row, what was done, to which element, and what for.
pub fn line(step: &StepRow) -> String {
    let intents = intents(step).join(", ");
    let intents = if intents.is_empty() { intents } else { format!("  [{intents}]") };
    let element = element(step).map_or(String::new(), |e| format!("  {e}"));
    format!("{} {}{element}{intents}", step.row, deed(step))
}

/// What was done, and with what.
pub fn deed(step: &StepRow) -> String {
    match step.kind.as_str() {
        "type" => step
            .text
            .as_deref()
            .map_or("type (masked)".into(), |t| format!("type \u{201c}{}\u{201d}", visible(t))),
        "key" => format!("key {}", visible(&step.keys.join("+"))),
        "scroll" => format!("scroll {:+.0}", step.dy_notch.or(step.dx_notch).unwrap_or_default()),
        "finish" => {
            format!("finish ({})", step.finish_reason.as_deref().unwrap_or("unknown").replace('_', " "))
        }
        kind if step.modifiers.is_empty() => kind.replace('_', " "),
        kind => format!("{}+{}", step.modifiers.join("+"), kind.replace('_', " ")),
    }
}

/// The element acted on, by role and name.
pub fn element(step: &StepRow) -> Option<String> {
    let element = step.element.as_ref()?;
    let role = visible(&element.role);
    Some(if element.name.is_empty() {
        role
    } else {
        format!("{role} \u{201c}{}\u{201d}", visible(&element.name))
    })
}

/// What it was for, each with what is known of it.
pub fn intents(step: &StepRow) -> Vec<String> {
    step.intents.iter().map(intent).collect()
}

fn intent(intent: &IntentCell) -> String {
    let known = intent.path.iter().chain(&intent.option).filter(|part| !part.is_empty());
    let way: Vec<String> = known.map(|part| visible(part)).collect();
    let between = intent.from.as_deref().zip(intent.to.as_deref());
    let between = between.map(|(from, to)| format!("{} \u{2192} {}", visible(from), visible(to)));
    let words = [intent.kind.replace('_', " "), between.unwrap_or_default(), way.join(" \u{203a} ")];
    words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The application, by the agreement's name for it.
pub fn app(step: &StepRow) -> &str {
    step.app.as_deref().unwrap_or("unknown application")
}

/// The text with a mark for every character that would move a cursor, change a colour or turn the line round, in at
/// most 200 characters.
pub fn visible(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| if c.is_control() || turns(c) { '\u{fffd}' } else { c };
    let mut out: String = text.chars().take(CHARS_MAX).map(shown).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}

const CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_captured_reaches_the_terminal_as_a_command() {
        assert_eq!(visible("a\u{1b}[31mb\rc\u{202e}d\u{9b}e"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e");
        assert_eq!(visible("grün 日本 👋"), "grün 日本 👋");
        assert_eq!(visible(&"x".repeat(500)).chars().count(), CHARS_MAX + 1);
    }
}
