//! Whether a text stands clear though a region seems to cover it.
//!
//! The descenders of a line above a cover, and text that was coded poorly, look
//! soft for a while. What is there looks like the clear text all the same, which
//! below a cover it does not.

use std::ops::Range;

use super::{Look, Redaction, longest_look};
use crate::{Row, Stay};

/// Correlation with the clear picture, and share of its contrast, from which on a
/// text is clear: a Gaussian of one pixel and a half leaves a correlation of .85 of
/// strokes of two pixels, and poor coding .95 and more.
const LIKE: f64 = 0.9;
const AS_STRONG: f64 = 0.7;

/// Share of a row's height above and below that does not count: covers of the
/// lines beside it may reach in there.
const MARGIN: f32 = 0.22;

/// A row is cut to whole pixels, so its line may be off by one.
const OFF: [i64; 3] = [0, -1, 1];

/// Whether a region shows the text of a row, between two columns of pixels, while
/// that stood there.
pub(super) fn stands_clear(row: &Row, columns: Range<u32>, stay: &Stay, redaction: &Redaction) -> bool {
    let Some(look) = look_during(stay, &redaction.looks) else { return false };
    let (width, height) = (row.pixels.width, row.pixels.height);
    let across = columns.start.max(row.place.x)..columns.end.min(row.place.x + width as u32);
    let margin = (MARGIN * height as f32).round() as usize;
    let lines = margin..height - margin;
    let pairs = |off: i64| -> Vec<(f64, f64)> {
        let place = |x: u32, line: usize| {
            let clear = row.pixels.pixels[line * width + (x - row.place.x) as usize];
            let seen = look.level(i64::from(x), i64::from(stay.y) + line as i64 + off)?;
            Some((f64::from(clear), f64::from(seen)))
        };
        lines.clone().flat_map(|line| across.clone().filter_map(move |x| place(x, line))).collect()
    };
    let all = across.len() * lines.len();
    OFF.iter().any(|off| {
        let pairs = pairs(*off);
        pairs.len() * 2 > all && alike(&pairs)
    })
}

/// The look that lasted longest during a stay, or if none was taken then at all.
fn look_during<'a>(stay: &Stay, looks: &'a [Look]) -> Option<&'a Look> {
    let during = |look: &Look| stay.last_ms.min(look.at_ms).checked_sub(stay.first_ms.max(look.since_ms));
    let longest = looks.iter().filter_map(|look| Some((during(look)?, look))).max_by_key(|(during, _)| *during);
    longest.map(|(_, look)| look).or_else(|| longest_look(looks))
}

/// Whether the second of each pair follows the first, about as strongly.
fn alike(pairs: &[(f64, f64)]) -> bool {
    let count = pairs.len().max(1) as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / count;
    let (clear, seen) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut own, mut other, mut both) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (one, two) = (pair.0 - clear, pair.1 - seen);
        (own, other, both) = (own + one * one, other + two * two, both + one * two);
    }
    both >= LIKE * (own * other).sqrt() && both >= AS_STRONG * own && own > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softer_text_is_alike_and_covered_text_is_not() {
        let stroke = |at: usize| if at % 5 < 2 { 200.0 } else { 20.0 };
        let near = |at: usize, reach: usize| (at..=at + 2 * reach).map(stroke).sum::<f64>() / (2 * reach + 1) as f64;
        let pairs = |reach: usize| (5..200).map(|at| (stroke(at + reach), near(at, reach))).collect::<Vec<_>>();
        assert!(alike(&pairs(0)) && !alike(&pairs(2)));
        let faded: Vec<(f64, f64)> = pairs(0).iter().map(|pair| (pair.0, 20.0 + 0.8 * (pair.1 - 20.0))).collect();
        assert!(alike(&faded));
        assert!(!alike(&[]) && !alike(&[(4.0, 4.0), (4.0, 4.0)]));
    }
}
