//! A second reading, by how names, paths and commands are written.
//!
//! Below strong covers a picture often leaves two strings that differ in a
//! character, such as `record.txt` and `7ecord,txt`. Which kinds of characters
//! follow each other in what people name and type decides between these, without
//! any word being known. That is no longer what the picture says, so it is given
//! beside the first reading and never in its place, only for texts that have a
//! form, and with a self-test of its own: the same known strings, covered the same
//! way, read back by the same habits.

use super::ends;
use super::grammar::{self, Grammar};
use super::recover::Worker;
use super::recovery::{Formed, Recovery, Verdict};
use super::settle::{Settled, Stretch, decode};
use super::strings::best_text;

/// A text by habits that leaves more than so many times what the free reading
/// leaves is not what stands there.
const HABITS_COST: f32 = 1.1;

/// Kinds of characters that habits tell apart.
const KINDS: usize = 7;

/// How many characters of each kind there are: small letters, capitals, figures,
/// the slash, signs that join parts of a name, the blank, all others.
const MEMBERS: [f32; KINDS] = [26.0, 26.0, 10.0, 1.0, 6.0, 1.0, 25.0];

/// How often a kind (column) follows another (row), rounded from counts over the
/// paths and the README files of a Debian system.
const FOLLOWS: [[f32; KINDS]; KINDS] = [
    [0.80, 0.005, 0.015, 0.05, 0.04, 0.07, 0.02],
    [0.35, 0.48, 0.02, 0.02, 0.05, 0.05, 0.03],
    [0.05, 0.02, 0.42, 0.10, 0.25, 0.10, 0.06],
    [0.74, 0.05, 0.05, 0.03, 0.09, 0.01, 0.03],
    [0.55, 0.03, 0.20, 0.02, 0.12, 0.06, 0.02],
    [0.50, 0.06, 0.04, 0.05, 0.02, 0.30, 0.03],
    [0.40, 0.06, 0.10, 0.06, 0.04, 0.15, 0.19],
];

fn kind(letter: char) -> usize {
    match letter {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        '/' => 3,
        '.' | '_' | '-' | '@' | ':' | '=' => 4,
        ' ' => 5,
        _ => 6,
    }
}

/// What speaks against each letter of an alphabet before each other one, in nats.
pub(super) fn against(alphabet: &[char]) -> Vec<f32> {
    let cost = |first: char, next: char| -(FOLLOWS[kind(first)][kind(next)] / MEMBERS[kind(next)]).ln();
    alphabet.iter().flat_map(|first| alphabet.iter().map(|next| cost(*first, *next))).collect()
}

impl Worker<'_> {
    /// Whether what is read would be another text if it were read by habits too, and that
    /// text leaves hardly more: then the picture alone does not decide.
    pub(super) fn is_other_by_habits(&self, settled: &Settled, used: &[Stretch]) -> bool {
        let glyphs = self.glyphs.by_habits();
        let looks: Vec<Stretch> = used.iter().map(|look| Stretch { glyphs: &glyphs, ..*look }).collect();
        let other = decode(&looks, &settled.operator, settled.tone, 120);
        let fits = |other: &Settled| other.residual <= HABITS_COST * settled.residual.max(1.0);
        other.filter(fits).is_some_and(|other| best_text(&other) != best_text(settled))
    }

    /// Reads a group once more by habits, where that gives a text of some form;
    /// `free` is the reading without them.
    pub(super) fn by_habits(
        &self,
        group: &[usize],
        (free, settled): (&Recovery, &Settled),
        used: &[Stretch],
        secret: &[String],
    ) -> Option<Formed> {
        let line = settled.cells.first()?.1;
        if settled.cells.iter().any(|cell| cell.1 != line) {
            return None;
        }
        let glyphs = self.glyphs.by_habits();
        let looks: Vec<Stretch> = used.iter().map(|look| Stretch { glyphs: &glyphs, ..*look }).collect();
        let read = decode(&looks, &settled.operator, settled.tone, 120)?;
        let (read, looks, ends) = ends::moved(&looks, read, false);
        let text = best_text(&read);
        // An address is held to its form by a stricter test.
        let grammar = grammar::within(&text).filter(|form| *form != Grammar::Ipv4)?;
        if read.residual > HABITS_COST * free.residual.max(1.0) {
            return None;
        }
        let sure_ends = self.clear_beside(&read, &looks[0]) && ends.are_sure(&text);
        let weighed = self.weigh(group, &read, sure_ends, &looks, secret);
        let verdict = Some(weighed.verdict).filter(|verdict| !matches!(verdict, Verdict::Refused(_)))?;
        let candidate = self.led_from(weighed.candidates.into_iter().next()?, &read, free)?;
        let (exact, trials, residual) = (weighed.exact, weighed.trials, weighed.residual);
        Some(Formed { grammar, candidate, verdict, exact, trials, residual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_likelier_than_what_looks_like_them() {
        let alphabet: Vec<char> = (' '..='~').collect();
        let against = against(&alphabet);
        let at = |letter: char| letter as usize - ' ' as usize;
        let cost = |text: &str| -> f32 {
            let letters: Vec<char> = text.chars().collect();
            letters.windows(2).map(|two| against[at(two[0]) * alphabet.len() + at(two[1])]).sum()
        };
        for (right, wrong) in [("record.txt", "7ecord,txt"), ("/srv/fold", "/srv/{old"), ("kofi_90", "kofi,90")] {
            assert!(cost(right) + 2.0 < cost(wrong), "{right}");
        }
    }

    #[test]
    fn what_follows_adds_up() {
        for row in FOLLOWS {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{row:?}");
        }
    }
}
