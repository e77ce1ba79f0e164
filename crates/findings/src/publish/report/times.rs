//! Times as a reader reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2020-10-20 07:14 UTC`; a text that is no time is shown as it stands.
pub fn minute(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// Days since 1970, or nothing for what is no time.
pub fn day(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(|time| time.as_second().div_euclid(86_400))
}

/// The day of a time, `2020-10-20`.
pub fn date(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string(),
        Err(_) => time.to_owned(),
    }
}
