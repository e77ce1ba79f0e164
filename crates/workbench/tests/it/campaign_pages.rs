//! The campaign pages of the sample case: readers stay out of them, and any mail can be explained.

use std::path::Path;

use serde_json::Value;

use crate::program::{expect_success, handprint, sample_case};

/// Products that others may read.
const SHARED: &[&str] = &["campaigns.html", "report.html", "findings.shared.json", "observables.csv"];

fn rows(home: &Path, case: &Path, question: &str) -> Vec<Value> {
    let output =
        handprint(home).arg("sql").arg(case).args([question, "--private", "--json"]).output().expect("it runs");
    expect_success(&output);
    serde_json::from_slice(&output.stdout).expect("rows")
}

#[test]
fn no_recipient_of_the_sample_stands_in_a_shared_product() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let question = "SELECT DISTINCT value FROM envelopes WHERE field <> 'subject' AND value LIKE '%@%' \
        UNION SELECT DISTINCT value FROM person_observables WHERE kind IN ('email', 'phone')";
    let readers = rows(folder.path(), &case, question);
    assert!(!readers.is_empty(), "the sample has recipients");
    for file in SHARED {
        let product = std::fs::read_to_string(case.join("products").join(file)).expect("a product").to_lowercase();
        let product = product.replace("[.]", ".").replace("[@]", "@");
        for reader in readers.iter().filter_map(|row| row["value"].as_str()) {
            assert!(!product.contains(&reader.to_lowercase()), "{file} names a recipient");
        }
    }
}

#[test]
fn any_mail_is_explained_header_by_header() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let mails =
        rows(folder.path(), &case, "SELECT locator(evidence, chain, 0, 0) AS at FROM messages ORDER BY at LIMIT 3");
    for mail in &mails {
        let at = mail["at"].as_str().expect("a place");
        let output = handprint(folder.path()).arg("mail").arg(&case).arg(at).output().expect("it runs");
        expect_success(&output);
        let page = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(page.contains("The sender that readers see") && page.contains(at), "{at}");
    }
    let nowhere = format!("sha256:{}", "0".repeat(64));
    let output = handprint(folder.path()).arg("mail").arg(&case).arg(&nowhere).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
}
