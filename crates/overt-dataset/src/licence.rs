//! `licence.jsonld`: what may be done with a version, in the words of ODRL 2.2 (docs/spec/dataset.md, section 8).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use overt_format::{Digest, sha256};
use serde_json::{Value as Json, json};

use crate::error::DatasetError;
use crate::manifest::Manifest;

/// What cannot be written into an agreement, and is prohibited here by name.
const NEVER: [&str; 4] = ["performance-review", "discipline", "attendance", "emotion"];

/// The bytes of the file. `steps`: the digest of the steps' table, which the version is named by here.
pub(crate) fn licence(manifest: &Manifest, steps: Digest) -> Result<Vec<u8>, DatasetError> {
    let target = format!("urn:overt:dataset:{steps}");
    let mut page = json!({
        "@context": [
            "http://www.w3.org/ns/odrl.jsonld",
            {
                "dcterms": "http://purl.org/dc/terms/",
                "overt": "urn:overt:purpose:",
                "xsd": "http://www.w3.org/2001/XMLSchema#",
            },
        ],
        "@type": "Agreement",
        "uid": format!("urn:overt:licence:{steps}"),
        "conflict": "prohibit",
        "assigner": {"@type": "PartyCollection", "uid": format!("urn:overt:contributors:{}", contributors(manifest))},
        "assignee": {"@type": "Party", "uid": format!("urn:overt:{}", name(&manifest.grant.who))},
        "permission": [permission(manifest, &target)],
        "prohibition": prohibitions(&target),
        "dcterms:source": agreements(manifest),
    });
    let licences: BTreeSet<_> =
        manifest.recordings.iter().filter_map(|r| r.imported.as_ref()).map(|i| &i.licence).collect();
    if !licences.is_empty() {
        page["dcterms:rights"] = json!(licences);
    }
    if let Some(expires) = &manifest.grant.expires {
        let until = json!([until(expires)]);
        page["obligation"] = json!([{"target": target, "action": "delete", "constraint": until}]);
    }
    let mut bytes = serde_json::to_vec_pretty(&page).map_err(DatasetError::Manifest)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Its one purpose, until it has to be deleted.
fn permission(manifest: &Manifest, target: &str) -> Json {
    let purpose = serde_json::to_value(manifest.purpose).unwrap_or_default();
    let purpose = format!("overt:{}", purpose.as_str().unwrap_or_default());
    let mut constraints =
        vec![json!({"leftOperand": "purpose", "operator": "eq", "rightOperand": {"@id": purpose}})];
    constraints.extend(manifest.grant.expires.as_deref().map(until));
    json!({"target": target, "action": "use", "constraint": constraints})
}

fn prohibitions(target: &str) -> Json {
    let never: Vec<_> = NEVER.iter().map(|purpose| json!({"@id": format!("overt:{purpose}")})).collect();
    let purpose = json!({"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": never});
    json!([
        {"target": target, "action": "distribute"},
        {"target": target, "action": "use", "constraint": [purpose]},
    ])
}

fn until(day: &str) -> Json {
    let day = json!({"@value": day, "@type": "xsd:date"});
    json!({"leftOperand": "dateTime", "operator": "lteq", "rightOperand": day})
}

/// The signed agreements that the recordings were made under.
fn agreements(manifest: &Manifest) -> Json {
    let digests: BTreeSet<_> = manifest.recordings.iter().map(|r| r.agreement).collect();
    digests.iter().map(|digest| json!({"@id": format!("urn:overt:agreement:{digest}")})).collect()
}

/// All of them together; the manifest has their keys.
fn contributors(manifest: &Manifest) -> Digest {
    let keys: BTreeSet<_> = manifest.recordings.iter().map(|r| r.contributor_key.0).collect();
    sha256(&keys.into_iter().collect::<Vec<_>>().concat())
}

/// A part of a name that every IRI may have.
fn name(words: &str) -> String {
    words.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
