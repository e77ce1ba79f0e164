//! Growing logs: alarms as they form, through rotation and restart.

use std::fs;
use std::path::Path;

use crate::program::handprint;

/// Who asks: an address, a user agent and a session.
struct Visitor<'v> {
    client: &'v str,
    agent: &'v str,
    session: &'v str,
}

/// A line of the combined format with a session at its end; `answer` is status and bytes.
fn line(second: u32, visitor: &Visitor<'_>, target: &str, answer: (u16, u32)) -> String {
    let (hour, minute, second) = (second / 3600 % 24, second / 60 % 60, second % 60);
    let (Visitor { client, agent, session }, (status, bytes)) = (visitor, answer);
    format!(
        "{client} - - [21/Feb/2025:{hour:02}:{minute:02}:{second:02} +0000] \"GET {target} HTTP/1.1\" {status} {bytes} \
         \"-\" \"{agent}\" \"{session}\"\n"
    )
}

fn ordinary() -> String {
    let mut log = String::new();
    for visit in 0..200 {
        let number = visit * 7919 % 60_000;
        let client = format!("192.0.2.{}", visit % 200);
        let session = format!("{:016x}", visit + 7_777_777);
        let visitor = Visitor { client: &client, agent: "Example/1", session: &session };
        log += &line(visit * 60, &visitor, &format!("/find.php?no={number:06}"), (200, 5400 + number % 190));
    }
    log
}

fn walk(from: u32, count: u32) -> String {
    let mut log = String::new();
    for step in 0..count {
        let client = format!("203.0.113.{}", step / 9 % 5);
        let answer = if step % 3 == 0 { (200, 5500) } else { (404, 1245) };
        let visitor = Visitor { client: &client, agent: "curl/8.1", session: "6f92fa76ba484671" };
        let target = format!("/find.php?no={:06}", 9000 + from + step);
        log += &line(40_000 + from + step * 3, &visitor, &target, answer);
    }
    log
}

fn watch(folder: &Path) -> Vec<serde_json::Value> {
    let output = handprint(folder)
        .args(["watch", "logs/north", "--once", "--state", "watch.json"])
        .current_dir(folder)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn a_walk_is_told_once_through_rotation_and_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs/north");
    fs::create_dir_all(&logs).expect("a folder");
    fs::write(logs.join("SITE.md"), "Site: https://votes.north.example/\nLook-up page: /find.php parameter no\n")
        .expect("a note");
    let log = logs.join("access.log");
    let (first, mut second) = (walk(0, 10), walk(10, 40));
    let cut = second.len() - 20;
    let rest = second.split_off(cut);
    fs::write(&log, ordinary() + &first).expect("a log");
    assert!(watch(folder.path()).is_empty());
    // The log is rotated away, its successor begins in the middle of the walk and its last line is cut.
    fs::rename(&log, logs.join("access.log.1")).expect("rotation");
    fs::write(&log, second).expect("a log");
    let alarms = watch(folder.path());
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0]["phase"], "scrape");
    assert_eq!(alarms[0]["site"], "north");
    assert!(!alarms[0].to_string().contains("0090"), "an alarm names a record");
    let mut log = fs::OpenOptions::new().append(true).open(&log).expect("the log");
    std::io::Write::write_all(&mut log, rest.as_bytes()).expect("the rest of the line");
    assert!(watch(folder.path()).is_empty());
}

#[test]
fn alarms_do_not_leave_the_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = handprint(folder.path()).args(["watch", ".", "--once", "--to", "http://192.0.2.1:80/x"]).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not on this machine"));
}

/// Nine days of visitors, one every four minutes, a page with two pictures each.
fn nine_days() -> String {
    let mut log = String::new();
    for visit in 0..9 * 360_u32 {
        let (day, second) = (1 + visit / 360, visit % 360 * 240);
        let agent = format!("Example/{}", visit % 9);
        for (later, path, referer) in [(0, "/", "-"), (1, "/a.png", "http://votes/"), (2, "/b.css", "http://votes/")] {
            log += &plain(day, second + later, &format!("192.0.2.{}", visit % 240), path, referer, &agent);
        }
    }
    log
}

fn plain(day: u32, second: u32, client: &str, path: &str, referer: &str, agent: &str) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{client} - - [{day:02}/Feb/2025:{hour:02}:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" 200 5400 \
         \"{referer}\" \"{agent}\"\n"
    )
}

#[test]
fn a_flood_is_told_as_it_forms_and_accuses_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs/north");
    fs::create_dir_all(&logs).expect("a folder");
    let log = logs.join("access.log");
    fs::write(&log, nine_days()).expect("a log");
    assert!(watch(folder.path()).is_empty());
    let flood: String = (0..2_400)
        .map(|at| plain(10, 36_000 + at, &format!("203.0.113.{}", at % 3), "/results", "-", "python-requests/2.31"))
        .collect();
    let mut file = fs::OpenOptions::new().append(true).open(&log).expect("the log");
    std::io::Write::write_all(&mut file, flood.as_bytes()).expect("a flood");
    let alarms = watch(folder.path());
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0]["phase"], "flood");
    assert!(alarms[0]["client"].is_null() && !alarms[0].to_string().contains("203.0.113"), "{}", alarms[0]);
}
