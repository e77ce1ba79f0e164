//! Rows followed over time: the same row seen again, scrolled or covered in
//! part is one row; a line being typed is one line.

use super::glyphs::Glyphs;
use crate::{Luma, Rect, Stay};

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
}

/// A row's cells at one time.
pub(crate) type Line = Vec<Seen>;

/// What sights of a column agree on.
#[derive(Clone, Copy, Debug)]
struct Vote {
    code: u16,
    weight: f32,
    lead: f32,
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
    /// By column: first and last time that a glyph was seen clear there.
    pub clear: Vec<Option<(u64, u64)>>,
    /// Where it stood when, oldest first.
    pub stays: Vec<Stay>,
    pub place: Rect,
    /// When `pixels` was taken, in milliseconds.
    pub taken_ms: u64,
    /// Row of the grid in which `pixels` was taken.
    pub row: usize,
    /// Coding was done with the row when `pixels` was taken.
    pub settled: bool,
    pub pixels: Luma,
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
}

impl Track {
    pub fn new(line: Line, at_ms: u64) -> Self {
        let columns = line.len();
        Self {
            end: end(&line),
            line,
            votes: vec![Vec::new(); columns],
            quality: -1.0,
            clear: vec![None; columns],
            stays: Vec::new(),
            place: Rect::default(),
            taken_ms: at_ms,
            row: 0,
            settled: false,
            pixels: Luma::default(),
            first_ms: at_ms,
            last_ms: at_ms,
            frames: 0,
            asked: 0,
            folded: false,
            stood: false,
            partial: false,
        }
    }

    /// Notes which cells a sight showed clear.
    pub fn note_clear(&mut self, line: &Line, at_ms: u64) {
        for (clear, seen) in self.clear.iter_mut().zip(line) {
            if seen.code >= FIRST_GLYPH && seen.score >= 0.5 {
                *clear = Some((clear.map_or(at_ms, |(first, _)| first), at_ms));
            }
        }
    }

    /// Notes that the row stands at a line from now on.
    pub fn stay(&mut self, y: u32, at_ms: u64) {
        if let Some(stay) = self.stays.last_mut().filter(|stay| goes_on(stay, y, at_ms)) {
            stay.last_ms = at_ms;
        } else if self.stays.len() < STAYS_AT_MOST {
            self.stays.push(Stay { first_ms: at_ms, last_ms: at_ms, y });
        }
    }

    /// Adds a sight of the row; true if it is the best so far, so that its picture should be kept.
    pub fn add(&mut self, line: &Line, weight: f32) -> bool {
        for (votes, seen) in self.votes.iter_mut().zip(line) {
            if seen.code == UNKNOWN {
                continue;
            }
            let weight = weight * (0.05 + seen.score) * (0.25 + seen.lead.clamp(0.0, LEAD_ENOUGH));
            if let Some(vote) = votes.iter_mut().find(|vote| vote.code == seen.code) {
                (vote.weight, vote.lead) = (vote.weight + weight, vote.lead.max(seen.lead));
            } else if votes.len() < 8 {
                votes.push(Vote { code: seen.code, weight, lead: seen.lead });
            }
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
            stay.last_ms = if joins { stay.last_ms.max(next.last_ms) } else { stay.last_ms };
            joins
        });
        self.stays.truncate(STAYS_AT_MOST);
        for (own, other) in self.clear.iter_mut().zip(&other.clear) {
            *own = match (*own, *other) {
                (Some(own), Some(other)) => Some((own.0.min(other.0), own.1.max(other.1))),
                (own, other) => own.or(other),
            };
        }
    }

    /// The character that most sights agree on.
    pub fn elect(&self, column: usize, glyphs: &Glyphs) -> Elected {
        let mut shares: Vec<(char, f32, Vote)> = Vec::new();
        for vote in &self.votes[column] {
            let value = character(vote.code, glyphs);
            match shares.iter_mut().find(|(other, ..)| *other == value) {
                Some((_, share, best)) => {
                    *share += vote.weight;
                    let lead = best.lead.max(vote.lead);
                    if vote.weight > best.weight {
                        *best = *vote;
                    }
                    best.lead = lead;
                }
                None => shares.push((value, vote.weight, *vote)),
            }
        }
        let total: f32 = shares.iter().map(|(_, weight, _)| weight).sum();
        let best = shares.into_iter().max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
        best.map_or(Elected { value: UNREAD, share: 0.0, code: UNKNOWN, lead: 0.0 }, |(value, weight, vote)| Elected {
            value,
            share: weight / total,
            code: vote.code,
            lead: vote.lead,
        })
    }
}

/// Whether a row that is at a line then has not left it since a stay.
fn goes_on(stay: &Stay, y: u32, at_ms: u64) -> bool {
    stay.y == y && at_ms <= stay.last_ms + LEFT_MS
}

/// Mean score of the cells with ink.
pub(crate) fn quality(line: &Line) -> f32 {
    let inked = line.iter().filter(|seen| seen.code != EMPTY);
    let (sum, count) = inked.fold((0.0, 0.0), |(sum, count), seen| {
        (sum + if seen.code == UNKNOWN { 0.0 } else { seen.score }, count + 1.0)
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
    use crate::read::cells::Shape;

    /// Lines as text: a letter is a glyph, a dot one that is unsure, `?` unread.
    fn line(text: &str) -> Line {
        let seen = |letter: char| match letter {
            ' ' => Seen { code: EMPTY, score: 1.0, lead: 9.0 },
            '?' => Seen { code: UNKNOWN, score: 0.0, lead: 9.0 },
            letter if letter.is_uppercase() => Seen { code: letter as u16 + 32, score: 0.2, lead: 9.0 },
            letter => Seen { code: letter as u16, score: 0.9, lead: 9.0 },
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
}
