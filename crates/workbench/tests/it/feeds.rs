//! Bringing feeds, against a server on this machine.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::program::{expect_success, handprint};

/// What a server answers, by the first line of a request; and all that it was sent.
struct Server {
    base: String,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answers: &[(&str, u16, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let answers: Vec<(String, u16, String)> = answers
            .iter()
            .map(|(ask, status, body)| ((*ask).to_owned(), *status, body.replace("BASE", &base)))
            .collect();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &answers, &heard);
            }
        });
        Self { base, sent }
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("no thread failed").clone()
    }
}

fn answer(mut stream: TcpStream, answers: &[(String, u16, String)], heard: &Mutex<Vec<String>>) {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        text.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&text).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body of that length");
    let request = format!("{head}{}", String::from_utf8_lossy(&body));
    let found = answers.iter().find(|(ask, ..)| request.starts_with(&format!("{ask} ")) || request.contains(ask));
    let (status, body) = found.map_or((404, String::new()), |(_, status, body)| (*status, body.clone()));
    heard.lock().expect("no thread failed").push(request);
    let location = if status == 302 { format!("Location: {body}\r\n") } else { String::new() };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{location}Connection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn fetch(home: &Path, words: &[&str]) -> Output {
    let mut command = handprint(home);
    command.env("PATH", "/usr/bin:/bin").env("FEED_KEY", "s3cret-key").arg("fetch").args(words);
    command.arg("--output").arg(home.join("feeds")).output().expect("the program starts")
}

/// Where a feed was frozen, as the last line of the output says.
fn frozen(output: &Output) -> PathBuf {
    expect_success(output);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    PathBuf::from(text.trim_end().rsplit("frozen as ").next().expect("a place"))
}

fn provenance(feed: &Path) -> Value {
    let path = format!("{}.provenance.json", feed.display());
    serde_json::from_slice(&fs::read(path).expect("provenance beside the feed")).expect("JSON")
}

#[test]
fn a_file_is_frozen_under_its_hash_and_secrets_stay_out_of_it() {
    let home = tempfile::tempdir().expect("a folder");
    let list = "indicator,type,actor\n192.0.2.77,ip,Paper Gull\n";
    let server = Server::new(&[
        ("GET /moved.csv", 302, "BASE/list.csv".to_owned()),
        ("GET /list.csv", 200, list.to_owned()),
        ("GET /away.csv", 302, "https://elsewhere.example/list.csv".to_owned()),
    ]);
    let url = |path: &str| format!("{}/{path}", server.base);
    assert_eq!(fetch(home.path(), &["url", &url("list.csv")]).status.code(), Some(3), "without leave nothing is asked");
    let listed = fetch(home.path(), &["url", &url("list.csv"), "--list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("connects to 127.0.0.1") && server.sent().is_empty());

    let output = fetch(
        home.path(),
        &["url", &url("moved.csv"), "--credentials", "env:FEED_KEY", "--tlp", "green", "--licence", "CC0", "--yes"],
    );
    let feed = frozen(&output);
    assert_eq!(fs::read_to_string(&feed).expect("the feed"), list);
    let about = provenance(&feed);
    assert_eq!(
        (&about["source"], &about["tlp"], &about["licence"]),
        (&json!("127.0.0.1"), &json!("green"), &json!("CC0"))
    );
    let folder = feed.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().into_owned();
    assert_eq!(about["sha256"], json!(folder));
    let sent = server.sent();
    assert!(sent.len() == 2 && sent.iter().all(|request| request.contains("Authorization: Bearer s3cret-key")));
    let written =
        format!("{}{}{about}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!written.contains("s3cret"), "{written}");

    let away = fetch(home.path(), &["url", &url("away.csv"), "--yes"]);
    assert!(String::from_utf8_lossy(&away.stderr).contains("was not agreed to"), "another host is not followed");
    let long = fetch(home.path(), &["url", &url("list.csv"), "--max-bytes", "10", "--yes"]);
    assert!(String::from_utf8_lossy(&long.stderr).contains("longer than 10 bytes"));
    assert_eq!(
        fetch(home.path(), &["url", "http://feeds.example/x", "--yes"]).status.code(),
        Some(3),
        "only https leaves"
    );
}

#[test]
fn misp_feeds_and_instances_are_taken_event_by_event() {
    let home = tempfile::tempdir().expect("a folder");
    let id = "5f0c1a2b-0000-4000-8000-000000000001";
    let event = |value: &str| {
        json!({"Event": {"uuid": id, "info": "harbour", "date": "2031-01-02", "timestamp": "1924992000", "Attribute": [
            {"uuid": "5f0c1a2b-0000-4000-8000-000000000002", "type": "ip-dst", "value": value, "category": "Network activity"}
        ]}})
    };
    let server = Server::new(&[
        ("GET /feed/manifest.json", 200, json!({id: {"timestamp": "1"}}).to_string()),
        (&format!("GET /feed/{id}.json"), 200, event("192.0.2.77").to_string()),
        ("POST /events/restSearch", 200, json!({"response": [event("192.0.2.78")]}).to_string()),
        ("GET /bad/manifest.json", 200, json!({"../../x": {}}).to_string()),
    ]);
    let url = |path: &str| format!("{}{path}", server.base);
    let feed = frozen(&fetch(home.path(), &["misp", &url("/feed/manifest.json"), "--yes"]));
    assert!(provenance(&feed)["asked"].as_array().is_some_and(|asked| asked.len() == 2));
    let key = home.path().join("key");
    fs::write(&key, "k3y\n").expect("a file");
    let instance =
        frozen(&fetch(home.path(), &["misp", &url(""), "--credentials", &key.display().to_string(), "--yes"]));
    assert!(server.sent().iter().any(|sent| sent.contains("Authorization: k3y\r\n") && sent.contains("\"page\":1")));
    assert!(
        !fetch(home.path(), &["misp", &url("/bad/manifest.json"), "--yes"]).status.success(),
        "no way out of the folder"
    );

    let base = home.path().join("kb");
    let mut add = handprint(home.path());
    expect_success(&add.args(["kb", "add"]).arg(&base).arg(&feed).arg(&instance).output().expect("the program starts"));
    let found =
        handprint(home.path()).args(["kb", "search"]).arg(&base).args(["192.0.2.77", "192.0.2.78", "--json"]).output();
    let found = found.expect("the program starts");
    let lines = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("\"source\":\"127.0.0.1\""), "{lines}");
}

#[test]
fn taxii_pages_are_followed_to_their_end() {
    let home = tempfile::tempdir().expect("a folder");
    let indicator = |number: u64| {
        json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--00000000-0000-4000-8000-00000000000{number}"),
            "created": "2031-01-02T00:00:00.000Z", "modified": "2031-01-02T00:00:00.000Z", "pattern_type": "stix",
            "pattern": format!("[ipv4-addr:value = '192.0.2.{number}']"), "valid_from": "2031-01-02T00:00:00Z"})
    };
    let server = Server::new(&[
        ("GET /api/collections/c1/objects/?next=p%2F2", 200, json!({"objects": [indicator(8)]}).to_string()),
        (
            "GET /api/collections/c1/objects/",
            200,
            json!({"more": true, "next": "p/2", "objects": [indicator(7)]}).to_string(),
        ),
        ("GET /api/collections/c2/objects/", 200, json!({"more": true, "next": "same", "objects": []}).to_string()),
    ]);
    let url = |name: &str| format!("{}/api/collections/{name}/", server.base);
    let feed = frozen(&fetch(home.path(), &["taxii", &url("c1"), "--yes"]));
    assert!(server.sent().iter().all(|sent| sent.contains("Accept: application/taxii+json;version=2.1")));
    let base = home.path().join("kb");
    expect_success(
        &handprint(home.path()).args(["kb", "add"]).arg(&base).arg(&feed).output().expect("the program starts"),
    );
    let found = handprint(home.path()).args(["kb", "search"]).arg(&base).args(["192.0.2.7", "192.0.2.8"]).output();
    assert_eq!(String::from_utf8_lossy(&found.expect("the program starts").stdout).lines().count(), 2);
    let endless = fetch(home.path(), &["taxii", &url("c2"), "--yes"]);
    assert!(String::from_utf8_lossy(&endless.stderr).contains("without end"));
}

#[test]
fn a_mark_that_forbids_a_look_up_stops_it() {
    let home = tempfile::tempdir().expect("a folder");
    let evidence = home.path().join("note.txt");
    fs::write(&evidence, "relay.example answered from 192.0.2.7\n").expect("a file");
    let case = home.path().join("case");
    let mut ingest = handprint(home.path());
    expect_success(&ingest.arg("ingest").arg(&evidence).arg("--case").arg(&case).output().expect("the program starts"));
    let server = Server::new(&[("GET /list.txt", 200, "192.0.2.7\n192.0.2.8\n192.0.2.9\n".to_owned())]);
    let settings = case.join("case.toml");
    let plain = fs::read_to_string(&settings).expect("settings");
    let marked = |mark: &str| {
        fs::write(&settings, format!("pap = \"{mark}\"\n{plain}")).expect("settings");
        let url = format!("{}/list.txt", server.base);
        let feed = fetch(home.path(), &["url", &url, "--case", &case.display().to_string(), "--yes"]).status.success();
        let mut dns = handprint(home.path());
        dns.args(["fetch", "dns"]).arg(&case).args(["--resolver", "127.0.0.1:9", "--yes", "--output"]);
        let dns = dns.arg(home.path().join("dns.json")).output().expect("the program starts");
        (feed, String::from_utf8_lossy(&dns.stderr).contains("PAP"))
    };
    assert_eq!(marked("red"), (false, true));
    assert!(server.sent().is_empty());
    assert_eq!(marked("amber"), (true, true), "a third party may be asked, the operators' name servers may not");
    assert_eq!(marked("green"), (true, false));
    assert_eq!(marked("mauve"), (false, true), "what is not understood forbids");
}
