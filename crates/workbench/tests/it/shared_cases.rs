//! The cases of known truth, where they lie beside the checkout.

use serde_json::Value;

use crate::program::{expect_success, findings, handprint, investigate, shared_cases};

#[test]
fn the_cases_run_to_the_end_and_the_quiet_one_accuses_nobody() {
    let Some(cases) = shared_cases() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["slip-1", "falseflag-2", "quiet-3"] {
        let case = folder.path().join(name);
        expect_success(&investigate(folder.path(), &cases.join(name), &case, &[]));
        let findings = findings(&case);
        expect_all_mail(folder.path(), &cases.join(name), &case, &findings);
        println!("{name}: {} places checked", crate::citations::check(folder.path(), &case));
        if name == "quiet-3" {
            assert_eq!(findings["alarm"], false);
            assert_eq!(findings["attribution"].as_array().map(Vec::len), Some(0), "nobody is named");
        }
    }
}

/// Every message handed in is in the findings or among the losses.
fn expect_all_mail(home: &std::path::Path, files: &std::path::Path, case: &std::path::Path, findings: &Value) {
    let mbox = std::fs::read(files.join("evidence/mail/gateway.mbox")).expect("the mbox");
    let in_mbox = mbox.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"From ")).count();
    let single: usize = ["mail/maildir/cur", "mail/maildir/new", "mail/complaints"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(files.join("evidence").join(folder)).ok())
        .map(Iterator::count)
        .sum();
    let lost = handprint(home)
        .args(["sql"])
        .arg(case)
        .args(["SELECT count(*) AS n FROM losses WHERE reason LIKE '%message%'", "--format", "json"])
        .output()
        .expect("sql runs");
    expect_success(&lost);
    let lost: Value = serde_json::from_slice(&lost.stdout).expect("rows");
    let listed = findings["messages"].as_array().map_or(0, Vec::len) as u64;
    assert!(
        listed + lost[0]["n"].as_u64().unwrap_or(0) >= (in_mbox + single) as u64,
        "{listed} of {in_mbox} + {single}"
    );
}
