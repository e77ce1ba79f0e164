//! Times as intel and registries write them, as microseconds since 1970.
//!
//! Read are RFC 3339, dates and times without an offset (taken for UTC, as
//! feeds mean it), plain dates, and counts of seconds, milliseconds or
//! microseconds. A plain date that ends an interval covers its whole day.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

const DAY_MICROS: i64 = 86_400 * 1_000_000;

/// The instant that `text` names; the start of the day for a plain date.
pub fn micros(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp.as_microsecond());
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return counted(text);
    }
    if let Some(date) = date(text) {
        return at_utc(date.into());
    }
    let text = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).unwrap_or(text).trim_end();
    let spelled = text.replace('/', "-");
    at_utc(spelled.parse::<DateTime>().ok()?)
}

/// The same, but the last microsecond of the day for a plain date.
pub fn micros_through(text: &str) -> Option<i64> {
    let start = micros(text)?;
    if date(text.trim()).is_some() { start.checked_add(DAY_MICROS - 1) } else { Some(start) }
}

/// A time in a JSON value: text, or a count of seconds.
pub fn micros_of(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::String(text) => micros(text),
        serde_json::Value::Number(number) => counted(&number.as_u64()?.to_string()),
        _ => None,
    }
}

/// A civil time in UTC.
pub fn at_utc(time: DateTime) -> Option<i64> {
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

/// Microseconds as RFC 3339 in UTC.
pub fn written(micros: i64) -> Option<String> {
    Timestamp::from_microsecond(micros).ok().map(|stamp| stamp.to_string())
}

fn date(text: &str) -> Option<Date> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match shape.as_str() {
        "0000-00-00" => text.parse().ok(),
        "0000/00/00" => text.replace('/', "-").parse().ok(),
        _ => None,
    }
}

/// Eight digits are a date; more are seconds, milliseconds or microseconds,
/// told apart by their number. Zero stands for "never" in several feeds.
fn counted(digits: &str) -> Option<i64> {
    let count: i64 = digits.parse().ok()?;
    match digits.len() {
        _ if count == 0 => None,
        8 if digits.starts_with("19") || digits.starts_with("20") => {
            let date = Date::new((count / 10_000) as i16, (count / 100 % 100) as i8, (count % 100) as i8).ok()?;
            at_utc(date.into())
        }
        9..=11 => count.checked_mul(1_000_000),
        12..=14 => count.checked_mul(1_000),
        15..=17 => Some(count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_instant() {
        let instant = Some(1_739_439_900_000_000);
        for text in [
            "2025-02-13T09:45:00Z",
            "2025-02-13T11:45:00.000+02:00",
            "2025-02-13 09:45:00",
            "2025-02-13 09:45:00 UTC",
            "2025/02/13 09:45",
            "1739439900",
            "1739439900000",
        ] {
            assert_eq!(micros(text), instant, "{text}");
        }
        assert_eq!(micros("2025-02-13"), micros("20250213"));
        assert_eq!(micros_through("2025-02-13").zip(micros("2025-02-14")).map(|(a, b)| b - a), Some(1));
        for text in ["", "0", "soon", "2025-13-01", "99999999999999999999", "-5"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
