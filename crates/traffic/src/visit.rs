//! The stay of one visitor: what a client with one agent and one session did
//! until it was gone for six hours.

use serde::{Deserialize, Serialize};

use crate::attack::{Class, Classes};
use crate::declared::Standing;
use crate::key::Key;
use crate::request::Request;

/// Pause after which the same visitor begins anew.
pub const PAUSE: i64 = 6 * 3_600_000_000;
/// Requests that follow within this time come from a program.
const FAST: i64 = 2_000_000;

/// Sums over one stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Visit {
    /// Key of site and address.
    pub client: Key,
    /// Key of the address alone.
    pub address: Key,
    /// Key of site and agent.
    pub agent: Key,
    /// Session token, 0 if none.
    pub token: Key,
    /// Key of the site.
    pub site: Key,
    /// First request.
    pub first: i64,
    /// Last request.
    pub last: i64,
    /// Requests in all.
    pub requests: u32,
    /// Attacks beyond what the whole net is asked for.
    pub strong: u32,
    /// Attacks and marks of scanning tools; a request counts once.
    pub attacks: u32,
    /// Attacks on the site's own look-up or its parameter.
    pub directed: u32,
    /// Marks of scanning tools.
    pub marks: u32,
    /// Requests for known weak or sensitive resources.
    pub probes: u32,
    /// Refusals and failures.
    pub errors: u32,
    /// Requests right after another, as programs make them.
    pub fast: u32,
    /// Records asked for.
    pub lookups: u32,
    /// Classes of all of them.
    pub classes: Classes,
    /// What the investigator declared.
    pub standing: Standing,
}

/// What a hostile stay was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// Looking for weak places, by a tool.
    Scan,
    /// Trying them, by hand.
    Exploit,
    /// Walking records out.
    Scrape,
}

impl Phase {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Exploit => "exploit",
            Self::Scrape => "scrape",
        }
    }
}

impl Visit {
    /// Takes in a request and what it tried.
    pub fn take(&mut self, request: &Request<'_>, classes: Classes, touches: bool) {
        if self.requests == 0 {
            self.first = request.time;
        } else {
            self.fast += u32::from(request.time - self.last <= FAST);
        }
        self.last = self.last.max(request.time);
        self.requests = self.requests.saturating_add(1);
        self.errors += u32::from(request.status >= 400);
        self.classes = self.classes | classes;
        self.strong += u32::from(classes.is_strong());
        self.attacks += u32::from(classes.is_strong() || classes.has(Class::Scan));
        self.directed += u32::from(classes.is_strong() && touches);
        self.marks += u32::from(classes.has(Class::Scan));
        self.probes += u32::from(classes.has(Class::Probe) || classes.has(Class::Shell));
    }

    /// Whether it holds anything that could be part of an attack.
    pub fn tells(&self) -> bool {
        self.attacks > 0
    }

    /// Whether it is an attack by itself: on the site's own parameters, or a
    /// long stay full of attempts. Less is what every site gets all day.
    pub fn is_attack(&self) -> bool {
        self.directed >= 3 || (self.attacks >= 20 && self.requests >= 60)
    }

    /// Whether a tool made it: many requests in quick succession, most of which
    /// look for things that are not there. Null where it is too short to tell.
    pub fn by_tool(&self) -> Option<bool> {
        let looked = self.probes + self.marks + self.errors;
        (self.requests >= 12)
            .then_some(self.requests >= 40 && self.fast * 3 >= self.requests && looked * 3 >= self.requests)
    }
}
