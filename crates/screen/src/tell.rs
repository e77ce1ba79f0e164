//! What a screen tells by its structure: whose prompt it is, what was typed
//! there, what the window is called, and which values are the operator's own
//! surroundings rather than a list that scrolled by.

use crate::{Grid, Reading, Rect, Row};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Account name in a prompt or title.
    User,
    /// Machine name in a prompt or title.
    Host,
    /// Working directory in a prompt or title.
    Directory,
    /// A command with all its arguments.
    Command,
    /// A window title or a tab.
    Title,
    /// A path of a file or folder.
    Path,
    /// A bare file name.
    File,
    /// An IPv4 address, without its port.
    Address,
    /// A URL.
    Url,
    /// A mail address, or `user@host` of a remote login.
    Mail,
}

/// Where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The operator's prompt: the machine the video was made on, or was logged in to.
    Prompt,
    /// Typed by the operator.
    Command,
    /// A window title, tab or task bar.
    Title,
    /// Shown by a program; may be anyone's.
    Output,
}

/// One thing that a screen told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What it is.
    pub kind: Kind,
    /// Where it stood.
    pub whose: Whose,
    /// As read.
    pub text: String,
    /// Index into [`Reading::rows`].
    pub row: usize,
    /// Box of the text in the picture.
    pub place: Rect,
    /// First time seen, in milliseconds.
    pub first_ms: u64,
    /// Last time seen, in milliseconds.
    pub last_ms: u64,
    /// That of its least certain character.
    pub confidence: f32,
}

/// A part of a row's text: character positions, the end excluded.
type Span = (usize, usize);

/// A prompt taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Prompt {
    user: Option<Span>,
    host: Option<Span>,
    directory: Option<Span>,
    command: Option<Span>,
}

/// All that a reading tells, in order of its rows and then of place.
pub fn tell(reading: &Reading) -> Vec<Told> {
    let mut told = Vec::new();
    for (at, row) in reading.rows.iter().enumerate() {
        let grid = row.grid.and_then(|grid| reading.grids.get(grid));
        for (kind, whose, span) in parts(row, grid.is_some()) {
            told.extend(one(row, at, grid, kind, whose, span));
        }
    }
    told
}

fn parts(row: &Row, is_grid: bool) -> Vec<(Kind, Whose, Span)> {
    let text: Vec<char> = row.text.chars().collect();
    if !is_grid {
        return title(&text);
    }
    let Some(prompt) = prompt(&text) else { return values(&text, (0, text.len()), Whose::Output) };
    let mut parts = named(&prompt, Whose::Prompt);
    if let Some(command) = prompt.command {
        parts.push((Kind::Command, Whose::Command, command));
        parts.extend(values(&text, command, Whose::Command));
    }
    parts
}

fn named(prompt: &Prompt, whose: Whose) -> Vec<(Kind, Whose, Span)> {
    let named = [(Kind::User, prompt.user), (Kind::Host, prompt.host), (Kind::Directory, prompt.directory)];
    named.into_iter().filter_map(|(kind, span)| Some((kind, whose, span?))).collect()
}

fn title(text: &[char]) -> Vec<(Kind, Whose, Span)> {
    let whole = (0, text.len());
    let mut parts = vec![(Kind::Title, Whose::Title, whole)];
    match at_host(text, 0) {
        Some((login, colon)) if text.get(colon) == Some(&':') => {
            let end = word_end(text, colon + 1);
            let start = (colon + 1..end).find(|at| text[*at] != ' ');
            let directory = start.map(|start| (start, word_end(text, start))).filter(|span| span.1 > span.0);
            parts.extend(named(&Prompt { directory, ..login }, Whose::Title));
        }
        _ => parts.extend(values(text, whole, Whose::Title)),
    }
    parts
}

/// Whether a line is a prompt, with or without a command.
pub(crate) fn is_prompt(text: &[char]) -> bool {
    prompt(text).is_some()
}

fn prompt(text: &[char]) -> Option<Prompt> {
    bracketed(text).or_else(|| plain(text)).or_else(|| windows(text))
}

/// `[user@host dir]$ command`
fn bracketed(text: &[char]) -> Option<Prompt> {
    let start = after_environment(text);
    if text.get(start) != Some(&'[') {
        return None;
    }
    let (login, end) = at_host(text, start + 1)?;
    let close = (end..text.len()).find(|at| text[*at] == ']')?;
    let directory = (end + 1 < close).then_some((end + 1, close));
    let sign = text.get(close + 1).filter(|sign| "$#%>".contains(**sign))?;
    let _ = sign;
    Some(Prompt { directory, command: rest(text, close + 2), ..login })
}

/// `user@host:dir$ command`
fn plain(text: &[char]) -> Option<Prompt> {
    let (login, colon) = at_host(text, after_environment(text))?;
    if text.get(colon) != Some(&':') {
        return None;
    }
    let end = (colon + 1..text.len())
        .find(|at| "$#%>".contains(text[*at]) && text.get(at + 1).is_none_or(|next| *next == ' '))?;
    let directory = (colon + 1..end).all(|at| text[at] != '\u{FFFD}').then_some((colon + 1, end));
    Some(Prompt { directory: directory.filter(|span| span.0 < span.1), command: rest(text, end + 1), ..login })
}

/// `PS C:\dir> command` and `C:\dir>command`
fn windows(text: &[char]) -> Option<Prompt> {
    let start = if text.starts_with(&['P', 'S', ' ']) { 3 } else { 0 };
    let is_drive = text.get(start)?.is_ascii_alphabetic()
        && text.get(start + 1) == Some(&':')
        && text.get(start + 2) == Some(&'\\');
    let end = (start..text.len()).find(|at| text[*at] == '>').filter(|_| is_drive)?;
    Some(Prompt { directory: Some((start, end)), command: rest(text, end + 1), ..Prompt::default() })
}

/// Past `(venv) `.
fn after_environment(text: &[char]) -> usize {
    let close = (text.first() == Some(&'(')).then(|| text.iter().position(|char| *char == ')')).flatten();
    close.filter(|close| text.get(close + 1) == Some(&' ')).map_or(0, |close| close + 2)
}

/// `user@host` at a place, and where it ends.
fn at_host(text: &[char], start: usize) -> Option<(Prompt, usize)> {
    let is_name = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
    let run = |from: usize| (from..text.len()).find(|at| !is_name(text[*at])).unwrap_or(text.len());
    let at = run(start);
    if at == start || text.get(at) != Some(&'@') {
        return None;
    }
    let end = run(at + 1);
    let login = Prompt { user: Some((start, at)), host: Some((at + 1, end)), ..Prompt::default() };
    (end > at + 1).then_some((login, end))
}

fn rest(text: &[char], from: usize) -> Option<Span> {
    let start = (from..text.len()).find(|at| text[*at] != ' ')?;
    Some((start, text.len()))
}

fn word_end(text: &[char], from: usize) -> usize {
    (from..text.len()).find(|at| text[*at] == ' ' && *at > from).unwrap_or(text.len())
}

/// Values among the words of a part.
fn values(text: &[char], (from, to): Span, whose: Whose) -> Vec<(Kind, Whose, Span)> {
    let parts_words = |char: char| char == ' ' || "'\"<>|,;()[]{}=".contains(char);
    let mut values = Vec::new();
    let mut start = from;
    for at in from..=to {
        if at < to && !parts_words(text[at]) {
            continue;
        }
        let (mut first, mut last) = (start, at);
        while last > first && ".:".contains(text[last - 1]) {
            last -= 1;
        }
        while first < last && text[first] == ':' {
            first += 1;
        }
        values.extend(value(&text[first..last]).map(|(kind, length)| (kind, whose, (first, first + length))));
        start = at + 1;
    }
    values
}

/// What a word is, and how much of it.
fn value(word: &[char]) -> Option<(Kind, usize)> {
    let text: String = word.iter().collect();
    if text.contains('\u{FFFD}') || word.len() < 3 {
        return None;
    }
    let whole = word.len();
    if text.contains("://") {
        return Some((Kind::Url, whole));
    }
    if let Some(length) = address(&text) {
        return Some((Kind::Address, length));
    }
    if at_host(word, 0).is_some_and(|(_, end)| end == whole) {
        return Some((Kind::Mail, whole));
    }
    let is_path = text.starts_with('/') && text.len() > 2
        || text.starts_with("~/")
        || text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with("\\\\")
        || (word[0].is_ascii_alphabetic() && word[1] == ':' && word[2] == '\\');
    if is_path {
        return Some((Kind::Path, whole));
    }
    is_file(&text).then_some((Kind::File, whole))
}

/// Length of an IPv4 address at the start of a word that goes on with a port or ends.
fn address(text: &str) -> Option<usize> {
    let address = text.split([':', '/']).next()?;
    let parts: Vec<&str> = address.split('.').collect();
    let is_byte = |part: &&str| !part.is_empty() && part.len() <= 3 && part.parse::<u8>().is_ok();
    (parts.len() == 4 && parts.iter().all(is_byte)).then_some(address.len())
}

/// A name with an extension that begins with a letter.
fn is_file(text: &str) -> bool {
    let Some((stem, extension)) = text.rsplit_once('.') else { return false };
    let is_name = |char: char| char.is_ascii_alphanumeric() || "._-+".contains(char);
    !stem.is_empty()
        && stem.chars().all(is_name)
        && stem.chars().any(|char| char.is_ascii_alphabetic())
        && (2..=5).contains(&extension.len())
        && extension.starts_with(|char: char| char.is_ascii_alphabetic())
        && extension.chars().all(|char| char.is_ascii_alphanumeric())
}

fn one(row: &Row, at: usize, grid: Option<&Grid>, kind: Kind, whose: Whose, span: Span) -> Option<Told> {
    let (text, place, confidence) = part(row, grid, span)?;
    if text.contains('\u{FFFD}') && kind != Kind::Command {
        return None;
    }
    Some(Told { kind, whose, text, row: at, place, first_ms: row.first_ms, last_ms: row.last_ms, confidence })
}

/// Part of a row: its text, its box, and the certainty of its least certain
/// character. None where it is empty.
pub(crate) fn part(row: &Row, grid: Option<&Grid>, span: Span) -> Option<(String, Rect, f32)> {
    let text: String = row.text.chars().skip(span.0).take(span.1 - span.0).collect();
    let text = text.trim_end().to_owned();
    let first_column = row.chars.first().filter(|_| !text.is_empty())?.column as usize;
    let columns = first_column + span.0..first_column + span.1;
    let inside = row.chars.iter().filter(|char| columns.contains(&(char.column as usize)));
    let confidence = inside.map(|char| char.confidence).fold(1.0, f32::min);
    let place = grid.map_or(row.place, |grid| {
        let x = (grid.origin_x + columns.start as f32 * grid.cell_width).max(0.0) as u32;
        let width = (columns.len() as f32 * grid.cell_width).ceil() as u32;
        Rect { x, width, ..row.place }
    });
    Some((text, place, confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a text, as `kind whose text` joined by `; `.
    fn check(text: &str, is_grid: bool, expected: &str) {
        let chars: Vec<char> = text.chars().collect();
        let row = Row {
            text: text.to_owned(),
            chars: Vec::new(),
            place: Rect::default(),
            taken_ms: 0,
            first_ms: 0,
            last_ms: 0,
            frames: 1,
            stays: Vec::new(),
            grid: is_grid.then_some(0),
            partial: false,
            reader: crate::Reader::Network,
            pixels: crate::Luma::default(),
        };
        let shown = |(kind, whose, span): (Kind, Whose, Span)| {
            format!("{kind:?} {whose:?} {}", chars[span.0..span.1].iter().collect::<String>())
        };
        let told: Vec<String> = parts(&row, is_grid).into_iter().map(shown).collect();
        assert_eq!(told.join("; "), expected, "of {text}");
    }

    #[test]
    fn prompts() {
        check(
            "vtr@ws-14:~/lists# cd /srv/queue",
            true,
            "User Prompt vtr; Host Prompt ws-14; Directory Prompt ~/lists; Command Command cd /srv/queue; Path Command /srv/queue",
        );
        check("[hadi@DESKTOP-R71 ~]$", true, "User Prompt hadi; Host Prompt DESKTOP-R71; Directory Prompt ~");
        check(
            "(venv) mrk@bench:~/work$ ssh deploy@198.51.100.23",
            true,
            "User Prompt mrk; Host Prompt bench; Directory Prompt ~/work; Command Command ssh deploy@198.51.100.23; Mail Command deploy@198.51.100.23",
        );
        check(
            r"PS C:\Users\hadi> type out.csv",
            true,
            r"Directory Prompt C:\Users\hadi; Command Command type out.csv; File Command out.csv",
        );
        check(r"C:\Users\hadi>", true, r"Directory Prompt C:\Users\hadi");
    }

    #[test]
    fn output() {
        check(
            r#"  "exit": ["203.0.113.12", "203.0.113.77"],"#,
            true,
            "Address Output 203.0.113.12; Address Output 203.0.113.77",
        );
        check("upstream = socks5://192.0.2.201:9050", true, "Url Output socks5://192.0.2.201:9050");
        check("[+] connecting to 203.0.113.77:5432 as svc", true, "Address Output 203.0.113.77");
        check(r"written to C:\Users\hadi\out.csv", true, r"Path Output C:\Users\hadi\out.csv");
        check("-rw-r--r-- 1 root root 2 Nov 22 01:20 rows_0311.csv", true, "File Output rows_0311.csv");
        check("host = 203.\u{FFFD}.113.77", true, "");
        check("total 40", true, "");
    }

    #[test]
    fn titles() {
        check(
            "vtr@ws-14:~/lists",
            false,
            "Title Title vtr@ws-14:~/lists; User Title vtr; Host Title ws-14; Directory Title ~/lists",
        );
        check("/home/hadi - Terminal", false, "Title Title /home/hadi - Terminal; Path Title /home/hadi");
        check("14:03", false, "Title Title 14:03");
    }
}
