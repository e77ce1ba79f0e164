//! Every claim names its place, every place opens, and the value stands there.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{expect_success, findings, handprint, sample_case};

#[test]
fn every_place_of_the_sample_opens_and_holds_the_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let checked = check(folder.path(), &case);
    assert!(checked > 20, "only {checked} places were cited");
}

/// Checks all citations of a case and gives their number.
pub fn check(home: &Path, case: &Path) -> usize {
    let findings = findings(case);
    let mut cited = Vec::new();
    for section in ["slips", "links", "web_sessions", "claims", "coordinated", "records_read"] {
        for item in findings[section].as_array().into_iter().flatten() {
            collect(section, item, &mut cited);
        }
    }
    for judgement in findings["attribution"].as_array().into_iter().flatten() {
        for item in judgement["evidence"].as_array().into_iter().flatten() {
            collect("evidence", item, &mut cited);
        }
    }
    let shown = show(home, case, &cited);
    assert_eq!(shown.len(), cited.len());
    for ((value, place), shown) in cited.iter().zip(&shown) {
        let text = format!("{}{}{}", text(shown, "before"), text(shown, "text"), text(shown, "after"));
        assert!(holds(&text, value), "{place} does not hold {value:?} but {text:?}");
    }
    cited.len()
}

fn collect(section: &str, item: &Value, cited: &mut Vec<(String, String)>) {
    let places = item["at"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(!places.is_empty(), "an item of {section} has no place: {item}");
    let value = item["raw"].as_str().or(item["value"].as_str()).unwrap_or_default();
    cited.extend(places.iter().map(|place| (value.to_owned(), place.as_str().unwrap_or_default().to_owned())));
}

fn show(home: &Path, case: &Path, cited: &[(String, String)]) -> Vec<Value> {
    let mut child = handprint(home)
        .arg("show")
        .arg(case)
        .args(["-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("show starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines: String = cited.iter().map(|(_, place)| format!("{place}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("show ends");
    expect_success(&output);
    let _ = writer.join();
    output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

fn text<'a>(shown: &'a Value, key: &str) -> &'a str {
    shown[key].as_str().unwrap_or_default()
}

/// A value stands in a text as it is, in another case, or defanged.
fn holds(text: &str, value: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace("[.]", ".").replace("hxxp", "http").replace("\\\\", "\\");
    plain(text).contains(&plain(value)) || tz_spelling(text, value)
}

/// `+0330` may stand as `+03:30`.
fn tz_spelling(text: &str, value: &str) -> bool {
    value.len() == 5 && text.contains(&format!("{}:{}", &value[..3], &value[3..]))
}
