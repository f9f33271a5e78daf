//! `overt doctor`: what this machine can capture, and what is missing.

use anyhow::Result;
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;

#[derive(Serialize)]
struct Finding {
    name: &'static str,
    ok: bool,
    detail: String,
}

#[derive(Serialize)]
struct Diagnosis {
    /// Pictures and input can be captured.
    can_record: bool,
    /// Keys and elements can be captured too.
    can_record_keys: bool,
    findings: Vec<Finding>,
}

pub fn run(output: Output) -> Result<Exit> {
    let diagnosis = diagnose();
    output.answer(&diagnosis, &in_words(&diagnosis))?;
    Ok(if diagnosis.can_record { Exit::Done } else { Exit::Failed })
}

fn diagnose() -> Diagnosis {
    let x11 = overt_capture_x11::probe(None);
    let atspi = overt_capture_atspi::probe();
    let can_record = !x11.is_empty() && x11.iter().all(|f| f.ok);
    let can_record_keys = can_record && !atspi.is_empty() && atspi.iter().all(|f| f.ok);
    let x11 = x11.into_iter().map(|f| Finding { name: f.name, ok: f.ok, detail: f.detail });
    let atspi = atspi.into_iter().map(|f| Finding { name: f.name, ok: f.ok, detail: f.detail });
    Diagnosis { can_record, can_record_keys, findings: x11.chain(atspi).collect() }
}

fn in_words(d: &Diagnosis) -> String {
    let line = |f: &Finding| format!("{}  {:<28} {}", if f.ok { "yes" } else { "NO " }, f.name, f.detail);
    let mut lines: Vec<String> = d.findings.iter().map(line).collect();
    lines.push(match (d.can_record, d.can_record_keys) {
        (true, true) => "This machine can record pictures, input and elements.".into(),
        (true, false) => "This machine can record pictures and the pointer, but no keys and no elements. \
             Install at-spi2-core and switch on toolkit-accessibility."
            .into(),
        _ => "This machine cannot record. Mend what says NO above; an X11 display is needed.".into(),
    });
    lines.join("\n")
}
