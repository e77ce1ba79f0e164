//! From all redactions of a reading to what lies below them, each with what it
//! is worth.

use std::cell::RefCell;

use super::coder::{Coder, Reencode};
use super::ends::{self, Ends};
use super::fonts::Fonts;
use super::glyphs::Glyphs;
use super::grammar::{self, Grammar};
use super::lattice;
use super::looks::{Sight, poses};
use super::operator::{Kernel, Operator};
use super::recovery::{Candidate, Recovered, Recovery, Verdict, Warrant};
use super::settle::{HOPELESS, Settled, Stretch, is_explained, is_no_cover, settle, tried};
use super::strings::{AHEAD, ahead, best_text, candidates, is_almost_address, says_something};
use super::trials::{FEWEST, SURE, Tests, Way, near};
use crate::redaction::{Cover, Redaction, lasting, track};
use crate::{Grid, Reading, Rect, Row};

/// Strings shown of a reading that is not sure.
const CANDIDATES: usize = 8;

/// A cover that other texts of the video lie below may leave so much more than
/// one of a kind that occurs nowhere else.
const KNOWN_COVER: f32 = 1.1;

/// Odds of a wrong reading through a character never seen clear, at most.
const SLIP: f32 = 0.012;

/// A cover lower than this share of the ink of a line is an artefact of coding,
/// or says too little.
const LINE_SHARE: f32 = 0.6;

/// Covers that all lasted less than this passed over text that they were not
/// meant for, on a screen that scrolls; in milliseconds.
const PASSING_MS: u64 = 300;

/// Styles tried beside the commonest, and what share of it one may leave at most to be
/// taken instead.
const OTHER_STYLES: usize = 2;
const OTHER_STYLE: f32 = 0.9;

/// What covers are read with.
pub struct Means<'a> {
    /// Faces that characters never seen clear are drawn from.
    pub fonts: &'a Fonts,
    /// The coding that self-tests go through; without one, plain noise.
    pub reencode: Option<Reencode<'a>>,
    /// Called again and again while covers are read, so that a watchdog can tell
    /// slow work from none.
    pub alive: &'a dyn Fn(),
}

/// Reads below the covers of a whole reading. `personal` says which clear rows
/// are records of persons: covers beside them stay shut and are counted.
/// Without a reason nothing is read.
pub fn recover(
    reading: &Reading,
    redactions: &[Redaction],
    warrant: &Warrant,
    personal: &dyn Fn(&Row) -> bool,
    means: &Means,
) -> Recovered {
    let mut recovered = Recovered::default();
    if warrant.reason.trim().is_empty() {
        return recovered;
    }
    let private: Vec<&Row> = reading.rows.iter().filter(|row| personal(row)).collect();
    let shut: Vec<bool> = redactions.iter().map(|redaction| beside(redaction, &private)).collect();
    recovered.left_covered = shut.iter().filter(|shut| **shut).count();
    for grid in 0..reading.grids.len() {
        let open = |at: &usize| redactions[*at].grid == Some(grid) && !shut[*at];
        let indexes: Vec<usize> = (0..redactions.len()).filter(open).collect();
        let hidden = |row: &Row, place: Rect| covered(redactions, row, place);
        let Some(lattice) = lattice::refined(reading, grid).filter(|_| !indexes.is_empty()) else { continue };
        let Some(mut glyphs) = Glyphs::learn(reading, grid, &lattice, &hidden) else { continue };
        glyphs.draw(means.fonts);
        let (hints, tests) = (Vec::new(), RefCell::default());
        let is_still = reading.rows.iter().all(|row| row.last_ms == 0);
        let coder = Coder::new(means.reencode);
        let mut worker = Worker { reading, redactions, grid, lattice, glyphs, hints, tests, means, coder, is_still };
        recovered.recoveries.extend(worker.all(&indexes));
    }
    recovered.recoveries.sort_by_key(|recovery| recovery.redactions.clone());
    recovered
}

/// Whether a redaction lies in or next to the rows of person records.
fn beside(redaction: &Redaction, private: &[&Row]) -> bool {
    private.iter().any(|row| {
        let together = row.first_ms <= redaction.last_ms && row.last_ms >= redaction.first_ms;
        let near = track::grown(row.place, row.place.height, u32::MAX / 2, u32::MAX / 2);
        together && track::common(near, redaction.rect) > 0.0
    })
}

/// Whether a place of a row was covered when its picture was taken, or for most of
/// the time it was seen.
fn covered(redactions: &[Redaction], row: &Row, place: Rect) -> bool {
    redactions.iter().any(|redaction| {
        let until = row.last_ms.min(redaction.last_ms);
        let together = until.saturating_sub(row.first_ms.max(redaction.first_ms));
        let most = together * 5 > (row.last_ms - row.first_ms) * 3;
        let then = (redaction.first_ms..=redaction.last_ms).contains(&row.taken_ms);
        (most || then) && redaction.rects().any(|rect| track::common(place, rect) > 0.0)
    })
}

pub(super) struct Worker<'a> {
    pub(super) reading: &'a Reading,
    pub(super) redactions: &'a [Redaction],
    pub(super) grid: usize,
    pub(super) lattice: Grid,
    pub(super) glyphs: Glyphs,
    /// Covers found so far that explained their picture.
    pub(super) hints: Vec<Operator>,
    /// Self-tests run so far.
    pub(super) tests: RefCell<Tests>,
    pub(super) means: &'a Means<'a>,
    pub(super) coder: Coder<'a>,
    /// One picture, in which nothing can last.
    pub(super) is_still: bool,
}

/// Why a reading is a candidate that leaves more than known strings do.
const UNFIT: &str = "the picture fits worse than known strings do";

impl Worker<'_> {
    fn all(&mut self, indexes: &[usize]) -> Vec<Recovery> {
        let (grown, indexes): (Vec<usize>, Vec<usize>) = indexes.iter().partition(|at| self.grew(**at));
        let (mut groups, passing): (Vec<_>, Vec<_>) =
            self.groups(&indexes).into_iter().partition(|group| !self.only_passed(group));
        let mut settled: Vec<Option<Settled>> = groups.iter_mut().map(|group| self.first(group, None)).collect();
        // Once more, now that covers are known, where the first try failed or
        // took a cover that nothing else in the video was covered by.
        let all = self.hints.clone();
        for at in 0..groups.len() {
            self.hints = all.iter().filter(|hint| self.is_shared(&settled, at, hint)).copied().collect();
            let own = settled[at].as_ref().map_or(f32::MAX, |settled| settled.residual);
            let known =
                |settled: &Settled, hints: &[Operator]| hints.iter().any(|hint| hint.kernel == settled.operator.kernel);
            let fits =
                settled[at].as_ref().is_some_and(|settled| self.is_explained(settled) && known(settled, &self.hints));
            let is_none = settled[at].as_ref().is_some_and(|settled| is_no_cover(settled, self.glyphs.floor));
            if self.hints.is_empty() || fits || is_none {
                continue;
            }
            let mut kernels: Vec<Kernel> = self.hints.iter().map(|hint| hint.kernel).collect();
            kernels.sort();
            kernels.dedup();
            for kernel in kernels {
                let forced = (kernel != Kernel::Blocks).then_some(kernel);
                let limit = settled[at].as_ref().map_or(f32::MAX, |settled| {
                    if settled.residual > own { settled.residual } else { KNOWN_COVER * own }
                });
                let again = self.first(&mut groups[at], forced);
                if again.as_ref().is_some_and(|again| again.operator.kernel == kernel && again.residual < limit) {
                    settled[at] = again;
                }
            }
        }
        self.hints = all;
        let mut secret: Vec<String> = settled.iter().flatten().map(best_text).collect();
        secret.retain(|text| text.len() >= 4);
        let read = groups.iter().zip(settled).map(|(group, settled)| self.judge(group, settled, &secret));
        let mut all: Vec<Recovery> = read.collect();
        let grew = "the cover grew into another one, which is read instead";
        all.extend(grown.iter().map(|at| self.refused(&[*at], None, grew)));
        all.extend(passing.iter().map(|group| self.refused(group, None, "the cover only passed over the text")));
        all
    }

    /// Whether all covers of a group passed over text that they were not meant for.
    fn only_passed(&self, group: &[usize]) -> bool {
        !self.is_still && group.iter().all(|at| lasting(&self.redactions[*at]) < PASSING_MS)
    }

    /// Whether a cover leaves hardly more than the noise of clear text.
    pub(super) fn is_explained(&self, settled: &Settled) -> bool {
        is_explained(settled, self.glyphs.floor)
    }

    /// Whether a cover is of a kind that explains another group than this one.
    fn is_shared(&self, settled: &[Option<Settled>], own: usize, hint: &Operator) -> bool {
        let explains = |settled: &Settled| settled.operator.kernel == hint.kernel && self.is_explained(settled);
        settled.iter().enumerate().any(|(at, settled)| at != own && settled.as_ref().is_some_and(explains))
    }

    /// Settles a group by the first of its longest looks that a cover explains,
    /// or by the best, and puts that look first.
    fn first(&mut self, group: &mut [usize], forced: Option<Kernel>) -> Option<Settled> {
        let sights = self.sights(group);
        let others: Vec<Vec<Rect>> = sights.iter().map(|sight| self.others(sight)).collect();
        if let Some((settled, _)) = self.jointly(&sights, &others, &self.glyphs) {
            return Some(settled);
        }
        let mut best: Option<(usize, Settled)> = None;
        for (at, redaction) in group.iter().enumerate().take(3) {
            let Some(settled) = self.one(*redaction, forced) else { continue };
            let explained = self.is_explained(&settled);
            if best.as_ref().is_none_or(|(_, best)| settled.residual < best.residual) {
                best = Some((at, settled));
            }
            if explained {
                break;
            }
        }
        let (at, settled) = best?;
        group.swap(0, at);
        let known = self.hints.iter().any(|hint| near(hint, &settled.operator));
        let plain = settled.operator.phase_x == 0 && settled.operator.phase_y == 0;
        if self.is_explained(&settled) && settled.margin > 60.0 && !known && plain {
            self.hints.push(settled.operator);
        }
        Some(settled)
    }

    /// Settles one redaction, in the style that fits best.
    fn one(&self, at: usize, forced: Option<Kernel>) -> Option<Settled> {
        let redaction = &self.redactions[at];
        let sight = self.sights(&[at]).into_iter().next()?;
        let others = self.others(&sight);
        let stretch = &self.stretch(&sight, &others);
        let mut best = self.one_style(redaction, stretch, forced);
        for style in self.other_styles(redaction, stretch, best.as_ref(), forced) {
            let styled = self.one_style(redaction, &Stretch { style, ..*stretch }, forced);
            let better =
                |settled: &Settled| best.as_ref().is_none_or(|best| settled.residual < OTHER_STYLE * best.residual);
            best = styled.filter(better).or(best);
        }
        best
    }

    /// Settles a redaction in the style of a stretch.
    fn one_style(&self, redaction: &Redaction, styled: &Stretch, forced: Option<Kernel>) -> Option<Settled> {
        (self.means.alive)();
        let settled = settle(styled, redaction.cover, redaction.strength, &self.hints, forced);
        // Coarse coding looks like blocks, so a blur may have been taken for them.
        let unfit = |settled: &Settled| settled.residual > 2.2 * self.glyphs.floor;
        match settled {
            Some(blocks) if redaction.cover == Cover::Blocks && unfit(&blocks) => {
                let blur = settle(styled, Cover::Blur, 0.0, &self.hints, forced);
                blur.filter(|blur| blur.residual < blocks.residual).or(Some(blocks))
            }
            other => other,
        }
    }

    /// The styles to try beside the commonest: those that leave least below any cover where
    /// the first was found; clearly less, where that explains its picture.
    fn other_styles(
        &self,
        redaction: &Redaction,
        stretch: &Stretch,
        first: Option<&Settled>,
        forced: Option<Kernel>,
    ) -> Vec<usize> {
        let Some(first) = first else { return Vec::new() };
        let hints: Vec<Operator> = self.hints.iter().chain([&first.operator]).copied().collect();
        let left = |style: usize| {
            let styled = Stretch { style, rect: first.rect, ..*stretch };
            let tried = tried(&styled, redaction.cover, redaction.strength, &hints, forced);
            Some((tried.first()?.residual, style))
        };
        let most = if self.is_explained(first) { OTHER_STYLE * first.residual } else { f32::MAX };
        let mut left: Vec<(f32, usize)> = (1..self.glyphs.styles.len()).filter_map(left).collect();
        left.retain(|(residual, _)| *residual < most);
        left.sort_by(|one, other| one.0.total_cmp(&other.0));
        left.into_iter().take(OTHER_STYLES).map(|(_, style)| style).collect()
    }

    /// Reads all looks of a group together and says what that is worth.
    fn judge(&mut self, group: &[usize], settled: Option<Settled>, secret: &[String]) -> Recovery {
        (self.means.alive)();
        let Some(settled) = settled else { return self.refused(group, None, "no text below the cover fits") };
        let width = self.glyphs.cell.0 as f32;
        if settled.residual > 2.2 * self.glyphs.floor {
            return self.refused(group, Some(&settled), "no cover explains the picture");
        }
        if settled.operator.spread() > HOPELESS * width {
            return self.refused(group, Some(&settled), "the cover is too strong");
        }
        let sights = self.sights(group);
        let others: Vec<Vec<Rect>> = sights.iter().map(|sight| self.others(sight)).collect();
        if sights.is_empty() {
            return self.refused(group, Some(&settled), "no text below the cover fits");
        }
        let (joint, used, ends) = match self.settled_by(&sights, &others, &settled) {
            Some(looks) => ends::moved(&looks, settled.clone(), false),
            None => self.laid_together(&sights, &others, settled.clone()),
        };
        let recovery = self.borne_out(group, (&joint, &used, &ends), secret);
        // Settled by all looks at once, it may be by some; else by the longest alone.
        let from = if settled.rects.len() > 1 { sights.len() } else { 1 };
        if used.len() > 1
            && let Some(alone) = self.by_longest(group, &recovery, (&sights[..from], &others), secret)
        {
            return alone;
        }
        let is_open = recovery.verdict != Verdict::Read;
        let held = is_open.then(|| self.held(group, &recovery, &settled, secret)).flatten();
        let is_open = is_open && held.as_ref().is_none_or(|held| held.verdict != Verdict::Read);
        let by_habits = is_open.then(|| self.by_habits(group, (&recovery, &joint), &used, secret)).flatten();
        let recovery = Recovery { held: by_habits.or(held), ..recovery };
        let stands = recovery.read().is_none().then(|| self.stands(&joint, &used, secret)).flatten();
        Recovery { stands, ..recovery }
    }

    /// What a reading is worth by its self-test, by where its cover may end, and by what else
    /// it may be.
    fn borne_out(
        &self,
        group: &[usize],
        (joint, used, ends): (&Settled, &[Stretch], &Ends),
        secret: &[String],
    ) -> Recovery {
        let clear_beside = self.clear_beside(joint, &used[0]) && ends.are_sure(&best_text(joint));
        let recovery = self.weigh(group, joint, clear_beside, used, secret);
        let free = recovery.candidates.first().map_or("", |first| &first.text);
        let verdict = match &recovery.verdict {
            Verdict::Read if is_almost_address(free) => {
                Verdict::Candidate("one character short of an address".to_owned())
            }
            Verdict::Read if self.is_other_by_habits(joint, used) => {
                Verdict::Candidate("it would be another text by how names are written".to_owned())
            }
            own => own.clone(),
        };
        Recovery { verdict, ..recovery }
    }

    /// What the longest look says with those that agree with it, if that is read where all looks
    /// leave a candidate, and is the same or those fit badly: one may lie otherwise than thought.
    fn by_longest(
        &self,
        group: &[usize],
        all: &Recovery,
        (sights, others): (&[Sight], &[Vec<Rect>]),
        secret: &[String],
    ) -> Option<Recovery> {
        let Verdict::Candidate(reason) = &all.verdict else { return None };
        let settled = self.one(*group.first()?, None)?;
        let (settled, used, ends) = self.laid_together(sights, others, settled);
        let alone = self.borne_out(group, (&settled, &used, &ends), secret);
        let text = |recovery: &Recovery| recovery.candidates.first().map(|best| best.text.clone());
        let counts = reason == UNFIT || text(&alone) == text(all);
        (alone.verdict == Verdict::Read && counts).then_some(alone)
    }

    /// A candidate of a second reading, whose cover may end elsewhere, with its place
    /// told from the first cell of the free reading; none if it begins before that.
    pub(super) fn led_from(&self, candidate: Candidate, settled: &Settled, free: &Recovery) -> Option<Candidate> {
        let first = ((free.first_cell.0 - self.lattice.origin_x) / self.lattice.cell_width).round() as isize;
        let further = settled.cells.first()?.0 as isize - first;
        Some(Candidate { lead: candidate.lead.checked_add_signed(further)?, ..candidate })
    }

    /// Whether the cells beside a cover are those of clear characters.
    pub(super) fn clear_beside(&self, settled: &Settled, first: &Stretch) -> bool {
        ends::beside(first, settled) <= ends::CLEAR_BESIDE * self.glyphs.styles[settled.style].contrast.abs()
    }

    pub(super) fn weigh(
        &self,
        group: &[usize],
        settled: &Settled,
        clear_beside: bool,
        used: &[Stretch],
        secret: &[String],
    ) -> Recovery {
        let candidates = candidates(settled);
        let Some(best) = candidates.first().cloned().filter(|best| says_something(&best.text)) else {
            return self.refused(group, Some(settled), "nothing but blanks and strokes");
        };
        if (settled.rect.height as f32) < LINE_SHARE * self.glyphs.ink_height() as f32 {
            return self.refused(group, Some(settled), "the cover takes in too little of the line");
        }
        let way = if used[0].glyphs.habits { Way::Habits } else { Way::Free };
        let trials = self.trials(settled, way, &poses(used), secret);
        let (exact, count) = trials.rate(settled.margin);
        let rate = (exact as f32 / count.max(1) as f32).powf(trials.power);
        // Where none is painted, the rate is theirs.
        let (own_exact, own) = if trials.painted() > 0 { trials.unpainted_rate() } else { (0, 0) };
        let unseen = (self.glyphs.unseen_share(settled.style) * settled.cells.len() as f32).min(1.0);
        let slip = unseen * trials.slip_rate(settled.margin, &best.text);
        let (drawn_exact, drawn) = trials.drawn_rate(settled.margin);
        let drawings_hold = drawn >= FEWEST && drawn_exact as f32 >= SURE * drawn as f32;
        let by_grammar = grammar::best(&candidates).filter(|(_, found)| found.text != best.text);
        let verdict = if count < FEWEST {
            Verdict::Candidate("too few known strings of this kind for the self-test".to_owned())
        } else if rate < 0.5 {
            Verdict::Refused(format!("the self-test read {exact} of {count}"))
        } else if rate < SURE {
            Verdict::Candidate(format!("the self-test read {exact} of {count}"))
        } else if (own_exact as f32) < SURE * own as f32 {
            Verdict::Candidate(format!("the self-test read {own_exact} of {own} that stand so in the video"))
        } else if ahead(settled, self.glyphs.floor) < AHEAD {
            Verdict::Candidate("another text explains the picture about as well".to_owned())
        } else if !clear_beside {
            Verdict::Candidate("where the cover ends is not sure".to_owned())
        } else if !trials.fits(settled) {
            Verdict::Candidate(UNFIT.to_owned())
        } else if self.is_other_in_weight(settled, used) {
            Verdict::Candidate("in the other weight it would be another text".to_owned())
        } else if slip > SLIP && grammar::of(&best.text) != Some(Grammar::Ipv4) {
            let percent = 100.0 * slip;
            Verdict::Candidate(format!(
                "a character never seen clear could pass for another, in {percent:.1} % of cases"
            ))
        } else if best.text.chars().any(|letter| self.glyphs.is_borrowed(letter, settled.style)) && !drawings_hold {
            Verdict::Candidate("it holds a character never seen clear".to_owned())
        } else {
            Verdict::Read
        };
        let candidates = if matches!(verdict, Verdict::Refused(_)) { Vec::new() } else { candidates };
        Recovery {
            redactions: sorted(group),
            settled_by: group[0],
            looks_ms: used.iter().map(|stretch| stretch.look.at_ms).collect(),
            rect: settled.rect,
            operator: Some(settled.operator),
            first_cell: self.corner(Some(settled)),
            cells: settled.cells.len(),
            by_grammar: by_grammar.filter(|_| !candidates.is_empty()),
            held: None,
            stands: None,
            verdict,
            candidates: candidates.into_iter().take(CANDIDATES).collect(),
            residual: settled.residual,
            clear_residual: self.glyphs.floor,
            exact,
            trials: count,
            painted: trials.painted(),
            coded: trials.coded,
        }
    }

    fn corner(&self, settled: Option<&Settled>) -> (f32, f32) {
        let (column, line) = settled.and_then(|settled| settled.cells.first().copied()).unwrap_or_default();
        let lattice = &self.lattice;
        (lattice.origin_x + column as f32 * lattice.cell_width, lattice.origin_y + line as f32 * lattice.cell_height)
    }

    fn refused(&self, group: &[usize], settled: Option<&Settled>, why: &str) -> Recovery {
        Recovery {
            redactions: sorted(group),
            settled_by: group[0],
            looks_ms: Vec::new(),
            rect: settled.map_or(self.redactions[group[0]].rect, |settled| settled.rect),
            operator: settled.map(|settled| settled.operator),
            first_cell: self.corner(settled),
            cells: settled.map_or(0, |settled| settled.cells.len()),
            verdict: Verdict::Refused(why.to_owned()),
            candidates: Vec::new(),
            by_grammar: None,
            held: None,
            stands: None,
            residual: settled.map_or(0.0, |settled| settled.residual),
            clear_residual: self.glyphs.floor,
            exact: 0,
            trials: 0,
            painted: 0,
            coded: false,
        }
    }
}

fn sorted(group: &[usize]) -> Vec<usize> {
    let mut group = group.to_vec();
    group.sort_unstable();
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Luma, Reader};

    /// A character is learned from a picture taken before a cover came, or after it
    /// went, and from none of the time between.
    #[test]
    fn nothing_is_learned_from_below_a_cover() {
        let place = Rect { x: 0, y: 20, width: 90, height: 20 };
        let row = |taken_ms: u64| Row {
            text: String::new(),
            chars: Vec::new(),
            place,
            taken_ms,
            first_ms: 0,
            last_ms: 9000,
            frames: 1,
            stays: Vec::new(),
            grid: Some(0),
            partial: false,
            reader: Reader::Glyphs,
            pixels: Luma::default(),
        };
        let cover = Redaction {
            cover: Cover::Blocks,
            strength: 8.0,
            rect: Rect { x: 40, y: 0, width: 80, height: 24 },
            first_ms: 3000,
            last_ms: 6000,
            grid: Some(0),
            looks: Vec::new(),
            moved: Vec::new(),
        };
        let is_covered = |taken_ms: u64, x: u32| {
            covered(std::slice::from_ref(&cover), &row(taken_ms), Rect { x, width: 10, ..place })
        };
        assert_eq!([2000, 4000, 7000].map(|taken_ms| is_covered(taken_ms, 50)), [false, true, false]);
        assert!(!is_covered(4000, 10), "beside it");
    }
}
