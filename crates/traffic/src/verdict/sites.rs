//! What happened to the sites themselves: stretches beyond the season, pages that
//! changed.
//!
//! Of a stretch one pass knows only when it was; a second one gathers what it was
//! made of. A change is ordinary editing unless it followed an attack sooner than
//! changes do by themselves, or was taken back soon.

use crate::declared::Standing;
use crate::drift::Change;
use crate::flood::Flood;
use crate::key::{self, Key, KeyMap};
use crate::ledger::{Assaults, State, UNLIKELY};
use crate::record;
use crate::request::Request;
use crate::signs::{self, Signs};
use crate::tide::{Stretch, Tides};
use crate::told::Keys;

use super::{BTreeMap, Verdicts};

/// Stretches and changes of all sites.
#[derive(Default)]
pub(super) struct Sites {
    tides: KeyMap<(Tides, Vec<usize>)>,
    gathered: Vec<(Key, Stretch, Gathered)>,
    changes: Vec<Changed>,
    changed: KeyMap<Vec<usize>>,
}

#[derive(Default)]
struct Gathered {
    signs: Signs,
    shown: Option<Key>,
}

/// A change of a page that is no mere editing.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Sizes and times.
    pub change: Change,
    /// What came before it: whether it was an accepted upload, when, and whose attack.
    pub after: Option<(bool, i64, Option<Key>)>,
    /// Pages of the site that changed within the hour.
    pub together: usize,
}

/// What a request shows of a site: numbers of stretches and changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// The stretch whose most frequent path it asks for, or that it begins.
    pub flood: Option<usize>,
    /// The change that it is the first to see.
    pub change: Option<usize>,
    /// Its path, or the page of the look-up.
    pub path: String,
}

impl Changed {
    /// Whether it is held to be part of an attack.
    pub fn is_suspect(&self) -> bool {
        self.after.is_some()
    }

    /// What it rests on, in one sentence.
    pub fn why(&self) -> String {
        let Change { size_before, size_after, answers_before, .. } = self.change;
        let what = format!("{size_before} bytes in {answers_before} answers, from then on {size_after} for everybody");
        let undone = if self.change.undone.is_some() { "; it was undone later" } else { "" };
        match self.after {
            Some((true, ..)) => {
                format!("{what}; the site had taken a script sooner before it than chance would have it{undone}")
            }
            Some((false, ..)) => {
                format!("{what}; an attack on the site came sooner before it than chance would have it{undone}")
            }
            None => {
                format!("{what}; it was taken back soon, as an editor's mistake is too, and nothing came before it")
            }
        }
    }
}

impl Sites {
    /// Judges what a ledger remembers of sites, given when each was attacked by whom.
    pub fn of(state: &mut State, attacks: &BTreeMap<Key, Vec<(i64, Key)>>) -> Self {
        let mut sites = Self::default();
        let mut tides: Vec<(Key, Tides)> =
            std::mem::take(&mut state.tides).into_iter().map(|(site, tide)| (site, tide.close())).collect();
        tides.sort_by_key(|(site, _)| *site);
        for (site, tides) in tides {
            let from = sites.gathered.len();
            sites.gathered.extend(tides.stretches.iter().map(|stretch| (site, stretch.clone(), Gathered::default())));
            sites.tides.insert(site, (tides, (from..sites.gathered.len()).collect()));
        }
        let mut pages: Vec<Key> = state.pages.keys().copied().collect();
        pages.sort_unstable();
        for site in pages {
            let attacks = attacks.get(&site).map_or(&[][..], Vec::as_slice);
            let changes = changes(state, site, attacks);
            let from = sites.changes.len();
            sites.changed.insert(site, (from..from + changes.len()).collect());
            sites.changes.extend(changes);
        }
        sites
    }

    fn note(&mut self, request: &Request<'_>, counts: bool) -> Notice {
        if self.changes.is_empty() && !counts {
            return Notice::default();
        }
        let site = key::of(&[request.site]);
        Notice {
            flood: if counts { self.gather(site, request) } else { None },
            change: self.changed.get(&site).and_then(|own| own.iter().find(|at| self.sees(**at, request))).copied(),
            path: String::new(),
        }
    }

    /// The stretch that a request is part of, if it begins it or asks for its most frequent path.
    fn gather(&mut self, site: Key, request: &Request<'_>) -> Option<usize> {
        let (_, own) = self.tides.get(&site)?;
        let place = own.partition_point(|at| self.gathered[*at].1.until <= request.time);
        let at = own.get(place).copied().filter(|at| self.gathered[*at].1.has(request.time))?;
        let keys = Keys::of(request);
        let gathered = &mut self.gathered[at].2;
        gathered.signs.take(request, keys.address, keys.agent);
        let (top, path) = (gathered.signs.top_path(), signs::path_key(request.path));
        let shows = gathered.shown.is_none() || (gathered.shown != Some(path) && top == path);
        shows.then(|| gathered.shown = Some(path)).map(|()| at)
    }

    fn sees(&self, at: usize, request: &Request<'_>) -> bool {
        let change = &self.changes[at].change;
        change.at == request.time && request.plain_page().is_some() && change.page == signs::path_key(request.path)
    }
}

/// Changes of a site that are more than editing.
fn changes(state: &State, site: Key, attacks: &[(i64, Key)]) -> Vec<Changed> {
    let Some(pages) = state.pages.get(&site) else { return Vec::new() };
    let nothing = Assaults::default();
    let uploads = &state.assaults.get(&site).unwrap_or(&nothing).uploads;
    let times: Vec<i64> = attacks.iter().map(|(time, _)| *time).collect();
    let all = pages.changes();
    let judged = all.iter().map(|change| {
        let follows = |times: &[i64]| pages.chance(change, times).filter(|(_, chance)| *chance < UNLIKELY);
        let actor = |act: i64| attacks.iter().filter(|(time, _)| *time <= act).max().map(|(_, actor)| *actor);
        let upload = follows(uploads).map(|(time, _)| (true, time, actor(time)));
        let after = upload.or_else(|| follows(&times).map(|(time, _)| (false, time, actor(time))));
        let together = all.iter().filter(|other| other.at.abs_diff(change.at) < 3_600_000_000).count();
        Changed { change: *change, after, together }
    });
    judged.filter(|changed| changed.is_suspect() || changed.change.undone_soon()).collect()
}

impl Verdicts {
    /// Whether there is anything that a second pass has to tell.
    pub fn wants_second_pass(&self) -> bool {
        !self.is_empty() || !self.sites.gathered.is_empty() || !self.sites.changes.is_empty()
    }

    /// Gathers what stretches beyond the season are made of; `told` are requests that
    /// [`Self::of`] gives to somebody.
    pub fn note(&mut self, request: &Request<'_>, told: bool) -> Notice {
        let open = || self.state.declared.standing(request.site, request.client, request.time) == Standing::Open;
        let counts = !told && !self.sites.gathered.is_empty() && open();
        let mut notice = self.sites.note(request, counts);
        if notice.flood.is_some() || notice.change.is_some() {
            let asked = record::asked(request, &self.state.declared);
            notice.path = asked.map_or_else(|| request.path.to_owned(), |asked| asked.page);
        }
        notice
    }

    /// The stretches beyond the season, by number; complete after a second pass.
    pub fn floods(&self) -> impl Iterator<Item = Flood> {
        self.sites.gathered.iter().filter_map(|(site, stretch, gathered)| {
            self.sites.tides.get(site).map(|(tides, _)| stretch.judged(&gathered.signs, &tides.usual))
        })
    }

    /// The changes that are no mere editing, by number.
    pub fn changes(&self) -> &[Changed] {
        &self.sites.changes
    }

    /// Requests of a site, and from when until when, if these are too few days to
    /// know its season.
    pub fn without_season(&self, site: &str) -> Option<(u64, i64, i64)> {
        self.sites.tides.get(&key::of(&[site])).and_then(|(tides, _)| tides.too_short)
    }
}
