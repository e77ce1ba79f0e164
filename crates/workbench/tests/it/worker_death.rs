//! Worker children that are killed while they read.

use std::collections::BTreeSet;
use std::fs;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{expect_same, expect_success, findings, investigate, many_packs, sample_case, samples};
use crate::program::{promised_bytes, start_investigation};

/// A first death may be somebody else's doing, such as a system short of memory.
#[test]
fn a_worker_killed_once_costs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = many_packs(folder.path());
    let undisturbed = folder.path().join("undisturbed");
    expect_success(&investigate(folder.path(), &files, &undisturbed, &[]));
    for after_ms in [5, 40, 120] {
        let case = folder.path().join(format!("case-{after_ms}"));
        let mut run = start_investigation(folder.path(), &files, &case, &["--threads", "1"]);
        let killed = kill_workers(&mut run, 1, Duration::from_millis(after_ms));
        assert_eq!(killed, 1);
        assert!(run.wait().expect("a status").success());
        expect_same(&undisturbed, &case);
    }
}

/// Whatever content does to its workers, the run ends, and says what it could not read.
#[test]
fn workers_killed_without_end_are_losses_and_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let undisturbed = sample_case(folder.path());
    let case = folder.path().join("killed");
    let mut run = start_investigation(folder.path(), &samples(), &case, &["--threads", "1"]);
    let killed = kill_workers(&mut run, usize::MAX, Duration::ZERO);
    assert!(run.wait().expect("a status").success());
    let findings = findings(&case);
    let losses = findings["losses"].as_array().expect("losses").iter();
    let unread =
        losses.filter(|loss| loss["reason"].as_str().is_some_and(|reason| reason.contains("could not be read")));
    let unread: u64 = unread.map(|loss| loss["count"].as_u64().unwrap_or(0)).sum();
    println!("{killed} workers killed, {unread} items lost by it");
    assert!(killed >= 3 && unread >= 1);
    assert!(promised_bytes(&case) != promised_bytes(&undisturbed));
}

/// Kills workers of a run, each `age` after it is first seen, until `limit` are
/// dead or the run has ended; gives the number killed.
fn kill_workers(run: &mut Child, limit: usize, age: Duration) -> usize {
    let mut killed = BTreeSet::new();
    while killed.len() < limit && run.try_wait().expect("a status").is_none() {
        for worker in children(run.id()).into_iter().filter(|worker| !killed.contains(worker)).collect::<Vec<_>>() {
            sleep(age);
            if let Some(pid) = Pid::from_raw(worker)
                && kill_process(pid, Signal::KILL).is_ok()
            {
                killed.insert(worker);
            }
        }
        sleep(Duration::from_micros(500));
    }
    killed.len()
}

/// Workers that the process has started and that still run; its decoders are none.
fn children(process: u32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").expect("the list of processes").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    pids.filter(|pid| parent_of(*pid) == Some(process) && is_worker(*pid)).collect()
}

fn is_worker(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.split(|byte| *byte == 0).nth(1) == Some(b"worker"))
}

/// The parent of a process that has not ended, from `/proc/PID/stat` (proc(5)).
fn parent_of(pid: i32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut after_name = stat.rsplit_once(") ")?.1.split(' ');
    let alive = after_name.next()? != "Z";
    after_name.next()?.parse().ok().filter(|_| alive)
}
