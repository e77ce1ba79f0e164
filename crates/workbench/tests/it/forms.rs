//! Forms of logs that stand elsewhere than in the log.

use std::fs;
use std::path::Path;

use super::program::{expect_success, handprint};

/// Requests and lost lines of a case over these files.
#[track_caller]
fn read(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join("evidence").join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let case = folder.path().join("case");
    let run = |words: &[&str]| {
        let output = handprint(folder.path()).args(words).output().expect("the program starts");
        expect_success(&output);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let (evidence, case) = (folder.path().join("evidence"), case.to_string_lossy().into_owned());
    run(&["ingest", &evidence.to_string_lossy(), "--case", &case]);
    let count =
        "SELECT (SELECT count(*) FROM web_requests) AS requests, (SELECT coalesce(sum(count), 0) FROM losses) AS lost";
    run(&["sql", &case, count, "--format", "csv"]).lines().nth(1).unwrap_or_default().to_owned()
}

const BARS: &str = "192.0.2.1|21/Feb/2025:16:03:07 -0800|GET /a HTTP/1.1|200\n192.0.2.1|21/Feb/2025:16:03:08 -0800|GET /b HTTP/1.1|404\n";
const DECLARED: &str = "log_format bars '$remote_addr|$time_local|$request|$status';\n";

#[test]
fn a_form_is_found_in_what_a_configuration_includes() {
    let includes = "http {\n  include /etc/nginx/snippets/form*.inc;\n}\n";
    let files = |included| [("north/nginx.conf", includes), (included, DECLARED), ("north/logs/a.log", BARS)];
    assert_eq!(read(&files("server/etc/nginx/snippets/forms.inc")), "2,0");
    let requests = |answer: String| answer.split(',').next().unwrap_or_default().to_owned();
    assert_eq!(requests(read(&files("server/etc/nginx/other/forms.inc"))), "0");
}

#[test]
fn a_log_without_its_header_borrows_that_of_its_neighbour() {
    let header = "#Software: Example\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n";
    let first = "2025-02-21 16:03:07 192.0.2.1 GET /a 200\n2025-02-21 16:04:07 192.0.2.1 GET /b 200\n";
    let second = "2025-02-22 16:03:07 192.0.2.7 GET /a 200\n";
    let headed = format!("{header}{first}");
    assert_eq!(read(&[("west/u_ex1.log", &headed), ("west/u_ex2.log", second)]), "3,0");
    // Elsewhere it is nobody's, and a header further down in the file serves too.
    let restarted = format!("{}{headed}", second.repeat(70));
    assert_eq!(read(&[("east/a.log", &restarted)]), "72,0");
}
