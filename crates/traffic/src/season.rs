//! What a site itself shows at an hour and on a day of the week, and what goes
//! beyond it.
//!
//! Spans of ten minutes are compared with the hour of day (apart for weekends,
//! once two were seen), the day of the week and the level of the four weeks
//! around, all by medians or trimmed means, so that a flood of days does not
//! become the season. Square roots make counts comparable by day and by night.
//! How far above the season a site rises otherwise is taken from its own days: the
//! highest sums of each day follow the law of extremes (Gumbel), whose place and
//! width the quartiles of the days give. Crawlers, bursts and busy evenings are in
//! them, and a flood on one day in four does not move them.

/// Microseconds of a span.
pub const SPAN: i64 = 600_000_000;
/// Spans of a day.
pub const A_DAY: usize = 144;
const AN_HOUR: usize = A_DAY / 24;
/// Spans that are summed: ten minutes, an hour, six hours. A slow flood shows
/// in hours what it does not show in minutes.
const SCALES: [usize; 3] = [1, 6, 36];
/// Chance that the highest sum of a day goes beyond the season: once in three years,
/// for each of three series and three lengths. That is no verdict yet.
const CHANCE: f64 = 1e-3;
/// Whole days that show a season: each day of the week once.
pub const LEAST_DAYS: usize = 7;
/// Days before and after that make the level of a day.
const AROUND: usize = 14;
/// Width of the law of extremes for the spans of a day if their counts are Poisson's,
/// below which none is taken to be.
const POISSON: f64 = 0.35;
/// Days at which the width of the law of extremes is taken twice.
const UNSURE: f64 = 8.0;
/// Expected requests of a span at least, so that one visit at night is no excess.
const LEAST: f64 = 0.25;

/// The season of one series of spans.
#[derive(Clone, Debug)]
pub struct Season {
    levels: Vec<f64>,
    weekdays: [f64; 7],
    hours: [[f64; 24]; 2],
    weekends: bool,
    first_day: i64,
    limits: [f64; SCALES.len()],
    busy: f64,
}

impl Season {
    /// Spans of the longest sum.
    pub const LONGEST: usize = SCALES[SCALES.len() - 1];

    /// The season of spans from the start of `first_day` on, in whole days of spans;
    /// `None` if too few days are whole. `evened` are the same without what is known
    /// to be beyond the season.
    pub fn of(spans: &[f64], evened: &[f64], first_day: i64) -> Option<Self> {
        let totals: Vec<f64> = evened.chunks(A_DAY).map(|day| day.iter().sum()).collect();
        let whole = whole_days(spans);
        if whole.len() < LEAST_DAYS {
            return None;
        }
        let mut season = Self {
            levels: Vec::new(),
            weekdays: [1.0; 7],
            hours: [[0.0; 24]; 2],
            weekends: false,
            first_day,
            limits: [0.0; SCALES.len()],
            busy: 0.0,
        };
        season.learn_days(&totals, &whole);
        season.learn_hours(evened, &whole);
        season.learn_extremes(spans, &whole);
        Some(season)
    }

    fn learn_days(&mut self, totals: &[f64], whole: &[usize]) {
        let base = median(whole.iter().map(|day| totals[*day]).collect()).max(1.0);
        if whole.len() >= 2 * LEAST_DAYS {
            for weekday in 0..7 {
                let same = whole.iter().filter(|day| self.weekday(**day) == weekday);
                let ratios: Vec<f64> = same.map(|day| totals[*day] / base).collect();
                self.weekdays[weekday] = if ratios.len() < 2 { 1.0 } else { median(ratios).max(0.05) };
            }
        }
        let evened: Vec<(usize, f64)> =
            whole.iter().map(|day| (*day, totals[*day] / self.weekdays[self.weekday(*day)])).collect();
        let level = |day: usize| {
            let near: Vec<f64> =
                evened.iter().filter(|(other, _)| other.abs_diff(day) <= AROUND).map(|(_, total)| *total).collect();
            if near.is_empty() { base } else { median(near) }
        };
        self.levels = (0..totals.len()).map(level).collect();
    }

    fn learn_hours(&mut self, spans: &[f64], whole: &[usize]) {
        let kinds: Vec<bool> = (0..spans.len() / A_DAY).map(|day| matches!(self.weekday(day), 0 | 6)).collect();
        let weekend = |day: &usize| kinds[*day];
        let rest = whole.iter().filter(|day| weekend(day)).count();
        self.weekends = rest >= 4 && whole.len() - rest >= 4;
        for class in 0..2 {
            let days: Vec<usize> =
                whole.iter().copied().filter(|day| !self.weekends || usize::from(weekend(day)) == class).collect();
            for hour in 0..24 {
                let share = |day: &usize| {
                    let from = day * A_DAY + hour * AN_HOUR;
                    let sum: f64 = spans[from..from + AN_HOUR].iter().sum();
                    sum / (self.levels[*day] * self.weekdays[self.weekday(*day)]).max(1.0)
                };
                self.hours[class][hour] = trimmed(days.iter().map(share).collect());
            }
        }
    }

    fn learn_extremes(&mut self, spans: &[f64], whole: &[usize]) {
        for (at, scale) in SCALES.iter().enumerate() {
            let highest = |day: &usize| {
                let sums = (day * A_DAY..(day + 1) * A_DAY - scale + 1).step_by(scale.div_ceil(2));
                let above = sums.map(|from| self.above(spans, from, *scale));
                above.fold(0.0, f64::max)
            };
            let mut days: Vec<f64> = whole.iter().map(highest).collect();
            days.sort_by(f64::total_cmp);
            let quartile = |part: usize| days[(days.len() - 1) * part / 4];
            // Quantiles of the standard law: -ln(-ln p) at 1/4, 1/2 and 3/4 are -0.327, 0.367 and 1.246.
            let width = ((quartile(3) - quartile(1)) / 1.573).max(POISSON);
            // The quartiles of a week may well show half of the width.
            let width = width * (1.0 + UNSURE / days.len() as f64);
            self.limits[at] = quartile(2) + width * (-CHANCE.ln() - 0.367);
            if at == 0 {
                self.busy = quartile(1);
            }
        }
    }

    fn above(&self, spans: &[f64], from: usize, count: usize) -> f64 {
        let (sum, expected) = self.sums(spans, from, count);
        excess(sum, expected)
    }

    /// Which spans are part of a sum beyond the season. What minutes show is taken out
    /// before hours are asked, so that it does not draw in the hours around.
    pub fn beyond(&self, spans: &[f64]) -> Vec<bool> {
        let mut found = vec![false; spans.len()];
        let mut rest = spans.to_vec();
        for (at, scale) in SCALES.iter().enumerate() {
            for from in (0..rest.len().saturating_sub(scale - 1)).step_by(scale.div_ceil(2)) {
                if self.above(&rest, from, *scale) > self.limits[at] {
                    let busy =
                        (from..from + scale).filter(|at| *scale == 1 || self.above(&rest, *at, 1) > self.busy / 2.0);
                    busy.for_each(|at| found[at] = true);
                }
            }
            found.iter().enumerate().filter(|(_, found)| **found).for_each(|(at, _)| rest[at] = self.expected(at));
        }
        found
    }

    /// Whether the sum of so many spans is beyond the season, by the limit of the next
    /// longer sum.
    pub fn exceeds(&self, sum: f64, expected: f64, spans: usize) -> bool {
        let scale = SCALES.iter().position(|scale| *scale >= spans).unwrap_or(SCALES.len() - 1);
        excess(sum, expected) > self.limits[scale]
    }

    /// The same of a stretch of spans.
    pub fn is_beyond(&self, spans: &[f64], stretch: &std::ops::Range<usize>) -> bool {
        let (sum, expected) = self.sums(spans, stretch.start, stretch.len());
        self.exceeds(sum, expected, stretch.len())
    }

    /// Whether these spans, the last of which ends where `end` begins, end in a sum
    /// beyond the season.
    pub fn ends_beyond(&self, late: &[f64], end: usize) -> bool {
        SCALES.iter().zip(self.limits).any(|(scale, limit)| {
            let Some(from) = late.len().checked_sub(*scale) else { return false };
            let expected = (end - scale..end).map(|at| self.expected(at)).sum();
            excess(late[from..].iter().sum(), expected) > limit
        })
    }

    fn sums(&self, spans: &[f64], from: usize, count: usize) -> (f64, f64) {
        let expected = (from..from + count).map(|at| self.expected(at)).sum();
        (spans[from..from + count].iter().sum(), expected)
    }

    /// What the season lets expect of a span, counted from the start of the first
    /// day; spans to come are like the last days.
    pub fn expected(&self, span: usize) -> f64 {
        let (day, hour) = (span / A_DAY, span % A_DAY / AN_HOUR);
        let level = self.levels.get(day).or(self.levels.last()).copied().unwrap_or(0.0);
        let weekday = self.weekday(day);
        let class = usize::from(self.weekends && matches!(weekday, 0 | 6));
        level * self.weekdays[weekday] * self.hours[class][hour] / AN_HOUR as f64
    }

    /// Sunday is 0.
    fn weekday(&self, day: usize) -> usize {
        // The first of January 1970 was a Thursday.
        (self.first_day + day as i64 + 4).rem_euclid(7) as usize
    }
}

/// How far a sum lies above what is expected, in steps that are alike for few and many.
fn excess(sum: f64, expected: f64) -> f64 {
    2.0 * (sum.sqrt() - expected.max(LEAST).sqrt())
}

/// Days with requests; the first and the last only if they are not cut off.
fn whole_days(spans: &[f64]) -> Vec<usize> {
    let last = (spans.len() / A_DAY).saturating_sub(1);
    let days = spans.chunks(A_DAY).enumerate();
    let whole = days.filter(|(day, spans)| {
        let begins = spans.iter().take(AN_HOUR).any(|sum| *sum > 0.0);
        let ends = spans.iter().skip(A_DAY - AN_HOUR).any(|sum| *sum > 0.0);
        spans.iter().any(|sum| *sum > 0.0) && (*day > 0 || begins) && (*day < last || ends)
    });
    whole.map(|(day, _)| day).collect()
}

/// The middle value; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The mean of all but the highest fifth.
fn trimmed(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.truncate((values.len() * 4).div_ceil(5));
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}
