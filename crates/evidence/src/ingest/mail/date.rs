//! Dates as mail programs write them.
//!
//! RFC 5322 with its obsolete forms, the `asctime` form, and the disorder that
//! scripts produce. Libraries give the instant but not whether a zone was
//! stated at all, and that is what the time-zone slip rests on.

use jiff::civil;
use jiff::tz::TimeZone;

/// A date and what it says about the clock that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailDate {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// Minutes east of UTC; `None` where no zone is stated, or `-0000`, which
    /// says that the zone is not known (RFC 5322, 3.3).
    pub offset_minutes: Option<i64>,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Zones that RFC 5322, 4.3 names; other letters say nothing that can be relied on.
const ZONES: [(&str, i64); 12] = [
    ("gmt", 0),
    ("ut", 0),
    ("utc", 0),
    ("z", 0),
    ("edt", -240),
    ("est", -300),
    ("cdt", -300),
    ("cst", -360),
    ("mdt", -360),
    ("mst", -420),
    ("pdt", -420),
    ("pst", -480),
];

#[derive(Default)]
struct Fields {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    time: Option<(i8, i8, i8)>,
    zone: Option<Option<i64>>,
}

/// Reads a date; `None` if day, month, year or time cannot be made out.
pub fn parse(text: &str) -> Option<MailDate> {
    let text = without_comments(text);
    if let Ok(timestamp) = text.trim().parse::<jiff::Timestamp>() {
        return Some(MailDate { micros: timestamp.as_microsecond(), offset_minutes: iso_offset(text.trim()) });
    }
    let mut fields = Fields::default();
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        fields.take(word);
    }
    fields.date()
}

impl Fields {
    fn take(&mut self, word: &str) {
        let lower = word.to_ascii_lowercase();
        if self.time.is_none() && word.contains(':') && self.take_time(&lower) {
            return;
        }
        if self.time.is_some() && self.zone.is_none() && self.take_zone(&lower) {
            return;
        }
        for piece in lower.split(['-', '/']) {
            self.take_calendar(piece);
        }
    }

    fn take_time(&mut self, word: &str) -> bool {
        let digits = word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(word.len());
        let (clock, rest) = word.split_at(digits);
        let mut numbers = clock.split([':', '.']).map(|part| part.parse::<i8>().ok());
        let (Some(Some(hour)), Some(Some(minute))) = (numbers.next(), numbers.next()) else { return false };
        // A leap second is put at the end of its minute.
        let second = numbers.next().flatten().unwrap_or(0).min(59);
        self.time = Some((hour, minute, second));
        if !rest.is_empty() {
            self.take_zone(rest);
        }
        true
    }

    fn take_zone(&mut self, word: &str) -> bool {
        if let (true, Some((hour, minute, second))) = (matches!(word, "am" | "pm"), self.time) {
            let hour = hour % 12 + if word == "pm" { 12 } else { 0 };
            self.time = Some((hour, minute, second));
            return true;
        }
        let named = ZONES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| Some(*minutes));
        let word = ["gmt", "utc"].iter().find_map(|name| word.strip_prefix(name)).unwrap_or(word);
        self.zone = named.or_else(|| numeric_zone(word));
        self.zone.is_some()
    }

    fn take_calendar(&mut self, word: &str) {
        if let Some(month) = word.get(..3).and_then(|start| MONTHS.iter().position(|month| *month == start)) {
            self.month = self.month.or(i8::try_from(month + 1).ok());
            return;
        }
        let Ok(number) = word.parse::<i16>() else { return };
        if self.day.is_none() && (1..=31).contains(&number) && word.len() <= 2 {
            self.day = i8::try_from(number).ok();
        } else if self.month.is_some() && self.year.is_none() {
            self.year = Some(full_year(number, word.len()));
        }
    }

    fn date(&self) -> Option<MailDate> {
        let (hour, minute, second) = self.time?;
        let local = civil::Date::new(self.year?, self.month?, self.day?).ok()?;
        let local = local.to_datetime(civil::Time::new(hour, minute, second, 0).ok()?);
        let as_utc = local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond();
        let offset_minutes = self.zone.flatten();
        let micros = as_utc.checked_sub(offset_minutes.unwrap_or(0).checked_mul(60_000_000)?)?;
        Some(MailDate { micros, offset_minutes })
    }
}

/// Two digits are of this century up to 49, as RFC 5322, 4.3 has it; three count from 1900.
fn full_year(number: i16, digits: usize) -> i16 {
    match (digits, number) {
        (..=2, 0..=49) => number + 2000,
        (..=3, 0..=999) => number + 1900,
        _ => number,
    }
}

/// `+0330`, `-08:00`, `+3`; the inner `None` stands for `-0000`.
fn numeric_zone(word: &str) -> Option<Option<i64>> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = word.get(1..)?.chars().filter(|c| *c != ':').collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let minutes = if digits.len() > 2 { number / 100 * 60 + number % 100 } else { number * 60 };
    let unknown = sign < 0 && minutes == 0;
    (minutes < 24 * 60).then_some(if unknown { None } else { Some(sign * minutes) })
}

fn iso_offset(text: &str) -> Option<i64> {
    if text.ends_with(['Z', 'z']) {
        return Some(0);
    }
    numeric_zone(text.get(text.rfind(['+', '-'])?..)?).flatten()
}

fn without_comments(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    let inside = depth > 0;
                    depth = depth.saturating_sub(1);
                    return !inside;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<i64>)> {
        let date = parse(text)?;
        let time = jiff::Timestamp::from_microsecond(date.micros).expect("a time");
        Some((time.to_string(), date.offset_minutes))
    }

    #[test]
    fn forms_that_occur_are_read() {
        for (text, time, offset) in [
            ("Fri, 07 Feb 2025 13:44:49 +0000", "2025-02-07T13:44:49Z", Some(0)),
            ("Thu, 30 Oct 2025 22:11:31 -0300 (BRT)", "2025-10-31T01:11:31Z", Some(-180)),
            ("7 Feb 25 05:44 +0330", "2025-02-07T02:14:00Z", Some(210)),
            ("Fri, 7 Feb 2025 05:44:07 -0000", "2025-02-07T05:44:07Z", None),
            ("Fri, 7 Feb 2025 05:44:07", "2025-02-07T05:44:07Z", None),
            ("Fri Feb  7 13:44:51 2025", "2025-02-07T13:44:51Z", None),
            ("Fri Feb  7 13:44:51 EST 2025", "2025-02-07T18:44:51Z", Some(-300)),
            ("7-Feb-2025 13:44:51 GMT", "2025-02-07T13:44:51Z", Some(0)),
            ("Fri, 7 Feb 2025 13:44:51 GMT+0300", "2025-02-07T10:44:51Z", Some(180)),
            ("Fri, 7 Feb 2025 1:44:51 PM +0100", "2025-02-07T12:44:51Z", Some(60)),
            ("2025-02-07T13:44:51+02:00", "2025-02-07T11:44:51Z", Some(120)),
        ] {
            assert_eq!(read(text), Some((time.to_owned(), offset)), "{text}");
        }
        for text in ["", "yesterday", "Fri, 32 Feb 2025 05:44:07 +0000", "31 Feb 2025 25:00 +0000"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
