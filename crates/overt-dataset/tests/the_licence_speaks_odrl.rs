//! The licence of a version is a policy of ODRL 2.2: its terms are of the vocabulary, its rules have what the
//! information model asks of them, and it says what the manifest says.

mod support;

use std::collections::BTreeSet;

use overt_dataset::{LICENCE_FILE, Manifest};
use serde_json::Value as Json;

const TERMS: &str = include_str!("fixtures/odrl-2.2-terms.json");

struct Vocabulary(Json);

impl Vocabulary {
    fn check(&self, kind: &str, term: &Json) {
        let known = self.0[kind].as_array().expect("a list of terms");
        assert!(known.contains(term), "{term} is none of ODRL's {kind}");
    }

    /// Looks at every object of a policy below the context.
    fn walk(&self, node: &Json) {
        match node {
            Json::Array(all) => all.iter().for_each(|item| self.walk(item)),
            Json::Object(fields) => fields.iter().for_each(|(key, value)| self.field(key, value)),
            _ => {}
        }
    }

    fn field(&self, key: &str, value: &Json) {
        match key {
            "@context" => return,
            "@type" if value.as_str().is_some_and(|t| t.starts_with("xsd:")) => {}
            "@type" => self.check("classes", value),
            "@id" | "@value" => {}
            "action" => self.check("actions", value),
            "leftOperand" => self.check("left_operands", value),
            "operator" => self.check("operators", value),
            "conflict" => self.check("conflicts", value),
            prefixed if prefixed.starts_with("dcterms:") => {}
            other => self.check("properties", &other.into()),
        }
        self.walk(value);
    }
}

fn licence() -> (Json, Manifest) {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    let inputs = vec![support::input(place.path(), 7, 1)];
    let manifest = support::make(place.path(), &out, inputs).expect("it is built").manifest;
    let bytes = std::fs::read(out.join(LICENCE_FILE)).expect("a licence");
    (serde_json::from_slice(&bytes).expect("JSON"), manifest)
}

#[test]
fn its_terms_are_of_the_vocabulary_and_its_rules_whole() {
    let (policy, _) = licence();
    Vocabulary(serde_json::from_str(TERMS).expect("JSON")).walk(&policy);
    assert_eq!(
        (&policy["@context"][0], &policy["@type"]),
        (&"http://www.w3.org/ns/odrl.jsonld".into(), &"Agreement".into())
    );
    let is_iri = |value: &Json| value.as_str().is_some_and(|v| v.starts_with("urn:") && !v.contains(' '));
    for party in ["assigner", "assignee"] {
        assert!(is_iri(&policy[party]["uid"]), "{party}");
    }
    assert!(is_iri(&policy["uid"]));
    for kind in ["permission", "prohibition", "obligation"] {
        for rule in policy[kind].as_array().expect("rules") {
            assert!(is_iri(&rule["target"]) && rule["action"].is_string(), "{rule}");
            for constraint in rule["constraint"].as_array().into_iter().flatten() {
                assert!(
                    ["leftOperand", "operator", "rightOperand"]
                        .iter()
                        .all(|part| !constraint[part].is_null())
                );
            }
        }
    }
}

#[test]
fn it_permits_the_one_purpose_and_prohibits_the_rest() {
    let (policy, manifest) = licence();
    let steps = manifest.files.iter().find(|f| f.name == "steps.parquet").expect("the steps");
    assert_eq!(policy["permission"][0]["target"], format!("urn:overt:dataset:{}", steps.sha256));
    let purpose = &policy["permission"][0]["constraint"][0];
    assert_eq!(purpose["rightOperand"]["@id"], "overt:train-agents");
    assert_eq!(policy["permission"][0]["constraint"][1]["rightOperand"]["@value"], "2027-01-01");
    assert_eq!(policy["prohibition"][0]["action"], "distribute");
    let never = policy["prohibition"][1]["constraint"][0]["rightOperand"].as_array().expect("purposes");
    let never: BTreeSet<_> = never.iter().filter_map(|p| p["@id"].as_str()).collect();
    let expected = ["overt:attendance", "overt:discipline", "overt:emotion", "overt:performance-review"];
    assert_eq!(never, BTreeSet::from(expected));
    assert_eq!(policy["obligation"][0]["action"], "delete");
    let agreement = format!("urn:overt:agreement:{}", manifest.recordings[0].agreement);
    assert_eq!(policy["dcterms:source"][0]["@id"], agreement);
}
