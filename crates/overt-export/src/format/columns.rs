//! Which columns of `steps.parquet` each format holds.

use std::fs::File;
use std::path::Path;

use arrow_schema::{DataType, Field};
use overt_dataset::STEPS_FILE;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Format;
use crate::error::ExportError;

/// What is told by what was done, by the picture before it and its name, and by the file that it stands in.
const DEED: &[&str] = &[
    "row",
    "split",
    "kind",
    "x",
    "y",
    "button",
    "count",
    "modifiers",
    "path",
    "dx_notch",
    "dy_notch",
    "keys",
    "text",
    "image_before",
];
const EPISODE: &[&str] = &["recording", "episode"];
const SIZE: &[&str] = &["width", "height"];
const TIMES: &[&str] = &["t_start_millis", "t_end_millis"];
/// What is told of elements that can be pointed out.
const TARGETS: &[&str] = &[
    "element.role",
    "element.name",
    "element.x",
    "element.y",
    "element.w",
    "element.h",
    "elements_before.role",
    "elements_before.name",
    "elements_before.x",
    "elements_before.y",
    "elements_before.w",
    "elements_before.h",
];
/// What events tell beside the deed.
const EVENTS: &[&str] = &[
    "recording",
    "edits",
    "frame_margin_millis",
    "window_before.title",
    "window_before.x",
    "window_before.y",
    "window_before.w",
    "window_before.h",
];

impl Format {
    /// Columns of `steps.parquet` that it holds, of some only a field: `column.field`. `None`: all of them.
    pub fn columns_carried(self) -> Option<Vec<&'static str>> {
        let parts: &[&[&str]] = match self {
            Self::Calls => &[DEED, EPISODE, &["step"], SIZE],
            Self::Agentnet => &[DEED, EPISODE],
            Self::MsSwift => &[DEED, TARGETS],
            Self::LlamaFactory => &[DEED],
            Self::Grounding => &[&["row", "split", "image_before"], TARGETS],
            Self::Owamcap => &[DEED, SIZE, TIMES, EVENTS],
            Self::Lerobot => &[DEED, SIZE, TIMES],
            Self::HuggingFace | Self::Webdataset => return None,
        };
        Some(parts.concat())
    }

    /// What of a data set's steps it does not hold, in the order of the columns: those, and the fields of those that
    /// it holds in part.
    pub(crate) fn columns_not_carried(self, dataset: &Path) -> Result<Vec<String>, ExportError> {
        let file = File::open(dataset.join(STEPS_FILE))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        Ok(builder.schema().fields().iter().flat_map(|column| self.not_carried_of(column)).collect())
    }

    fn not_carried_of(self, column: &Field) -> Vec<String> {
        let name = column.name();
        if self.carries(name) {
            return Vec::new();
        }
        let fields = fields(column).into_iter().map(|field| format!("{name}.{field}"));
        let (held, left): (Vec<_>, Vec<_>) = fields.partition(|field| self.carries(field));
        if held.is_empty() { vec![name.clone()] } else { left }
    }

    fn carries(self, name: &str) -> bool {
        self.columns_carried().is_none_or(|columns| columns.contains(&name))
    }
}

/// The fields of a column of structs, or of lists of them.
fn fields(column: &Field) -> Vec<&str> {
    match column.data_type() {
        DataType::Struct(fields) => fields.iter().map(|field| field.name().as_str()).collect(),
        DataType::List(item) => fields(item),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use overt_dataset::{
        AncestorCell, EditCell, ElementCell, EpisodeRow, IntentCell, NodeCell, ShapeCell, StepRow, WindowCell,
    };
    use overt_event::{Point, Rect};

    use super::*;
    use crate::admission::Admitted;
    use crate::export::Told;
    use crate::folder::Folder;
    use crate::loss::Losses;
    use crate::space::Space;

    const BOUNDS: Rect = Rect { x: 4, y: 5, w: 6, h: 7 };

    /// A picture of one colour.
    fn png(grey: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&[grey; 12]).expect("a picture");
        drop(writer);
        bytes
    }

    fn strings(all: &[&str]) -> Vec<String> {
        all.iter().map(|s| (*s).to_owned()).collect()
    }

    /// A step of some kind of which everything is known that may be known of any.
    fn row(row: i64, kind: &str) -> StepRow {
        let mut step = StepRow::default();
        (step.row, step.kind, step.recording, step.split) = (row, kind.into(), "r".into(), "train".into());
        (step.t_start_millis, step.t_end_millis) = (row * 1000, row * 1000 + 500);
        (step.width, step.height, step.x, step.y) = (64, 48, Some(10), Some(20));
        (step.button, step.count) = (Some("left".into()), Some(1));
        step.modifiers = strings(&["ctrl"]);
        (step.image_before, step.frame_margin_millis) = (Some(png(0)), Some(100.0));
        let button = ElementCell { role: "push button".into(), name: "Save".into(), ..Default::default() };
        let complete = || "complete".to_owned();
        step.element =
            Some(ElementCell { bounds: BOUNDS, candidates: 1, completeness: complete(), ..button });
        let link = NodeCell { role: "link".into(), name: "Home".into(), ..Default::default() };
        step.elements_before = vec![NodeCell { bounds: BOUNDS, ..link }];
        step.window_before =
            Some(WindowCell { title: Some("T".into()), bounds: BOUNDS, ..Default::default() });
        step
    }

    /// Steps of all kinds that columns tell apart.
    fn rows() -> Vec<StepRow> {
        let kinds = ["click", "drag", "scroll", "key", "type", "type", "finish"];
        let mut rows: Vec<StepRow> = (0..).zip(kinds).map(|(n, kind)| row(n, kind)).collect();
        rows[1].path = vec![Point { x: 1, y: 2 }, Point { x: 3, y: 4 }, Point { x: 5, y: 6 }];
        (rows[2].dx_notch, rows[2].dy_notch) = (Some(1.0), Some(2.0));
        rows[3].keys = strings(&["ctrl", "s"]);
        (rows[4].text, rows[5].text) = (Some("ab".into()), Some("cd".into()));
        rows[4].edits = vec![EditCell { after_millis: 100, inserted: "ab".into(), deleted: 0 }];
        rows[6].finish_reason = Some("task_ends".into());
        rows
    }

    type Change = fn(&mut StepRow);

    fn element(step: &mut StepRow) -> &mut ElementCell {
        step.element.as_mut().expect("an element")
    }

    fn window(step: &mut StepRow) -> &mut WindowCell {
        step.window_before.as_mut().expect("a window")
    }

    /// Another value for everything in a row.
    const CHANGES: &[(&str, Change)] = &[
        ("row", |s| s.row += 100),
        ("recording", |s| s.recording.push('s')),
        ("episode", |s| s.episode += 1),
        ("step", |s| s.step += 1),
        ("split", |s| s.split = "test".into()),
        ("kind", |s| s.kind = "hover".into()),
        ("t_start_millis", |s| s.t_start_millis += 10),
        ("t_end_millis", |s| s.t_end_millis += 10),
        ("app", |s| s.app = Some("files".into())),
        ("monitor", |s| s.monitor += 1),
        ("width", |s| s.width += 10),
        ("height", |s| s.height += 10),
        ("x", |s| s.x = Some(11)),
        ("y", |s| s.y = Some(21)),
        ("button", |s| s.button = Some("right".into())),
        ("count", |s| s.count = Some(3)),
        ("modifiers", |s| s.modifiers = strings(&["shift"])),
        ("path", |s| s.path.iter_mut().for_each(|p| p.x += 1)),
        ("dx_notch", |s| s.dx_notch = s.dx_notch.map(|n| n + 1.0)),
        ("dy_notch", |s| s.dy_notch = s.dy_notch.map(|n| n + 1.0)),
        ("dx_px", |s| s.dx_px = Some(1)),
        ("dy_px", |s| s.dy_px = Some(1)),
        ("keys", |s| s.keys = strings(&["ctrl", "c"])),
        ("text", |s| s.text = s.text.as_ref().map(|_| "x".into())),
        ("text_masked", |s| s.text_masked = Some(false)),
        ("text_shape", |s| s.text_shape = Some(ShapeCell { letters: 2, digits: 0, others: 0 })),
        ("edits", |s| s.edits.iter_mut().for_each(|e| e.after_millis += 100)),
        ("finish_reason", |s| s.finish_reason = Some("recording_ends".into())),
        ("element.role", |s| element(s).role.push('s')),
        ("element.name", |s| element(s).name.push('s')),
        ("element.states", |s| element(s).states = strings(&["focused"])),
        ("element.x", |s| element(s).bounds.x += 1),
        ("element.y", |s| element(s).bounds.y += 1),
        ("element.w", |s| element(s).bounds.w += 1),
        ("element.h", |s| element(s).bounds.h += 1),
        ("element.candidates", |s| element(s).candidates += 1),
        ("element.completeness", |s| element(s).completeness = "cut".into()),
        ("element.ancestors", |s| element(s).ancestors.push(AncestorCell::default())),
        ("intents", |s| s.intents.push(IntentCell { kind: "shortcut".into(), ..Default::default() })),
        ("image_before", |s| s.image_before = Some(png(9))),
        ("frame_margin_millis", |s| s.frame_margin_millis = Some(90.0)),
        ("frame_before_damage_unseen", |s| s.frame_before_damage_unseen = Some(true)),
        ("frame_before_missing", |s| s.frame_before_missing = Some("no_frames".into())),
        ("image_after", |s| s.image_after = Some(png(9))),
        ("frame_after_timed_out", |s| s.frame_after_timed_out = Some(true)),
        ("frame_after_missing", |s| s.frame_after_missing = Some("no_frames".into())),
        ("elements_before.role", |s| s.elements_before[0].role.push('s')),
        ("elements_before.name", |s| s.elements_before[0].name.push('s')),
        ("elements_before.states", |s| s.elements_before[0].states = strings(&["focused"])),
        ("elements_before.x", |s| s.elements_before[0].bounds.x += 1),
        ("elements_before.y", |s| s.elements_before[0].bounds.y += 1),
        ("elements_before.w", |s| s.elements_before[0].bounds.w += 1),
        ("elements_before.h", |s| s.elements_before[0].bounds.h += 1),
        ("elements_before.parent", |s| s.elements_before[0].parent = Some(0)),
        ("elements_completeness", |s| s.elements_completeness = Some("cut".into())),
        ("elements_age_millis", |s| s.elements_age_millis = Some(9)),
        ("window_before.kind", |s| window(s).kind = "dialog".into()),
        ("window_before.app", |s| window(s).app = Some("files".into())),
        ("window_before.title", |s| window(s).title = Some("U".into())),
        ("window_before.url", |s| window(s).url = Some("https://example.org".into())),
        ("window_before.x", |s| window(s).bounds.x += 1),
        ("window_before.y", |s| window(s).bounds.y += 1),
        ("window_before.w", |s| window(s).bounds.w += 1),
        ("window_before.h", |s| window(s).bounds.h += 1),
        ("window_after", |s| s.window_after = Some(WindowCell::default())),
        ("injected", |s| s.injected = true),
        ("idle_before_millis", |s| s.idle_before_millis += 1),
        ("near_duplicate", |s| s.near_duplicate = true),
        ("events", |s| s.events.push(1)),
        ("segments", |s| s.segments.push(1)),
    ];

    /// What an export is made by without telling it: places are shares of a picture's size, only the end of a task is
    /// an action, and only elements that are sure and alone are taken.
    const MADE_BY: [&str; 5] =
        ["width", "height", "finish_reason", "element.candidates", "element.completeness"];

    /// All files that a format's writer makes of rows.
    fn written(format: Format, rows: &[StepRow]) -> BTreeMap<String, Vec<u8>> {
        let asked = Some(Space::Openai);
        let (mut writer, _) = format.writer(asked, None).or_else(|_| format.writer(None, None)).expect("one");
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::begin(&place.path().join("out")).expect("a folder");
        let (admitted, losses) = (Admitted::blank(), Losses::default());
        let mut told =
            Told { folder: &folder, dataset: place.path(), admitted: &admitted, losses, exported: 0 };
        for row in rows {
            writer.step(row, &EpisodeRow::default(), &mut told).expect("it is written");
        }
        writer.finish(&mut told).expect("it is ended");
        let names = folder.names().expect("names");
        names
            .into_iter()
            .map(|name| (name.clone(), fs::read(folder.path().join(name)).expect("it")))
            .collect()
    }

    fn check(format: Format) {
        let rows = rows();
        let before = written(format, &rows);
        for (name, change) in CHANGES {
            let mut changed = rows.clone();
            changed.iter_mut().for_each(change);
            let shows = written(format, &changed) != before;
            let column = name.split('.').next().unwrap_or(name);
            let carried = format.carries(name) || format.carries(column);
            let is_told = shows && (carried || !MADE_BY.contains(name));
            assert_eq!(is_told, carried, "{} and {name}", format.name());
        }
    }

    #[test]
    fn what_is_carried_shows_in_the_files_and_nothing_else_does() {
        // This one copies the table as it is.
        Format::ALL.into_iter().filter(|format| *format != Format::HuggingFace).for_each(check);
    }

    #[test]
    fn every_column_has_another_value_here() {
        let told = serde_json::to_value(StepRow::default()).expect("JSON");
        let pictures = ["image_before", "image_after"];
        let columns: BTreeSet<&str> =
            told.as_object().expect("columns").keys().map(String::as_str).chain(pictures).collect();
        let changed = CHANGES.iter().filter_map(|(name, _)| name.split('.').next());
        assert_eq!(changed.collect::<BTreeSet<_>>(), columns);
    }
}
