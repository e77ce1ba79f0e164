//! Same inputs, same bytes: on any number of threads, in any order.

use std::fs;

use crate::program::{expect_same, expect_success, handprint, investigate, samples};

#[test]
fn threads_and_the_order_of_evidence_leave_no_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two, shuffled) =
        (folder.path().join("a/case"), folder.path().join("b/case"), folder.path().join("c/case"));
    for case in [&one, &two, &shuffled] {
        fs::create_dir_all(case.parent().expect("a parent")).expect("a folder");
    }
    expect_success(&investigate(folder.path(), &samples(), &one, &["--threads", "1"]));
    expect_success(&investigate(folder.path(), &samples(), &two, &["--threads", "2", "--memory", "2G"]));
    expect_same(&one, &two);
    let parts = |order: &[&str]| -> Vec<_> { order.iter().map(|part| samples().join("evidence").join(part)).collect() };
    let listed = |case, order: &[&str]| {
        let mut command = handprint(folder.path());
        command
            .arg("investigate")
            .args(parts(order))
            .arg("--intel")
            .arg(samples().join("intel"))
            .arg("--case")
            .arg(case);
        expect_success(&command.output().expect("the program starts"));
    };
    let other = folder.path().join("d/case");
    fs::create_dir_all(folder.path().join("d")).expect("a folder");
    listed(&shuffled, &["mail", "weblogs", "notes", "hosting"]);
    listed(&other, &["hosting", "notes", "mail", "weblogs"]);
    expect_same(&shuffled, &other);
}

#[test]
fn a_second_run_keeps_everything_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = crate::program::sample_case(folder.path());
    let before = crate::program::promised_bytes(&case);
    let again = investigate(folder.path(), &samples(), &case, &["--json"]);
    expect_success(&again);
    assert!(before == crate::program::promised_bytes(&case));
    let summary: serde_json::Value = serde_json::from_slice(&again.stdout).expect("a summary");
    let kept = |stage: &serde_json::Value| stage["committed_before"] == true || stage["stage"] == "publish";
    assert!(summary["stages"].as_array().expect("stages").iter().all(kept), "{summary}");
}
