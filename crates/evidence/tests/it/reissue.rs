//! Imported intel, written again: what goes out under each mark, and that
//! nothing vanishes.

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use evidence::ingest::{self, whole};
use evidence::reissue::{About, Form, List, STANDARDS, Tally, reissue, relist};
use model::{Digest, Mark};
use proptest::prelude::*;

/// The standard that a file is of, and the file written again.
fn again(bytes: &[u8], name: &str, mark: Mark) -> Option<(Tally, Vec<u8>)> {
    let format = ingest::sniff(&bytes[..bytes.len().min(64 << 10)], name)?.entry().name;
    let standard = STANDARDS.into_iter().find(|standard| *standard == format)?;
    let mut written = Vec::new();
    let tally =
        reissue(standard, &whole::decode("", bytes.to_vec()), &About::default(), mark, &[7; 32], &mut written).unwrap();
    Some((tally, written))
}

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let manners = ["standard", "legacy", "malformed", "thirdparty"].map(|manner| root.join(manner));
    let all =
        manners.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> =
        all.filter(|path| path.extension().is_some_and(|extension| extension != "expected")).collect();
    all.sort();
    all
}

#[test]
fn what_goes_out_under_each_mark() {
    let files = files("reissue");
    assert!(files.len() > 4);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let mut told = String::new();
        for mark in [Mark::Clear, Mark::Amber, Mark::Red] {
            let (tally, written) = again(&bytes, "x.json", mark).unwrap();
            let tally = serde_json::to_string(&tally).unwrap();
            writeln!(told, "== {}\n{tally}\n{}", mark.word(), String::from_utf8(written).unwrap()).unwrap();
        }
        let expected = PathBuf::from(format!("{}.expected", path.display()));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        assert_eq!(told, fs::read_to_string(&expected).unwrap(), "{}", path.display());
    }
}

/// What went in is what came out and the losses together, and what came out
/// comes out again as it is.
#[test]
fn nothing_vanishes_and_nothing_changes_twice() {
    for path in files("reissue").into_iter().chain(files("intel")) {
        for mark in Mark::ALL {
            let Some((tally, written)) = again(&fs::read(&path).unwrap(), "x.json", *mark) else { continue };
            assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>(), "{}", path.display());
            serde_json::from_slice::<serde_json::Value>(&written).unwrap();
            if tally.kept > 0 {
                let (second, twice) = again(&written, "x.json", *mark).unwrap();
                assert!(written == twice, "{} under {}", path.display(), mark.word());
                assert_eq!((second.kept, second.read), (tally.kept, tally.kept));
            }
        }
    }
}

/// The list written in that form, as of a day.
fn listed(bytes: &[u8], name: &str, form: Form, mark: Mark, about: &About) -> Option<(Tally, Vec<u8>)> {
    let list = List { name, digest: &Digest([7; 32]), chain: "", about };
    let mut written = Vec::new();
    let tally = relist(form, &list, &mut Cursor::new(bytes), bytes.len() as u64, mark, &mut written).ok()?;
    Some((tally, written))
}

fn about() -> About {
    About { as_of: "2031-06-01T00:00:00.000Z".to_owned(), ..About::default() }
}

#[test]
fn lists_go_out_in_both_standards_under_each_mark() {
    let files = files("relist");
    assert!(files.len() > 4);
    for path in files {
        let (bytes, name) = (fs::read(&path).unwrap(), path.file_name().unwrap().to_str().unwrap());
        let mut told = String::new();
        for (form, mark) in
            Form::ALL.into_iter().flat_map(|form| [Mark::Clear, Mark::Amber, Mark::Red].map(|mark| (form, mark)))
        {
            let (tally, written) = listed(&bytes, name, form, mark, &about()).unwrap();
            assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>());
            let tally = serde_json::to_string(&tally).unwrap();
            writeln!(told, "== {} {}\n{tally}\n{}", form.word(), mark.word(), String::from_utf8(written).unwrap())
                .unwrap();
        }
        let expected = PathBuf::from(format!("{}.expected", path.display()));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        assert_eq!(told, fs::read_to_string(&expected).unwrap(), "{}", path.display());
    }
}

/// What a list became is whole in its standard: written again it stays as it is.
#[test]
fn a_list_that_went_out_stays_as_it_is() {
    for path in files("relist") {
        let (bytes, name) = (fs::read(&path).unwrap(), path.file_name().unwrap().to_str().unwrap());
        for mark in Mark::ALL {
            let (tally, bundle) = listed(&bytes, name, Form::Stix, *mark, &about()).unwrap();
            if tally.kept > 0 {
                let (second, twice) = again(&bundle, "x.json", *mark).unwrap();
                assert!(
                    second.lost.is_empty() && twice == bundle,
                    "{} under {}: {second:?}",
                    path.display(),
                    mark.word()
                );
            }
            let (tally, event) = listed(&bytes, name, Form::Misp, *mark, &about()).unwrap();
            let (second, _) = again(&event, "x.json", *mark).unwrap();
            assert!(second.lost.is_empty() && second.kept == tally.kept + 1, "{} {second:?}", path.display());
        }
    }
}

/// The mark under which a list was fetched is that of its values that bear none.
#[test]
fn a_list_goes_no_wider_than_it_was_fetched() {
    let list =
        b"indicator,type,actor,first_seen,tlp\n192.0.2.7,ip,Paper Gull,2031-01-02,clear\n192.0.2.8,ip,,2031-01-02,\n";
    let kept = |tlp: &str, mark: Mark, form: Form| {
        let about = About { tlp: Some(tlp.to_owned()), pap: Some("PAP:AMBER".to_owned()), ..about() };
        let (tally, written) = listed(list, "list.csv", form, mark, &about).unwrap();
        assert!(String::from_utf8(written).unwrap().contains("PAP:AMBER"));
        tally.kept
    };
    for form in Form::ALL {
        assert_eq!(kept("TLP:RED", Mark::Amber, form), 1);
        assert_eq!(kept("TLP:RED", Mark::Red, form), 2);
        assert_eq!(kept("green", Mark::Green, form), 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_cut_anywhere_is_written_as_json(n in 0usize..16, at in 0usize..6000, noise: u8, mark in 0usize..5) {
        let mut files = files("reissue");
        files.extend(self::files("relist"));
        let mut bytes = fs::read(&files[n % files.len()]).unwrap();
        bytes.truncate(at);
        bytes.push(noise);
        for form in Form::ALL {
            if let Some((tally, written)) = listed(&bytes, "list.csv", form, Mark::ALL[mark], &about()) {
                prop_assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>());
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&written).is_ok());
            }
        }
        for standard in STANDARDS {
            let mut written = Vec::new();
            let tally = reissue(standard, &whole::decode("", bytes.clone()), &About::default(), Mark::ALL[mark], &[7; 32], &mut written).unwrap();
            prop_assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>());
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&written).is_ok());
        }
    }
}
