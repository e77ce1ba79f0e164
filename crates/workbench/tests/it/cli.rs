//! What the screen shows, and the exit codes.

use std::fs;

use crate::program::{expect_success, handprint, investigate, sample_case, samples};

fn code(arguments: &[&str], home: &std::path::Path) -> (i32, String, String) {
    let output = handprint(home).args(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn wrong_usage_is_code_3_and_help_is_code_0() {
    let home = tempfile::tempdir().expect("a folder");
    assert_eq!(code(&["investigate"], home.path()).0, 3);
    assert_eq!(code(&["frobnicate"], home.path()).0, 3);
    assert_eq!(code(&["show", "/nowhere", "sha256:12"], home.path()).0, 1);
    let (help, out, _) = code(&["investigate", "--help"], home.path());
    assert_eq!(help, 0);
    assert!(out.contains("Examples:"), "{out}");
}

#[test]
fn a_missing_case_is_code_1_and_says_what_to_do() {
    let home = tempfile::tempdir().expect("a folder");
    let (status, _, err) = code(&["verify", "/nowhere/case"], home.path());
    assert_eq!(status, 1);
    assert!(err.contains("/nowhere/case"), "{err}");
}

#[test]
fn a_changed_original_is_code_2_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let root = case.to_string_lossy().into_owned();
    let (status, out, _) = code(&["verify", &root], folder.path());
    assert_eq!(status, 0, "{out}");
    let original = first_file(&case.join("evidence"));
    let mut bytes = fs::read(&original).expect("an original");
    bytes[0] ^= 1;
    fs::remove_file(&original).expect("it can be removed by its owner");
    fs::write(&original, bytes).expect("it can be replaced");
    let (status, _, err) = code(&["verify", &root], folder.path());
    assert_eq!(status, 2);
    let name = original.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(err.contains(&name), "{err}");
}

fn first_file(folder: &std::path::Path) -> std::path::PathBuf {
    let path = fs::read_dir(folder).expect("a folder").next().expect("an entry").expect("an entry").path();
    if path.is_dir() { first_file(&path) } else { path }
}

#[test]
fn sql_answers_in_four_forms_and_hides_private_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let root = case.to_string_lossy().into_owned();
    let count = "SELECT count(*) AS n FROM messages";
    let (status, out, err) = code(&["sql", &root, count, "--format", "csv"], folder.path());
    assert_eq!((status, out.lines().next()), (0, Some("n")), "{err}");
    let (_, json, _) = code(&["sql", &root, count, "--format", "json"], folder.path());
    assert!(
        serde_json::from_str::<serde_json::Value>(&json).is_ok_and(|rows| rows[0]["n"].as_u64() > Some(0)),
        "{json}"
    );
    assert!(code(&["sql", &root, count], folder.path()).1.contains("| n"));
    let target = folder.path().join("out.parquet");
    let (status, _, err) =
        code(&["sql", &root, count, "--format", "parquet", "--output", &target.to_string_lossy()], folder.path());
    assert_eq!(status, 0, "{err}");
    assert!(fs::read(&target).expect("a file").starts_with(b"PAR1"));
    assert_eq!(code(&["sql", &root, "SELECT * FROM bodies"], folder.path()).0, 1);
    assert_eq!(code(&["sql", &root, "SELECT * FROM bodies", "--private"], folder.path()).0, 0);
}

#[test]
fn manual_pages_and_completions_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man");
    expect_success(&handprint(folder.path()).arg("man").arg(&pages).output().expect("the program starts"));
    assert!(pages.join("handprint-investigate.1").exists());
    let (status, out, _) = code(&["completions", "bash"], folder.path());
    assert!(status == 0 && out.contains("investigate"));
}

/// What an investigator writes into case.toml takes the place of what notes propose.
#[test]
fn a_fact_in_case_toml_overrides_the_notes() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let settings = case.join("case.toml");
    let declared = "\n[[fact]]\nfact = \"election-day\"\nvalue = \"2026-06-09\"\n";
    let text = std::fs::read_to_string(&settings).expect("case.toml") + declared;
    std::fs::write(&settings, text).expect("case.toml is ours to edit");
    expect_success(&investigate(folder.path(), &samples(), &case, &[]));
    let case = case.to_str().expect("a path");
    let question = "SELECT value FROM facts WHERE fact = 'election-day'";
    let (status, answer, _) = code(&["sql", case, question, "--json"], folder.path());
    assert_eq!(status, 0);
    assert_eq!(answer.trim(), r#"[{"value":"2026-06-09"}]"#);
    let proposals = "SELECT count(*) AS n FROM context_facts WHERE fact = 'election-day'";
    assert!(code(&["sql", case, proposals, "--json"], folder.path()).1.contains(r#""n":2"#));
    let report = std::fs::read_to_string(std::path::Path::new(case).join("products/report.html")).expect("a report");
    assert!(report.contains("set aside by case.toml"));
}
