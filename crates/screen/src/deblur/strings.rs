//! From the letters that fit to strings, and what strings say.

use super::models::Noise;
use super::recovery::Candidate;
use super::settle::Settled;

/// A text that explains its picture no better than another by so many nats (ten to one)
/// is no reading, however often strings of a self-test came out right: these may hold none
/// of the characters that the picture leaves undecided.
pub(super) const AHEAD: f32 = 2.3;

/// The strings with their odds; strings that differ in blanks at the ends are
/// one.
pub(super) fn candidates(settled: &Settled) -> Vec<Candidate> {
    let noise = settled.residual.max(1.0);
    let Some(least) = settled.fits.first().map(|fit| fit.energy) else { return Vec::new() };
    let mut found: Vec<Candidate> = Vec::new();
    for fit in &settled.fits {
        let text = text_of(settled, &fit.letters);
        let odds = (-(fit.energy - least) / (2.0 * noise * noise)).exp();
        match found.iter_mut().find(|known| known.text == text) {
            Some(known) => known.odds += odds,
            None if !text.is_empty() => found.push(Candidate { text, odds, lead: lead(settled, &fit.letters) }),
            None => {}
        }
    }
    let sum: f32 = found.iter().map(|candidate| candidate.odds).sum();
    found.iter_mut().for_each(|candidate| candidate.odds /= sum.max(1e-9));
    found
}

/// Cells before the first that is not blank.
pub(super) fn lead(settled: &Settled, letters: &[u8]) -> usize {
    letters.iter().position(|letter| settled.alphabet[usize::from(*letter)] != ' ').unwrap_or(0)
}

/// Whether a text is written like an address and is none: one misread
/// character makes the difference.
pub(super) fn is_almost_address(text: &str) -> bool {
    let almost = |word: &str| {
        let figures = word.chars().filter(|letter| letter.is_ascii_digit() || *letter == '.').count();
        let is_number = word.contains('.') && word.contains(|letter: char| letter.is_ascii_digit());
        word.parse::<std::net::Ipv4Addr>().is_err() && is_number && figures * 4 >= word.chars().count() * 3
    };
    text.split(' ').any(almost)
}

/// Whether there are two different letters or figures.
pub(super) fn says_something(text: &str) -> bool {
    let letters: std::collections::BTreeSet<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.len() >= 2
}

/// By how many nats the best text explains the picture better than any other does, beside
/// clear text of noise `floor`; infinite if there is no other.
pub(super) fn ahead(settled: &Settled, floor: f32) -> f32 {
    let best = best_text(settled);
    let other = settled.fits.iter().find(|fit| text_of(settled, &fit.letters) != best);
    let nat = Noise::of(&settled.operator, floor).nat(&settled.operator);
    let least = settled.fits.first().map_or(0.0, |fit| fit.energy);
    other.map_or(f32::INFINITY, |other| (other.energy - least) / nat)
}

pub(super) fn best_text(settled: &Settled) -> String {
    settled.fits.first().map(|fit| text_of(settled, &fit.letters)).unwrap_or_default()
}

/// The letters by line, blanks at the ends cut off, lines joined by a blank.
pub(super) fn text_of(settled: &Settled, letters: &[u8]) -> String {
    let mut lines: std::collections::BTreeMap<i32, String> = std::collections::BTreeMap::new();
    for ((_, line), letter) in settled.cells.iter().zip(letters) {
        lines.entry(*line).or_default().push(settled.alphabet[usize::from(*letter)]);
    }
    let lines: Vec<&str> = lines.values().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_an_address_is_told() {
        let told = ["198.51.100.12", "198.51.l00.12", "198.51.100.1234", "198.51.100.12 ... done", "198.51.100.12 ."];
        assert_eq!(told.map(is_almost_address), [false, true, true, false, false]);
    }
}
