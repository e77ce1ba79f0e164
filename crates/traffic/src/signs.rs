//! What the requests of a stretch of time are made of: counts by which a flood is
//! told from a crowd, in bounded memory.

use serde::{Deserialize, Serialize};

use crate::key::{self, Key};
use crate::request::Request;
use crate::sketch::{Distinct, Frequent};

/// Addresses that count as few.
pub const FEW: usize = 8;

/// Endings of what browsers fetch along with a page.
const ASSETS: [&str; 16] = [
    "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "woff", "woff2", "ttf", "otf",
];

/// Sums and sketches over any number of requests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Signs {
    sums: Sums,
    addresses: Distinct,
    agents: Distinct,
    targets: Distinct,
    by_address: Frequent,
    by_agent: Frequent,
    by_path: Frequent,
}

/// The sums alone, which can be kept for years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Requests.
    pub requests: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Requests for what belongs to pages: styles, scripts, pictures.
    pub assets: u64,
    /// Requests for pages with a Referer.
    pub led: u64,
    /// Requests that another site led to.
    pub outside: u64,
    /// Requests for pages without a Referer.
    pub bare: u64,
    /// Requests for pages with a query.
    #[serde(default)]
    pub asked: u64,
    /// Answers by which the server failed or gave in: 5xx and 429.
    pub failed: u64,
    /// Requests whose duration was logged.
    pub timed: u64,
    /// Milliseconds that these took in all.
    pub millis: u64,
}

/// Sums with what the sketches say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composition {
    /// The sums.
    pub sums: Sums,
    /// Distinct addresses, about.
    pub addresses: u64,
    /// Distinct agents, about.
    pub agents: u64,
    /// Distinct paths with their queries, about.
    pub targets: u64,
    /// Requests of the busiest [`FEW`] addresses, at least.
    pub few: u64,
    /// Requests of the most frequent agent, at least.
    pub one_agent: u64,
    /// Requests for the most frequent path, at least.
    pub one_path: u64,
    /// Key of that path.
    pub path: Key,
}

/// Whether a path is part of a page and no page.
pub fn is_asset(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, ending)| ASSETS.iter().any(|asset| ending.eq_ignore_ascii_case(asset)))
}

/// The key of a path.
pub fn path_key(path: &str) -> Key {
    key::of(&[path])
}

impl Signs {
    /// Takes in a request of that address and agent.
    pub(crate) fn take(&mut self, request: &Request<'_>, address: Key, agent: Key) {
        let path = path_key(request.path);
        let target = if request.query.is_empty() { path } else { key::join(&[path, key::of(&[request.query])]) };
        self.sums.take(request);
        self.addresses.add(address);
        self.agents.add(agent);
        self.targets.add(target);
        self.by_address.add(address, 1);
        self.by_agent.add(agent, 1);
        self.by_path.add(path, 1);
    }

    /// Adds another stretch.
    pub fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        self.addresses.merge(&other.addresses);
        self.agents.merge(&other.agents);
        self.targets.merge(&other.targets);
        self.by_address.merge(&other.by_address);
        self.by_agent.merge(&other.by_agent);
        self.by_path.merge(&other.by_path);
    }

    /// The sums.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// Key of the path that was asked for most.
    pub fn top_path(&self) -> Key {
        self.by_path.top().0
    }

    /// What it is made of.
    pub fn composition(&self) -> Composition {
        let (path, one_path) = self.by_path.top();
        Composition {
            sums: self.sums,
            addresses: self.addresses.count(),
            agents: self.agents.count(),
            targets: self.targets.count(),
            few: self.by_address.sum(FEW),
            one_agent: self.by_agent.top().1,
            one_path,
            path,
        }
    }
}

impl Sums {
    fn take(&mut self, request: &Request<'_>) {
        let asset = is_asset(request.path);
        let led = !matches!(request.referer, "" | "-");
        self.requests += 1;
        self.bytes = self.bytes.saturating_add(request.bytes.unwrap_or(0));
        self.assets += u64::from(asset);
        self.led += u64::from(led && !asset);
        self.outside += u64::from(led && !asset && !request.browsed());
        self.bare += u64::from(!led && !asset);
        self.asked += u64::from(!asset && !request.query.is_empty());
        self.failed += u64::from(request.status >= 500 || request.status == 429);
        self.timed += u64::from(request.millis.is_some());
        self.millis = self.millis.saturating_add(u64::from(request.millis.unwrap_or(0)));
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.assets += other.assets;
        self.led += other.led;
        self.outside += other.outside;
        self.bare += other.bare;
        self.asked += other.asked;
        self.failed += other.failed;
        self.timed += other.timed;
        self.millis = self.millis.saturating_add(other.millis);
    }
}
