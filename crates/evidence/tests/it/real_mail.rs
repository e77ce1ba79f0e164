//! Real phishing mails: every file is a message or a loss, and every place opens.
//!
//! The mails lie beside the checkout and hold live traps; nothing in them is
//! followed. Without them the test says so and passes.

use std::path::Path;

use crate::check;

#[test]
fn every_real_mail_is_a_message_or_a_loss() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/real/mail");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no ../shared");
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let (mut messages, mut lost) = (0, 0);
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let rows = check::rows_of(&name, &bytes);
        let outer = rows.iter().filter(|row| row.table == "messages" && row.get("depth") == "0").count();
        messages += outer;
        lost += usize::from(outer == 0 && rows.iter().any(|row| row.table == "losses"));
        check::assert_all_open(&rows, &name, &bytes);
    }
    println!("{messages} messages and {lost} losses in {} files", paths.len());
    assert_eq!(messages + lost, paths.len());
}
