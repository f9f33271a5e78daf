//! A step as a row of `steps.parquet`.

use overt_event::{
    AppName, Button, Completeness, MonoNanos, NANOS_PER_MILLI, Node, Point, Rect, Seq, WindowKind,
};
use overt_reduce::{
    Action, After, Before, Edit, FinishReason, Intent, Step, Target, Typed, Window, modifier_names,
};

use crate::value::Value;

/// Where a row stands in its recording. Its row in the table and its split are known when all recordings are.
pub(crate) struct Place<'a> {
    pub(crate) row: i64,
    pub(crate) recording: &'a str,
    /// The recording's first step, from which times count.
    pub(crate) origin: MonoNanos,
    /// It repeats the step before it.
    pub(crate) near_duplicate: bool,
}

/// The encoded pictures of a step.
pub(crate) struct Pictures {
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// One value for each column of [`crate::columns::steps`].
pub(crate) fn step_row(step: &Step, place: &Place<'_>, pictures: Pictures) -> Vec<Value> {
    let cells = place_cells(step, place).into_iter();
    cells.chain(action_cells(&step.action)).chain(scene_cells(step, place, pictures)).collect()
}

fn place_cells(step: &Step, place: &Place<'_>) -> [Value; 12] {
    let millis = |t: MonoNanos| (t.since(place.origin) / NANOS_PER_MILLI) as i64;
    let (width, height) = picture_size(step);
    [
        place.row.into(),
        place.recording.into(),
        step.episode.into(),
        step.index.into(),
        Value::Null,
        step.action.kind().into(),
        millis(step.t_start).into(),
        millis(step.t_end).into(),
        step.app.as_ref().map(|a| a.0.to_string()).into(),
        step.screen.monitor.into(),
        width.into(),
        height.into(),
    ]
}

/// The monitor's size, or the picture's where the monitor is not known.
fn picture_size(step: &Step) -> (i32, i32) {
    let shot = step.before.shot().or(step.after.shot());
    match (step.screen.bounds, shot) {
        (b, _) if !b.is_empty() => (b.w, b.h),
        (_, Some(shot)) => (shot.pixels.width as i32, shot.pixels.height as i32),
        (b, None) => (b.w, b.h),
    }
}

/// The cells of an action; what does not apply to its kind is null.
#[derive(Default)]
struct ActionCells {
    at: Option<Point>,
    button: Option<Button>,
    count: Option<u32>,
    modifiers: Option<Value>,
    path: Option<Value>,
    notches: Option<(f64, f64)>,
    keys: Option<Value>,
    typed: Option<(Typed, Vec<Edit>)>,
    finish: Option<FinishReason>,
}

impl ActionCells {
    fn of(action: &Action) -> Self {
        let base = Self { at: action.at(), ..Self::default() };
        match action {
            Action::Click { button, count, modifiers, .. } => Self {
                button: Some(*button),
                count: Some(*count),
                modifiers: Some(Value::texts(modifier_names(*modifiers))),
                ..base
            },
            Action::Drag { path, button, modifiers } => Self {
                button: Some(*button),
                modifiers: Some(Value::texts(modifier_names(*modifiers))),
                path: Some(Value::List(
                    path.iter().map(|p| Value::Struct(vec![p.x.into(), p.y.into()])).collect(),
                )),
                ..base
            },
            Action::Scroll { dx_120, dy_120, modifiers, .. } => Self {
                notches: Some((*dx_120 as f64 / 120.0, *dy_120 as f64 / 120.0)),
                modifiers: Some(Value::texts(modifier_names(*modifiers))),
                ..base
            },
            Action::Type { text, edits } => Self { typed: Some((text.clone(), edits.clone())), ..base },
            Action::Key { keys, count } => {
                Self { keys: Some(Value::texts(keys.iter().cloned())), count: Some(*count), ..base }
            }
            Action::Finish { reason } => Self { finish: Some(*reason), ..base },
            Action::Hover { .. } | Action::Wait => base,
        }
    }
}

fn action_cells(action: &Action) -> [Value; 16] {
    let cells = ActionCells::of(action);
    let typed = cells.typed.as_ref();
    [
        cells.at.map(|p| p.x).into(),
        cells.at.map(|p| p.y).into(),
        cells.button.map(button_name).into(),
        cells.count.into(),
        cells.modifiers.into(),
        cells.path.into(),
        cells.notches.map(|n| n.0).into(),
        cells.notches.map(|n| n.1).into(),
        Value::Null,
        Value::Null,
        cells.keys.into(),
        typed.and_then(|(t, _)| plain_text(t)).into(),
        typed.map(|(t, _)| matches!(t, Typed::Shape { .. })).into(),
        typed.and_then(|(t, _)| shape(t)).into(),
        typed.map(|(_, edits)| Value::List(edits.iter().map(edit).collect())).into(),
        cells.finish.map(finish_name).into(),
    ]
}

fn plain_text(typed: &Typed) -> Option<String> {
    if let Typed::Text(text) = typed { Some(text.clone()) } else { None }
}

fn shape(typed: &Typed) -> Option<Value> {
    match *typed {
        Typed::Shape { letters, digits, others } => {
            Some(Value::Struct(vec![letters.into(), digits.into(), others.into()]))
        }
        Typed::Text(_) => None,
    }
}

fn edit(edit: &Edit) -> Value {
    let after = edit.after_millis as i64;
    Value::Struct(vec![after.into(), edit.inserted.clone().into(), edit.deleted.into()])
}

fn scene_cells(step: &Step, place: &Place<'_>, pictures: Pictures) -> [Value; 19] {
    let (margin, damage, no_before) = before_cells(&step.before);
    let (timed_out, no_after) = after_cells(&step.after);
    let elements = step.elements_before.as_ref();
    let sequences = step.segments.iter().map(|s| Value::from(*s));
    [
        step.element.as_ref().map(element).into(),
        Value::List(step.intents.iter().map(intent).collect()),
        pictures.before,
        margin,
        damage,
        no_before,
        pictures.after,
        timed_out,
        no_after,
        elements.map(|e| Value::List(e.nodes.iter().map(node).collect())).into(),
        elements.map(|e| completeness_name(e.completeness)).into(),
        elements.map(|e| e.age_millis as i64).into(),
        step.window_before.as_ref().map(window).into(),
        step.window_after.as_ref().map(window).into(),
        step.injected.into(),
        (step.idle_before_millis as i64).into(),
        place.near_duplicate.into(),
        Value::List(step.seqs.iter().map(|Seq(n)| Value::Int(*n as i64)).collect()),
        Value::List(sequences.collect()),
    ]
}

fn before_cells(before: &Before) -> (Value, Value, Value) {
    match before {
        Before::Seen { margin_nanos, damage_unseen, .. } => {
            ((*margin_nanos as f64 / NANOS_PER_MILLI as f64).into(), (*damage_unseen).into(), Value::Null)
        }
        Before::Missing(why) => (Value::Null, Value::Null, why.name().into()),
    }
}

fn after_cells(after: &After) -> (Value, Value) {
    match after {
        After::Seen { timed_out, .. } => ((*timed_out).into(), Value::Null),
        After::Missing(why) => (Value::Null, why.name().into()),
    }
}

fn rect(r: Rect) -> [Value; 4] {
    [r.x.into(), r.y.into(), r.w.into(), r.h.into()]
}

fn named(node: &Node) -> [Value; 2] {
    [node.role.clone().into(), node.name.clone().into()]
}

fn ancestor(node: &Node) -> Value {
    Value::Struct(named(node).into_iter().chain(rect(node.bounds)).collect())
}

fn stated(node: &Node) -> impl Iterator<Item = Value> {
    let states = Value::texts(node.states.iter().cloned());
    named(node).into_iter().chain([states]).chain(rect(node.bounds))
}

fn node(node: &Node) -> Value {
    Value::Struct(stated(node).chain([node.parent.into()]).collect())
}

fn element(target: &Target) -> Value {
    let element = &target.element;
    let last = [
        element.candidates.into(),
        completeness_name(target.completeness).into(),
        Value::List(element.ancestors.iter().map(ancestor).collect()),
    ];
    Value::Struct(stated(&element.node).chain(last).collect())
}

fn window(window: &Window) -> Value {
    let texts = [
        window_kind_name(window.kind).into(),
        window.app.as_ref().map(|a| a.0.to_string()).into(),
        window.title.clone().into(),
        window.url.clone().into(),
    ];
    Value::Struct(texts.into_iter().chain(rect(window.bounds)).collect())
}

/// kind, path, option, from, to, by.
fn intent(intent: &Intent) -> Value {
    let null = || Value::Null;
    let app = |app: &Option<AppName>| Value::from(app.as_ref().map(|a| a.0.to_string()));
    let (kind, rest) = match intent {
        Intent::OpensPopup => ("opens_popup", [null(), null(), null(), null(), null()]),
        Intent::Shortcut => ("shortcut", [null(), null(), null(), null(), null()]),
        Intent::ChoosesFromPopup { path, option } => {
            let path = Value::texts(path.iter().cloned());
            ("chooses_from_popup", [path, option.clone().into(), null(), null(), null()])
        }
        Intent::SwitchesApp { from, to, by } => {
            ("switches_app", [null(), null(), app(from), app(to), by.name().into()])
        }
        Intent::FillsField { label, value } => {
            ("fills_field", [Value::texts([label.clone()]), value.clone().into(), null(), null(), null()])
        }
        Intent::Pastes { from, to, elements } => {
            ("pastes", [Value::texts(elements.clone()), null(), app(from), app(to), null()])
        }
    };
    Value::Struct([kind.into()].into_iter().chain(rest).collect())
}

fn button_name(button: Button) -> String {
    match button {
        Button::Left => "left".into(),
        Button::Middle => "middle".into(),
        Button::Right => "right".into(),
        Button::Back => "back".into(),
        Button::Forward => "forward".into(),
        Button::Other(n) => format!("other_{n}"),
    }
}

fn finish_name(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::TaskEnds => "task_ends",
        FinishReason::RecordingEnds => "recording_ends",
    }
}

fn completeness_name(completeness: Completeness) -> &'static str {
    match completeness {
        Completeness::Complete => "complete",
        Completeness::TimedOut => "timed_out",
        Completeness::DoesNotContainPoint => "does_not_contain_point",
        Completeness::Cut => "cut",
        Completeness::NoTree => "no_tree",
        Completeness::NoBus => "no_bus",
        Completeness::Closed => "closed",
    }
}

fn window_kind_name(kind: WindowKind) -> &'static str {
    match kind {
        WindowKind::Normal => "normal",
        WindowKind::Dialog => "dialog",
        WindowKind::Popup => "popup",
        WindowKind::Dock => "dock",
        WindowKind::Desktop => "desktop",
        WindowKind::Unknown => "unknown",
    }
}
