//! A second reading, held to the form of an IPv4 address.
//!
//! Eleven characters in the place of ninety leave far less to guess below a
//! strong cover. But the form is an assumption, so this reading has a self-test
//! of its own: addresses made up, drawn with the video's own characters,
//! covered and read back; and known texts of the video that are no addresses,
//! which must not pass for one.

use std::net::Ipv4Addr;

use super::glyphs::Glyphs;
use super::painted;
use super::settle::{Settled, noise};
use super::strings::text_of;
use super::trials::Trials;
use crate::{Grid, Reading};

/// The characters of an address.
const LETTERS: &str = "0123456789.";

/// Column in which made-up addresses begin.
const COLUMN: u32 = 2;

/// Addresses drawn at most in search of some of a length.
const DRAWN: usize = 50_000;

/// The characters of an address alone; none unless each was seen clear.
pub(crate) fn figures(glyphs: &Glyphs) -> Option<Glyphs> {
    let only = glyphs.only(LETTERS);
    let seen = |letter: char| only.styles.iter().any(|style| style.pictures.contains_key(&letter));
    LETTERS.chars().all(seen).then_some(only)
}

/// Leaves the strings that are addresses, and measures how clear-cut the first
/// of them is; none if there is no such string.
pub(crate) fn hold(mut settled: Settled) -> Option<Settled> {
    let best = settled.fits.first()?.energy.max(f32::MIN_POSITIVE);
    let mut texts: Vec<String> = Vec::new();
    let fits = std::mem::take(&mut settled.fits);
    for fit in fits {
        let text = text_of(&settled, &fit.letters);
        if text.parse::<Ipv4Addr>().is_ok() && !texts.contains(&text) {
            texts.push(text);
            settled.fits.push(fit);
        }
    }
    let first = settled.fits.first()?.energy;
    settled.residual *= (first / best).max(1.0).sqrt();
    let noise = noise(settled.residual);
    settled.margin = settled.fits.get(1).map_or(0.0, |second| (second.energy - first) / (noise * noise));
    Some(settled)
}

/// The share of texts that are no addresses and would pass for one; one more
/// in each place, since few texts prove little.
pub(crate) fn mistaken(trials: &Trials, foreign: &Trials) -> f32 {
    let limits = trials.limits();
    let passes = foreign.all.iter().filter(|trial| trial.fits(limits));
    (passes.count() as f32 + 0.5) / (foreign.all.len() as f32 + 1.0)
}

/// Rows with made-up addresses that fill so many cells, each another, in the
/// characters of a style.
pub(crate) fn made_up(grid: &Grid, glyphs: &Glyphs, style: usize, (cells, count): (usize, usize)) -> Reading {
    let (alphabet, pictures) = glyphs.alphabet(style);
    let picture = |letter: char| alphabet.iter().position(|known| *known == letter).map(|at| &pictures[at]);
    let (least, most) = (cells.saturating_sub(1).clamp(7, 15), cells.min(15));
    let addresses = addresses().take(DRAWN).filter(|address| (least..=most).contains(&address.len())).take(count);
    let rows = addresses.map(|address| {
        // A stretch ends with text behind it; short addresses get some.
        let behind = " ".repeat((cells + 1).saturating_sub(address.len())) + "0.0";
        let letters = (COLUMN..).zip((address + &behind).chars().collect::<Vec<_>>());
        painted::row((grid, 0), glyphs, letters, &picture)
    });
    Reading { grids: vec![*grid], rows: rows.flatten().collect() }
}

/// Addresses without end, always the same.
fn addresses() -> impl Iterator<Item = String> {
    let mut state = 0x2545_f491u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mixed = state ^ state >> 15;
        let [a, b, c, d] = mixed.wrapping_mul(0x9e37_79b1).to_be_bytes();
        // Short numbers are as frequent as they are in addresses in use.
        Ipv4Addr::new(a, b >> (a & 3), c >> (b & 3), d).to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_addresses_differ_and_come_in_every_length() {
        let some: Vec<String> = addresses().take(4000).collect();
        let different: std::collections::BTreeSet<&String> = some.iter().collect();
        assert!(different.len() > 3900);
        for length in 9..=15 {
            assert!(some.iter().filter(|address| address.len() == length).count() > 20, "{length}");
        }
    }
}
