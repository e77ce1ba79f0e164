//! Each dossier of the corpus, rendered twice and compared with the files beside it.
//!
//! `UPDATE_EXPECTED=1` rewrites the files; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use findings::{Dossier, OUTPUTS, Weights, assess};
use model::Mark;

pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

pub fn dossier(name: &str) -> Dossier {
    let text = fs::read_to_string(corpus().join(name).join("dossier.json")).unwrap();
    let mut dossier = findings::dossier::from_json(serde_json::from_str(&text).unwrap()).unwrap();
    dossier.assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
    dossier
}

fn check(name: &str, mark: Mark) {
    let (first, second) = (dossier(name), dossier(name));
    for output in OUTPUTS {
        let mark = output.mark_under(mark);
        let bytes = output.render(&first, mark);
        assert!(bytes == output.render(&second, mark), "{name}: {} differs from run to run", output.file_name());
        let expected = corpus().join(name).join(output.file_name());
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &bytes).unwrap();
        }
        let held = fs::read(&expected).unwrap_or_default();
        assert!(
            bytes == held,
            "{} is not what it was; run with UPDATE_EXPECTED=1 and read the diff",
            expected.display()
        );
    }
}

#[test]
fn an_operation_with_costly_ground_is_attributed() {
    check("operation", Mark::Red);
    let judgement = &dossier("operation").assessment.judgements[0];
    assert_eq!((&*judgement.actor, judgement.confidence.word()), ("Ash Heron", "moderate"));
    assert!(!judgement.false_flag);
}

#[test]
fn where_nothing_happened_nobody_is_accused() {
    check("quiet", Mark::Amber);
    let dossier = dossier("quiet");
    assert!(!dossier.assessment.alarm && dossier.assessment.judgements.is_empty());
}

#[test]
fn loud_cheap_marks_name_nobody_and_are_held_to_be_planted() {
    check("loud", Mark::Amber);
    let judgement = &dossier("loud").assessment.judgements[0];
    assert_eq!(judgement.actor, "unattributed");
    assert!(judgement.false_flag && !judgement.planted.is_empty());
}

#[test]
fn a_null_in_a_row_counts_as_absent() {
    let row = serde_json::json!({"kind": "ip", "value": null, "counts": null, "campaigns": "a,b"});
    let rows: Vec<findings::dossier::Link> = findings::dossier::rows(vec![row.as_object().unwrap().clone()]).unwrap();
    assert!(rows[0].value.is_empty() && !rows[0].counts && rows[0].campaigns == ["a", "b"]);
}
