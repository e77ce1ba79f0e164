//! Source files: names, length, essays, printing, and files that nothing reads.

use std::path::{Path, PathBuf};

use crate::checkout::{crates, files_below, none, root, rust_files, text, toml};

/// Names that say nothing of what is inside, and so collect everything.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "manager"];

/// A file beyond this is two topics; most should be a third of it.
const LINES_AT_MOST: usize = 600;

/// Ways to talk to people, or to learn of them, that a library must not use.
const FOR_PROGRAMS: &[&str] = &[
    "println!",
    "eprintln!",
    "print!(",
    "eprint!(",
    "dbg!(",
    "env::args",
    "env::var",
    "env::current_dir",
    "process::exit",
];

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn names_say_what_is_inside() {
    let parts = |path: &Path| path.iter().map(|part| stem(Path::new(part))).collect::<Vec<_>>();
    let empty = |path: &PathBuf| parts(path).iter().any(|part| EMPTY_NAMES.contains(&part.as_str()));
    none(rust_files().into_iter().filter(empty).map(|path| path.display().to_string()).collect());
}

#[test]
fn files_stay_readable_in_one_sitting() {
    let lines = |path: &PathBuf| text(path).lines().count();
    let long = rust_files().into_iter().map(|path| (lines(&path), path)).filter(|(lines, _)| *lines > LINES_AT_MOST);
    none(long.map(|(lines, path)| format!("{} has {lines} lines", path.display())).collect());
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let silent = rust_files().into_iter().filter(|path| !text(path).starts_with("//! "));
    none(silent.map(|path| format!("{} does not begin with `//!`", path.display())).collect());
}

/// Code before the unit tests, without comments.
fn code(path: &Path) -> String {
    let text = text(path);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn libraries_do_not_talk_to_people() {
    let mut complaints = Vec::new();
    for name in crates().iter().filter(|name| *name != "workbench") {
        for path in files_below(&format!("crates/{name}/src")) {
            let code = if path.extension().is_some_and(|end| end == "rs") { code(&path) } else { String::new() };
            let used = FOR_PROGRAMS.iter().filter(|word| code.contains(**word));
            complaints.extend(used.map(|word| format!("{} uses {word}", path.display())));
        }
    }
    none(complaints);
}

#[test]
fn no_file_of_a_crate_is_forgotten() {
    let roots = ["lib.rs", "main.rs"];
    let mut complaints = Vec::new();
    for path in rust_files() {
        let named = path.file_name().is_some_and(|name| roots.iter().any(|root| name == *root));
        let part_of_library = path.components().any(|part| part.as_os_str() == "src");
        let part_of_tests = path.components().any(|part| part.as_os_str() == "it");
        if named || !(part_of_library || part_of_tests) {
            continue;
        }
        if !parents(&path).iter().any(|parent| declares(parent, &stem(&path))) {
            complaints.push(format!("no file says `mod {};` for {}", stem(&path), path.display()));
        }
    }
    none(complaints);
}

/// The files that could declare the module in `path`.
fn parents(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = ["lib.rs", "main.rs"].map(|name| folder.join(name));
    let mut parents = beside.to_vec();
    parents.push(folder.with_extension("rs"));
    parents.retain(|parent| root().join(parent).exists());
    parents
}

fn declares(parent: &Path, module: &str) -> bool {
    let (plain, public) = (format!("mod {module};"), format!("pub mod {module};"));
    let (within, parent_only) = (format!("pub(crate) mod {module};"), format!("pub(super) mod {module};"));
    text(parent).lines().map(str::trim).any(|line| [&plain, &public, &within, &parent_only].contains(&&line.to_owned()))
}

#[test]
fn each_crate_has_one_binary_of_integration_tests() {
    let extra = files_below("crates").into_iter().filter(|path| {
        let parts: Vec<_> = path.iter().collect();
        parts.len() == 4 && parts[2] == "tests" && path.extension().is_some_and(|end| end == "rs")
    });
    none(extra.map(|path| format!("{} should be a module of tests/it", path.display())).collect());
}

#[test]
fn no_unit_test_lies_where_none_is_run() {
    let silent = crates().into_iter().filter(|name| {
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        let is_off = |target: &toml::Value| target.get("test").and_then(toml::Value::as_bool) == Some(false);
        let binaries = manifest.get("bin").and_then(toml::Value::as_array);
        manifest.get("lib").is_some_and(is_off) || binaries.is_some_and(|binaries| binaries.iter().any(is_off))
    });
    let dead = silent.flat_map(|name| files_below(&format!("crates/{name}/src")));
    let dead =
        dead.filter(|path| path.extension().is_some_and(|end| end == "rs") && text(path).contains("#[cfg(test)]"));
    none(dead.map(|path| format!("the tests in {} never run", path.display())).collect());
}

#[test]
fn every_rule_in_sql_is_listed() {
    let list: String = files_below("crates/linkage/src")
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(text)
        .collect();
    let forgotten = files_below("crates/linkage/src").into_iter().filter(|path| {
        path.extension().is_some_and(|end| end == "sql")
            && !list.contains(path.file_name().unwrap().to_string_lossy().as_ref())
            && !list.contains(&format!("\"{}\"", stem(path)))
    });
    none(forgotten.map(|path| format!("no list names {}", path.display())).collect());
}
