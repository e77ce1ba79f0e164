//! A covered text read once more as an address: a second reading, with a
//! self-test of its own over made-up addresses.

use super::ends;
use super::form;
use super::grammar::Grammar;
use super::looks::poses;
use super::operator::Operator;
use super::recover::Worker;
use super::recovery::{Formed, Recovery, Verdict};
use super::settle::{Settled, Stretch, decode, settle};
use super::strings::{AHEAD, ahead, best_text, candidates};
use super::trials::{FEWEST, SURE};
use super::trust;
use crate::redaction::Redaction;
use crate::{Reading, Rect};

/// Cells below a cover that may hold an address and a part of a blank at
/// either end.
const ADDRESS: std::ops::RangeInclusive<usize> = 7..=17;

/// A text held to a form that leaves more than so many times what the free
/// reading leaves is not of that form.
const FORM_COSTS: f32 = 1.3;

impl Worker<'_> {
    /// An address below the cover as it was found first; below another one only
    /// where none fits there.
    fn held_alone(
        &self,
        redaction: &Redaction,
        only: &Stretch,
        (free, cover): (&Recovery, &Settled),
        limit: f32,
    ) -> Option<Settled> {
        let first = Stretch { rect: cover.rect, style: cover.style, ..*only };
        let same = decode(&[first], &cover.operator, cover.tone, 300);
        let same = same.filter(|same| form::hold(same.clone()).is_some_and(|held| held.residual <= limit));
        same.or_else(|| {
            let hints: Vec<Operator> = free.operator.iter().chain(&self.hints).copied().collect();
            settle(only, redaction.cover, redaction.strength, &hints, None)
        })
    }

    /// Reads a group once more as an address, if it can be one.
    pub(super) fn held(&self, group: &[usize], free: &Recovery, cover: &Settled, secret: &[String]) -> Option<Formed> {
        let figures = form::figures(&self.glyphs).filter(|_| ADDRESS.contains(&free.cells))?;
        let redaction = &self.redactions[group[0]];
        let sights = self.sights(group);
        let others: Vec<Vec<Rect>> = sights.iter().map(|sight| self.others(sight)).collect();
        let limit = FORM_COSTS * free.residual.max(1.0);
        let (joint, used) = match self.jointly(&sights, &others, &figures) {
            Some(read) => read,
            None => {
                let only = Stretch { glyphs: &figures, ..self.stretch(sights.first()?, &others[0]) };
                let settled = self.held_alone(redaction, &only, (free, cover), limit)?;
                self.together(&sights, &others, &figures, &settled)
            }
        };
        let joint = form::hold(joint)?;
        if joint.residual > limit || free.residual == 0.0 {
            return None;
        }
        let text = best_text(&joint);
        let sure_ends =
            self.clear_beside(&joint, &used[0]) && ends::moved(&used, joint.clone(), true).2.are_sure(&text);
        let whole = Settled { alphabet: self.glyphs.alphabet(joint.style).0, ..joint.clone() };
        let made_up = form::made_up(&self.lattice, &self.glyphs, joint.style, (joint.cells.len(), trust::TRIALS));
        let poses = poses(&used);
        let test = |reading: &Reading, index: usize, secret: &[String]| {
            let (at, looks) = ((index, &self.lattice), (&poses[..], trust::TRIALS, false));
            let covers = if std::ptr::eq(reading, self.reading) { self.redactions } else { &[] };
            (self.means.alive)();
            let glyphs = (&self.glyphs, Some(&figures));
            trust::test((reading, covers), at, glyphs, &whole, looks, secret, Some(&self.coder))
        };
        let trials = test(&made_up, 0, std::slice::from_ref(&text));
        let (exact, count) = trials.rate(joint.margin);
        let rate = exact as f32 / count.max(1) as f32;
        let verdict = if count < FEWEST || rate < SURE {
            Verdict::Candidate(format!("the self-test read {exact} of {count} made-up addresses"))
        } else if ahead(&joint, self.glyphs.floor) < AHEAD {
            Verdict::Candidate("another address explains the picture about as well".to_owned())
        } else if !sure_ends {
            Verdict::Candidate("where the cover ends is not sure".to_owned())
        } else if !trials.fits(&joint) {
            Verdict::Candidate("the picture fits worse than made-up addresses do".to_owned())
        } else if form::mistaken(&trials, &test(self.reading, self.grid, secret)) > 1.0 - SURE {
            Verdict::Candidate("other text could pass for an address".to_owned())
        } else {
            Verdict::Read
        };
        let candidate = self.led_from(candidates(&joint).into_iter().next()?, &joint, free)?;
        let residual = joint.residual;
        Some(Formed { grammar: Grammar::Ipv4, candidate, verdict, exact, trials: count, residual })
    }
}
