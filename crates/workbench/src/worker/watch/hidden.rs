//! Covered regions of a screen as rows: whether the cover held, and what lies below a weak one.

use model::{Batch, Cell, Surface, tables};
use screen::deblur::{self, Candidate, Formed, Grammar, Kernel, Recovered, Recovery, Stands, Verdict};
use screen::redaction::{Cover, Failure, FailureKind, Redaction};

use super::{Place, Seen, hundredths, picture};

/// Readings of one region that are kept at most.
const KEPT: usize = 5;

/// What is known of the covers of one medium.
pub(super) struct Hidden<'a> {
    pub seen: &'a Seen,
    /// What each row of the reading is on the screen.
    pub surfaces: &'a [Surface],
    pub recovered: &'a Recovered,
    pub failures: &'a [Failure],
    /// Whether reading below covers was asked for.
    pub asked: bool,
}

impl Hidden<'_> {
    /// One row for each covered region.
    pub fn covers(&self, place: &Place<'_>) -> Batch {
        let mut batch = Batch::new(&tables::REDACTIONS);
        for (at, redaction) in self.seen.redactions.iter().enumerate() {
            let failure = self.failures.iter().find(|failure| failure.redaction == at);
            let recovery = self.recovery(at);
            let (outcome, why) = self.outcome(redaction, failure, recovery);
            let chain = place.at(redaction.first_ms, redaction.rect);
            let shown_at = failure.map(|failure| self.shown_at(place, failure));
            let cells = [
                kind(redaction, recovery).into(),
                Cell::F64(hundredths(strength(redaction, recovery))),
                redaction.first_ms.into(),
                redaction.last_ms.into(),
                failure.map(|failure| word(failure.kind)).into(),
                outcome.into(),
                (&why).into(),
                shown_at.as_deref().into(),
            ];
            batch.push(&[place.evidence.into(), (&chain).into(), 0.into(), 0.into()], &cells);
        }
        batch
    }

    /// The candidates of each region that was read below.
    pub fn readings(&self, place: &Place<'_>) -> Batch {
        let mut batch = Batch::new(&tables::RECOVERED);
        for recovery in &self.recovered.recoveries {
            let Some(redaction) = recovery.redactions.first().and_then(|at| self.seen.redactions.get(*at)) else {
                continue;
            };
            let chain = place.at(redaction.first_ms, redaction.rect);
            let at = [place.evidence.into(), (&chain).into(), 0.into(), 0.into()];
            let rank = recovery.candidates.len().min(KEPT) as u64 + 1;
            let whole = recovery.read().map(|best| self.in_its_row(recovery, best));
            let whole = whole.as_ref();
            if let Some(held) = &recovery.held {
                let crop = if recovery.candidates.is_empty() { crop(redaction) } else { String::new() };
                let whole = whole.filter(|_| held.verdict == Verdict::Read);
                batch.push(&at, &held_reading(recovery, held, rank, (&form_word(held.grammar), &crop), whole));
            }
            let status = match recovery.verdict {
                Verdict::Read => "read",
                Verdict::Candidate(_) => "candidate",
                Verdict::Refused(_) => continue,
            };
            for (number, candidate) in recovery.candidates.iter().take(KEPT).enumerate() {
                let crop = if number == 0 { crop(redaction) } else { String::new() };
                // Only the best may be taken for what lies below.
                let status = if number == 0 { status } else { "candidate" };
                let whole = whole.filter(|_| status == "read");
                batch.push(&at, &reading(recovery, candidate, number as u64 + 1, (status, None, &crop), whole));
            }
            let by_grammar = recovery.by_grammar.as_ref().filter(|_| recovery.held.is_none());
            if let Some((grammar, candidate)) = by_grammar {
                let form = form_word(*grammar);
                batch.push(&at, &reading(recovery, candidate, rank, ("candidate", Some(&form), ""), None));
            }
        }
        batch
    }

    /// A text with the row below whose cover it was read; alone where no such
    /// row was read.
    fn in_its_row(&self, recovery: &Recovery, best: &Candidate) -> InRow {
        let placed = deblur::in_its_row(&self.seen.reading, &self.seen.redactions, recovery, best);
        let placed = placed.and_then(|placed| Some((self.surfaces.get(placed.row)?, placed)));
        match placed {
            Some((surface, placed)) => InRow { text: placed.text, start: placed.start, surface: *surface },
            None => InRow { text: best.text.clone(), start: 0, surface: Surface::Output },
        }
    }

    fn recovery(&self, at: usize) -> Option<&Recovery> {
        self.recovered.recoveries.iter().find(|recovery| recovery.redactions.contains(&at))
    }

    fn outcome(
        &self,
        redaction: &Redaction,
        failure: Option<&Failure>,
        recovery: Option<&Recovery>,
    ) -> (&'static str, String) {
        if let Some(failure) = failure {
            let why = match failure.kind {
                FailureKind::Late => "the text stood clear before the cover came",
                FailureKind::Early => "the text stood clear after the cover had gone",
                FailureKind::Lag => "the text had moved away under the cover",
                FailureKind::SecondPlace => "the same text stands clear at another place",
            };
            let among = recovery.filter(|own| own.read().is_none()).and_then(|own| own.stands.as_ref());
            let told = among.filter(|stands| stands.text == failure.text).map(told_among).unwrap_or_default();
            return ("clear elsewhere", format!("{why}{told}"));
        }
        if let Some((recovery, held)) = recovery.and_then(|own| Some((own, own.sure_by_form()?))) {
            let (exact, trials) = (held.exact, held.trials);
            let why = match held.grammar {
                Grammar::Ipv4 => format!(
                    "held to the form of an address; {exact} of {trials} made-up addresses were read back exactly under the same cover"
                ),
                _ => format!(
                    "read by the picture and by how names are written; {exact} of {trials} known strings of the video were read back so under the same cover{}",
                    painted(recovery)
                ),
            };
            return ("read", why);
        }
        match recovery.map(|recovery| (&recovery.verdict, recovery)) {
            Some((Verdict::Read, recovery)) => ("read", measured(recovery)),
            Some((Verdict::Candidate(why), recovery)) => ("candidate", format!("{why}; {}", measured(recovery))),
            Some((Verdict::Refused(why), _)) => ("refused", why.clone()),
            None if redaction.cover == Cover::Solid => ("refused", "nothing shows through a solid cover".to_owned()),
            None if !self.asked => ("refused", "reading below covers was not asked for".to_owned()),
            None if redaction.looks.is_empty() => ("refused", "too large or too short to read".to_owned()),
            None => ("left-covered", "beside records of persons, or outside any window of text".to_owned()),
        }
    }

    fn shown_at(&self, place: &Place<'_>, failure: &Failure) -> String {
        let row = self.seen.reading.rows.get(failure.row);
        let chain =
            row.map_or_else(|| place.at(failure.first_ms, failure.place), |row| place.at(row.taken_ms, row.place));
        format!("sha256:{}/{chain}", place.evidence)
    }
}

/// How sure it is that a text of the video is the one below a cover.
fn told_among(stands: &Stands) -> String {
    format!(
        "; told by its picture among the texts of the video: of {} known strings, themselves left out, {} would have been taken for another",
        stands.trials, stands.mistaken
    )
}

fn measured(recovery: &Recovery) -> String {
    format!(
        "{} of {} known strings of the video were read back exactly under the same cover{}",
        recovery.exact,
        recovery.trials,
        painted(recovery)
    )
}

/// What is said of strings that were put to the test in another colour or weight than they have.
fn painted(recovery: &Recovery) -> String {
    match recovery.painted {
        0 => String::new(),
        count => format!("; of the strings put to the test {count} were painted in the colour and weight of this text"),
    }
}

/// A row with what was read below its cover.
struct InRow {
    text: String,
    /// Byte at which the reading begins.
    start: usize,
    surface: Surface,
}

fn reading<'c>(
    recovery: &'c Recovery,
    candidate: &'c Candidate,
    rank: u64,
    words: (&'c str, Option<&'c str>, &'c str),
    whole: Option<&'c InRow>,
) -> Vec<Cell<'c>> {
    let found = (recovery.exact, recovery.trials, recovery.residual);
    cells(recovery, candidate, (rank, whole), words, found)
}

/// A reading that was held to a form, with the figures of its own self-test.
fn held_reading<'c>(
    recovery: &'c Recovery,
    held: &'c Formed,
    rank: u64,
    (form, crop): (&'c str, &'c str),
    whole: Option<&'c InRow>,
) -> Vec<Cell<'c>> {
    let status = if held.verdict == Verdict::Read { "read" } else { "candidate" };
    let found = (held.exact, held.trials, held.residual);
    cells(recovery, &held.candidate, (rank, whole), (status, Some(form), crop), found)
}

fn cells<'c>(
    recovery: &'c Recovery,
    candidate: &'c Candidate,
    (rank, whole): (u64, Option<&'c InRow>),
    (status, grammar, crop): (&'c str, Option<&'c str>, &'c str),
    (exact, trials, residual): (usize, usize, f32),
) -> Vec<Cell<'c>> {
    let rate = exact as f32 / trials.max(1) as f32;
    let floor = recovery.clear_residual.max(f32::MIN_POSITIVE);
    let mut cells = vec![
        (&candidate.text).into(),
        rank.into(),
        status.into(),
        Cell::F64(hundredths(candidate.odds)),
        Cell::F64(hundredths(rate)),
        (trials as u64).into(),
        Cell::F64(hundredths(residual / floor)),
        grammar.into(),
        recovery.looks_ms.first().copied().unwrap_or(0).into(),
        crop.into(),
    ];
    let row: [Cell<'_>; 3] = match whole {
        Some(whole) => [(&whole.text).into(), (whole.start as u64).into(), whole.surface.word().into()],
        None => [Cell::Null; 3],
    };
    cells.extend(row);
    cells
}

/// A form in one word.
fn form_word(grammar: Grammar) -> String {
    format!("{grammar:?}").to_lowercase()
}

fn crop(redaction: &Redaction) -> String {
    redaction.looks.first().map(|look| picture(&look.picture)).unwrap_or_default()
}

fn kind(redaction: &Redaction, recovery: Option<&Recovery>) -> &'static str {
    match (redaction.cover, recovery.and_then(|recovery| recovery.operator)) {
        (Cover::Solid, _) => "solid",
        (Cover::Blocks, _) => "pixels",
        (Cover::Blur, Some(operator)) if matches!(operator.kernel, Kernel::Box { .. }) => "box",
        (Cover::Blur, _) => "gaussian",
    }
}

fn strength(redaction: &Redaction, recovery: Option<&Recovery>) -> f32 {
    recovery.and_then(|recovery| recovery.operator).map_or(redaction.strength, |operator| operator.strength)
}

fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Late => "late",
        FailureKind::Early => "early",
        FailureKind::Lag => "lag",
        FailureKind::SecondPlace => "second-place",
    }
}
