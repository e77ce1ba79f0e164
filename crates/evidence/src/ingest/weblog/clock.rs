//! Time stamps of web logs, read fast.
//!
//! Lines of a log share their day, so the day read last is kept and a stamp
//! costs a comparison of ten bytes and a few digits. Offsets are applied; a
//! stamp without one is taken as UTC, which is what IIS and load balancers
//! write.

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads stamps; holds the day read last.
#[derive(Default)]
pub struct Clock {
    day: [u8; 11],
    micros: i64,
}

impl Clock {
    /// `21/Feb/2025:16:03:07 -0800`, with or without fraction and offset.
    pub fn common(&mut self, stamp: &[u8]) -> Option<i64> {
        let (day, rest) = stamp.split_at_checked(11)?;
        let rest = rest.strip_prefix(b":")?;
        self.time_of(day, common_day, rest)
    }

    /// `2025-02-15T17:00:00.123-07:00`; a space may stand for the `T`.
    pub fn iso(&mut self, stamp: &[u8]) -> Option<i64> {
        let (day, rest) = stamp.split_at_checked(10)?;
        let (separator, rest) = rest.split_first()?;
        matches!(separator, b'T' | b't' | b' ' | b'_').then_some(())?;
        self.time_of(day, iso_day, rest)
    }

    /// A day and a time of day in two fields, in UTC.
    pub fn date_and_time(&mut self, day: &[u8], time: &[u8]) -> Option<i64> {
        self.time_of(day, iso_day, time)
    }

    /// Any of the above, or a number of seconds or of parts of one since 1970.
    pub fn any(&mut self, stamp: &[u8]) -> Option<i64> {
        match stamp.get(2)? {
            b'/' => self.common(stamp),
            _ if stamp.get(4) == Some(&b'-') => self.iso(stamp),
            _ => since_1970(stamp),
        }
    }

    fn time_of(&mut self, day: &[u8], read: fn(&[u8]) -> Option<i64>, time: &[u8]) -> Option<i64> {
        if self.day.get(..day.len()) != Some(day) || day.len() < 10 {
            self.micros = read(day)?;
            self.day = [0; 11];
            self.day.get_mut(..day.len())?.copy_from_slice(day);
        }
        Some(self.micros + time_of_day(time)?)
    }
}

/// Microseconds since 1970 at the start of a day.
fn start_of_day(year: u64, month: u64, day: u64) -> Option<i64> {
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

fn iso_day(day: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *day else { return None };
    start_of_day(digits(&[y1, y2, y3, y4])?, digits(&[m1, m2])?, digits(&[d1, d2])?)
}

fn common_day(day: &[u8]) -> Option<i64> {
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4] = *day else { return None };
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let name = [m1, m2, m3].map(|letter| letter.to_ascii_lowercase());
    let month = MONTHS.iter().position(|month| **month == name)?;
    start_of_day(digits(&[y1, y2, y3, y4])?, month as u64 + 1, digits(&[d1, d2])?)
}

/// `16:03:07`, then a fraction, then an offset, the last two optional.
/// The offset is taken off, so the result may be negative or over a day.
fn time_of_day(time: &[u8]) -> Option<i64> {
    let (clock, mut rest) = time.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock else { return None };
    let (hours, minutes, seconds) = (digits(&[h1, h2])?, digits(&[m1, m2])?, digits(&[s1, s2])?);
    (hours < 24 && minutes < 60 && seconds <= 60).then_some(())?;
    let mut micros = i64::try_from((hours * 60 + minutes) * 60 + seconds).ok()? * SECOND;
    if let [b'.' | b',', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        micros += fraction_micros(&fraction[..length])?;
        rest = &fraction[length..];
    }
    Some(micros - offset(rest)?)
}

/// Microseconds that the digits after a decimal point stand for; more than six are cut.
fn fraction_micros(fraction: &[u8]) -> Option<i64> {
    (!fraction.is_empty()).then_some(())?;
    let kept = &fraction[..fraction.len().min(6)];
    let missing = u32::try_from(6 - kept.len()).ok()?;
    i64::try_from(digits(kept)? * 10_u64.pow(missing)).ok()
}

/// `Z`, ` +0330`, `-08:00`, `+09`, or nothing, in microseconds east of Greenwich.
fn offset(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (sign, hours, minutes) = match *text {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, [h1, h2], [b'0', b'0']),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    (hours <= 18 && minutes < 60).then_some(())?;
    let east = i64::try_from((hours * 60 + minutes) * 60).ok()? * SECOND;
    match sign {
        b'+' => Some(east),
        b'-' => Some(-east),
        _ => None,
    }
}

/// Seconds with or without a fraction, or whole milliseconds, microseconds or
/// nanoseconds: the number of digits tells, for any time between 2001 and 2286.
fn since_1970(stamp: &[u8]) -> Option<i64> {
    let point = stamp.iter().position(|byte| *byte == b'.').unwrap_or(stamp.len());
    let (whole, fraction) = stamp.split_at(point);
    if whole.len() == 19 {
        return i64::try_from(digits(&whole[..16])?).ok().filter(|_| whole.iter().all(u8::is_ascii_digit));
    }
    let number = i64::try_from(digits(whole)?).ok()?;
    match (whole.len(), fraction) {
        (10, []) => number.checked_mul(SECOND),
        (10, [_, fraction @ ..]) => number.checked_mul(SECOND)?.checked_add(fraction_micros(fraction)?),
        (13, _) => number.checked_mul(1000),
        (16, _) => Some(number),
        _ => None,
    }
}

/// A decimal number of at most 18 digits.
#[inline]
pub fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u64::from(digit))
    })
}

/// Decimal seconds as milliseconds, exact to the microsecond.
pub fn seconds_as_ms(text: &[u8]) -> Option<f64> {
    Some(micros_of_seconds(text)? as f64 / 1000.0)
}

/// Decimal seconds as whole microseconds.
pub fn micros_of_seconds(text: &[u8]) -> Option<u64> {
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let (whole, fraction) = text.split_at(point);
    let fraction = match fraction {
        [] => 0,
        [_, fraction @ ..] => u64::try_from(fraction_micros(fraction)?).ok()?,
    };
    digits(whole)?.checked_mul(1_000_000)?.checked_add(fraction).filter(|micros| *micros < DAY as u64 * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stamp: &str, expected: &str) {
        let micros = Clock::default().any(stamp.as_bytes());
        let printed = micros.and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
        assert_eq!(printed.map(|time| time.to_string()).unwrap_or_default(), expected, "{stamp}");
    }

    #[test]
    fn offsets_are_applied() {
        check("21/Feb/2025:16:03:07 -0800", "2025-02-22T00:03:07Z");
        check("21/Feb/2025:00:03:07 +0330", "2025-02-20T20:33:07Z");
        check("21/Feb/2025:00:03:07.250 +0000", "2025-02-21T00:03:07.25Z");
        check("2025-02-15T17:00:00-07:00", "2025-02-16T00:00:00Z");
        check("2025-02-15T17:00:00.1234567Z", "2025-02-15T17:00:00.123456Z");
        check("2025-02-15 17:00:00", "2025-02-15T17:00:00Z");
        check("2025-02-15T17:00:00+0545", "2025-02-15T11:15:00Z");
        check("1739667600", "2025-02-16T01:00:00Z");
        check("1739667600.250", "2025-02-16T01:00:00.25Z");
        check("1739667600250", "2025-02-16T01:00:00.25Z");
        check("1739667600250000999", "2025-02-16T01:00:00.25Z");
    }

    #[test]
    fn what_is_no_stamp_is_refused() {
        for stamp in ["", "-", "31/Feb/2025:16:03:07 -0800", "2025-13-01T00:00:00Z", "2025-02-15T25:00:00Z", "12345"] {
            check(stamp, "");
        }
        check("2025-02-15T10:00:00+99:00", "");
        check("2025-02-15T10:00:00.Z", "");
    }

    #[test]
    fn a_new_day_is_noticed() {
        let mut clock = Clock::default();
        let first = clock.common(b"21/Feb/2025:16:03:07 -0800");
        let next = clock.common(b"22/Feb/2025:16:03:07 -0800");
        assert_eq!(next.zip(first).map(|(next, first)| next - first), Some(DAY));
        assert!(clock.common(b"22/Foo/2025:16:03:07 -0800").is_none());
        assert_eq!(clock.iso(b"2025-02-23T00:03:07Z"), next);
    }

    #[test]
    fn durations_are_exact() {
        assert_eq!(seconds_as_ms(b"0.044"), Some(44.0));
        assert_eq!(seconds_as_ms(b"12"), Some(12_000.0));
        assert_eq!(seconds_as_ms(b"-1"), None);
    }
}
