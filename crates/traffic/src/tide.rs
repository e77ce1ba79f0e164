//! How many requests a site gets, span by span and day by day, and the stretches
//! that go beyond its season.
//!
//! Four series are kept: requests, bytes, requests for pages that nothing led to, which
//! rise first when a program asks for pages, and requests with a query, which are few
//! on most sites and cost the server most. Requests of declared
//! readers, of attackers and of walkers are left out; they are told elsewhere.
//! Memory grows with days and not with requests: four numbers a span, one
//! composition a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::flood::{Flood, Grade, Usual};
use crate::key::Key;
use crate::request::Request;
use crate::season::{A_DAY, LEAST_DAYS, SPAN, Season};
use crate::signs::{Composition, Signs, Sums};

/// Series that are followed.
const SERIES: usize = 4;
/// Spans without excess that end a stretch.
const PAUSE: i64 = 6;
/// Days that a season of a running watch is taken from.
const REMEMBERED: i64 = 56;
/// Days before and after the middle of a log that are looked at: ten years.
const LONGEST_DAYS: u64 = 1_826;
/// Rounds in which what is beyond the season is taken out of it.
const ROUNDS: usize = 4;

/// The requests of one site.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tide {
    spans: BTreeMap<i64, [u64; SERIES]>,
    days: BTreeMap<i64, Composition>,
    slot: i64,
    span: Signs,
    day: Signs,
    /// What was beyond the season, by what the season let expect.
    lowered: BTreeMap<i64, [f64; SERIES]>,
    running: Option<Running>,
    #[serde(skip)]
    known: Option<Arc<Known>>,
}

/// A stretch that is not over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Running {
    from: i64,
    last: i64,
    signs: Signs,
    expected: [f64; SERIES],
    excess: Vec<f64>,
    told: Grade,
}

/// What was learnt of the days before today.
#[derive(Clone, Debug)]
struct Known {
    day: i64,
    first_day: i64,
    units: [f64; SERIES],
    seasons: [Option<Season>; SERIES],
    usual: Usual,
}

/// A stretch beyond the season.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    /// First microsecond.
    pub from: i64,
    /// First microsecond after it.
    pub until: i64,
    expected: f64,
    excess: Vec<f64>,
}

/// What came of all requests of a site.
#[derive(Clone, Debug, Default)]
pub struct Tides {
    /// Stretches in the order of time.
    pub stretches: Vec<Stretch>,
    /// What is ordinary.
    pub usual: Usual,
    /// Requests in all, first and last span, if the season is not known.
    pub too_short: Option<(u64, i64, i64)>,
}

impl Tide {
    /// Takes in a request; a flood or a crowd if it shows one for the first time.
    pub(crate) fn take(&mut self, request: &Request<'_>, address: Key, agent: Key) -> Option<Flood> {
        let slot = request.time.div_euclid(SPAN);
        let mut found = None;
        if slot > self.slot || slot + A_DAY as i64 <= self.slot {
            // A line from the far future does not make all that follow late for good.
            found = self.shut(slot).and_then(|(slot, span)| self.follow(slot, &span));
        } else if slot < self.slot {
            // Late lines count, but the sketches of their time are closed.
            let mut late = Signs::default();
            late.take(request, address, agent);
            add(self.spans.entry(slot).or_default(), late.sums());
            return None;
        }
        self.span.take(request, address, agent);
        found
    }

    /// Closes the span before `next`, and the day if it is over; gives the span.
    fn shut(&mut self, next: i64) -> Option<(i64, Signs)> {
        let (slot, span) = (std::mem::replace(&mut self.slot, next), std::mem::take(&mut self.span));
        if span.sums().requests == 0 {
            return None;
        }
        add(self.spans.entry(slot).or_default(), span.sums());
        self.day.merge(&span);
        if day_of(next) != day_of(slot) {
            self.days.insert(day_of(slot), std::mem::take(&mut self.day).composition());
        }
        Some((slot, span))
    }

    /// Asks of a span that is over if it is beyond what the days before let expect.
    fn follow(&mut self, slot: i64, span: &Signs) -> Option<Flood> {
        let known = self.known(day_of(slot))?;
        let place = usize::try_from(slot - known.first_day * A_DAY as i64).ok()?;
        let longest = place.min(Season::LONGEST - 1) as i64;
        let beyond = (0..SERIES).any(|series| {
            let late: Vec<f64> =
                (slot - longest..=slot).map(|slot| self.count(slot, series) / known.units[series]).collect();
            known.seasons[series].as_ref().is_some_and(|season| season.ends_beyond(&late, place + 1))
        });
        if self.running.as_ref().is_some_and(|running| slot - running.last > PAUSE) {
            self.running = None;
        }
        if !beyond {
            return None;
        }
        let expected = std::array::from_fn(|series| {
            let season = known.seasons[series].as_ref();
            season.map_or(0.0, |season| season.expected(place) * known.units[series])
        });
        self.lowered.insert(slot, expected);
        let running = self.running.get_or_insert_with(|| Running { from: slot, ..Running::default() });
        running.take(slot, span, &expected);
        running.judged(slot, &known)
    }

    /// What the days before teach; `None` while they are too few.
    fn known(&mut self, day: i64) -> Option<Arc<Known>> {
        if self.known.as_ref().is_none_or(|known| known.day != day) {
            self.known = Some(Arc::new(self.learn(day)));
        }
        self.known.clone().filter(|known| known.seasons[0].is_some())
    }

    fn learn(&self, day: i64) -> Known {
        let first_day = self.spans.keys().next().map_or(day, |slot| day_of(*slot)).max(day - REMEMBERED);
        let units = self.units();
        let season = |at: usize| {
            let slots = || first_day * A_DAY as i64..day * A_DAY as i64;
            let spans: Vec<f64> = slots().map(|slot| self.count(slot, at) / units[at]).collect();
            let evened: Vec<f64> = slots().map(|slot| self.value(slot, at) / units[at]).collect();
            Season::of(&spans, &evened, first_day)
        };
        let seasons = match day - first_day >= LEAST_DAYS as i64 {
            true => std::array::from_fn(season),
            false => std::array::from_fn(|_| None),
        };
        let undisturbed = |day: &i64| {
            let from = day * A_DAY as i64;
            self.lowered.range(from..from + A_DAY as i64).next().is_none()
        };
        let days = self.days.range(first_day..day).filter(|(day, _)| undisturbed(day));
        let usual = Usual::of(&days.map(|(_, day)| *day).collect::<Vec<_>>());
        Known { day, first_day, units, seasons, usual }
    }

    /// What one of each series is: bytes are counted by the site's usual answer.
    fn units(&self) -> [f64; SERIES] {
        let sum = |of: fn(&Sums) -> u64| self.days.values().map(|day| of(&day.sums) as f64).sum::<f64>();
        [1.0, (sum(|sums| sums.bytes) / sum(|sums| sums.requests).max(1.0)).max(1.0), 1.0, 1.0]
    }

    /// What a span had; what was beyond the season has become what was expected.
    fn value(&self, slot: i64, series: usize) -> f64 {
        match self.lowered.get(&slot) {
            Some(expected) => expected[series],
            None => self.count(slot, series),
        }
    }

    fn count(&self, slot: i64, series: usize) -> f64 {
        self.spans.get(&slot).map_or(0.0, |span| span[series] as f64)
    }

    /// Forgets days that a wrong clock put far away from the others.
    fn forget_strays(&mut self) {
        let Some(middle) = self.spans.keys().nth(self.spans.len() / 2).map(|slot| day_of(*slot)) else { return };
        self.spans.retain(|slot, _| day_of(*slot).abs_diff(middle) <= LONGEST_DAYS);
        self.days.retain(|day, _| day.abs_diff(middle) <= LONGEST_DAYS);
    }

    /// Judges all spans against all others.
    pub fn close(mut self) -> Tides {
        self.shut((day_of(self.slot) + 1) * A_DAY as i64);
        self.forget_strays();
        let (Some((&first, _)), Some((&last, _))) = (self.spans.first_key_value(), self.spans.last_key_value()) else {
            return Tides::default();
        };
        let (first_day, units) = (day_of(first), self.units());
        let series: [Vec<f64>; SERIES] = std::array::from_fn(|series| {
            let slots = first_day * A_DAY as i64..(day_of(last) + 1) * A_DAY as i64;
            slots.map(|slot| self.count(slot, series) / units[series]).collect()
        });
        let Some((beyond, seasons)) = settle(&series, first_day) else {
            let requests = self.spans.values().map(|span| span[0]).sum();
            return Tides { too_short: Some((requests, first * SPAN, (last + 1) * SPAN)), ..Tides::default() };
        };
        let ordinary = self.days.iter().filter(|(day, _)| {
            let from = (**day - first_day) as usize * A_DAY;
            !beyond[from..from + A_DAY].contains(&true)
        });
        let usual = Usual::of(&ordinary.map(|(_, day)| *day).collect::<Vec<_>>());
        Tides { stretches: stretches(&beyond, &series, &seasons, first_day), usual, too_short: None }
    }
}

/// Takes what is beyond the season out of it until nothing new is; gives what is
/// beyond, and the seasons, of which that of requests has to be known.
fn settle(series: &[Vec<f64>; SERIES], first_day: i64) -> Option<(Vec<bool>, [Option<Season>; SERIES])> {
    let mut beyond = vec![false; series[0].len()];
    let mut evened = series.clone();
    let mut known = std::array::from_fn(|_| None);
    for _ in 0..ROUNDS {
        let seasons: [Option<Season>; SERIES] =
            std::array::from_fn(|at| Season::of(&series[at], &evened[at], first_day));
        let mut found = vec![false; beyond.len()];
        for (at, season) in seasons.iter().enumerate() {
            let Some(season) = season else { continue };
            for (slot, new) in season.beyond(&series[at]).into_iter().enumerate() {
                found[slot] |= new;
            }
        }
        for (at, season) in seasons.iter().enumerate() {
            let Some(season) = season else { continue };
            evened[at] = (0..found.len())
                .map(|slot| if found[slot] { season.expected(slot) } else { series[at][slot] })
                .collect();
        }
        known = seasons;
        if std::mem::replace(&mut beyond, found) == beyond {
            break;
        }
    }
    known[0].is_some().then_some((beyond, known))
}

/// What lies together beyond the season.
fn stretches(
    beyond: &[bool],
    series: &[Vec<f64>; SERIES],
    seasons: &[Option<Season>; SERIES],
    first_day: i64,
) -> Vec<Stretch> {
    let Some(season) = &seasons[0] else { return Vec::new() };
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for at in (0..beyond.len()).filter(|at| beyond[*at]) {
        match found.last_mut() {
            Some(last) if at - last.end < PAUSE as usize => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    // Hours may be beyond the season of which no part is.
    let whole = |spans: &std::ops::Range<usize>| {
        seasons
            .iter()
            .zip(series)
            .any(|(season, series)| season.as_ref().is_some_and(|season| season.is_beyond(series, spans)))
    };
    let time = |at: usize| (first_day * A_DAY as i64 + at as i64) * SPAN;
    let stretch = |spans: std::ops::Range<usize>| Stretch {
        from: time(spans.start),
        until: time(spans.end),
        expected: spans.clone().map(|at| season.expected(at)).sum(),
        excess: spans.map(|at| series[0][at] - season.expected(at)).collect(),
    };
    found.into_iter().filter(whole).map(stretch).collect()
}

fn day_of(slot: i64) -> i64 {
    slot.div_euclid(A_DAY as i64)
}

impl Running {
    fn take(&mut self, slot: i64, span: &Signs, expected: &[f64; SERIES]) {
        self.last = slot;
        self.signs.merge(span);
        self.expected.iter_mut().zip(expected).for_each(|(sum, expected)| *sum += expected);
        if self.excess.len() < 10 * A_DAY {
            self.excess.push(span.sums().requests as f64 - expected[0]);
        }
    }

    /// What it is held to be, if that is new and it is beyond the season by itself.
    fn judged(&mut self, slot: i64, known: &Known) -> Option<Flood> {
        let sums = series_of(self.signs.sums());
        let beyond = known.seasons.iter().enumerate().any(|(at, season)| {
            let (sum, expected) = (sums[at] as f64 / known.units[at], self.expected[at] / known.units[at]);
            season.as_ref().is_some_and(|season| season.exceeds(sum, expected, self.excess.len()))
        });
        let time = (self.from * SPAN, (slot + 1) * SPAN);
        let judge = || Flood::judged(self.signs.composition(), self.expected[0], &known.usual, &self.excess, time);
        let flood = beyond.then(judge).filter(|flood| flood.grade != Grade::Open && flood.grade != self.told)?;
        self.told = flood.grade;
        Some(flood)
    }
}

impl Stretch {
    /// Whether a time lies in it.
    pub fn has(&self, time: i64) -> bool {
        (self.from..self.until).contains(&time)
    }

    /// Judges it by what its requests were made of.
    pub fn judged(&self, signs: &Signs, usual: &Usual) -> Flood {
        Flood::judged(signs.composition(), self.expected, usual, &self.excess, (self.from, self.until))
    }
}

fn add(span: &mut [u64; SERIES], sums: &Sums) {
    span.iter_mut().zip(series_of(sums)).for_each(|(sum, more)| *sum = sum.saturating_add(more));
}

/// The series that are followed.
fn series_of(sums: &Sums) -> [u64; SERIES] {
    [sums.requests, sums.bytes, sums.bare, sums.asked]
}
