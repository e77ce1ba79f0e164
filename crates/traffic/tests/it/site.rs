//! An invented site with a look-up page, its visitors, and those who walk it.

use traffic::{Declared, Request};

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;
/// Numbers that the site may have given out.
pub const SPAN: u64 = 60_000;
/// A declared reader.
pub const READER: &str = "198.51.100.250";
/// Agents of ordinary visitors.
pub const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/120",
    "Mozilla/5.0 (X11; Linux x86_64) Example/119",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 13) Example/118",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16) Example/16",
    "Mozilla/5.0 (Linux; Android 13) Example/117",
];

/// One request, owned.
#[derive(Clone, Debug)]
pub struct Act {
    pub time: i64,
    pub client: String,
    pub query: String,
    pub path: String,
    pub status: u16,
    pub bytes: u64,
    pub referer: &'static str,
    pub agent: String,
    pub cookie: String,
    pub hostile: bool,
}

impl Act {
    pub fn request(&self) -> Request<'_> {
        Request {
            site: "north",
            host: "votes.north.example",
            time: self.time,
            client: &self.client,
            method: "GET",
            path: &self.path,
            query: &self.query,
            status: self.status,
            bytes: Some(self.bytes),
            millis: None,
            referer: self.referer,
            user_agent: &self.agent,
            cookie: &self.cookie,
        }
    }
}

/// Two weeks of visitors.
pub struct Site {
    pub ordinary: Vec<Act>,
}

/// Numbers without order, the same on every run.
pub fn scatter(at: u64) -> u64 {
    let mixed = (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
}

/// Whether the site holds a record of that number: one in three.
pub fn exists(number: u64) -> bool {
    scatter(number).is_multiple_of(3)
}

fn answer(number: u64) -> (u16, u64) {
    if exists(number) { (200, 5_400 + number % 190) } else { (404, 1_245) }
}

fn look(number: u64, time: i64, client: String) -> Act {
    let (status, bytes) = answer(number);
    let (path, query) = ("/find.php".to_owned(), format!("no={number:06}"));
    Act {
        time,
        client,
        query,
        path,
        status,
        bytes,
        referer: "",
        agent: String::new(),
        cookie: String::new(),
        hostile: true,
    }
}

/// Numbers asked for one after the other, `gap` seconds apart, from that many addresses in turn.
pub fn walk(
    numbers: impl IntoIterator<Item = u64>,
    from: i64,
    gap: i64,
    addresses: usize,
    agent: &str,
    cookie: &str,
) -> Vec<Act> {
    let act = |(at, number): (usize, u64)| {
        let jitter = (scatter(number + at as u64) % 900) as i64 * 1_000;
        let client = format!("203.0.113.{}", at / 17 % addresses);
        Act {
            agent: agent.into(),
            cookie: cookie.into(),
            ..look(number, from + at as i64 * gap * 1_000_000 + jitter, client)
        }
    };
    numbers.into_iter().enumerate().map(act).collect()
}

/// Neighbouring records that exist, clicked through by one person.
pub fn clicked(numbers: std::ops::Range<u64>, from: i64, gap: i64, client: &str) -> Vec<Act> {
    let count = numbers.end - numbers.start;
    let known = (numbers.start..).filter(|number| exists(*number)).take(count as usize);
    let mut acts = walk(known, from, gap, 1, AGENTS[1], "feedbeefcafe1111");
    for act in &mut acts {
        (act.client, act.referer, act.hostile) = (client.to_owned(), "https://votes.north.example/staff", false);
    }
    acts
}

impl Site {
    pub fn declared() -> Declared {
        let mut declared = Declared::default();
        declared.fact("site", Some("north"), "votes.north.example", None, None);
        declared.fact("lookup-path", Some("north"), "/find.php", None, None);
        declared.fact("lookup-parameter", Some("north"), "no", None, None);
        declared.fact("known-reader", None, READER, None, None);
        declared
    }

    pub fn new() -> Self {
        let mut site = Self { ordinary: Vec::new() };
        for visit in 0..2_400 {
            site.visit(visit, scatter(visit * 7) as i64 % (14 * DAY));
        }
        // A group that helps voters looks up those on its list, and a monitor the same record for ever.
        for day in 0..14 {
            for call in 0..8 {
                let number = (scatter(day * 8 + call) % SPAN..).find(|number| exists(*number)).unwrap_or(0);
                let act =
                    look(number, day as i64 * DAY + 50_000_000_000 + call as i64 * 3_000_000, "198.51.100.7".into());
                site.ordinary.push(Act { agent: "python-requests/2.31.0".into(), hostile: false, ..act });
            }
            for hour in 0..24 {
                let act = look(3, day as i64 * DAY + hour * DAY / 24, "198.51.100.8".into());
                site.ordinary.push(Act { agent: "curl/7.68.0".into(), hostile: false, ..act });
            }
        }
        site
    }

    /// Many more visitors for a day.
    pub fn crowd(&mut self, from: i64, times: u64) {
        for visit in 0..times * 170 {
            self.visit(100_000 + visit, from + scatter(visit) as i64 % DAY);
        }
    }

    /// All look-ups fail as if nobody were on record.
    pub fn outage(&mut self, from: i64, length: i64) {
        let during =
            self.ordinary.iter_mut().filter(|act| act.path == "/find.php" && (from..from + length).contains(&act.time));
        during.for_each(|act| (act.status, act.bytes) = (404, 1_245));
    }

    /// Pages, then one to three looks for oneself; one in eight mistypes first.
    fn visit(&mut self, visit: u64, from: i64) {
        let dice = scatter(visit);
        // Some share the exit of a VPN with the walk.
        let client =
            if dice.is_multiple_of(40) { format!("203.0.113.{}", dice % 7) } else { format!("192.0.2.{}", dice % 200) };
        let own = (dice % SPAN..).find(|number| exists(*number)).unwrap_or(0);
        let mistyped = (own + 10..).find(|number| !exists(*number)).unwrap_or(0);
        let page =
            Act { path: "/".into(), query: String::new(), status: 200, bytes: 19_800, ..look(0, from, client.clone()) };
        let mut acts = vec![page];
        if dice.is_multiple_of(8) {
            acts.push(look(mistyped, from + 9_000_000, client.clone()));
        }
        acts.extend((0..1 + dice % 3).map(|at| look(own, from + (20 + at as i64) * 1_000_000, client.clone())));
        for act in &mut acts {
            act.agent = AGENTS[(dice % 5) as usize].to_owned();
            act.cookie = format!("{:016x}", scatter(visit + 77));
            act.referer = "https://votes.north.example/";
            act.hostile = false;
        }
        self.ordinary.extend(acts);
    }
}
