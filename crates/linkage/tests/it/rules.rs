//! Runs the `.slt` files, and what must hold for every rule.

use std::path::Path;

use crate::session::Fixture;

#[test]
fn every_slt_file_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 6);
    let mut failures = Vec::new();
    for file in files {
        let script = std::fs::read_to_string(&file).unwrap();
        let mut runner = sqllogictest::Runner::new(|| async { Ok::<_, casefile::Error>(Fixture::new()) });
        if let Err(error) = runner.run_script(&script) {
            failures.push(format!("{}: {}", file.display(), error.display(false)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// An empty case gives empty tables, and the patterns of hostile lists fail alone.
#[test]
fn every_rule_runs_on_an_empty_case_and_is_documented() {
    let mut runner = sqllogictest::Runner::new(|| async { Ok::<_, casefile::Error>(Fixture::new()) });
    for rule in linkage::RULES {
        assert!(rule.doc().lines().count() >= 3, "{} says too little", rule.name);
        assert!(!rule.sql.trim_end().ends_with(';'), "{}", rule.name);
        assert_eq!(rule.stage, rule.table.stage, "{}", rule.name);
        let script = format!(
            "statement ok\nrun {}\n\nquery I\nSELECT count(*) FROM \"{}\"\n----\n0\n",
            rule.name, rule.table.name
        );
        runner.run_script(&script).unwrap();
    }
}
