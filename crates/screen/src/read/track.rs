//! Rows followed over time: the same row seen again, scrolled or covered in
//! part is one row; a line being typed is one line.

use super::glyphs::Glyphs;
use crate::{Columns, Luma, Rect, Stay};

/// Nothing in the cell.
pub(crate) const EMPTY: u16 = 0;
/// Ink that is no known glyph.
pub(crate) const UNKNOWN: u16 = 1;
/// Codes from here on are glyphs.
pub(crate) const FIRST_GLYPH: u16 = 2;

/// Stands for ink that could not be read.
pub(crate) const UNREAD: char = '\u{FFFD}';
/// Places kept of a row.
const STAYS_AT_MOST: usize = 64;
/// A row gone from its line for less than this has not left it, in milliseconds:
/// a cursor passed, or a cover came.
const LEFT_MS: u64 = 400;
/// A sight whose steepest step is below this share of the sharpest clear one
/// shows a cover that lets the character through, not the character.
const SOFT: f32 = 0.75;
/// A sight with so many more clear characters shows what a cover hid later.
const CLEARER: f32 = 1.5;
/// A sight sets what is sharp if its glyph fits at least so well and leads the
/// other characters by so much.
const FITS: f32 = 0.5;
/// A lead beyond which a sight counts no more than others.
const LEAD_ENOUGH: f32 = 2.0;
/// Glyphs without a character are told apart by private characters.
const PRIVATE: u32 = 0xF_0000;

/// What was seen in one cell at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub code: u16,
    /// 0 to 1; above one half the glyph is the one and no other.
    pub score: f32,
    /// How much farther off the nearest glyph of another character is, in
    /// units of what copies of one glyph differ by.
    pub lead: f32,
    /// Steepest step between neighbouring pixels, 1 for clear text of this
    /// area; below a cover it is less.
    pub step: f32,
}

/// A row's cells at one time.
pub(crate) type Line = Vec<Seen>;

/// What sights of a column agree on.
#[derive(Clone, Copy, Debug)]
struct Vote {
    code: u16,
    weight: f32,
    lead: f32,
    /// The best score and the steepest step of all sights.
    score: f32,
    step: f32,
    /// First and last time that the glyph was seen clear.
    clear: Option<(u64, u64)>,
}

/// The outcome for a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elected {
    pub value: char,
    /// Of all votes, 0 to 1.
    pub share: f32,
    /// The glyph with most votes among those that are `value`.
    pub code: u16,
    /// The best lead over other characters.
    pub lead: f32,
    /// First and last time that it was seen clear.
    pub clear: Option<(u64, u64)>,
}

/// The picture of a row at one time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    pub pixels: Luma,
    pub place: Rect,
    /// When it was taken, in milliseconds.
    pub at_ms: u64,
    /// Row of the grid in which it was taken.
    pub row: usize,
    /// Coding was done with the row.
    pub settled: bool,
    /// How many characters were clear, by the sum of their steps.
    pub clear: f32,
}

/// A row over time.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub line: Line,
    /// One past the last cell of `line` with ink.
    pub end: usize,
    /// By column: what was seen there, with the weight of all sights and the
    /// lead of the best.
    votes: Vec<Vec<Vote>>,
    quality: f32,
    /// Where it stood when, oldest first.
    pub stays: Vec<Stay>,
    /// Of the best sight as a whole.
    pub picture: Picture,
    /// Of a sight that showed more characters clear, if there was one.
    pub sharper: Option<Picture>,
    pub first_ms: u64,
    pub last_ms: u64,
    pub frames: u64,
    pub asked: u32,
    /// A later state of the line begins with all of this one.
    pub folded: bool,
    /// It stood for long, or was not written on at least once.
    pub stood: bool,
    /// Characters of it were taken back.
    pub partial: bool,
    /// What the network read in the picture of this very row where glyphs left
    /// a doubt: column, character, likelihood.
    pub second: Vec<(usize, char, f32)>,
}

impl Track {
    pub fn new(line: Line, at_ms: u64) -> Self {
        Self {
            end: end(&line),
            line,
            votes: Vec::new(),
            quality: -1.0,
            stays: Vec::new(),
            picture: Picture::default(),
            sharper: None,
            first_ms: at_ms,
            last_ms: at_ms,
            frames: 0,
            asked: 0,
            folded: false,
            stood: false,
            partial: false,
            second: Vec::new(),
        }
    }

    /// Whether it is told, not only as a part of a later state of it.
    pub fn is_kept(&self) -> bool {
        self.stood || !self.folded
    }

    /// Whether it counts as a row that was seen and not read, if it is not told.
    pub fn is_unread(&self) -> bool {
        !self.folded && self.frames > 1
    }

    pub fn has_picture(&self) -> bool {
        self.picture.pixels.height > 0
    }

    /// Forgets the picture, until it is seen again, and that it was empty beyond its end.
    pub fn let_go(&mut self) {
        self.votes.truncate(self.end);
        self.votes.shrink_to_fit();
        self.quality = -1.0;
        self.picture = Picture::default();
        self.sharper = None;
    }

    /// Notes which cells a sight showed clear.
    pub fn note_clear(&mut self, line: &Line, at_ms: u64) {
        for (votes, seen) in self.votes.iter_mut().zip(line) {
            if seen.code >= FIRST_GLYPH && seen.score >= FITS {
                let vote = votes.iter_mut().find(|vote| vote.code == seen.code);
                vote.into_iter().for_each(|vote| vote.clear = joined(vote.clear, Some((at_ms, at_ms))));
            }
        }
    }

    /// Notes which cells a sight of the row at a line showed as clear as drawn text.
    pub fn note_stay(&mut self, y: u32, line: &Line) {
        let clear = |(_, seen): &(usize, &Seen)| seen.code >= FIRST_GLYPH && seen.score >= FITS && seen.step >= SOFT;
        if let Some(stay) = self.stays.iter_mut().rev().find(|stay| stay.y == y) {
            stay.clear = line.iter().enumerate().filter(clear).map(|(column, _)| column).collect();
        }
    }

    /// Notes that the row stands at a line from now on.
    pub fn stay(&mut self, y: u32, at_ms: u64) {
        if let Some(stay) = self.stays.last_mut().filter(|stay| goes_on(stay, y, at_ms)) {
            stay.last_ms = at_ms;
        } else if self.stays.len() < STAYS_AT_MOST {
            self.stays.push(Stay { first_ms: at_ms, last_ms: at_ms, y, clear: Columns::default() });
        }
    }

    /// Adds a sight of the row; true if it is the best so far, so that its picture should be kept.
    pub fn add(&mut self, line: &Line, weight: f32) -> bool {
        self.votes.resize(line.len(), Vec::new());
        for (votes, seen) in self.votes.iter_mut().zip(line) {
            if seen.code == UNKNOWN {
                continue;
            }
            let weight = weight * (0.05 + seen.score) * (0.25 + seen.lead.clamp(0.0, LEAD_ENOUGH));
            let Seen { code, score, lead, step } = *seen;
            count(votes, Vote { code, weight, lead, score, step, clear: None });
        }
        let quality = quality(line) * weight;
        let best = quality > self.quality;
        if best {
            self.quality = quality;
        }
        for (old, new) in self.line.iter_mut().zip(line) {
            if new.code != UNKNOWN && (best || old.code == UNKNOWN || new.score > old.score) {
                *old = *new;
            }
        }
        self.end = end(&self.line);
        best
    }

    /// Takes over what another sight of the same row saw.
    pub fn absorb(&mut self, other: &Track) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.frames += other.frames;
        self.stood |= other.stood;
        self.folded &= other.folded;
        self.stays.extend(&other.stays);
        self.stays.sort();
        self.stays.dedup_by(|next, stay| {
            let joins = goes_on(stay, next.y, next.first_ms);
            if joins && next.last_ms >= stay.last_ms {
                (stay.last_ms, stay.clear) = (next.last_ms, next.clear);
            }
            joins
        });
        self.stays.truncate(STAYS_AT_MOST);
        self.inherit(other);
        if other.end == self.end && other.quality > self.quality {
            self.quality = other.quality;
            self.keep(other.picture.clone(), true);
        }
    }

    /// Keeps the picture of a sight, in the place of the best sight's or beside it.
    pub fn keep(&mut self, picture: Picture, is_best: bool) {
        let other = if is_best { std::mem::replace(&mut self.picture, picture) } else { picture };
        let sharper = self.sharper.take().into_iter().chain([other]);
        let sharper = sharper.max_by(|one, other| one.clear.total_cmp(&other.clear));
        self.sharper = sharper.filter(|sharper| sharper.clear > self.picture.clear + CLEARER);
    }

    /// Whether a sight as clear as this would be kept.
    pub fn is_clearer(&self, clear: f32) -> bool {
        let other = self.sharper.as_ref().map_or(self.picture.clear + CLEARER, |picture| picture.clear);
        clear > other
    }

    /// Takes over the characters that another sight of the row saw, which may
    /// be a state of its typing: beyond its end it says no more than that the
    /// row can be empty there.
    pub fn inherit(&mut self, other: &Track) {
        for picture in other.sharper.iter().chain([&other.picture]) {
            self.keep(picture.clone(), false);
        }
        self.votes.resize(self.line.len(), Vec::new());
        let bare = Vote { code: EMPTY, weight: 0.0, lead: 0.0, score: 0.0, step: 0.0, clear: None };
        for (column, own) in self.votes.iter_mut().enumerate().take(self.end) {
            let seen = other.votes_on(column);
            if self.line[column].code == UNKNOWN {
                self.line[column] = other.line[column];
            }
            seen.iter().filter(|vote| vote.code != EMPTY).for_each(|vote| count(own, *vote));
            if column >= other.end || seen.iter().any(|vote| vote.code == EMPTY) {
                count(own, bare);
            }
        }
    }

    fn votes_on(&self, column: usize) -> &[Vote] {
        self.votes.get(column).map_or(&[], Vec::as_slice)
    }

    /// The character that most sights agree on, those through a cover left out.
    pub fn elect(&self, column: usize, glyphs: &Glyphs) -> Elected {
        let votes = self.votes_on(column);
        let is_named =
            |vote: &Vote| vote.code.checked_sub(FIRST_GLYPH).is_some_and(|glyph| glyphs.label(glyph).is_some());
        let is_sure = |vote: &&Vote| vote.score >= FITS && vote.lead >= FITS && is_named(vote);
        let sharpest = votes.iter().filter(is_sure).map(|vote| vote.step).fold(0.0, f32::max);
        let was_empty = votes.iter().any(|vote| vote.code == EMPTY);
        // What a cover spills over an empty cell is soft, and no character.
        let spilled = |vote: &Vote| was_empty && !is_named(vote) && vote.step < SOFT;
        let is_parted = |vote: &Vote| vote.code.checked_sub(FIRST_GLYPH).is_some_and(|glyph| glyphs.is_parted(glyph));
        let all_parted = votes.iter().all(|vote| vote.code == EMPTY || is_parted(vote));
        let counts = |vote: &&Vote| {
            let says = vote.step >= SOFT * sharpest && !spilled(vote) && (all_parted || !is_parted(vote));
            vote.code == EMPTY || says
        };
        let mut shares: Vec<(char, f32, Vote)> = Vec::new();
        for vote in votes.iter().filter(counts) {
            let value = character(vote.code, glyphs);
            match shares.iter_mut().find(|(other, ..)| *other == value) {
                Some((_, share, best)) => {
                    *share += vote.weight;
                    let (lead, clear) = (best.lead.max(vote.lead), joined(best.clear, vote.clear));
                    if vote.weight > best.weight {
                        *best = *vote;
                    }
                    (best.lead, best.clear) = (lead, clear);
                }
                None => shares.push((value, vote.weight, *vote)),
            }
        }
        let total: f32 = shares.iter().map(|(_, weight, _)| weight).sum();
        let best = shares.into_iter().max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
        let code = if self.line[column].code == EMPTY { EMPTY } else { UNKNOWN };
        let unseen = Elected { value: character(code, glyphs), share: 0.0, code, lead: 0.0, clear: None };
        best.map_or(unseen, |(value, weight, vote)| Elected {
            value,
            share: weight / total,
            code: vote.code,
            lead: vote.lead,
            clear: vote.clear,
        })
    }
}

/// Adds a vote to those for the same glyph.
fn count(votes: &mut Vec<Vote>, vote: Vote) {
    if let Some(own) = votes.iter_mut().find(|own| own.code == vote.code) {
        own.weight += vote.weight;
        own.lead = own.lead.max(vote.lead);
        own.score = own.score.max(vote.score);
        own.step = own.step.max(vote.step);
        own.clear = joined(own.clear, vote.clear);
    } else if votes.len() < 8 {
        // A column seldom has more than one; room for others, given back later,
        // would leave holes that nothing else fits in.
        votes.reserve_exact(1);
        votes.push(vote);
    }
}

/// The time from the first to the last of two spans.
fn joined(one: Option<(u64, u64)>, other: Option<(u64, u64)>) -> Option<(u64, u64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// Whether a row that is at a line then has not left it since a stay.
fn goes_on(stay: &Stay, y: u32, at_ms: u64) -> bool {
    stay.y == y && at_ms <= stay.last_ms + LEFT_MS
}

/// How many characters are clear, read or not.
pub(crate) fn clear(line: &Line) -> f32 {
    line.iter().map(|seen| seen.step.min(1.0)).sum()
}

/// Mean score of the cells with ink, sharp ones above those below a cover.
pub(crate) fn quality(line: &Line) -> f32 {
    let inked = line.iter().filter(|seen| seen.code != EMPTY);
    let (sum, count) = inked.fold((0.0, 0.0), |(sum, count), seen| {
        (sum + if seen.code == UNKNOWN { 0.0 } else { seen.score * seen.step.min(1.0) }, count + 1.0)
    });
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The character for a code, a private one for a glyph that has none yet.
pub(crate) fn character(code: u16, glyphs: &Glyphs) -> char {
    match code {
        EMPTY => ' ',
        UNKNOWN => UNREAD,
        code => match glyphs.label(code - FIRST_GLYPH) {
            Some((value, _)) => value,
            None => char::from_u32(PRIVATE + u32::from(code)).unwrap_or(UNREAD),
        },
    }
}

/// True if `weak` is a poorer sight of `strong`: most cells agree, and where
/// they differ `weak` was not sure.
pub(crate) fn is_shadow(weak: &Line, strong: &Line, glyphs: &Glyphs) -> bool {
    let (mut agree, mut differ) = (0usize, 0usize);
    for (one, other) in weak.iter().zip(strong) {
        if one.code == EMPTY && other.code == EMPTY {
            continue;
        }
        if one.code == other.code || character(one.code, glyphs) == character(other.code, glyphs) {
            agree += 1;
        } else if one.score >= 0.5 && one.code >= FIRST_GLYPH && other.score >= 0.5 {
            return false;
        } else {
            differ += 1;
        }
    }
    agree >= 3 && differ * 4 <= agree
}

/// How one line stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The same row.
    Same,
    /// The second begins with the first and goes on.
    Grown,
    /// The first begins with the second and goes on.
    Shrunk,
    Other,
}

/// Compares two lines cell by cell; what could not be read agrees with anything.
pub(crate) fn relation(old: &Line, new: &Line, glyphs: &Glyphs) -> Relation {
    let (old_end, new_end) = (end(old), end(new));
    let shared = old_end.min(new_end);
    let (mut agree, mut weak, mut unknown) = (0usize, 0usize, 0usize);
    for (one, other) in old[..shared].iter().zip(&new[..shared]) {
        if one.code == other.code {
            agree += usize::from(one.code != EMPTY && one.code != UNKNOWN);
            continue;
        }
        if one.code == UNKNOWN || other.code == UNKNOWN {
            unknown += 1;
        } else if character(one.code, glyphs) == character(other.code, glyphs) {
            agree += 1;
        } else if one.score > 0.5 && other.score > 0.5 {
            return Relation::Other;
        } else {
            weak += 1;
        }
    }
    if agree == 0 || weak > agree / 16 || unknown > agree {
        return Relation::Other;
    }
    let beyond = |line: &Line| line[shared..].iter().filter(|seen| seen.code != EMPTY).count();
    match (beyond(old), beyond(new)) {
        (0, 0) => Relation::Same,
        (0, _) => Relation::Grown,
        _ => Relation::Shrunk,
    }
}

/// One past the last cell with ink.
pub(crate) fn end(line: &Line) -> usize {
    line.iter().rposition(|seen| seen.code != EMPTY).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::cells::{Cell, Shape};

    /// Lines as text: a letter is a glyph, a dot one that is unsure, `?` unread.
    fn line(text: &str) -> Line {
        let seen = |letter: char| match letter {
            ' ' => Seen { code: EMPTY, score: 1.0, lead: 9.0, step: 1.0 },
            '?' => Seen { code: UNKNOWN, score: 0.0, lead: 9.0, step: 1.0 },
            letter if letter.is_uppercase() => Seen { code: letter as u16 + 32, score: 0.2, lead: 9.0, step: 1.0 },
            letter => Seen { code: letter as u16, score: 0.9, lead: 9.0, step: 1.0 },
        };
        text.chars().map(seen).collect()
    }

    fn check(old: &str, new: &str, expected: Relation) {
        let glyphs = Glyphs::new(Shape { width: 9, height: 18 });
        let width = old.len().max(new.len());
        let pad = |text: &str| line(&format!("{text:width$}"));
        assert_eq!(relation(&pad(old), &pad(new), &glyphs), expected, "{old} then {new}");
    }

    #[test]
    fn relations() {
        check("host = abc", "host = abc", Relation::Same);
        check("host = abc", "host = ???", Relation::Same);
        check("host = abc", "host = abd", Relation::Other);
        check("cd /home", "cd /home/vtr", Relation::Grown);
        check("cd /home/vtr", "cd /home", Relation::Shrunk);
        check("drwxr-xr-x root root a", "drwxr-xr-x root roOt a", Relation::Same);
        check("drwxr-xr-x root root a", "drwxr-xr-x root roXt a", Relation::Same);
        check("abcd", "????", Relation::Other);
        check("", "abc", Relation::Other);
    }

    #[test]
    fn votes_outlast_one_bad_sight() {
        let glyphs = Glyphs::new(Shape { width: 9, height: 18 });
        let mut track = Track::new(line("abc"), 0);
        track.add(&line("abc"), 1.0);
        track.add(&line("abX"), 1.0);
        track.add(&line("abc"), 1.0);
        assert_eq!(track.elect(2, &glyphs).value, character(u16::from(b'c'), &glyphs));
    }

    /// A character seen for a moment, then for long below a cover that lets
    /// something through, which begins a glyph of its own.
    #[test]
    fn a_cover_does_not_outvote_what_was_clear() {
        let mut glyphs = Glyphs::new(Shape { width: 4, height: 6 });
        let ink: Vec<f32> = (0..24).map(|at| if at % 3 == 0 { 1.0 } else { -0.5 }).collect();
        let clear = glyphs.begin(&Cell { norm: 4.0, range: 1.5, edge: 1.0, ink: ink.clone() }, None);
        let soft = glyphs.begin(&Cell { norm: 4.0, range: 1.5, edge: 0.4, ink }, None);
        let (Some(clear), Some(soft)) = (clear, soft) else { panic!("two glyphs") };
        glyphs.vote(clear, 'k', 2.0);
        let seen = |glyph: u16, step: f32| vec![Seen { code: glyph + FIRST_GLYPH, score: 0.9, lead: 2.0, step }];
        let mut track = Track::new(seen(clear, 1.0), 0);
        track.add(&seen(clear, 1.0), 1.0);
        track.note_clear(&seen(clear, 1.0), 40);
        for at_ms in [80, 120, 160, 200] {
            track.add(&seen(soft, 0.5), 3.0);
            track.note_clear(&seen(soft, 0.5), at_ms);
        }
        let elected = track.elect(0, &glyphs);
        assert_eq!((elected.value, elected.clear), ('k', Some((40, 40))));
    }

    /// A row clear at first keeps that picture beside the later, better coded one.
    #[test]
    fn the_picture_before_the_cover_is_kept() {
        let picture = |at_ms: u64, clear: f32| Picture { at_ms, clear, ..Picture::default() };
        let mut track = Track::new(line("abcd"), 0);
        track.keep(picture(1, 4.0), true);
        track.keep(picture(2, 1.0), true);
        assert_eq!((track.picture.at_ms, track.sharper.as_ref().map(|kept| kept.at_ms)), (2, Some(1)));
        track.keep(picture(3, 4.0), true);
        assert_eq!((track.picture.at_ms, track.sharper.is_none()), (3, true));
    }
}
