//! The state machine: takes requests, keeps sums, raises alarms.
//!
//! State is bounded by what is alive: visitors who left without a trace of an
//! attack are forgotten after six hours, trails after two weeks.

use serde::{Deserialize, Serialize};

use crate::attack::{BadRules, Class, Classes};
use crate::declared::{Declared, Standing};
use crate::drift::{Change, Pages};
use crate::flood::Flood;
use crate::key::{Key, KeyMap};
use crate::lookup::{Asker, Lookup};
use crate::record;
use crate::request::Request;
use crate::signs;
use crate::tide::Tide;
use crate::told::{Keys, Reader, Sought, Told};
use crate::trail::{Step, Trail, Usual};
use crate::verdict::Verdicts;
use crate::visit::{PAUSE, Phase, Visit};

/// Takes requests in the order of time.
pub struct Ledger {
    state: State,
    reader: Reader,
}

/// All that a ledger remembers; may be kept on disk and resumed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    pub(crate) declared: Declared,
    pub(crate) visits: KeyMap<Visit>,
    pub(crate) stays: Vec<(Key, Visit)>,
    pub(crate) lookups: KeyMap<Lookup>,
    pub(crate) trails: KeyMap<(Joined, Trail)>,
    pub(crate) agents: KeyMap<u64>,
    #[serde(default)]
    pub(crate) tides: KeyMap<Tide>,
    #[serde(default)]
    pub(crate) pages: KeyMap<Pages>,
    #[serde(default)]
    pub(crate) assaults: KeyMap<Assaults>,
    requests: u64,
}

/// When a site was attacked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Assaults {
    /// Scripts that the site took.
    pub uploads: Vec<i64>,
    /// Stays that became attacks.
    pub attacks: Vec<i64>,
}

/// What ties the requests of a trail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Joined {
    /// One session token, whatever the address.
    Token(Key),
    /// One agent, whatever the address.
    Agent(Key),
    /// One address, whatever the agent.
    Client(Key),
    /// All whom no page of the site led to a look-up.
    Unled,
}

/// Something afoot, at the request that showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What it is.
    pub about: About,
    /// Classes of attack seen so far.
    pub classes: Classes,
    /// Why, in one sentence.
    pub why: String,
}

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An attack or a walk, and whoever sent this request did it.
    Act(Phase),
    /// More programs than the site bears, or more people; nobody is accused.
    Flood(crate::flood::Grade),
    /// A page that changed for good soon after an attack.
    Change,
}

impl About {
    /// The word in alarms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Act(phase) => phase.word(),
            Self::Flood(grade) => grade.word(),
            Self::Change => "change",
        }
    }
}

/// Requests between two looks for what can be forgotten.
const SWEEP: u64 = 1 << 16;
/// Time after which a trail without a walk is forgotten.
const COLD: i64 = 14 * 86_400_000_000;
/// Agents that are counted; rare ones make room.
const AGENTS: usize = 200_000;

/// Sites whose seasons and pages are followed: hosts that a client makes up are no sites.
const SITES: usize = 1_000;
/// Attacks on a site that are remembered.
const ASSAULTS: usize = 1_024;
/// Chance below which a change did not follow an attack by itself.
pub(crate) const UNLIKELY: f64 = 0.05;

/// Look-ups of one stay that count for what is usual.
const NEWCOMER: u32 = 5;

impl Ledger {
    /// An empty ledger.
    ///
    /// # Errors
    /// If the rules do not load.
    pub fn new(declared: Declared) -> Result<Self, BadRules> {
        Self::resume(State { declared, ..State::default() })
    }

    /// A ledger that goes on where another stopped.
    ///
    /// # Errors
    /// If the rules do not load.
    pub fn resume(state: State) -> Result<Self, BadRules> {
        let reader = Reader::new(state.declared.clone())?;
        Ok(Self { state, reader })
    }

    /// What is remembered.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes a request; an alarm if it shows something for the first time.
    pub fn observe(&mut self, request: &Request<'_>) -> Option<Alarm> {
        let told = self.reader.tell(request);
        self.take(request, &told)
    }

    /// The same, what the request tells by itself being known from a [`Reader`] that
    /// knows the same declarations.
    pub fn take(&mut self, request: &Request<'_>, told: &Told) -> Option<Alarm> {
        let (keys, state) = (&told.keys, &mut self.state);
        state.requests += 1;
        if state.requests.is_multiple_of(SWEEP) {
            state.sweep(request.time);
        }
        let (alarm, standing, hostile) = state.visit(request, keys, told.classes);
        if standing == Standing::Open {
            *state.agents.entry(keys.agent).or_default() += 1;
        }
        let sought = told.sought.map(|sought| state.look_up(request, keys, &sought, standing));
        let (walk, walking) = sought.unwrap_or_default();
        let change = if told.classes.is_empty() { state.page(request, keys) } else { None };
        // Who is told of as an attacker or a walker is no part of a flood.
        let flood = match standing == Standing::Open && !hostile && !walking {
            true => state.tide(request, keys),
            false => None,
        };
        walk.or(alarm).or(change).or(flood)
    }

    /// Judges all that was seen.
    pub fn close(self) -> Verdicts {
        Verdicts::new(self.state, self.reader.classifier)
    }
}

impl State {
    /// The same with other declarations, which may have changed since.
    #[must_use]
    pub fn with(self, declared: Declared) -> Self {
        Self { declared, ..self }
    }

    fn visit(&mut self, request: &Request<'_>, keys: &Keys, classes: Classes) -> (Option<Alarm>, Standing, bool) {
        let visit = self.visits.entry(keys.visit).or_default();
        if visit.requests > 0 && request.time - visit.last > PAUSE {
            let stay = std::mem::take(visit);
            if stay.tells() {
                self.stays.push((keys.visit, stay));
            }
        }
        if visit.requests == 0 {
            visit.standing = self.declared.standing(request.site, request.client, request.time);
            (visit.client, visit.address, visit.agent) = (keys.client, keys.address, keys.agent);
            (visit.token, visit.site) = (keys.token, keys.site);
        }
        let before = visit.is_attack();
        let touches = !classes.is_empty() && record::touches(request, &self.declared);
        visit.take(request, classes, touches);
        let began = !before && visit.is_attack() && visit.standing == Standing::Open;
        let (alarm, standing, hostile) = (began.then(|| attack_alarm(visit)), visit.standing, visit.is_attack());
        let upload = classes.has(Class::Upload) && (200..300).contains(&request.status) && standing == Standing::Open;
        if began || upload {
            let assaults = self.assaults.entry(keys.site).or_default();
            let times = if upload { &mut assaults.uploads } else { &mut assaults.attacks };
            if times.len() < ASSAULTS {
                times.push(request.time);
            }
        }
        (alarm, standing, hostile)
    }

    fn tide(&mut self, request: &Request<'_>, keys: &Keys) -> Option<Alarm> {
        let room = self.tides.len() < SITES || self.tides.contains_key(&keys.site);
        let tide = room.then(|| self.tides.entry(keys.site).or_default())?;
        tide.take(request, keys.address, keys.agent).map(|flood| flood_alarm(&flood))
    }

    fn page(&mut self, request: &Request<'_>, keys: &Keys) -> Option<Alarm> {
        let bytes = request.plain_page()?;
        let room = self.pages.len() < SITES || self.pages.contains_key(&keys.site);
        let pages = room.then(|| self.pages.entry(keys.site).or_default())?;
        let change = pages.take(signs::path_key(request.path), request.time, keys.address, bytes)?;
        let assaults = self.assaults.get(&keys.site)?;
        let follows = |times: &[i64]| pages.chance(&change, times).filter(|(_, chance)| *chance < UNLIKELY);
        let upload = follows(&assaults.uploads);
        upload.or_else(|| follows(&assaults.attacks)).map(|_| change_alarm(&change, upload.is_some()))
    }

    fn look_up(
        &mut self,
        request: &Request<'_>,
        keys: &Keys,
        sought: &Sought,
        standing: Standing,
    ) -> (Option<Alarm>, bool) {
        let Sought { lookup: key, record, rank } = *sought;
        let browsed = request.browsed();
        let trails: Vec<(Key, Joined)> = keys.trails(key, browsed).collect();
        let walks = |(trail, _): &(Key, Joined)| self.trails.get(trail).is_some_and(|(_, trail)| trail.is_walking());
        let walking = trails.iter().any(walks);
        let before = self.visits.get_mut(&keys.visit).map_or(0, |visit| {
            visit.lookups = visit.lookups.saturating_add(1);
            visit.lookups - 1
        });
        let asker = match walking || before >= NEWCOMER {
            true => Asker::Insistent,
            false if browsed => Asker::Browsing,
            false => Asker::Newcomer,
        };
        let lookup = self.lookups.entry(key).or_default();
        let outcome = lookup.learn(record, rank, request.status, request.bytes, asker);
        if standing != Standing::Open {
            return (None, false);
        }
        let usual = Usual { span: lookup.span(), misses: lookup.misses() };
        let step = Step { time: request.time, record, rank, outcome, client: keys.client, agent: keys.agent, browsed };
        let mut began = None;
        for (key, joined) in trails {
            let (_, trail) = self.trails.entry(key).or_insert_with(|| (joined, Trail::default()));
            let ordered = matches!(joined, Joined::Token(_) | Joined::Client(_));
            if trail.step(&step, usual, ordered) {
                began = began.or(trail.walks().last().map(|walk| (joined, walk.manner, walk.steps)));
            }
        }
        // Several trails of one walk speak up one after the other; the first is enough.
        let alarm = began.filter(|_| !walking).map(|(joined, manner, steps)| walk_alarm(joined, manner.words(), steps));
        (alarm, walking)
    }

    /// Forgets what can no longer matter.
    fn sweep(&mut self, now: i64) {
        let mut gone: Vec<(Key, Visit)> = Vec::new();
        self.visits.retain(|key, visit| {
            let alive = now - visit.last <= PAUSE;
            if !alive && visit.tells() {
                gone.push((*key, visit.clone()));
            }
            alive
        });
        gone.sort_by_key(|(key, visit)| (visit.first, *key));
        self.stays.extend(gone);
        self.trails.retain(|_, (_, trail)| now - trail.last() <= COLD || trail.walks().next().is_some());
        self.pages.values_mut().for_each(|pages| pages.sweep(now));
        if self.agents.len() > AGENTS {
            self.agents.retain(|_, requests| *requests > 1);
        }
    }
}

fn attack_alarm(visit: &Visit) -> Alarm {
    let phase = if visit.marks > 0 || visit.by_tool() == Some(true) { Phase::Scan } else { Phase::Exploit };
    let words: Vec<_> = visit.classes.words().collect();
    let why = format!(
        "{} of {} requests of one visitor are attacks ({}), {} of them on the site's own look-up",
        visit.attacks,
        visit.requests,
        words.join(", "),
        visit.directed
    );
    Alarm { about: About::Act(phase), classes: visit.classes, why }
}

fn walk_alarm(joined: Joined, manner: &str, steps: u32) -> Alarm {
    let who = match joined {
        Joined::Token(_) => "one session",
        Joined::Agent(_) => "one agent",
        Joined::Client(_) => "one address",
        Joined::Unled => "visitors whom no page led here",
    };
    Alarm {
        about: About::Act(Phase::Scrape),
        classes: Classes::NONE,
        why: format!("{who} asked for {steps} records, {manner}, as no ordinary visitor does"),
    }
}

fn flood_alarm(flood: &Flood) -> Alarm {
    Alarm { about: About::Flood(flood.grade), classes: Classes::NONE, why: flood.why() }
}

fn change_alarm(change: &Change, upload: bool) -> Alarm {
    let after = if upload { "the site took a script" } else { "an attack began" };
    Alarm {
        about: About::Change,
        classes: Classes::NONE,
        why: format!(
            "a page of {} bytes in {} answers has {} bytes for everybody, soon after {after}",
            change.size_before, change.answers_before, change.size_after
        ),
    }
}
