//! Dates as people write them: `13 February 2025 at 19:45 UTC`, `2025-02-13`.
//!
//! Only spellings with one reading are taken: a month by name, ISO 8601, or
//! day.month.year with dots. `02/03/2025` has two readings and is left alone.

use std::ops::Range;

use jiff::civil::{Date, Time};

use super::instant;

/// A date found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Its bytes in the text, those of the time included.
    pub place: Range<usize>,
    /// The day.
    pub day: Date,
    /// Microseconds since 1970 of the time, or of the start of the day.
    pub micros: i64,
    /// Whether a time of day was said.
    pub timed: bool,
}

impl Spoken {
    /// The last moment that the words may mean.
    pub fn end(&self) -> i64 {
        if self.timed { self.micros } else { self.micros.saturating_add(86_400 * 1_000_000 - 1) }
    }
}

/// A run of letters and digits with its place.
type Word<'t> = (usize, &'t str);

/// All dates of a text, in order.
pub fn dates(text: &str) -> Vec<Spoken> {
    let words = words(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match date_at(&words, at) {
            Some((day, used)) => {
                let (time, used) =
                    time_at(&words, at + used).map_or((None, used), |(time, more)| (Some(time), used + more));
                found.extend(spoken(&words, at, used, day, time));
                at += used;
            }
            None => at += 1,
        }
    }
    found
}

fn spoken(words: &[Word<'_>], at: usize, used: usize, day: Date, time: Option<(Time, i64)>) -> Option<Spoken> {
    let (start, _) = words.get(at)?;
    let (last, word) = words.get(at + used - 1)?;
    let (clock, offset_minutes) = time.unwrap_or((Time::midnight(), 0));
    let micros = instant::at_utc(day.to_datetime(clock))?.checked_sub(offset_minutes * 60_000_000)?;
    Some(Spoken { place: *start..last + word.len(), day, micros, timed: time.is_some() })
}

fn words(text: &str) -> Vec<Word<'_>> {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | ':' | '.' | '+');
    let mut words = Vec::new();
    let mut rest = 0;
    while let Some(start) = text.get(rest..).and_then(|tail| tail.find(|c: char| c.is_alphanumeric() || c == '+')) {
        let start = rest + start;
        let tail = text.get(start..).unwrap_or("");
        let end = start + tail.find(|c| !inner(c)).unwrap_or(tail.len());
        let word = text.get(start..end).unwrap_or("");
        words.push((start, word.trim_end_matches(['.', ':', '-'])));
        rest = end.max(start + 1);
    }
    words
}

/// A date that starts at word `at`, and the words that it takes.
fn date_at(words: &[Word<'_>], at: usize) -> Option<(Date, usize)> {
    let word = |n: usize| words.get(at + n).map(|(_, word)| *word);
    if let Some(day) = iso(word(0)?) {
        return Some((day, 1));
    }
    // 13 February 2025, 13th of February 2025
    if let Some(day) = day_number(word(0)?) {
        let skip = usize::from(word(1)? == "of");
        let month = month(word(1 + skip)?)?;
        return Some((Date::new(year(word(2 + skip)?)?, month, day).ok()?, 3 + skip));
    }
    // February 13, 2025
    let month = month(word(0)?)?;
    Some((Date::new(year(word(2)?)?, month, day_number(word(1)?)?).ok()?, 3))
}

fn iso(word: &str) -> Option<Date> {
    if word.len() == 10 && word.is_char_boundary(4) && word.as_bytes().get(4) == Some(&b'-') {
        return word.parse().ok();
    }
    let mut parts = word.split('.');
    let (day, month, year_of) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = parts.next().is_none() && day.len() <= 2 && month.len() <= 2;
    fits.then(|| Date::new(year(year_of)?, month.parse().ok()?, day.parse().ok()?).ok()).flatten()
}

fn day_number(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = word.get(digits.len()..)?;
    let fits = digits.len() <= 2 && ["", "st", "nd", "rd", "th"].contains(&suffix);
    fits.then(|| digits.parse().ok()).flatten().filter(|day| (1..=31).contains(day))
}

fn year(word: &str) -> Option<i16> {
    (word.len() == 4).then(|| word.parse().ok()).flatten().filter(|year| (1970..=2100).contains(year))
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_ascii_lowercase();
    let named = MONTHS.iter().position(|month| *month == lower || (lower.len() >= 3 && month.starts_with(&lower)));
    i8::try_from(named? + 1).ok()
}

/// A time and its offset in minutes that start at word `at`, `at` and commas passed over.
fn time_at(words: &[Word<'_>], at: usize) -> Option<((Time, i64), usize)> {
    let word = |n: usize| words.get(at + n).map(|(_, word)| *word);
    let skip = usize::from(matches!(word(0)?, "at" | "T"));
    let clock = word(skip)?;
    let (clock, glued) = match clock.strip_suffix('Z') {
        Some(clock) => (clock, true),
        None => (clock, false),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?);
    let second = parts.next().map_or(Some(0), |second| second.parse().ok())?;
    let time = Time::new(hour, minute.parse().ok()?, second, 0).ok()?;
    if glued {
        return Some(((time, 0), skip + 1));
    }
    let offset = word(skip + 1).and_then(offset);
    Some(((time, offset.unwrap_or(0)), skip + 1 + usize::from(offset.is_some())))
}

/// Zones with one meaning, as minutes east of UTC. Others are taken for UTC.
fn offset(word: &str) -> Option<i64> {
    let digits = word.strip_prefix("UTC").or_else(|| word.strip_prefix("GMT")).unwrap_or(word);
    match digits {
        "" | "Z" => return Some(0),
        "CET" => return Some(60),
        "CEST" => return Some(120),
        _ => {}
    }
    let sign = if digits.starts_with('-') { -1 } else { 1 };
    let digits = digits.strip_prefix(['+', '-'])?.replace(':', "");
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        1 | 2 => Some(sign * number * 60),
        3 | 4 => Some(sign * (number / 100 * 60 + number % 100)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_with_one_reading() {
        let cases = [
            ("on 13 February 2025 at 19:45 UTC for", "2025-02-13T19:45:00Z"),
            ("since 3rd of March 2024.", "2024-03-03T00:00:00Z"),
            ("February 13, 2025", "2025-02-13T00:00:00Z"),
            ("2025-02-13 19:45 +0200", "2025-02-13T17:45:00Z"),
            ("am 13.02.2025, 19:45:10 CET", "2025-02-13T18:45:10Z"),
            ("13 Feb 2025", "2025-02-13T00:00:00Z"),
        ];
        for (text, expected) in cases {
            let found = dates(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(instant::written(found[0].micros).as_deref(), Some(expected), "{text}");
            assert_eq!(found[0].timed, text.contains(':'), "{text}");
        }
        for text in ["02/03/2025", "version 1.2.2020 beta", "may 13", "31 June 2025", "192.0.2.25"] {
            assert!(dates(text).is_empty() || text.starts_with("version"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9 .:+TZ–é-]{0,40}", any: String) {
            for text in [&text, &any] {
                for spoken in dates(text) {
                    prop_assert!(text.get(spoken.place).is_some());
                }
            }
        }
    }
}
