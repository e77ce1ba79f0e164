//! What self-tests have shown: one trial for each known string, and what that
//! says of a reading.

use super::again::Worse;
use super::coder::Coder;
use super::looks::Pose;
use super::operator::{Kernel, Operator};
use super::recover::Worker;
use super::settle::Settled;
use super::strings::best_text;
use super::trust;

/// Fewer trials prove nothing.
pub(super) const FEWEST: usize = 20;

/// A rate below this makes a candidate of a reading.
pub(super) const SURE: f32 = 0.95;

/// Trials about as clear-cut as a reading that its rate is taken from.
const ENOUGH: usize = 24;

/// Trials are as clear-cut as a reading, or about so, from this share of its margin on.
const AS_CLEAR: f32 = 0.8;
const ABOUT_AS_CLEAR: f32 = 0.6;
/// Trials clearer by more than so many times say little: strings that are read
/// easily would hide those on the brink of being mistaken.
const FAR_CLEARER: f32 = 4.0;

/// A reading may leave so many times what nearly all exact trials do, and so many times in
/// its worst cell: where their covers lie is known, where its own does is estimated.
const MORE: (f32, f32) = (1.2, 1.3);

/// With so many exact strings that stand so in the video, painted ones do not say how badly
/// a reading may fit.
const OF_ITS_OWN: usize = 8;

/// What coding leaves of a stroke beside a cover, in levels, at least.
const BESIDE: f32 = 8.0;

/// Strings put to the test without an encoder: enough to refuse by.
const PLAIN: usize = 28;

/// One known string, covered and read back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trial {
    pub(crate) exact: bool,
    pub(crate) margin: f32,
    pub(crate) residual: f32,
    pub(crate) worst: f32,
    pub(crate) beside: f32,
    /// What was read in the place of the character withheld.
    pub(crate) stood_in: Option<char>,
    /// How texts of the video compare with what was read.
    pub(crate) worse: Worse,
    /// Whether the string stands so nowhere in the video.
    pub(crate) is_painted: bool,
}

impl Trial {
    /// Nothing of the form could be read.
    pub(crate) const FAILED: Self = Self {
        exact: false,
        margin: 0.0,
        residual: f32::MAX,
        worst: f32::MAX,
        beside: f32::MAX,
        stood_in: None,
        worse: Worse::NEVER,
        is_painted: false,
    };

    /// Whether it leaves no more than a reading may.
    pub(crate) fn fits(&self, limits: (f32, f32)) -> bool {
        self.residual <= limits.0 && self.worst <= limits.1
    }
}

/// All trials for one cover, one length and one number of looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trials {
    pub(crate) all: Vec<Trial>,
    /// Strings read with one of their characters withheld, as if it had never
    /// been seen clear. Its drawing takes its place, if there is a font; else
    /// each can only be wrong, and should show it.
    pub(crate) blind: Vec<Trial>,
    /// Whether coding was done by an encoder, not only modelled as noise.
    pub(crate) coded: bool,
    /// Length of the covered string in lengths of a trial.
    pub(crate) power: f32,
}

impl Trials {
    /// How many of the trials about as clear-cut as this reading that fitted as
    /// well as a reading must were exact, and how many there were.
    pub(crate) fn rate(&self, margin: f32) -> (usize, usize) {
        let mut fitting: Vec<&Trial> = self.fitting(&self.all).collect();
        fitting.sort_by(|left, right| right.margin.total_cmp(&left.margin));
        let count = |share: f32| fitting.partition_point(|trial| trial.margin >= share * margin);
        let far = fitting.partition_point(|trial| trial.margin > FAR_CLEARER * margin);
        // The nearer, the truer; those less clear-cut can only say too little.
        let sure = [AS_CLEAR, ABOUT_AS_CLEAR].map(count).into_iter().find(|end| end - far >= ENOUGH);
        let end = sure.unwrap_or((far + ENOUGH).min(fitting.len()));
        let taken = &fitting[far.min(end.saturating_sub(ENOUGH))..end];
        (taken.iter().filter(|trial| trial.exact).count(), taken.len())
    }

    /// Those trials that fitted as well as a reading must. What a painted string leaves is a
    /// model, more than it may be worth: it is held against others of its kind.
    fn fitting<'t>(&self, trials: &'t [Trial]) -> impl Iterator<Item = &'t Trial> + use<'t> {
        let painted = self.exact().filter(|trial| trial.is_painted);
        let limits = [self.limits(), limits_of(painted)];
        trials.iter().filter(move |trial| trial.fits(limits[usize::from(trial.is_painted)]))
    }

    /// Strings that were painted with characters of the covered text's style.
    pub(crate) fn painted(&self) -> usize {
        self.all.iter().filter(|trial| trial.is_painted).count()
    }

    /// How many of the strings that stand so in the video and fitted as well as a reading must
    /// were exact, and how many there were: painted ones must not outweigh them.
    pub(crate) fn unpainted_rate(&self) -> (usize, usize) {
        let fitting = self.fitting(&self.all).filter(|trial| !trial.is_painted);
        fitting.fold((0, 0), |(exact, all), trial| (exact + usize::from(trial.exact), all + 1))
    }

    /// How many of the trials that fitted as well as a reading must were as
    /// clear-cut as this one, and not far clearer, and how many of these exact.
    fn clear_cut(&self, margin: f32) -> (usize, usize) {
        let as_clear = |trial: &&Trial| (AS_CLEAR * margin..=FAR_CLEARER * margin).contains(&trial.margin);
        let sure = self.fitting(&self.all).filter(as_clear);
        sure.fold((0, 0), |(all, exact), trial| (all + 1, exact + usize::from(trial.exact)))
    }

    /// Whether a third of the trials were exact, or of those as clear-cut as this reading.
    fn leave_a_chance(&self, margin: f32) -> bool {
        let exact = self.exact().count();
        let (sure, sure_exact) = self.clear_cut(margin);
        exact * 3 >= self.all.len() || exact > 0 && sure_exact * 3 >= sure
    }

    /// Whether nearly all of the trials as clear-cut as this reading were exact, and are too few
    /// to tell, while those less clear-cut leave it in doubt.
    fn are_thin(&self, margin: f32) -> bool {
        let (sure, exact) = self.clear_cut(margin);
        let (all_exact, all) = self.rate(margin);
        let in_doubt = all < ENOUGH || (all_exact as f32 / all as f32).powf(self.power) < SURE;
        exact * 10 >= sure * 9 && (1..ENOUGH).contains(&sure) && in_doubt
    }

    /// The share of blind trials that would pass for a reading as clear-cut as
    /// this one, by a character that occurs in it.
    pub(crate) fn slip_rate(&self, margin: f32, text: &str) -> f32 {
        let passes = |trial: &&Trial| {
            let passes = trial.margin >= ABOUT_AS_CLEAR * margin && !trial.exact;
            passes && trial.stood_in.is_none_or(|letter| text.contains(letter))
        };
        // One more in each place: few trials prove little.
        (self.fitting(&self.blind).filter(passes).count() as f32 + 0.5) / (self.blind.len() as f32 + 1.0)
    }

    /// How many of the blind trials that would pass for a reading as clear-cut
    /// as this one were read exactly, by the drawing of the character withheld,
    /// and how many would pass: with the next less clear-cut ones, which can only say too
    /// little, where these are few.
    pub(crate) fn drawn_rate(&self, margin: f32) -> (usize, usize) {
        let mut fitting: Vec<&Trial> = self.fitting(&self.blind).collect();
        fitting.sort_by(|left, right| right.margin.total_cmp(&left.margin));
        let passing = fitting.partition_point(|trial| trial.margin >= ABOUT_AS_CLEAR * margin);
        let taken = &fitting[..passing.max(FEWEST).min(fitting.len())];
        (taken.iter().filter(|trial| trial.exact).count(), taken.len())
    }

    /// The residual that nearly all trials stay below, read exactly or not.
    pub(crate) fn residual_of_all(&self) -> f32 {
        1.15 * nearly_all(self.all.iter().map(|trial| trial.residual))
    }

    /// Whether a reading fits as well as nearly all exact trials did, below the
    /// cover and beside it.
    pub(crate) fn fits(&self, settled: &Settled) -> bool {
        let (residual, worst) = self.limits();
        let beside = nearly_all(self.exact().map(|trial| trial.beside)).max(BESIDE);
        settled.residual <= residual && settled.worst <= worst && settled.beside <= 1.5 * beside
    }

    /// The residual and the worst cell's residual that a reading must stay
    /// below: a little more than nearly all exact trials.
    pub(crate) fn limits(&self) -> (f32, f32) {
        let enough = self.exact().filter(|trial| !trial.is_painted).count() >= OF_ITS_OWN;
        limits_of(self.exact().filter(move |trial| !(enough && trial.is_painted)))
    }

    fn exact(&self) -> impl Iterator<Item = &Trial> + Clone {
        self.all.iter().filter(|trial| trial.exact)
    }
}

fn limits_of<'t>(exact: impl Iterator<Item = &'t Trial> + Clone) -> (f32, f32) {
    let (residual, worst) = (exact.clone().map(|trial| trial.residual), exact.map(|trial| trial.worst));
    (MORE.0 * nearly_all(residual), MORE.1 * nearly_all(worst))
}

/// What nineteen in twenty stay below.
fn nearly_all(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() * 19 / 20).copied().unwrap_or(0.0)
}

/// How the strings of a self-test are read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the picture alone.
    Free,
    /// By the picture and how names are written.
    Habits,
    /// Compared with the texts of the video.
    Texts,
}

/// What a self-test was run for: way, cover, length, looks, style, and the fourths
/// of the text that are letters.
pub(super) type Tested = (Way, Operator, usize, Vec<Pose>, usize, u32);

/// Self-tests run so far, and how many times each: first without an encoder.
pub(super) type Tests = Vec<(Tested, Trials, usize)>;

/// Where blocks begin in further rounds, in eighths of their side.
const FURTHER: [(u32, u32); 7] = [(3, 5), (6, 2), (1, 7), (4, 4), (7, 1), (2, 6), (5, 3)];

impl Worker<'_> {
    /// The self-test for this cover, length and looks: run once, and further
    /// where too few strings were as clear-cut as this one.
    pub(super) fn trials(&self, settled: &Settled, way: Way, looks: &[Pose], secret: &[String]) -> Trials {
        let key = key(settled, way, looks);
        let test = |looks: &[Pose], count: usize, coder: Option<&Coder>| {
            self.tested(settled, (looks, count, way), secret, coder)
        };
        let known = self.tests.borrow().iter().position(|(other, ..)| same(other, &key));
        let known = known.map(|at| self.tests.borrow_mut().swap_remove(at));
        let (mut trials, mut rounds) = match known {
            Some((_, trials, rounds)) => (trials, rounds),
            None => (test(looks, PLAIN, None), 0),
        };
        // An encoder is only worth its time where plain noise leaves a chance.
        if rounds == 0 && trials.leave_a_chance(settled.margin) {
            (trials, rounds) = (test(looks, trust::TRIALS, Some(&self.coder)), 1);
        }
        let in_blocks = settled.operator.kernel == Kernel::Blocks;
        while in_blocks && (1..=FURTHER.len()).contains(&rounds) && trials.are_thin(settled.margin) {
            let looks: Vec<Pose> =
                looks.iter().map(|pose| begun(pose, &settled.operator, FURTHER[rounds - 1])).collect();
            let further = test(&looks, trust::TRIALS, Some(&self.coder));
            trials.all.extend(further.all);
            trials.blind.extend(further.blind);
            rounds += 1;
        }
        self.tests.borrow_mut().push((key, trials.clone(), rounds));
        trials
    }

    /// One run of a self-test over the texts of this grid.
    pub(super) fn tested(
        &self,
        settled: &Settled,
        (looks, count, way): (&[Pose], usize, Way),
        secret: &[String],
        coder: Option<&Coder>,
    ) -> Trials {
        (self.means.alive)();
        let (texts, grid) = ((self.reading, self.redactions), (self.grid, &self.lattice));
        let by_habits = (way == Way::Habits).then(|| self.glyphs.by_habits());
        let glyphs = (by_habits.as_ref().unwrap_or(&self.glyphs), None);
        trust::test(texts, grid, glyphs, settled, (looks, count, way == Way::Texts), secret, coder)
    }
}

/// What a self-test for a reading is run for.
pub(super) fn key(settled: &Settled, way: Way, looks: &[Pose]) -> Tested {
    let letters = (4.0 * trust::letters_of(&best_text(settled))).round() as u32;
    (way, settled.operator, settled.cells.len().div_ceil(4), looks.to_vec(), settled.style, letters)
}

/// Whether one self-test serves both.
pub(super) fn same(one: &Tested, other: &Tested) -> bool {
    let rest = |of: &Tested| (of.0, of.2, of.4, of.5);
    near(&one.1, &other.1) && rest(one) == rest(other) && one.3 == other.3
}

/// A pose whose blocks begin further on, in eighths of their side: the same cover
/// over the same strings, and another look at them.
fn begun(pose: &Pose, operator: &Operator, (x, y): (u32, u32)) -> Pose {
    let side = operator.strength as u32;
    let (own_x, own_y) = pose.phase.unwrap_or((operator.phase_x, operator.phase_y));
    Pose { phase: Some(((own_x + x * side / 8) % side, (own_y + y * side / 8) % side)), ..*pose }
}

/// Whether two covers are the same but for the precision of the estimate.
pub(super) fn near(left: &Operator, right: &Operator) -> bool {
    left.kernel == right.kernel
        && (left.strength - right.strength).abs() <= 0.06 * left.strength
        && (left.phase_x, left.phase_y) == (right.phase_x, right.phase_y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trials far less clear-cut than a reading say nothing of it where there are
    /// enough that are nearly as clear-cut, and call for more where there are not.
    #[test]
    fn a_rate_is_that_of_trials_as_clear_cut() {
        let trial =
            |margin: f32, exact: bool| Trial { exact, margin, residual: 1.0, worst: 1.0, beside: 0.0, ..Trial::FAILED };
        let clear = |count: usize| (0..count).map(|at| trial(100.0 + at as f32, true));
        let doubtful = (0..40).map(|at| trial(10.0, at % 2 == 0));
        let many = Trials { all: clear(30).chain(doubtful.clone()).collect(), power: 1.0, ..Trials::default() };
        assert_eq!((many.rate(120.0), many.are_thin(120.0)), ((30, 30), false));
        let few = Trials { all: clear(6).chain(doubtful.clone()).collect(), power: 1.0, ..Trials::default() };
        assert_eq!((few.rate(120.0).1, few.are_thin(120.0), few.are_thin(10.0)), (ENOUGH, true, false));
        // Nor do those far clearer, unless there are no others.
        assert_eq!((many.rate(12.0), many.rate(20.0)), ((20, 40), (12, ENOUGH)));
        let easy = Trials { all: clear(30).collect(), ..Trials::default() };
        assert_eq!(easy.rate(12.0), (ENOUGH, ENOUGH));
    }
    /// Strings painted for want of others fit their pictures: they neither outweigh those that
    /// stand so in the video nor say how badly a reading may fit, where there are some of those.
    #[test]
    fn painted_strings_do_not_outweigh_others() {
        let trial = |exact: bool, residual: f32, is_painted: bool| Trial {
            exact,
            margin: 100.0,
            residual,
            worst: residual,
            beside: 0.0,
            is_painted,
            ..Trial::FAILED
        };
        let own = (0..12).map(|at| trial(at > 1, 2.0, false));
        let all = own.chain((0..36).map(|_| trial(true, 1.0, true))).collect();
        let trials = Trials { all, power: 1.0, ..Trials::default() };
        assert_eq!((trials.rate(100.0), trials.unpainted_rate()), ((46, 48), (10, 12)));
        assert!(trials.limits().0 > 2.0, "{:?}", trials.limits());
        // Nor are they left out for leaving more than those do.
        let own = (0..12).map(|_| trial(true, 1.0, false));
        let all = own.chain((0..36).map(|_| trial(true, 2.0, true))).collect();
        let worse = Trials { all, power: 1.0, ..Trials::default() };
        assert_eq!((worse.rate(100.0), worse.limits().0 < 2.0), ((48, 48), true));
        let painted = Trials { all: (0..36).map(|_| trial(true, 1.0, true)).collect(), ..Trials::default() };
        assert!(painted.limits().0 < 2.0 && painted.unpainted_rate() == (0, 0));
    }
    /// Drawings are as good as those of the strings read by them that come nearest to a reading
    /// in being clear-cut.
    #[test]
    fn drawings_are_tried_on_the_nearest_strings() {
        let blind = |margin: f32, exact: bool| Trial { exact, margin, residual: 1.0, worst: 1.0, ..Trial::FAILED };
        let known = blind(500.0, true);
        let all = (0..30).map(|at| blind(400.0 - 10.0 * at as f32, at < 22));
        let trials = Trials { all: vec![known; 30], blind: all.collect(), ..Trials::default() };
        assert_eq!((trials.drawn_rate(500.0), trials.drawn_rate(150.0)), ((20, 20), (22, 30)));
    }
}
