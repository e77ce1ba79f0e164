//! A run needs no network: in a namespace without interfaces it gives the same bytes.

use std::process::Command;

use crate::program::{expect_same, expect_success, sample_case, samples};

#[test]
fn a_run_without_network_gives_the_same_bytes() {
    let namespace = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "--", program]);
        command
    };
    if !namespace("true").status().is_ok_and(|status| status.success()) {
        println!("skipped: no network namespaces here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let case = sample_case(folder.path());
    let offline = folder.path().join("offline/case");
    std::fs::create_dir_all(folder.path().join("offline")).expect("a folder");
    let output = namespace(env!("CARGO_BIN_EXE_handprint"))
        .env_clear()
        .env("XDG_CONFIG_HOME", folder.path())
        .env("PATH", "/usr/bin:/bin")
        .arg("investigate")
        .arg(samples().join("evidence"))
        .arg("--intel")
        .arg(samples().join("intel"))
        .arg("--case")
        .arg(&offline)
        .output()
        .expect("the program starts");
    expect_success(&output);
    expect_same(&case, &offline);
}
