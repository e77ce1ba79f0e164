//! Running the program in a sealed environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program with a key folder of its own and nothing else of the user's.
pub fn handprint(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handprint"));
    command.env_clear().env("XDG_CONFIG_HOME", home).stdin(Stdio::null());
    command
}

/// The repository's own invented case.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/case")
}

/// Investigates `case_files` (a folder with `evidence` and `intel`) into `case`.
pub fn investigate(home: &Path, case_files: &Path, case: &Path, more: &[&str]) -> Output {
    investigation(home, case_files, case, more).output().expect("the program starts")
}

/// Starts the same, without waiting for its end or listening to it.
pub fn start_investigation(home: &Path, case_files: &Path, case: &Path, more: &[&str]) -> Child {
    let mut command = investigation(home, case_files, case, more);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

fn investigation(home: &Path, case_files: &Path, case: &Path, more: &[&str]) -> Command {
    let mut command = handprint(home);
    command.arg("investigate").arg(case_files.join("evidence")).arg("--intel").arg(case_files.join("intel"));
    command.arg("--case").arg(case).args(more);
    command
}

/// The samples without their film, which takes longer to watch than all else, in `folder`.
pub fn without_film(folder: &Path) -> PathBuf {
    let files = folder.join("files");
    copy(&samples(), &files);
    fs::remove_dir_all(files.join("evidence/video")).expect("the samples have a film");
    files
}

/// Large logs of [`many_packs`], each a pack of its own.
pub const LOGS: usize = 5;

/// The samples with [`LOGS`] logs of over half a pack each besides, in `folder`.
pub fn many_packs(folder: &Path) -> PathBuf {
    let files = without_film(folder);
    let log = fs::read(files.join("evidence/weblogs/register/access.log")).expect("the sample log");
    for number in 0..LOGS {
        // Lengths differ, so that no two are the same evidence.
        let copies = (5 << 20) / log.len() + number;
        let path = files.join(format!("evidence/weblogs/register/access.log.{}", number + 2));
        fs::write(path, log.repeat(copies)).expect("a log");
    }
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the samples") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file of the samples");
        }
    }
}

/// Asserts that a run ended well, and shows what it said if not.
pub fn expect_success(output: &Output) {
    assert!(
        output.status.success(),
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A case over the samples, made in `folder`.
pub fn sample_case(folder: &Path) -> PathBuf {
    let case = folder.join("case");
    expect_success(&investigate(folder, &samples(), &case, &[]));
    case
}

/// `products/findings.json` of a case.
pub fn findings(case: &Path) -> Value {
    let text = fs::read(case.join("products/findings.json")).expect("findings were written");
    serde_json::from_slice(&text).expect("findings are JSON")
}

/// Every file that must be the same from run to run, by path below the case.
pub fn promised_bytes(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["tables", "private"] {
        collect(case, &case.join(folder), &mut files);
    }
    for product in ["findings.json", "findings.shared.json", "observables.csv"] {
        files.insert(format!("products/{product}"), fs::read(case.join("products").join(product)).expect("a product"));
    }
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder of the case") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the case").to_string_lossy().into_owned();
            files.insert(name, fs::read(&path).expect("a file of the case"));
        }
    }
}

/// Asserts that two cases hold the same promised bytes, naming the first file that differs.
pub fn expect_same(one: &Path, other: &Path) {
    let (one, other) = (promised_bytes(one), promised_bytes(other));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(other.get(name) == Some(bytes), "{name} differs");
    }
}

/// The cases of known truth that lie beside the checkout, unpacked once; none
/// without them.
pub fn shared_cases() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.join("cases/unpack").exists() {
        println!("skipped: no ../shared");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-cases");
    fs::create_dir_all(&folder).expect("a folder for the cases");
    let unpacked = Command::new(shared.join("cases/unpack")).arg(&folder).output().expect("unpack runs");
    expect_success(&unpacked);
    Some(folder)
}
