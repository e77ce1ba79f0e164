//! Slip: the clock offset of the machine that wrote a mail.

use model::{Detector, Entry, Found, PlantCost, SlipKind, Text};

use super::header_values;

/// Sees offsets in `Date` headers.
pub struct TzOffset;

static ENTRY: Entry = Entry {
    name: "tz_offset",
    summary: "clock offset in the Date header of a mail",
    doc: "\
# What it sees
The offset at the end of a `Date` header, such as `+0330`, also where somebody pasted the source of a mail into another.

# Why it tells
The program that writes a mail takes the offset from the clock of its machine. One offset throughout a campaign is that \
of the people or of the servers behind it; a few mails with another are a machine somebody forgot.

# Example
`Date: Fri, 21 Aug 2026 21:08:00 +0330`

# How it misleads
Every honest mail has an offset too, so it means something only within a campaign. Relays rewrite dates, `+0000` and \
`-0000` say nothing, daylight saving moves an offset by an hour, and a planted offset costs one setting.

# References
RFC 5322, 3.3 and 4.3.",
};

impl Detector for TzOffset {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        for (_, value, date) in header_values::of(text, &["Date"]) {
            let Some((start, offset)) = offset_in(date) else { continue };
            found.push(Found {
                kind: SlipKind::Tz,
                raw: offset.to_owned(),
                value: offset.to_owned(),
                start: value + start,
                length: offset.len(),
                why: format!("the clock of the machine that wrote the mail was set to {}", utc_words(offset)),
                plant_cost: PlantCost::Trivial,
            });
        }
    }
}

/// The offset behind a time of day; none for zero, which is what servers and
/// those who hide theirs write.
fn offset_in(date: &[u8]) -> Option<(usize, &str)> {
    let (start, offset) = date.windows(5).enumerate().rev().find(|(start, window)| {
        matches!(window[0], b'+' | b'-')
            && window[1..].iter().all(u8::is_ascii_digit)
            && start.checked_sub(1).is_some_and(|before| date[before].is_ascii_whitespace())
            && !date.get(start + 5).is_some_and(u8::is_ascii_alphanumeric)
    })?;
    let offset = std::str::from_utf8(offset).ok()?;
    let (hours, minutes) = (&offset[1..3], &offset[3..]);
    (hours <= "14" && minutes < "60" && &offset[1..] != "0000").then_some((start, offset))
}

fn utc_words(offset: &str) -> String {
    format!("UTC{}:{}", &offset[..3], &offset[3..])
}

#[cfg(test)]
mod tests {
    use super::offset_in;

    #[test]
    fn offsets_are_read_off_dates() {
        for (date, expected) in [
            ("Fri, 21 Aug 2026 21:08:00 +0330", Some("+0330")),
            (" 1 Jan 2026 00:00:00 -0500 (EST)\r\n", Some("-0500")),
            ("Fri, 21 Aug 2026 21:08:00 +0000", None),
            ("Fri, 21 Aug 2026 21:08:00 -0000", None),
            ("Fri, 21 Aug 2026 21:08:00 GMT", None),
            ("Fri, 21 Aug 2026 21:08:00 +9900", None),
            ("2026-0821", None),
            ("", None),
        ] {
            assert_eq!(offset_in(date.as_bytes()).map(|(_, offset)| offset), expected, "{date}");
        }
    }
}
