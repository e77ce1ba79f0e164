//! How the machine is set up that a screen shows: its clock and time zone, its
//! keyboard layout, and the language of its programs.
//!
//! Each is a statement of what was seen at one place, and no more. A screen
//! may show a machine that somebody is logged in to, a layout is switched by a
//! key, and a clock is set by anybody: what follows from a clock is worked out
//! elsewhere, from all of them together and from a time that is not on the
//! screen.

use std::collections::BTreeMap;

use crate::tell::part;
use crate::{Grid, Reading, Rect, Row};

mod clock;
mod date;
mod keyboard;
mod language;

pub use clock::Clock;
pub use date::Day;

/// What is said of the machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// A time of day, with all that stands beside it.
    Clock(Clock),
    /// Minutes east of UTC without a clock to go by: that of a log line, or of a time zone named.
    Offset(i32),
    /// Languages that the words may be of, as BCP 47 spells them, in order.
    Language(Vec<String>),
    /// Keyboard layouts, as the machine spells them.
    Keyboard(String),
}

impl Setting {
    /// What kind of setting it is, as tables write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Clock(_) => "clock",
            Self::Offset(_) => "offset",
            Self::Language(_) => "language",
            Self::Keyboard(_) => "keyboard",
        }
    }

    /// As tables write it: `2024-11-22T01:20:03+0330`, `+0330`, `de`, `us,ru`.
    pub fn value(&self) -> String {
        match self {
            Self::Clock(clock) => clock.to_string(),
            Self::Offset(minutes) => clock::offset_word(*minutes),
            Self::Language(tags) => tags.join(" "),
            Self::Keyboard(layouts) => layouts.clone(),
        }
    }

    /// The clock, if it is one.
    pub fn clock(&self) -> Option<&Clock> {
        if let Self::Clock(clock) = self { Some(clock) } else { None }
    }

    /// Minutes east of UTC, where they stand there or a zone is named.
    pub fn offset_minutes(&self) -> Option<i32> {
        if let Self::Offset(minutes) = self { Some(*minutes) } else { self.clock()?.offset_minutes }
    }
}

/// In what it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A task bar, outside fixed-pitch text.
    Desktop,
    /// The last line of a terminal multiplexer.
    StatusLine,
    /// The time before a prompt.
    Prompt,
    /// What `date` prints.
    DateCommand,
    /// The first line of `uptime`, `w` and `top`.
    Uptime,
    /// What `timedatectl` and `localectl` print.
    SystemSettings,
    /// A line of a log, of whatever machine wrote it.
    LogLine,
    /// A variable of the environment, typed or listed.
    Environment,
    /// A command that sets or shows it.
    Command,
    /// A message of a shell or of a program of the system.
    Message,
    /// Dates and sums of `ls -l`.
    Listing,
    /// The menu bar of a window.
    Menu,
}

impl Form {
    /// As tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::StatusLine => "status line",
            Self::Prompt => "prompt",
            Self::DateCommand => "date command",
            Self::Uptime => "uptime",
            Self::SystemSettings => "system settings",
            Self::LogLine => "log line",
            Self::Environment => "environment",
            Self::Command => "command",
            Self::Message => "message",
            Self::Listing => "listing",
            Self::Menu => "menu",
        }
    }

    /// Whether it goes on while it is shown; what a program printed stands still.
    fn goes_on(self) -> bool {
        matches!(self, Self::Desktop | Self::StatusLine)
    }
}

/// One setting, where and when it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What is said.
    pub setting: Setting,
    /// In what it stood.
    pub form: Form,
    /// As read.
    pub text: String,
    /// Index into [`Reading::rows`] of the first row that says it.
    pub row: usize,
    /// Byte of that row's text at which it begins.
    pub start: usize,
    /// Rows that say it.
    pub rows: u64,
    /// Box of the text in the picture.
    pub place: Rect,
    /// First time seen, in milliseconds.
    pub first_ms: u64,
    /// Last time seen, in milliseconds.
    pub last_ms: u64,
    /// That of its least certain character.
    pub confidence: f32,
}

impl Shown {
    /// Whether a clock told the time at which it was first seen: it goes on, or
    /// it was printed while the picture ran.
    pub fn is_live(&self) -> bool {
        self.form.goes_on() || self.first_ms > 0
    }
}

/// A find in one row: what, in what, and which characters of the row.
type Find = (Setting, Form, (usize, usize));

/// All settings that a reading shows, in order of form and value. What is said
/// again is counted and its time spread; of clocks those of one minute.
pub fn settings(reading: &Reading) -> Vec<Shown> {
    let mut shown: BTreeMap<(Form, Setting), Shown> = BTreeMap::new();
    for (at, row) in reading.rows.iter().enumerate().filter(|(_, row)| !row.partial) {
        let grid = row.grid.and_then(|grid| reading.grids.get(grid));
        for (setting, form, span) in finds(&reading.rows, at, grid) {
            let Some((text, place, confidence)) = part(row, grid, span) else { continue };
            let key = (form, of_the_minute(&setting));
            let one = Shown {
                setting,
                form,
                text,
                row: at,
                start: row.text.char_indices().nth(span.0).map_or(row.text.len(), |(start, _)| start),
                rows: 0,
                place,
                first_ms: row.first_ms,
                last_ms: row.last_ms,
                confidence,
            };
            let known = shown.entry(key).or_insert(one);
            known.rows += 1;
            known.last_ms = known.last_ms.max(row.last_ms);
        }
    }
    shown.into_values().collect()
}

fn finds(rows: &[Row], at: usize, grid: Option<&Grid>) -> Vec<Find> {
    let (row, text) = (&rows[at], &rows[at].text);
    let Some(grid) = grid else {
        let mut finds = of_bar(rows, at, text);
        let whole = (0, text.chars().count());
        finds.extend(language::menu_line(rows, at).map(|tags| (Setting::Language(tags), Form::Menu, whole)));
        return finds;
    };
    // A task bar may have been taken for a line of the terminal beside it. Nothing else of one stands
    // in the right half alone; what could not be read there is the edges of letters cut by the cells.
    if row.place.x > grid.area.x + grid.area.width / 2 {
        return of_bar(rows, at, &text.replace('\u{FFFD}', " "));
    }
    let mut finds = clock::terminal(text);
    finds.extend(language::terminal(text));
    finds.extend(keyboard::terminal(text));
    finds
}

/// What a task bar says.
fn of_bar(rows: &[Row], at: usize, text: &str) -> Vec<Find> {
    let mut finds = clock::desktop(text);
    // With a digit cut off, another time would stand there.
    finds.retain(|(setting, ..)| rows[at].grid.is_none() || setting.clock().is_none_or(|clock| !clock.half_open));
    finds.extend(keyboard::indicator(rows, at, text));
    finds
}

/// Whether two rows stood on one line, or nearly, at one time. A task bar may
/// have two lines in the height of one.
fn is_beside(row: &Row, other: &Row) -> bool {
    let middle = |row: &Row| i64::from(row.place.y) * 2 + i64::from(row.place.height);
    let near = (middle(row) - middle(other)).abs() <= 2 * i64::from(row.place.height.max(other.place.height));
    near && row.first_ms <= other.last_ms && other.first_ms <= row.last_ms
}

/// Clocks without their seconds: a row each second would say the same sixty times.
fn of_the_minute(setting: &Setting) -> Setting {
    match setting {
        Setting::Clock(clock) => Setting::Clock(Clock { seconds: clock.seconds - clock.seconds % 60, ..clock.clone() }),
        other => other.clone(),
    }
}

/// Words of a text with the characters at which they begin and end.
fn words(text: &str) -> Vec<(&str, (usize, usize))> {
    let mut words = Vec::new();
    let (mut chars, mut rest) = (0, text);
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        chars += rest[..start].chars().count();
        let word = rest[start..].split(char::is_whitespace).next().unwrap_or_default();
        let length = word.chars().count();
        words.push((word, (chars, chars + length)));
        chars += length;
        rest = &rest[start + word.len()..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Luma, Reader};

    fn row(text: &str, grid: Option<usize>, first_ms: u64, place: Rect) -> Row {
        let chars = text.chars().enumerate().filter(|(_, value)| *value != ' ');
        let char = |(at, value)| crate::Char {
            value,
            confidence: 0.9,
            others: Vec::new(),
            column: at as u32,
            first_ms,
            last_ms: first_ms + 10,
        };
        Row {
            text: text.to_owned(),
            chars: chars.map(char).collect(),
            place,
            taken_ms: first_ms,
            first_ms,
            last_ms: first_ms + 10,
            frames: 1,
            stays: Vec::new(),
            grid,
            partial: false,
            reader: Reader::Network,
            pixels: Luma::default(),
        }
    }

    fn reading(rows: Vec<Row>) -> Reading {
        let area = Rect { x: 0, y: 0, width: 800, height: 400 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 0 };
        Reading { grids: vec![grid], rows }
    }

    #[test]
    fn what_is_said_again_is_one_fact_with_a_longer_time() {
        let box_of = |y| Rect { x: 0, y, width: 640, height: 16 };
        let line = |second: u32| format!("[22/Nov/2024:01:20:{second:02} +0330] GET /");
        let rows = (0..5).map(|n| row(&line(n), Some(0), u64::from(n) * 1000, box_of(n * 16))).collect();
        let shown = settings(&reading(rows));
        assert_eq!(shown.len(), 1, "{shown:?}");
        let one = &shown[0];
        assert_eq!((&one.setting, one.form, one.rows), (&Setting::Offset(210), Form::LogLine, 5));
        assert_eq!((&*one.text, one.start, one.first_ms, one.last_ms), ("+0330", 22, 0, 4010));
        assert_eq!(one.place, Rect { x: 22 * 8, y: 0, width: 40, height: 16 });
    }

    #[test]
    fn a_printed_clock_that_stood_there_from_the_start_is_not_live() {
        let place = Rect { x: 0, y: 0, width: 640, height: 16 };
        let printed = "Fri Nov 22 01:20:03 CET 2024";
        let live = |grid, first_ms, text: &str| settings(&reading(vec![row(text, grid, first_ms, place)]))[0].is_live();
        assert!(!live(Some(0), 0, printed));
        assert!(live(Some(0), 900, printed));
        assert!(live(None, 0, "14:03"));
    }

    #[test]
    fn a_menu_may_be_read_in_pieces() {
        let at = |x| Rect { x, y: 30, width: 50, height: 14 };
        let rows =
            vec![row("Datei", None, 0, at(8)), row("Bearbeiten", None, 0, at(60)), row("Hilfe", None, 0, at(150))];
        let shown = settings(&reading(rows));
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!((&shown[0].setting, shown[0].form), (&Setting::Language(vec!["de".to_owned()]), Form::Menu));
    }

    #[test]
    fn a_task_bar_read_by_the_cells_of_a_terminal_is_one() {
        let right = Rect { x: 640, y: 380, width: 150, height: 18 };
        let shown = |text: &str, x| {
            let shown = settings(&reading(vec![row(text, Some(0), 0, Rect { x, ..right })]));
            shown
                .iter()
                .map(|one| format!("{} {} {}", one.form.word(), one.setting.value(), one.text))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("\u{FFFD}DE        \u{FFFD}14:03", 640), ["desktop 14:03 14:03", "desktop DE DE"]);
        assert!(shown("\u{FFFD}4:03", 640).is_empty());
        assert!(shown("14:03", 24).is_empty());
    }

    proptest::proptest! {
        /// Whatever stands on a screen, a find lies within its row.
        #[test]
        fn any_text_is_read(text in "(\\PC{0,40}|[-+:.0-9A-Za-z\\[\\]\"= ]{0,60}|(LANG=|layout: |top - |Local time: )\\PC{0,12})", has_grid: bool) {
            let place = Rect { x: 0, y: 0, width: 640, height: 16 };
            for shown in settings(&reading(vec![row(text.trim(), has_grid.then_some(0), 5, place)])) {
                let at_its_place = text.trim().get(shown.start..).is_some_and(|rest| rest.starts_with(&shown.text));
                proptest::prop_assert!(at_its_place, "{shown:?} of {text}");
            }
        }
    }
}
