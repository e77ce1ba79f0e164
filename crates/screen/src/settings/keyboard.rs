//! Keyboard layouts: in commands that set or show them, and as the mark beside
//! the clock of a task bar.

use super::{Find, Form, Setting, clock, words};
use crate::Row;

/// Marks that task bars show for a layout, in the spelling of GNOME and Xfce,
/// and of Windows.
const MARKS: &[&str] = &[
    "AR", "BG", "BY", "CZ", "DE", "DK", "EN", "ES", "FA", "FI", "FR", "GB", "GR", "HE", "HU", "IL", "IN", "IR", "IT",
    "JP", "KR", "NL", "NO", "PL", "PT", "RO", "RS", "RU", "SE", "TR", "UA", "UK", "US", "ARA", "DEU", "ENG", "ESP",
    "FAR", "FRA", "HEB", "ITA", "NLD", "PLK", "POL", "PTB", "RUS", "TRK", "UKR",
];

/// What goes before a layout in what programs print and read.
const LABELS: &[(&str, Form)] = &[
    ("VC Keymap: ", Form::SystemSettings),
    ("X11 Layout: ", Form::SystemSettings),
    ("layout: ", Form::Command),
    ("KEYMAP=", Form::Environment),
    ("XKBLAYOUT=", Form::Environment),
];

/// Whether a word is the mark of a layout.
pub(super) fn is_layout(word: &str) -> bool {
    MARKS.contains(&word)
}

/// Layouts in a line of a terminal.
pub(super) fn terminal(text: &str) -> Vec<Find> {
    let found = labelled(text).or_else(|| set(text).map(|span| (Form::Command, span)));
    let Some((form, (start, end))) = found else { return Vec::new() };
    let layout: String = text.chars().skip(start).take(end - start).collect();
    let is_name = |part: &str| {
        (2..=12).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let well = layout.split(',').all(is_name) && !layout.is_empty();
    if well { vec![(Setting::Keyboard(layout), form, (start, end))] } else { Vec::new() }
}

/// The value behind a label with which the line begins.
fn labelled(text: &str) -> Option<(Form, (usize, usize))> {
    let indent = text.chars().take_while(|c| *c == ' ').count();
    let line = &text[indent..];
    let (label, form) = LABELS.iter().find(|(label, _)| line.starts_with(label))?;
    let rest = &line[label.len()..];
    let quoted = rest.len() - rest.trim_start_matches([' ', '"', '\'']).len();
    let start = indent + label.len() + quoted;
    let value = rest[quoted..].split([' ', '"', '\'']).next()?;
    Some((*form, (start, start + value.chars().count())))
}

/// The layout behind `setxkbmap` or `loadkeys`.
fn set(text: &str) -> Option<(usize, usize)> {
    let words = words(text);
    let at = words.iter().position(|(word, _)| matches!(*word, "setxkbmap" | "loadkeys"))?;
    let next = words.get(at + 1).filter(|(word, _)| *word == "-layout").map_or(at + 1, |_| at + 2);
    words.get(next).filter(|(word, _)| !word.starts_with('-')).map(|(_, span)| *span)
}

/// The mark of a layout on the line of a clock, in the same box or in one of its own.
pub(super) fn indicator(rows: &[Row], at: usize, text: &str) -> Option<Find> {
    let row = &rows[at];
    let words = words(text);
    let (mark, span) = words.iter().find(|(word, _)| is_layout(word))?;
    let beside = || {
        rows.iter().any(|other| other.grid.is_none() && super::is_beside(row, other) && clock::is_desktop(&other.text))
    };
    let well = if words.len() == 1 { beside() } else { clock::is_desktop(text) };
    well.then(|| (Setting::Keyboard((*mark).to_owned()), Form::Desktop, *span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_set_and_shown() {
        for (text, expected) in [
            ("mary@desk:~$ setxkbmap de", "command de"),
            ("mary@desk:~$ setxkbmap -layout us,ru -option grp:toggle", "command us,ru"),
            ("mary@desk:~$ setxkbmap -query", ""),
            ("layout:     us,ru", "command us,ru"),
            ("       VC Keymap: de-latin1", "system settings de-latin1"),
            ("      X11 Layout: ir", "system settings ir"),
            ("KEYMAP=fr", "environment fr"),
            ("XKBLAYOUT=\"us,ua\"", "environment us,ua"),
            ("layout: (unset)", ""),
            ("a layout: de", ""),
        ] {
            let shown = terminal(text).into_iter().map(|(setting, form, _)| match setting {
                Setting::Keyboard(layout) => format!("{} {layout}", form.word()),
                other => format!("{other:?}"),
            });
            assert_eq!(shown.collect::<Vec<_>>().join("; "), expected, "{text}");
        }
    }
}
