//! Imported intel, written again: what goes out under each mark, and that
//! nothing vanishes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use evidence::ingest::{self, whole};
use evidence::reissue::{STANDARDS, Tally, reissue};
use model::Mark;
use proptest::prelude::*;

/// The standard that a file is of, and the file written again.
fn again(bytes: &[u8], name: &str, mark: Mark) -> Option<(Tally, Vec<u8>)> {
    let format = ingest::sniff(&bytes[..bytes.len().min(64 << 10)], name)?.entry().name;
    let standard = STANDARDS.into_iter().find(|standard| *standard == format)?;
    let mut written = Vec::new();
    let tally = reissue(standard, &whole::decode("", bytes.to_vec()), mark, &[7; 32], &mut written).unwrap();
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_cut_anywhere_is_written_as_json(n in 0usize..8, at in 0usize..6000, noise: u8, mark in 0usize..5) {
        let files = files("reissue");
        let mut bytes = fs::read(&files[n % files.len()]).unwrap();
        bytes.truncate(at);
        bytes.push(noise);
        for standard in STANDARDS {
            let mut written = Vec::new();
            let tally = reissue(standard, &whole::decode("", bytes.clone()), Mark::ALL[mark], &[7; 32], &mut written).unwrap();
            prop_assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>());
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&written).is_ok());
        }
    }
}
