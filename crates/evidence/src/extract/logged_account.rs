//! Slip: an account that lines of a log on a screen name again and again.

use model::{Detector, Entry, Found, PlantCost, Role, SlipKind, Surface, Text};

/// Sees `user=NAME` in rows of a log that somebody had open.
pub struct LoggedAccount;

static ENTRY: Entry = Entry {
    name: "logged_account",
    summary: "an account that lines of a log on a screen name",
    doc: "\
# What it sees
In rows of text read off a screen that begin with a day or a time of day: the value of `user=`, `username=`, `login=` or \
`account=`. Names that every system has, and pure numbers, are left out.

# Why it tells
A tool that works through a few accounts writes each of them many times. It is published only where a recording shows an \
account in three rows or more, since a list in which each name stands once may be one of victims.

# Example
Rows such as `2026-05-11T09:00:00 GET /row/7 user=gull.one 200`, with few names taking turns.

# How it misleads
Whose the accounts are is not said: the tool's own, those of people it watches, or made up for the camera.

# References
MITRE ATT&CK T1585 (seen from the other side).",
};

const FIELDS: &[&str] = &["user=", "username=", "login=", "account="];

impl Detector for LoggedAccount {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        let Ok(row) = std::str::from_utf8(text.bytes) else { return };
        if text.role != Role::Screen(Surface::Output) || !is_dated(row) {
            return;
        }
        for word in row.split_whitespace() {
            let Some(name) = FIELDS.iter().find_map(|field| word.strip_prefix(field)) else { continue };
            if super::typed_target::tells(name) {
                found.push(Found {
                    kind: SlipKind::Username,
                    raw: name.to_owned(),
                    value: name.to_owned(),
                    start: name.as_ptr() as usize - row.as_ptr() as usize,
                    length: name.len(),
                    why: "an account that lines of a log on the screen name again and again".to_owned(),
                    plant_cost: PlantCost::Trivial,
                });
            }
        }
    }
}

/// Whether a row begins as lines of logs do: `2026-05-11`, `09:00:07`, in brackets or not.
fn is_dated(row: &str) -> bool {
    let shape = |sample: &str, text: &str| {
        text.len() >= sample.len()
            && text.bytes().zip(sample.bytes()).all(|(byte, like)| match like {
                b'9' => byte.is_ascii_digit(),
                _ => byte == like,
            })
    };
    let start = row.trim_start_matches(['[', ' ']);
    shape("9999-99-99", start) || shape("99:99:99", start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_logs_and_nothing_else() {
        let table = [
            ("2026-05-11T09:00:00 [17] GET /row/7 192.0.2.7 user=gull.one 200", "gull.one"),
            ("[09:00:07] login=wren_2 ok", "wren_2"),
            ("2026-05-11 user=root failed", ""),
            ("2026-05-11 user=1000 failed", ""),
            ("user=gull.one", ""),
            ("curl https://host.test/?user=gull.one", ""),
        ];
        for (row, expected) in table {
            let mut found = Vec::new();
            let bytes = row.as_bytes();
            let text = Text { role: Role::Screen(Surface::Output), chain: "", start: 0, bytes, personal: false };
            LoggedAccount.look(&text, &mut found);
            let names: Vec<&str> = found.iter().map(|slip| &row[slip.start..slip.start + slip.length]).collect();
            assert_eq!(names.join(" "), expected, "{row}");
        }
    }
}
