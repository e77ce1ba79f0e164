//! What is linked, and that each direct dependency is accounted for.

use std::collections::BTreeSet;

use crate::checkout::{crates, named_in, none, text, toml};

/// Packages in Cargo.lock at most. A change that needs more says why, here.
/// 375 came with the SQL engine, the command line and the tests' tools; the others with RSA
/// keys, Outlook's files, Sigma rules and the tables of look-alike letters. A reader of PDF
/// locks six, of which one is built: the others are codecs behind a feature that is off.
/// Drawing characters from fonts, hinted as terminals hint them, takes eight.
const LOCKED_AT_MOST: usize = 460;

/// Crates that open connections or bring a TLS stack. A run never leaves the
/// machine, so none may be linked, by whatever detour.
const NETWORK: &[&str] = &[
    "attohttpc",
    "curl",
    "h2",
    "hickory-resolver",
    "hyper",
    "isahc",
    "minreq",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "surf",
    "trust-dns-resolver",
    "tungstenite",
    "ureq",
];

fn locked() -> Vec<String> {
    let lock = toml("Cargo.lock");
    let packages = lock.get("package").and_then(toml::Value::as_array).unwrap();
    packages.iter().filter_map(|package| package.get("name")?.as_str()).map(str::to_owned).collect()
}

fn declared() -> toml::Table {
    toml("Cargo.toml")["workspace"]["dependencies"].as_table().unwrap().clone()
}

#[test]
fn nothing_that_talks_to_the_network_is_linked() {
    none(locked().into_iter().filter(|name| NETWORK.contains(&name.as_str())).collect());
}

#[test]
fn the_number_of_locked_packages_is_capped() {
    let locked = locked().len();
    assert!(locked <= LOCKED_AT_MOST, "{locked} packages are locked; the cap is {LOCKED_AT_MOST}");
}

#[test]
fn no_version_is_a_wildcard() {
    let version = |wanted: &toml::Value| {
        wanted.as_str().or_else(|| wanted.get("version").and_then(toml::Value::as_str)).unwrap_or("").to_owned()
    };
    let wild = declared().into_iter().filter(|(_, wanted)| version(wanted).contains('*'));
    none(wild.map(|(name, _)| format!("{name} has a wildcard version")).collect());
}

#[test]
fn every_version_in_the_list_is_wanted_by_a_crate() {
    let mut wanted = BTreeSet::new();
    for name in crates() {
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            wanted.extend(named_in(&manifest, kind));
        }
    }
    let idle = declared().into_iter().map(|(name, _)| name).filter(|name| !wanted.contains(name));
    none(idle.map(|name| format!("no crate names {name}; take it out of the root Cargo.toml")).collect());
}

#[test]
fn every_direct_dependency_has_its_line() {
    let document = text("docs/dependencies.md");
    let lines = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeSet<&str> = lines.map(|(name, _)| name).collect();
    let declared = declared();
    let used: BTreeSet<&str> =
        declared.iter().filter(|(_, wanted)| wanted.get("path").is_none()).map(|(name, _)| name.as_str()).collect();
    let missing = used.difference(&documented).map(|name| format!("docs/dependencies.md lacks a line on {name}"));
    let left_over = documented.difference(&used).map(|name| format!("docs/dependencies.md tells of {name}: not used"));
    none(missing.chain(left_over).collect());
}
