//! The line of time of one address: a bar for each statement.
//!
//! The axis shows the days of the case and up to three years before; what began
//! earlier is cut at the edge, and the table below has its date.

use super::subject::Subject;
use crate::publish::report::page::Page;
use crate::publish::report::{Part, times};

/// Bars of one kind; the table says how many more there are.
const BARS: usize = 8;

/// Days before the case that are shown at most, and after it.
const BEFORE: i64 = 3 * 365;
const AFTER: i64 = 90;

/// Where the axis begins and how wide it is, and the height of a row, in units of the picture.
const LEFT: i64 = 236;
const WIDE: i64 = 556;
const ROW: i64 = 24;
const TOP: i64 = 8;

struct Bar {
    class: &'static str,
    label: String,
    from: Option<i64>,
    until: Option<i64>,
}

/// The picture; none where nothing is dated.
pub fn picture(part: &Part<'_>, subject: &Subject<'_>, page: &mut Page) {
    let bars = bars(part, subject);
    let Some([first, last]) = span(&bars, subject.days()) else {
        page.raw("<p class=\"soft\">Nothing about it is dated.</p>\n");
        return;
    };
    let height = TOP + bars.len() as i64 * ROW;
    page.raw("<div class=\"scroll\"><svg class=\"tenure\" viewBox=\"0 0 800 ").digits((height + 24) as u64);
    page.raw("\" role=\"img\" aria-label=\"Who held it, when the case saw it, and what feeds say, on a line of time; the table below says the same\">\n");
    axis(first, last, height, page);
    for (row, bar) in bars.iter().enumerate() {
        draw(bar, TOP + row as i64 * ROW, [first, last], page);
    }
    for day in subject.days().into_iter().flatten() {
        vertical("<line class=\"case\" x1=\"", x(day, [first, last]), height, page);
    }
    page.raw("</svg></div>\n");
}

fn bars(part: &Part<'_>, subject: &Subject<'_>) -> Vec<Bar> {
    let day = |time: &Option<String>| time.as_deref().and_then(times::day);
    let mut bars = Vec::new();
    if let Some([from, until]) = subject.days() {
        bars.push(Bar { class: "seen", label: "seen in the case".into(), from: Some(from), until: Some(until) });
    }
    bars.extend(subject.holdings.iter().take(BARS).map(|held| Bar {
        class: if held.statement == "lease" { "lease" } else { "held" },
        label: format!("{}: {}", held.statement, super::rows::holder(part, held)),
        from: day(&held.held_from),
        until: day(&held.held_until),
    }));
    bars.extend(subject.resolutions.iter().take(BARS).map(|seen| Bar {
        class: "name",
        label: super::rows::other(part, subject, seen),
        from: day(&seen.first_seen),
        until: day(&seen.last_seen).or(day(&seen.first_seen)),
    }));
    bars.extend(subject.hits.iter().take(BARS).map(|hit| Bar {
        class: if hit.counts { "hit" } else { "hit off" },
        label: part.sentence(hit.actor.as_deref().or(hit.source.as_deref()).unwrap_or("names nobody")),
        from: day(&hit.valid_from),
        until: day(&hit.valid_until),
    }));
    bars.retain(|bar| bar.from.is_some() || bar.until.is_some());
    bars
}

/// First and last day of the axis.
fn span(bars: &[Bar], seen: Option<[i64; 2]>) -> Option<[i64; 2]> {
    let days = || bars.iter().flat_map(|bar| [bar.from, bar.until]).flatten();
    let (least, most) = (days().min()?, days().max()?);
    let [first, last] = match seen {
        Some([first, last]) => [least.max(first - BEFORE), most.clamp(last, last + AFTER)],
        None => [least.max(most - BEFORE), most],
    };
    Some([first - 1, last + 1 + (last - first) / 20])
}

fn x(day: i64, [first, last]: [i64; 2]) -> i64 {
    LEFT + (day.clamp(first, last) - first) * WIDE / (last - first).max(1)
}

fn draw(bar: &Bar, y: i64, span: [i64; 2], page: &mut Page) {
    page.raw("<text x=\"4\" y=\"").digits((y + 14) as u64).wrap("\">", &cut(&bar.label), "</text>");
    let (from, until) = (x(bar.from.unwrap_or(i64::MIN), span), x(bar.until.unwrap_or(i64::MAX), span));
    page.raw(match bar.class {
        "seen" => "<rect class=\"seen\"",
        "hit" => "<rect class=\"hit\"",
        "hit off" => "<rect class=\"off\"",
        "lease" => "<rect class=\"lease\"",
        _ => "<rect",
    });
    page.raw(" x=\"").digits(from as u64).raw("\" y=\"").digits((y + 3) as u64);
    page.raw("\" width=\"").digits((until - from).max(3) as u64).raw("\" height=\"15\" rx=\"3\"/>\n");
}

fn axis(first: i64, last: i64, height: i64, page: &mut Page) {
    for tick in ticks(first, last) {
        let at = x(tick, [first, last]);
        vertical("<line x1=\"", at, height, page);
        page.raw("<text class=\"soft\" x=\"").digits((at + 3) as u64).raw("\" y=\"").digits((height + 16) as u64);
        page.wrap("\">", &month(tick), "</text>\n");
    }
}

fn vertical(open: &'static str, at: i64, height: i64, page: &mut Page) {
    page.raw(open)
        .digits(at as u64)
        .raw("\" y1=\"0\" x2=\"")
        .digits(at as u64)
        .raw("\" y2=\"")
        .digits(height as u64)
        .raw("\"/>\n");
}

fn date(day: i64) -> Option<jiff::civil::Date> {
    let stamp = jiff::Timestamp::from_second(day.checked_mul(86_400)?).ok()?;
    Some(stamp.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// First days of months, at most eight, the same number of months apart.
fn ticks(first: i64, last: i64) -> Vec<i64> {
    let (Some(from), Some(until)) = (date(first), date(last)) else { return Vec::new() };
    let index = |date: jiff::civil::Date| i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let (from, until) = (index(from), index(until));
    let months = until - from;
    let apart = [1, 2, 3, 6, 12, 24, 60, 120].into_iter().find(|apart| months / apart < 7).unwrap_or(months / 6 + 1);
    let marks = (from.div_euclid(apart)..=until.div_euclid(apart)).map(|mark| mark * apart);
    marks.filter_map(first_of).filter(|day| (first..=last).contains(day)).collect()
}

/// The day since 1970 on which a month begins, months counted from the year 0.
fn first_of(index: i64) -> Option<i64> {
    let (year, month) = (i16::try_from(index.div_euclid(12)).ok()?, i8::try_from(index.rem_euclid(12) + 1).ok()?);
    let date = jiff::civil::Date::new(year, month, 1).ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second().div_euclid(86_400))
}

fn month(day: i64) -> String {
    date(day).map(|date| date.strftime("%Y-%m").to_string()).unwrap_or_default()
}

/// Words that fit left of the axis.
fn cut(text: &str) -> String {
    match text.char_indices().nth(36) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(from: Option<i64>, until: Option<i64>) -> Bar {
        Bar { class: "held", label: String::new(), from, until }
    }

    #[test]
    fn the_axis_holds_the_case_and_three_years_before() {
        assert_eq!(span(&[], None), None);
        let old = [bar(Some(0), None), bar(Some(20_000), Some(20_010))];
        let [first, last] = span(&old, Some([20_000, 20_010])).unwrap_or_default();
        assert!(first <= 20_000 - BEFORE);
        assert!((20_011..20_010 + AFTER).contains(&last), "{first} {last}");
        assert_eq!(x(0, [first, last]), LEFT, "what is older is cut at the edge");
        assert_eq!(x(i64::MAX, [first, last]), LEFT + WIDE);
    }

    #[test]
    fn ticks_are_few_and_at_the_first_of_a_month() {
        for (first, last) in [(20_000, 20_040), (20_000, 20_400), (18_000, 21_200), (0, 40_000), (-700_000, 2_900_000)]
        {
            let ticks = ticks(first, last);
            assert!((1..=8).contains(&ticks.len()), "{first} {last}: {}", ticks.len());
            assert!(ticks.iter().all(|tick| date(*tick).is_some_and(|date| date.day() == 1)));
        }
    }
}
