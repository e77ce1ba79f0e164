//! Times of day, and offsets from UTC, on task bars, before prompts, and in
//! what `date`, `uptime`, `timedatectl` and logs print.
//!
//! A word that looks like a time is not enough: all words around it have to
//! belong to a clock, or the line to a program that tells the time.

use super::date::{self, Day};
use super::{Find, Form, Setting, keyboard, words};
use crate::tell::is_prompt;

/// A time of day as a machine shows it, in its own time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    /// The day, where all of it is shown.
    pub day: Option<Day>,
    /// Seconds since midnight; without seconds shown, those of the minute's beginning.
    pub seconds: u32,
    /// Whether seconds are shown.
    pub exact: bool,
    /// Whether it may as well be twelve hours later.
    pub half_open: bool,
    /// Minutes east of UTC, where shown or named without doubt.
    pub offset_minutes: Option<i32>,
    /// Name of the time zone, where shown.
    pub zone: Option<String>,
}

impl std::fmt::Display for Clock {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(day) = self.day {
            write!(form, "{day}T")?;
        }
        write!(form, "{:02}:{:02}", self.seconds / 3600, self.seconds / 60 % 60)?;
        if self.exact {
            write!(form, ":{:02}", self.seconds % 60)?;
        }
        self.offset_minutes.map_or(Ok(()), |minutes| form.write_str(&offset_word(minutes)))
    }
}

/// `+0330`
pub(crate) fn offset_word(minutes: i32) -> String {
    let (sign, size) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    format!("{sign}{:02}{:02}", size / 60, size % 60)
}

/// A clock that is all of a line outside fixed-pitch text, with the language of its words.
pub(super) fn desktop(text: &str) -> Vec<Find> {
    let Some(parts) = Parts::of(text) else { return Vec::new() };
    let span = parts.span;
    parts.finds(Form::Desktop, span)
}

/// Whether a line outside fixed-pitch text is a clock.
pub(super) fn is_desktop(text: &str) -> bool {
    Parts::of(text).is_some()
}

/// Clocks and offsets of a line of a terminal.
pub(super) fn terminal(text: &str) -> Vec<Find> {
    let forms = [system_settings, uptime, before_prompt, printed, status_line, log_line];
    forms.iter().map(|form| form(text)).find(|finds| !finds.is_empty()).unwrap_or_default()
}

/// `Local time: Fri 2024-11-22 01:20:03 CET`, `Time zone: Europe/Berlin (CET, +0100)`.
fn system_settings(text: &str) -> Vec<Find> {
    let Some((label, value)) = text.split_once(": ") else { return Vec::new() };
    let start = label.chars().count() + 2;
    let span = (start, start + value.chars().count());
    match label.trim() {
        "Local time" => Parts::of(value).map(|parts| parts.finds(Form::SystemSettings, span)).unwrap_or_default(),
        "Time zone" => {
            let minutes = value.trim_end_matches(')').rsplit_once(", ").and_then(|(_, offset)| offset_minutes(offset));
            minutes.map(|minutes| (Setting::Offset(minutes), Form::SystemSettings, span)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// `01:20:03 up 3 days`, `top - 01:20:03 up`.
fn uptime(text: &str) -> Vec<Find> {
    let words = words(text.strip_prefix("top - ").unwrap_or(text));
    let skipped = if text.starts_with("top - ") { 6 } else { 0 };
    let [(time, (start, end)), ("up", _), ..] = words.as_slice() else { return Vec::new() };
    let clock = time_of_day(time).map(Time::clock);
    let find = |clock| (Setting::Clock(clock), Form::Uptime, (start + skipped, end + skipped));
    clock.map(find).into_iter().collect()
}

/// `[01:20:03] user@host:~$`
fn before_prompt(text: &str) -> Vec<Find> {
    let words = words(text);
    let Some(&(word, (start, end))) = words.first() else { return Vec::new() };
    let bare = word.trim_start_matches('[').trim_end_matches(']');
    let rest: Vec<char> = text.chars().skip(end + 1).collect();
    let Some(clock) = time_of_day(bare).map(Time::clock).filter(|_| is_prompt(&rest)) else { return Vec::new() };
    let cut = usize::from(word.starts_with('['));
    let start = start + cut;
    vec![(Setting::Clock(clock), Form::Prompt, (start, start + bare.chars().count()))]
}

/// A line that is a date and nothing else, with a day of the week or a time zone.
fn printed(text: &str) -> Vec<Find> {
    let Some(parts) = Parts::of(text) else { return Vec::new() };
    let is_date =
        parts.has_day() && (parts.weekday || parts.clock.zone.is_some() || parts.clock.offset_minutes.is_some());
    if is_date { parts.finds(Form::DateCommand, (0, text.chars().count())) } else { Vec::new() }
}

/// The right end of the line that `tmux` draws below: `"host" 01:20 22-Nov-24`.
fn status_line(text: &str) -> Vec<Find> {
    let words = words(text);
    let [.., (host, _), (time, (start, _)), (day, (_, end))] = words.as_slice() else { return Vec::new() };
    let (Some(time), Some(Some(day))) = (time_of_day(time), date::numeric(day)) else { return Vec::new() };
    let is_line = text.starts_with('[') && host.ends_with('"');
    let clock = Clock { day: Some(day), ..time.clock() };
    if is_line { vec![(Setting::Clock(clock), Form::StatusLine, (*start, *end))] } else { Vec::new() }
}

/// `01:20:03 +0330`, `01:20:03.250+03:30` within a longer line.
fn log_line(text: &str) -> Vec<Find> {
    let chars: Vec<char> = text.chars().collect();
    for at in (8..chars.len()).filter(|at| "+-".contains(chars[*at])) {
        let end = (at + 1..chars.len()).find(|end| !(chars[*end].is_ascii_digit() || chars[*end] == ':'));
        let end = end.unwrap_or(chars.len());
        let word: String = chars[at..end].iter().collect();
        let before: String = chars[..at].iter().collect();
        let before = before.strip_suffix(' ').unwrap_or(&before);
        let whole = before.rsplit_once(['.', ',']).filter(|(_, part)| part.bytes().all(|byte| byte.is_ascii_digit()));
        let before = whole.map_or(before, |(before, _)| before);
        let time = before.rsplit([' ', 'T', '[']).next().unwrap_or_default();
        // `22/Nov/2024:01:20:03` holds the time behind the day.
        let time = time.split_once(':').filter(|_| time.contains('/')).map_or(time, |(_, time)| time);
        let is_time = time_of_day(time).is_some_and(|time| time.exact);
        if let Some(minutes) = offset_minutes(&word).filter(|_| is_time && word.len() >= 5) {
            return vec![(Setting::Offset(minutes), Form::LogLine, (at, end))];
        }
    }
    Vec::new()
}

/// The words of a clock, all of them understood.
#[derive(Debug, Default)]
struct Parts {
    clock: Clock,
    time: Option<Time>,
    weekday: bool,
    month: Option<u32>,
    number: Option<u32>,
    year: Option<i32>,
    /// Languages that all words may be of; none while no word tells.
    tags: Option<Vec<&'static str>>,
    /// Characters from the first word to the last, marks of keyboard layouts left out.
    span: (usize, usize),
}

impl Parts {
    /// None unless every word belongs to a clock and one of them is a time.
    fn of(text: &str) -> Option<Self> {
        if text.len() > 60 {
            return None;
        }
        let mut parts = Self::default();
        for (word, (start, end)) in words(text) {
            if keyboard::is_layout(word) {
                continue;
            }
            parts.take(word.trim_matches([',', '(', ')', '|']))?;
            parts.span = (if parts.span.1 == 0 { start } else { parts.span.0 }, end);
        }
        let time = parts.time?;
        let day = parts.clock.day.or_else(|| Day::new(parts.year?, parts.month?, parts.number?));
        parts.clock = Clock { day, zone: parts.clock.zone, offset_minutes: parts.clock.offset_minutes, ..time.clock() };
        Some(parts)
    }

    fn has_day(&self) -> bool {
        self.clock.day.is_some()
    }

    fn finds(self, form: Form, span: (usize, usize)) -> Vec<Find> {
        let foreign = self.tags.filter(|tags| !tags.is_empty() && !tags.contains(&"en"));
        let tags = foreign.map(|tags| tags.into_iter().map(str::to_owned).collect());
        let language = tags.map(|tags| (Setting::Language(tags), form, span));
        std::iter::once((Setting::Clock(self.clock), form, span)).chain(language).collect()
    }

    /// Understands one word; none if it is of no clock, or says something twice.
    fn take(&mut self, word: &str) -> Option<()> {
        if let Some((day, rest)) = word.split_once('T').filter(|(day, _)| day.contains('-')) {
            let at = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
            self.take(day)?;
            self.take(&rest[..at])?;
            return if at < rest.len() { self.take(&rest[at..]) } else { Some(()) };
        }
        if let Some(time) = time_of_day(word) {
            return put(&mut self.time, time);
        }
        if let Some(day) = date::numeric(word) {
            self.clock.day = day;
            return Some(());
        }
        if matches!(word, "AM" | "PM" | "am" | "pm") {
            return self.time.as_mut()?.halve(word.eq_ignore_ascii_case("pm"));
        }
        if let Some(minutes) = offset_minutes(word) {
            return put(&mut self.clock.offset_minutes, minutes);
        }
        if let Some(zone) = zone(word) {
            if let Some(minutes) = zone {
                put(&mut self.clock.offset_minutes, minutes)?;
            }
            return put(&mut self.clock.zone, word.to_owned());
        }
        self.take_day_word(word)
    }

    fn take_day_word(&mut self, word: &str) -> Option<()> {
        if let Some(tags) = date::weekday(word).filter(|_| !self.weekday) {
            self.weekday = true;
            self.narrow(tags);
            return Some(());
        }
        if let Some((month, tags)) = date::month(word) {
            put(&mut self.month, month)?;
            self.narrow(tags);
            return Some(());
        }
        match word.trim_end_matches('.').parse::<u32>().ok()? {
            number @ 1..=31 => put(&mut self.number, number),
            year @ 1990..=2099 => put(&mut self.year, year.try_into().ok()?),
            _ => None,
        }
    }

    fn narrow(&mut self, tags: Vec<&'static str>) {
        self.tags = Some(match self.tags.take() {
            Some(known) => known.into_iter().filter(|tag| tags.contains(tag)).collect(),
            None => tags,
        });
    }
}

fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// A time of day on its own.
#[derive(Clone, Copy, Debug)]
struct Time {
    seconds: u32,
    exact: bool,
    half_open: bool,
}

impl Time {
    fn clock(self) -> Clock {
        Clock { seconds: self.seconds, exact: self.exact, half_open: self.half_open, ..Clock::default() }
    }

    /// Settles the half of the day; none if the hour is beyond twelve.
    fn halve(&mut self, is_after_noon: bool) -> Option<()> {
        let hour = self.seconds / 3600;
        let half = u32::from(is_after_noon) * 12;
        self.half_open = false;
        (1..=12).contains(&hour).then(|| self.seconds = (hour % 12 + half) * 3600 + self.seconds % 3600)
    }
}

/// `14:03`, `14:03:22`, `2:03`.
fn time_of_day(word: &str) -> Option<Time> {
    let parts: Vec<&str> = word.split(':').collect();
    let is_number = |part: &&str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let [hour, rest @ ..] = parts.as_slice() else { return None };
    let well =
        is_number(hour) && matches!(rest.len(), 1 | 2) && rest.iter().all(|part| is_number(part) && part.len() == 2);
    let number = |part: &str| part.parse::<u32>().ok();
    let (hours, minutes) = (number(hour).filter(|_| well)?, number(rest[0])?);
    let seconds = rest.get(1).map_or(Some(0), |part| number(part))?;
    let is_time = hours < 24 && minutes < 60 && seconds < 60;
    // Who writes hours beyond twelve mostly fills the others up to two digits.
    let half_open = hour.len() == 1 && hours > 0;
    let time = Time { seconds: hours * 3600 + minutes * 60 + seconds, exact: rest.len() == 2, half_open };
    is_time.then_some(time)
}

/// `+0330`, `+03:30`, `-05`, `Z`, in minutes; none beyond what clocks are set to.
fn offset_minutes(word: &str) -> Option<i32> {
    if word == "Z" {
        return Some(0);
    }
    let sign = match word.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = word[1..].replacen(':', "", 1);
    let well = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| part.parse::<i32>().ok();
    let (hours, minutes) =
        (number(digits.get(..2).filter(|_| well)?)?, number(digits.get(2..).unwrap_or("0")).unwrap_or(0));
    (hours <= 14 && matches!(minutes, 0 | 30 | 45)).then_some(sign * (hours * 60 + minutes))
}

/// Short names of time zones, with their offset where only one zone has the name today (IANA time zone database).
const ZONES: &[(&str, Option<i32>)] = &[
    ("UTC", Some(0)),
    ("GMT", Some(0)),
    ("WET", Some(0)),
    ("WEST", Some(60)),
    ("CET", Some(60)),
    ("CEST", Some(120)),
    ("EET", Some(120)),
    ("EEST", Some(180)),
    ("MSK", Some(180)),
    ("EST", Some(-300)),
    ("EDT", Some(-240)),
    ("MST", Some(-420)),
    ("MDT", Some(-360)),
    ("PST", Some(-480)),
    ("PDT", Some(-420)),
    ("WAT", Some(60)),
    ("CAT", Some(120)),
    ("SAST", Some(120)),
    ("EAT", Some(180)),
    ("IDT", Some(180)),
    ("PKT", Some(300)),
    ("WIB", Some(420)),
    ("WITA", Some(480)),
    ("WIT", Some(540)),
    ("HKT", Some(480)),
    ("JST", Some(540)),
    ("KST", Some(540)),
    ("AEST", Some(600)),
    ("AEDT", Some(660)),
    ("NZST", Some(720)),
    ("NZDT", Some(780)),
    // Several zones go by these.
    ("BST", None),
    ("CDT", None),
    ("CST", None),
    ("IST", None),
];

fn zone(word: &str) -> Option<Option<i32>> {
    ZONES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds as `form value[ zone]` joined by `; `.
    fn shown(finds: Vec<Find>) -> String {
        let word = |(setting, form, _): Find| match setting {
            Setting::Clock(clock) => {
                let zone = clock.zone.as_deref().map(|zone| format!(" {zone}")).unwrap_or_default();
                format!("{} {clock}{zone}{}", form.word(), if clock.half_open { " ?" } else { "" })
            }
            Setting::Offset(minutes) => format!("{} {}", form.word(), offset_word(minutes)),
            Setting::Language(tags) => format!("{} {}", form.word(), tags.join(" ")),
            Setting::Keyboard(layout) => format!("{} {layout}", form.word()),
        };
        finds.into_iter().map(word).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn task_bars() {
        for (text, expected) in [
            ("14:03", "desktop 14:03"),
            ("2:03 PM", "desktop 14:03"),
            ("12:10 AM", "desktop 00:10"),
            ("2:03", "desktop 02:03 ?"),
            ("Fri 22 Nov 14:03", "desktop 14:03"),
            ("Fri Nov 22 14:03:22 2024", "desktop 2024-11-22T14:03:22"),
            ("Fr 22. Nov, 14:03", "desktop 14:03; desktop de"),
            ("22.11.2024 14:03", "desktop 2024-11-22T14:03"),
            ("DE 14:03", "desktop 14:03"),
            ("meeting at 14:03", ""),
            ("24:03", ""),
            ("0:35 / 10:00", ""),
            ("192.0.2.1:80", ""),
            ("", ""),
        ] {
            assert_eq!(shown(desktop(text)), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_terminals() {
        for (text, expected) in [
            ("Fri Nov 22 01:20:03 CET 2024", "date command 2024-11-22T01:20:03+0100 CET"),
            ("Fri 22 Nov 2024 01:20:03 AM IST", "date command 2024-11-22T01:20:03 IST"),
            ("Fri Nov 22 01:20:03 +0330 2024", "date command 2024-11-22T01:20:03+0330"),
            ("Fri, 22 Nov 2024 01:20:03 +0330", "date command 2024-11-22T01:20:03+0330"),
            ("2024-11-22T01:20:03+03:30", "date command 2024-11-22T01:20:03+0330"),
            ("Fr 22. Nov 01:20:03 CET 2024", "date command 2024-11-22T01:20:03+0100 CET; date command de"),
            ("2024-11-22 01:20:03", ""),
            ("               Local time: Fri 2024-11-22 01:20:03 CET", "system settings 2024-11-22T01:20:03+0100 CET"),
            ("                Time zone: Europe/Berlin (CET, +0100)", "system settings +0100"),
            (" 01:20:03 up 3 days,  2 users", "uptime 01:20:03"),
            ("top - 01:20:03 up 3 days,  2 users", "uptime 01:20:03"),
            ("[01:20:03] mary@desk:~$ ls", "prompt 01:20:03"),
            ("[01:20:03] INFO ready", ""),
            ("[0] 0:bash*          \"desk\" 01:20 22-Nov-24", "status line 2024-11-22T01:20"),
            ("192.0.2.1 - - [22/Nov/2024:01:20:03 +0330] \"GET / HTTP/1.1\" 200", "log line +0330"),
            ("2024-11-22T01:20:03.250-05:00 worker started", "log line -0500"),
            ("2024-11-22 01:20:03,250 +0530 ready", "log line +0530"),
            ("rate 01:20:03 -5 per cent", ""),
            ("-rw-r--r-- 1 mary mary 2 Nov 22 01:20 a.csv", ""),
            ("01:20:03 +9900", ""),
        ] {
            assert_eq!(shown(terminal(text)), expected, "{text}");
        }
    }
}
