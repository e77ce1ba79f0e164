//! The knowledge base: feeds and closed cases, and a case held against them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{expect_same, expect_success, handprint, investigate, without_film};

fn kb(home: &Path, verb: &str, words: &[&str]) -> Output {
    let output =
        handprint(home).args(["kb", verb]).arg(home.join("kb")).args(words).output().expect("the program starts");
    expect_success(&output);
    output
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn file(home: &Path, name: &str, text: &str) -> String {
    let path = home.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}

/// Rows of a query over a case.
fn rows(home: &Path, case: &Path, query: &str) -> Vec<Value> {
    let output =
        handprint(home).arg("sql").arg(case).args([query, "--format", "json"]).output().expect("the program starts");
    expect_success(&output);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn feeds_that_repeat_each_other_keep_their_root() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let head = "indicator,type,actor,first_seen,description\n";
    let rows = |hosts: std::ops::Range<u32>, told: &str| {
        hosts.map(|host| format!("192.0.2.{host},ip,Paper Gull,2031-01-01,{told}\n")).collect::<String>()
    };
    let first = file(home, "watch.csv", &format!("{head}{}", rows(1..11, "seen")));
    let copy = file(home, "mirror.csv", &format!("{head}{}", rows(1..9, "listed")));
    let other = file(
        home,
        "eyes.csv",
        &format!("{head}{}", rows(9..40, "seen by ourselves").replace("2031-01-01", "2031-01-09")),
    );
    kb(
        home,
        "add",
        &[&first, "--source", "Harbour Watch", "--date", "2031-01-02", "--tlp", "green", "--licence", "CC0"],
    );
    kb(home, "add", &[&copy, "--source", "Mirror", "--date", "2031-02-02"]);
    kb(home, "add", &[&other, "--source", "Other Eyes", "--date", "2031-02-03"]);
    let again = kb(home, "add", &[&first]);
    assert!(lines(&again)[0].ends_with("is in already"));
    let listed = lines(&kb(home, "list", &[]));
    assert_eq!(listed.len(), 3);
    assert!(
        listed[0].contains("2031-01-02  feed  Harbour Watch  10 statements, 10 values  TLP:green  licence:CC0"),
        "{listed:?}"
    );

    let told = |value: &str| lines(&kb(home, "search", &[value, "--json"]));
    let copied = told("192.0.2.3");
    assert_eq!(copied.len(), 1, "what repeats counts once: {copied:?}");
    assert!(
        copied[0].contains("repeated_by") && copied[0].contains("\"id\":") && copied[0].contains("Mirror, 2031-02-02")
    );
    assert_eq!(told("192.0.2.10").len(), 2, "two parties that watched by themselves");
    assert_eq!(told("198.51.100.1").len(), 0);

    let diff = lines(&kb(home, "diff", &["Harbour Watch", "Mirror"]));
    assert_eq!(diff.len(), 3, "{diff:?}");
    assert!(diff.contains(&"- ip 192.0.2.9".to_owned()) && diff[2].starts_with("# 0 values only in"));
}

#[test]
fn a_range_is_found_from_an_address_and_a_value_of_everybody_is_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let list: String =
        (0..50).map(|actor| format!("192.0.2.7,ip,Actor {actor},2031-01-{:02}\n", actor % 28 + 1)).collect();
    let crowd = file(
        home,
        "crowd.csv",
        &format!("indicator,type,actor,first_seen\n{list}203.0.113.0/28,cidr,Paper Gull,2031-01-01\n"),
    );
    let exits = file(home, "exits.txt", "# Veil VPN exits\n198.51.100.0/24\n198.51.100.0/30\n");
    kb(home, "add", &[&crowd, &exits]);
    let found = lines(&kb(home, "search", &["192.0.2.7", "203.0.113.9", "198.51.100.2", "203.0.113.16"]));
    assert_eq!(found.iter().filter(|line| line.contains("shared by all: 50 statements")).count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|line| line.starts_with("cidr ")).count(), 3, "{found:?}");
    assert_eq!(found.len(), 4);
}

/// The samples' own intel in a base instead of beside the evidence.
fn base_of_samples(home: &Path, files: &Path) -> (PathBuf, PathBuf) {
    let (fed, left) = (home.join("fed"), home.join("left/intel"));
    fs::create_dir_all(&fed).expect("a folder");
    fs::create_dir_all(&left).expect("a folder");
    for entry in fs::read_dir(files.join("intel")).expect("the intel") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        // Prefixes and warninglists are small and are handed in.
        let handed_in = name.contains("asn") || name.contains("warning");
        fs::copy(&path, if handed_in { left.join(&name) } else { fed.join(&name) }).expect("a copy");
    }
    kb(home, "add", &[&fed.display().to_string(), "--date", "2026-01-01"]);
    (home.join("kb"), left)
}

#[test]
fn a_case_held_against_a_base_comes_to_what_it_comes_to_with_the_feeds() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let files = without_film(home);
    let (base, left) = base_of_samples(home, &files);
    let plain = home.join("plain/case");
    fs::create_dir_all(home.join("plain")).expect("a folder");
    expect_success(&investigate(home, &files, &plain, &[]));
    let known = |name: &str, threads: &str| {
        let case = home.join(name).join("case");
        fs::create_dir_all(home.join(name)).expect("a folder");
        let mut command = handprint(home);
        command.arg("investigate").arg(files.join("evidence")).arg("--intel").arg(&left).arg("--knowledge").arg(&base);
        expect_success(
            &command.arg("--case").arg(&case).args(["--threads", threads]).output().expect("the program starts"),
        );
        case
    };
    let (one, two) = (known("one", "1"), known("two", "2"));
    expect_same(&one, &two);
    let query = "SELECT kind, value, actor, counts FROM intel_matches WHERE actor IS NOT NULL ORDER BY 1, 2, 3, 4";
    let matches = rows(home, &plain, query);
    assert!(!matches.is_empty());
    assert_eq!(rows(home, &one, query), matches);
    let hypotheses = "SELECT campaign, hypothesis, probability FROM hypotheses ORDER BY 1, 2";
    assert_eq!(rows(home, &one, hypotheses), rows(home, &plain, hypotheses));
    cited(home, &one);
    closed(home, &files, &one);
}

/// Citations of the base open within the case, and name the feed behind them.
fn cited(home: &Path, case: &Path) {
    let places = rows(home, case, "SELECT DISTINCT indicator_at AS at FROM intel_matches");
    let at = places.iter().find_map(|row| row["at"].as_str()).expect("a place");
    let shown = handprint(home).arg("show").arg(case).arg(at).output().expect("the program starts");
    expect_success(&shown);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("knowledge/statements.jsonl") && text.contains("\"from\":{\"at\":\"sha256:"), "{text}");
    expect_success(&handprint(home).arg("verify").arg(case).output().expect("the program starts"));
}

/// A closed case is knowledge for others and never for itself, nor is its export.
fn closed(home: &Path, files: &Path, case: &Path) {
    let base = home.join("closed");
    let add = |words: &[&Path], more: &[&str]| {
        let output =
            handprint(home).args(["kb", "add"]).arg(&base).args(words).args(more).output().expect("the program starts");
        expect_success(&output);
        lines(&output)
    };
    let plain = add(&[case], &["--date", "2031-01-01"]);
    add(&[&case.join("products/case.stix.json")], &["--date", "2031-02-01"]);
    let everything = || {
        let entries = fs::read_dir(base.join("entries")).expect("entries").map(|entry| entry.expect("an entry").path());
        let read =
            |entry: PathBuf| walk(&entry.join("intel")).into_iter().map(|path| fs::read_to_string(path).expect("text"));
        entries.flat_map(read).collect::<String>()
    };
    assert!(plain[0].contains("  case  closed case"), "{plain:?}");
    assert!(
        !everything().contains("\"username\"") && !everything().contains("-path\""),
        "names go in by decision only"
    );
    let refused = handprint(home).args(["kb", "add"]).arg(&base).arg(case).args(["--include", "accounts"]).output();
    assert_eq!(refused.expect("the program starts").status.code(), Some(3), "a decision has a day and a reason");
    add(&[case], &["--include", "accounts", "--until", "2999-01-01", "--reason", "a second wave is expected"]);
    assert!(everything().contains("-path\""));

    let again = home.join("again/case");
    fs::create_dir_all(home.join("again")).expect("a folder");
    let mut command = handprint(home);
    command.arg("investigate").arg(files.join("evidence")).arg("--knowledge").arg(&base).arg("--case").arg(&again);
    expect_success(&command.output().expect("the program starts"));
    assert!(rows(home, &again, "SELECT * FROM intel_matches").is_empty(), "no case corroborates itself");
    let back = home.join("back/case");
    fs::create_dir_all(home.join("back")).expect("a folder");
    let mut command = handprint(home);
    command.arg("investigate").arg(files.join("evidence")).arg("--intel").arg(case.join("products/case.stix.json"));
    expect_success(&command.arg("--case").arg(&back).output().expect("the program starts"));
    let why = rows(home, &back, "SELECT DISTINCT why FROM intel_matches WHERE starts_with(ref, 'indicator--')");
    assert_eq!(why.len(), 1, "{why:?}");
    assert_eq!(why[0]["why"], "is what this case itself has exported");
    let reasons = rows(home, &again, "SELECT reason, count FROM losses WHERE stage = 'enrich'");
    assert_eq!(reasons[0]["count"], 3, "{reasons:?}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_past_its_day_is_told_no_more_and_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let case = crate::program::sample_case(home);
    let case = case.display().to_string();
    kb(home, "add", &[&case, "--include", "accounts", "--until", "2020-01-01", "--reason", "late"]);
    assert!(lines(&kb(home, "list", &[]))[0].starts_with("1 past their day"));
    let list = file(home, "list.txt", "# list\n192.0.2.1\n192.0.2.2\n192.0.2.3\n");
    kb(home, "add", &[&list]);
    assert_eq!(fs::read_dir(home.join("kb/entries")).expect("entries").count(), 1);
}

#[test]
fn a_clip_that_comes_back_coded_anew_and_smaller_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let film = |name: &str, filter: &str, quality: &str| {
        let path = home.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-f", "lavfi", "-i", "mandelbrot=size=480x270:rate=5:end_scale=0.02", "-t", "8"]);
        ffmpeg.args(["-vf", filter, "-c:v", "libx264", "-crf", quality, "-pix_fmt", "yuv420p"]).arg(&path);
        ffmpeg.status().is_ok_and(|status| status.success())
    };
    if !film("first/clip.mp4", "null", "18") || !film("second/renamed.mp4", "scale=320:-2", "30") {
        println!("skipped: no ffmpeg with libx264 here");
        return;
    }
    let run = |evidence: &str, case: &str, more: &[&str]| {
        let mut command = handprint(home);
        command
            .env("PATH", "/usr/bin:/bin")
            .arg("investigate")
            .arg(home.join(evidence))
            .arg("--case")
            .arg(home.join(case));
        expect_success(&command.args(more).output().expect("the program starts"));
    };
    run("first", "ferry", &[]);
    kb(home, "add", &[&home.join("ferry").display().to_string()]);
    let base = home.join("kb").display().to_string();
    run("second", "later", &["--knowledge", &base]);
    let known = rows(home, &home.join("later"), "SELECT source, medium, pictures, of, known_at FROM media_matches");
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!((&known[0]["source"], &known[0]["medium"]), (&"closed case ferry".into(), &"first/clip.mp4".into()));
    let report = fs::read_to_string(home.join("later/products/report.html")).expect("a report");
    assert!(report.contains("is known: ") && report.contains("closed case ferry"));
    let at = known[0]["known_at"].as_str().expect("a place");
    let shown = handprint(home).arg("show").arg(home.join("later")).arg(at).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("\"medium\":\"first/clip.mp4\""));
}
