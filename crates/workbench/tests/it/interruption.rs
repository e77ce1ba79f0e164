//! `kill -9` at moments over all six stages, then the same command again.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use model::Stage;

use crate::program::{LOGS, expect_same, expect_success, investigate, many_packs, start_investigation, without_film};

/// Kills for each stage.
const KILLS: u32 = 5;

#[test]
fn a_killed_run_goes_on_to_the_same_bytes_and_does_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = without_film(folder.path());
    let undisturbed = folder.path().join("undisturbed");
    expect_success(&investigate(folder.path(), &files, &undisturbed, &[]));
    println!("{:<10} {:>9} {:>9}  finished parts at the kill", "stage", "after ms", "in stage");
    for stage in Stage::ALL {
        for kill in 0..KILLS {
            let case = folder.path().join(format!("{}-{kill}", stage.word())).join("case");
            fs::create_dir_all(case.parent().expect("a parent")).expect("a folder");
            interrupt(folder.path(), &files, &case, *stage, kill);
            expect_resumed(folder.path(), &files, &case, &undisturbed);
        }
    }
}

/// Packs that are finished when the run is killed, out of [`LOGS`] and one more.
const FINISHED_AT_THE_KILL: [usize; 3] = [1, 3, 4];

#[test]
fn a_run_killed_among_many_packs_reads_none_of_them_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = many_packs(folder.path());
    let undisturbed = folder.path().join("undisturbed");
    expect_success(&investigate(folder.path(), &files, &undisturbed, &[]));
    for stage in [Stage::Ingest, Stage::Extract] {
        for wanted in FINISHED_AT_THE_KILL {
            let case = folder.path().join(format!("{}-{wanted}", stage.word()));
            let mut run = start_investigation(folder.path(), &files, &case, &[]);
            while packs_of(&case, stage) < wanted && run.try_wait().expect("a status").is_none() {
                sleep(Duration::from_micros(500));
            }
            let _ = run.kill();
            let _ = run.wait();
            println!("{:<10} {} of {} packs finished at the kill", stage.word(), packs_of(&case, stage), LOGS + 1);
            expect_resumed(folder.path(), &files, &case, &undisturbed);
        }
    }
}

/// Runs the killed command again: it must end in the bytes of the undisturbed
/// run and write no finished part again.
fn expect_resumed(home: &Path, files: &Path, case: &Path, undisturbed: &Path) {
    let finished = finished_parts(case);
    expect_success(&investigate(home, files, case, &["--json"]));
    expect_none_redone(case, &finished);
    expect_same(undisturbed, case);
}

fn packs_of(case: &Path, stage: Stage) -> usize {
    let folder = fs::read_dir(case.join("tables/_manifest").join(stage.word()));
    let names = folder.into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".json")).count()
}

/// Starts a run, waits until `stage` is under way, and kills it a little later.
fn interrupt(home: &Path, files: &Path, case: &Path, stage: Stage, kill: u32) {
    let mut run = start_investigation(home, files, case, &[]);
    let begun = Instant::now();
    while !under_way(case, stage) && run.try_wait().expect("a status").is_none() {
        sleep(Duration::from_micros(200));
    }
    let reached = begun.elapsed();
    // Later and later within the stage; a stage of the sample takes some tens of milliseconds.
    sleep(Duration::from_millis(u64::from(kill * kill)));
    let _ = run.kill();
    let _ = run.wait();
    let total = begun.elapsed();
    let finished = finished_parts(case).len();
    println!(
        "{:<10} {:>9.1} {:>9.1}  {finished}",
        stage_now(case),
        total.as_secs_f64() * 1e3,
        (total - reached).as_secs_f64() * 1e3
    );
}

/// A stage is under way once the one before is committed.
fn under_way(case: &Path, stage: Stage) -> bool {
    let position = Stage::ALL.iter().position(|other| *other == stage).unwrap_or(0);
    match position.checked_sub(1) {
        None => case.join("case.toml").exists(),
        Some(before) => manifest(case, Stage::ALL[before]).exists(),
    }
}

/// The stage in which the kill struck, read off the manifests.
fn stage_now(case: &Path) -> &'static str {
    let open = Stage::ALL.iter().find(|stage| !manifest(case, **stage).exists());
    open.map_or("publish", |stage| stage.word())
}

fn manifest(case: &Path, stage: Stage) -> std::path::PathBuf {
    case.join("tables/_manifest").join(format!("{}.json", stage.word()))
}

/// Part manifests with their time of writing.
fn finished_parts(case: &Path) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let mut parts = Vec::new();
    for stage in Stage::ALL {
        let Ok(entries) = fs::read_dir(case.join("tables/_manifest").join(stage.word())) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let modified = fs::metadata(&path).and_then(|meta| meta.modified()).expect("a time");
                parts.push((path, modified));
            }
        }
    }
    parts
}

/// What was finished at the kill must not have been written again.
fn expect_none_redone(case: &Path, finished: &[(std::path::PathBuf, std::time::SystemTime)]) {
    let now = finished_parts(case);
    for part in finished {
        assert!(now.contains(part), "{} was done again", part.0.display());
    }
}
