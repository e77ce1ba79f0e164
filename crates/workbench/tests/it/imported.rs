//! Imported intel, published again under one mark and then under another.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::program::{expect_success, handprint, investigate, without_film};

fn publish(home: &Path, case: &Path, mark: &str) -> BTreeMap<String, Vec<u8>> {
    let mut command = handprint(home);
    command.arg("publish").arg(case).args(["--tlp", mark, "--imported"]);
    expect_success(&command.output().expect("the program starts"));
    let products = fs::read_dir(case.join("products")).expect("products").map(|entry| entry.expect("an entry"));
    let imported = products.filter(|entry| entry.file_name().to_string_lossy().starts_with("imported"));
    imported
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a product")))
        .collect()
}

#[test]
fn imported_intel_goes_out_as_far_as_its_marks_allow() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = without_film(folder.path());
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../evidence/tests/corpus/reissue/standard");
    for name in ["bundle.json", "event.json", "galaxy.json", "warninglist.json"] {
        fs::copy(corpus.join(name), files.join("intel").join(name)).expect("a file of the corpus");
    }
    let case = folder.path().join("case");
    expect_success(&investigate(folder.path(), &files, &case, &[]));
    let red = publish(folder.path(), &case, "red");
    let clear = publish(folder.path(), &case, "clear");
    let text = |files: &BTreeMap<String, Vec<u8>>| {
        files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect::<String>()
    };
    assert!(text(&red).contains("ada@person.example"));
    assert!(!text(&clear).contains("ada@person.example"));
    assert!(text(&clear).contains("[ipv4-addr:value = '192.0.2.7']"));
    for files in [&red, &clear] {
        let list: serde_json::Value = serde_json::from_slice(&files["imported.json"]).expect("JSON");
        let documents = list["documents"].as_array().expect("a list");
        assert_eq!(documents.len(), files.len() - 1);
        for document in documents {
            let tally = &document["tally"];
            let lost: u64 =
                tally["lost"].as_object().expect("losses").values().filter_map(|count| count.as_u64()).sum();
            assert_eq!(tally["read"].as_u64(), tally["kept"].as_u64().map(|kept| kept + lost), "{document}");
        }
    }
    assert_eq!(publish(folder.path(), &case, "red"), red);
    let verified = handprint(folder.path()).arg("verify").arg(&case).output().expect("the program starts");
    expect_success(&verified);
}
