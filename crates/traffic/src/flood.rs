//! Whether requests beyond the season are a flood, a crowd, or neither for sure.
//!
//! Programs that flood a site differ from people who come for news in ways that
//! do not depend on each other: people fetch the pictures with the page, are led
//! by other sites, come from many addresses with many agents, a few requests
//! each, and leave by and by. Each way is had by chance or by innocents once in a
//! while, a monitor or a crawler has several; so it takes three to be a flood, one of
//! them that it repeats itself or hurts the site, and two more than for a crowd. What
//! is compared is the excess: what the season lets expect is taken off first.
//! Shares are beyond what is usual if they are so on every ordinary day.
//! Nobody is accused: a flood is something that happened to the site.

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::season::median;
use crate::signs::Composition;

/// What it is held to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// It cannot be told.
    #[default]
    Open,
    /// Many people.
    Crowd,
    /// Programs that overload the site, whether or not on purpose.
    Flood,
}

impl Grade {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Crowd => "crowd",
            Self::Flood => "flood",
        }
    }
}

/// What the site shows on ordinary days.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    assets: f64,
    led: f64,
    failed: f64,
    few: f64,
    one_agent: f64,
    one_path: f64,
    most: Most,
}

/// The most that any ordinary day shows.
#[derive(Clone, Copy, Debug, Default)]
struct Most {
    few: f64,
    one_agent: f64,
    one_path: f64,
    outside: f64,
    failed: f64,
    each: f64,
    millis: f64,
    size: f64,
}

impl Usual {
    /// What these days have in common. One that is cut off shows whatever its few
    /// requests were, and is passed over.
    pub fn of(days: &[Composition]) -> Self {
        let (mut usual, mut requests) = (Self::default(), 0.0);
        let middle = median(days.iter().map(|day| day.sums.requests as f64).collect());
        for day in days.iter().filter(|day| day.sums.requests as f64 > middle / 10.0) {
            requests += day.sums.requests as f64;
            usual.assets += day.sums.assets as f64;
            usual.led += day.sums.led as f64;
            usual.failed += day.sums.failed as f64;
            usual.few += day.few as f64;
            usual.one_agent += day.one_agent as f64;
            usual.one_path += day.one_path as f64;
            usual.most.raise(&Most::of(day));
        }
        let Self { assets, led, failed, few, one_agent, one_path, .. } = &mut usual;
        [assets, led, failed, few, one_agent, one_path].into_iter().for_each(|share| *share /= f64::max(requests, 1.0));
        usual
    }
}

impl Most {
    fn of(day: &Composition) -> Self {
        let all = day.sums.requests as f64;
        Self {
            few: day.few as f64 / all,
            one_agent: day.one_agent as f64 / all,
            one_path: day.one_path as f64 / all,
            outside: day.sums.outside as f64 / all,
            failed: day.sums.failed as f64 / all,
            each: all / day.addresses.max(1) as f64,
            millis: day.sums.millis as f64 / day.sums.timed.max(1) as f64,
            size: day.sums.bytes as f64 / all,
        }
    }

    fn raise(&mut self, day: &Self) {
        self.few = self.few.max(day.few);
        self.one_agent = self.one_agent.max(day.one_agent);
        self.one_path = self.one_path.max(day.one_path);
        self.outside = self.outside.max(day.outside);
        self.failed = self.failed.max(day.failed);
        self.each = self.each.max(day.each);
        self.millis = self.millis.max(day.millis);
        self.size = self.size.max(day.size);
    }
}

/// A stretch of time beyond the season, and what it is held to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Flood {
    /// What it is held to be.
    pub grade: Grade,
    /// `volumetric` or `application`, of a flood.
    pub kind: Option<&'static str>,
    /// First microsecond of the first span.
    pub from: i64,
    /// First microsecond after the last span.
    pub until: i64,
    /// Requests that the season lets expect.
    pub expected: u64,
    /// What the stretch is made of.
    pub made_of: Composition,
    /// What speaks for a flood.
    pub for_flood: Vec<&'static str>,
    /// What speaks for a crowd.
    pub for_crowd: Vec<&'static str>,
}

/// Signs by which one side has to lead: programs may come from many addresses under
/// many names as people do, and people without Referers as programs do.
const MARGIN: usize = 2;
/// The sign that passes by caches.
const NEW_QUERIES: &str = "one path with ever new queries";
/// Part of what is usual below which something is missing.
const MISSING: f64 = 0.25;
/// Share of pages' company, or of led requests, that a site has to have for it to be missed.
const HAS: f64 = 0.1;
/// A duration or failure is beyond any ordinary day from here on.
const BEYOND: f64 = 2.0;

impl Flood {
    /// Judges a stretch; `spans` are its excesses one after the other.
    pub fn judged(made_of: Composition, expected: f64, usual: &Usual, spans: &[f64], time: (i64, i64)) -> Self {
        let excess = Excess::of(&made_of, expected, usual);
        let (mut volumetric, mut application) = (Vec::new(), Vec::new());
        excess.repetition(usual, &mut volumetric, &mut application);
        let hurts = excess.harm(usual, &mut application);
        let aimed = hurts || !volumetric.is_empty() || !application.is_empty();
        let mut for_flood = [&volumetric[..], &application[..]].concat();
        let mut for_crowd = Vec::new();
        excess.company(usual, &mut for_flood, &mut for_crowd);
        shape(spans, &mut for_flood, &mut for_crowd);
        let grade = match (for_flood.len(), for_crowd.len()) {
            (programs @ 3.., people) if aimed && programs >= people + MARGIN => Grade::Flood,
            (programs, people @ 3..) if people >= programs + MARGIN => Grade::Crowd,
            _ => Grade::Open,
        };
        let kind = match application.contains(&NEW_QUERIES) || volumetric.is_empty() {
            true => "application",
            false => "volumetric",
        };
        Self {
            grade,
            kind: (grade == Grade::Flood).then_some(kind),
            from: time.0,
            until: time.1,
            expected: expected.round() as u64,
            made_of,
            for_flood,
            for_crowd,
        }
    }

    /// Key of the path that was asked for most.
    pub fn path(&self) -> Key {
        self.made_of.path
    }

    /// What it rests on, in one sentence.
    pub fn why(&self) -> String {
        let list = |signs: &[&str]| if signs.is_empty() { "nothing".to_owned() } else { signs.join(", ") };
        let verdict = match self.grade {
            Grade::Flood => "programs overloaded the site, on purpose or not; who ran them is not told by this",
            Grade::Crowd => "many people came at once",
            Grade::Open => "whether people or programs came is left open",
        };
        format!(
            "{} requests where the site itself lets expect {}; for a flood: {}; for a crowd: {}; {verdict}",
            self.made_of.sums.requests,
            self.expected,
            list(&self.for_flood),
            list(&self.for_crowd)
        )
    }
}

/// Shares of what is beyond the season.
struct Excess {
    assets: f64,
    led: f64,
    outside: f64,
    failed: f64,
    few: f64,
    one_agent: f64,
    one_path: f64,
    /// Distinct targets for each request.
    varied: f64,
    each: f64,
    millis: f64,
    size: f64,
}

impl Excess {
    fn of(made_of: &Composition, expected: f64, usual: &Usual) -> Self {
        let all = made_of.sums.requests as f64;
        // What is beyond in bytes alone has no excess of requests.
        let over = if all - expected < all / 10.0 { all } else { all - expected };
        let share = |count: u64, usual: f64| {
            let usual = if over < all { usual * expected } else { 0.0 };
            ((count as f64 - usual) / over.max(1.0)).clamp(0.0, 1.0)
        };
        let whole = Most::of(made_of);
        Self {
            assets: share(made_of.sums.assets, usual.assets),
            led: share(made_of.sums.led, usual.led),
            failed: share(made_of.sums.failed, usual.failed),
            outside: whole.outside,
            few: share(made_of.few, usual.few),
            one_agent: share(made_of.one_agent, usual.one_agent),
            one_path: share(made_of.one_path, usual.one_path),
            varied: (made_of.targets as f64 / over.max(1.0)).min(1.0),
            each: whole.each,
            millis: whole.millis,
            size: whole.size,
        }
    }

    /// Whether the same is asked for over and over, or by the same few.
    fn repetition(&self, usual: &Usual, volumetric: &mut Vec<&'static str>, application: &mut Vec<&'static str>) {
        let one_path = self.one_path > 0.5 && self.one_path > usual.most.one_path;
        match one_path {
            true if self.varied > 0.5 => application.push(NEW_QUERIES),
            true => volumetric.push("one path over and over"),
            false => {}
        }
        // A crawler is one address as well, and asks for a page once or a few times.
        let again = one_path || self.varied < 0.1;
        if again && self.few > 0.5 && self.few > usual.most.few {
            volumetric.push("a few addresses");
        }
        if self.size > usual.most.size * BEYOND {
            volumetric.push("large answers");
        }
    }

    /// Whether the site suffered more than on any ordinary day.
    fn harm(&self, usual: &Usual, application: &mut Vec<&'static str>) -> bool {
        let fails = self.failed > 0.05 && self.failed > usual.most.failed * BEYOND;
        let slow = usual.most.millis > 0.0 && self.millis > usual.most.millis * BEYOND;
        application.extend(fails.then_some("the server failed"));
        application.extend(slow.then_some("answers took longer"));
        fails || slow
    }

    /// Who came, and how they came here.
    fn company(&self, usual: &Usual, flood: &mut Vec<&'static str>, crowd: &mut Vec<&'static str>) {
        if usual.assets >= HAS {
            flood.extend((self.assets < usual.assets * MISSING).then_some("nothing that belongs to pages was fetched"));
            crowd.extend((self.assets > usual.assets / 2.0).then_some("pages with what belongs to them"));
        }
        if usual.led >= HAS {
            flood.extend((self.led < usual.led * MISSING).then_some("no Referers"));
        }
        crowd.extend((self.outside > usual.most.outside * 1.5).then_some("other sites led here"));
        let one_agent = self.one_agent > 0.5 && self.one_agent > usual.most.one_agent;
        flood.extend(one_agent.then_some("one agent"));
        crowd.extend((self.one_agent <= usual.most.one_agent * 1.5 && !one_agent).then_some("many agents"));
        flood.extend((self.each > usual.most.each * BEYOND).then_some("many requests of each address"));
        crowd.extend((self.each <= usual.most.each * 1.5).then_some("many addresses, a few requests each"));
    }
}

/// News comes at once and fades; a program runs until it is stopped.
fn shape(spans: &[f64], flood: &mut Vec<&'static str>, crowd: &mut Vec<&'static str>) {
    if spans.len() < 6 {
        return;
    }
    let most = spans.iter().copied().fold(0.0, f64::max);
    let third = spans.len() / 3;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let (first, last) = (mean(&spans[..third * 2]), mean(&spans[spans.len() - third..]));
    // The first and the last span may be cut off.
    if spans[1..spans.len() - 1].iter().all(|span| *span > most / 2.0) {
        flood.push("as many from beginning to end");
    } else if last < first / 2.0 {
        crowd.push("fewer by and by");
    }
}
