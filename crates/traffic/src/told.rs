//! What a request tells by itself, before anything is known of the others.
//!
//! Rules, keys and the record asked for need no state of the ledger, and are most of
//! the work: a [`Reader`] on another thread finds them while the ledger is at the
//! requests before.

use crate::attack::{BadRules, Classes, Classifier};
use crate::declared::Declared;
use crate::key::{self, Key};
use crate::ledger::Joined;
use crate::record::{self, Asked};
use crate::request::Request;
use crate::token;

/// Reads requests one by one, in any order.
pub struct Reader {
    pub(crate) classifier: Classifier,
    declared: Declared,
}

/// What a request tells by itself.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub(crate) keys: Keys,
    pub(crate) classes: Classes,
    pub(crate) sought: Option<Sought>,
}

/// A record asked for, by keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought {
    pub lookup: Key,
    pub record: Key,
    pub rank: u64,
}

impl Reader {
    /// A reader that knows what was declared.
    ///
    /// # Errors
    /// If the rules do not load.
    pub fn new(declared: Declared) -> Result<Self, BadRules> {
        Ok(Self { classifier: Classifier::shipped()?, declared })
    }

    /// What the request tells.
    pub fn tell(&mut self, request: &Request<'_>) -> Told {
        let keys = Keys::of(request);
        let classes = self.classifier.classes(request);
        // What is an attack on the look-up asks for no record.
        let asked = if classes.is_empty() { record::asked(request, &self.declared) } else { None };
        let sought = asked.map(|asked| Sought {
            lookup: lookup_key(keys.site, &asked),
            record: key::of(&[&asked.record]),
            rank: record::rank(&asked.record),
        });
        Told { keys, classes, sought }
    }
}

/// Keys of a request, the same in every pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    pub site: Key,
    pub address: Key,
    pub client: Key,
    pub agent: Key,
    pub token: Key,
    pub visit: Key,
}

impl Keys {
    pub fn of(request: &Request<'_>) -> Self {
        let site = key::of(&[request.site]);
        let address = key::of(&[request.client]);
        let client = key::join(&[site, address]);
        let agent = key::of(&[request.site, request.user_agent]);
        let token = token::of(request.cookie, request.query);
        Self { site, address, client, agent, token, visit: key::join(&[client, agent, token]) }
    }

    /// The trails that a look-up belongs to. Requests that a page led to are
    /// kept apart from those that came from nowhere.
    pub fn trails(&self, lookup: Key, browsed: bool) -> impl Iterator<Item = (Key, Joined)> {
        let (token, agent, client) = (self.token, self.agent, self.client);
        let side = u64::from(browsed);
        let trails = [Joined::Token(token), Joined::Agent(agent), Joined::Client(client), Joined::Unled];
        let exists = move |joined: &Joined| *joined != Joined::Token(0) && !(browsed && *joined == Joined::Unled);
        trails.into_iter().filter(exists).map(move |joined| {
            let key = match joined {
                Joined::Token(token) => key::join(&[lookup, 1, token]),
                Joined::Agent(agent) => key::join(&[lookup, 2, agent, side]),
                Joined::Client(client) => key::join(&[lookup, 3, client, side]),
                Joined::Unled => key::join(&[lookup, 4]),
            };
            (key, joined)
        })
    }
}

/// The key of a look-up page.
pub(crate) fn lookup_key(site: Key, asked: &Asked<'_>) -> Key {
    key::join(&[site, key::of(&[&asked.page])])
}
