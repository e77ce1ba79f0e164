//! Sanctions lists and MaxMind DBs handed in as intel: what counts, what does not, and what stays private.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{expect_success, handprint, investigate, without_film};

/// The sender of the sample's campaign is like two listed persons. Of the first the case holds a mail
/// address only where the campaign borrowed it; of the second, a site that the campaign sent from.
const LIST: &str = "<sdnList xmlns=\"urn:example\"><publshInformation><Publish_Date>05/11/2026</Publish_Date></publshInformation>
<sdnEntry><uid>1</uid><firstName>Остермор</firstName><lastName>ЛАНТЕРН СОСАЙЕТИ</lastName><sdnType>Individual</sdnType><idList><id><idType>Email Address</idType><idNumber>post@lanternsociety.example</idNumber></id></idList></sdnEntry>
<sdnEntry><uid>2</uid><firstName>Ostermor</firstName><lastName>LANTERNE SOCIETY</lastName><sdnType>Individual</sdnType><idList><id><idType>Website</idType><idNumber>www.tidewater-cycles.example</idNumber></id></idList></sdnEntry>
</sdnList>";

fn rows(home: &Path, case: &Path, query: &str, private: bool) -> Vec<Value> {
    let mut command = handprint(home);
    command.arg("sql").arg(case).arg(query).args(["--format", "json"]).args(private.then_some("--private"));
    let output = command.output().expect("the program starts");
    expect_success(&output);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_name_alone_is_no_link_and_a_second_identifier_makes_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let files = without_film(home);
    fs::write(files.join("intel/sdn.xml"), LIST).expect("a list");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../evidence/tests/corpus/intel/standard/asn.mmdb");
    fs::copy(corpus, files.join("intel/asn.mmdb")).expect("a file of the corpus");
    fs::remove_file(files.join("intel/asn.csv")).expect("the samples have a prefix table");
    let case = home.join("case");
    expect_success(&investigate(home, &files, &case, &[]));

    let links = rows(home, &case, "SELECT ref, counts, why FROM links WHERE kind = 'name' ORDER BY ref", false);
    assert_eq!(links.len(), 2, "{links:?}");
    assert_eq!((&links[0]["ref"], &links[0]["counts"]), (&"ofac:1".into(), &false.into()), "{links:?}");
    assert!(links[0]["why"].as_str().is_some_and(|why| why.starts_with("only the name")), "{links:?}");
    assert_eq!((&links[1]["ref"], &links[1]["counts"]), (&"ofac:2".into(), &true.into()), "{links:?}");
    let names = rows(home, &case, "SELECT name, listed_name, listed_at FROM name_matches ORDER BY ref", true);
    assert_eq!(names[0]["listed_name"], "Остермор ЛАНТЕРН СОСАЙЕТИ");

    let place = names[0]["listed_at"].as_str().expect("a locator");
    let shown = handprint(home).arg("show").arg(&case).arg(place).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("ЛАНТЕРН"));

    let products = fs::read_dir(case.join("products")).expect("products").map(|entry| entry.expect("an entry").path());
    for product in products {
        let text = fs::read_to_string(&product).expect("text");
        assert!(!text.contains("ЛАНТЕРН") && !text.contains("LANTERNE"), "{} names a listed person", product.display());
    }
    let actors = fs::read_to_string(case.join("products/actors.html")).expect("the page");
    assert!(actors.contains("ofac:1") && actors.contains("no second identifier"));

    let origins = rows(home, &case, "SELECT DISTINCT name FROM address_origins WHERE asn = 64496", false);
    assert_eq!(origins[0]["name"], "Example Harbour Net");
}
