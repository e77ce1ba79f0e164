//! Four weeks of an invented site, drawn from a seed: seasons, crawlers, monitors,
//! editors, and what may happen to it on top.

use traffic::{Declared, Request};

/// Microseconds.
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const DAYS: i64 = 28;
/// A Monday.
const START: i64 = 20_150 * DAY - 6 * DAY;

const AGENTS: [&str; 12] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/120",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/121",
    "Mozilla/5.0 (X11; Linux x86_64) Example/119",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 13) Example/118",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Example/120",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16) Example/16",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17) Example/17",
    "Mozilla/5.0 (iPad; CPU OS 17) Example/17",
    "Mozilla/5.0 (Linux; Android 12) Example/116",
    "Mozilla/5.0 (Linux; Android 13) Example/117",
    "Mozilla/5.0 (Linux; Android 14) Example/118",
    "Mozilla/5.0 (Windows NT 10.0) Other/99",
];
const ASSETS: [&str; 6] = ["/site.css", "/app.js", "/logo.png", "/photo.jpg", "/font.woff2", "/icon.svg"];
const PAGES: u64 = 40;

/// One request, owned.
#[derive(Clone, Debug)]
pub struct Hit {
    pub time: i64,
    pub client: String,
    pub method: &'static str,
    pub path: String,
    pub query: String,
    pub status: u16,
    pub bytes: u64,
    pub millis: u32,
    pub referer: &'static str,
    pub agent: &'static str,
}

impl Hit {
    pub fn request(&self) -> Request<'_> {
        Request {
            site: "north",
            host: "www.north.example",
            time: self.time,
            client: &self.client,
            method: self.method,
            path: &self.path,
            query: &self.query,
            status: self.status,
            bytes: Some(self.bytes),
            millis: Some(self.millis),
            referer: self.referer,
            user_agent: self.agent,
            cookie: "",
        }
    }
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// News lead many people here.
    Crowd,
    /// A few addresses ask for one thing as fast as they can.
    Volumetric,
    /// Hundreds of addresses make the search work, slowly.
    Slow,
    /// An attacker uploads a script, and a page changes.
    Defacement,
}

/// An event and when it was.
#[derive(Clone, Debug)]
pub struct Happened {
    pub event: Event,
    pub from: i64,
    pub until: i64,
    /// Page that it was about.
    pub path: String,
}

/// Four weeks.
pub struct Weeks {
    pub hits: Vec<Hit>,
    pub happened: Vec<Happened>,
    dice: Dice,
    visits: f64,
    peak: f64,
    swing: f64,
    weekend: f64,
    growth: f64,
    moods: Vec<f64>,
    edits: Vec<(u64, i64, i64)>,
}

/// Numbers without order, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.part()
    }

    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

fn page(number: u64) -> String {
    if number == 0 { "/".to_owned() } else { format!("/pages/topic-{number}") }
}

fn address(number: u64) -> String {
    format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255)
}

impl Weeks {
    /// An ordinary site, and then what happens.
    pub fn new(seed: u64, events: &[Event]) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let moods = (0..DAYS).map(|_| (dice.bell() * 0.15).exp()).collect();
        let mut weeks = Self {
            hits: Vec::new(),
            happened: Vec::new(),
            visits: dice.between(5.3, 7.3).exp(),
            peak: dice.between(0.0, 24.0),
            swing: dice.between(0.4, 0.9),
            weekend: dice.between(0.3, 1.3),
            growth: dice.between(0.0, 0.01),
            moods,
            edits: Vec::new(),
            dice,
        };
        weeks.edit();
        weeks.happened = events.iter().map(|event| weeks.plan(*event)).collect();
        weeks.ordinary();
        for happened in weeks.happened.clone() {
            weeks.happen(&happened);
        }
        weeks.hits.sort_by_key(|hit| hit.time);
        weeks
    }

    pub fn declared() -> Declared {
        let mut declared = Declared::default();
        declared.fact("site", Some("north"), "www.north.example", None, None);
        declared.fact("lookup-path", Some("north"), "/find.php", None, None);
        declared.fact("lookup-parameter", Some("north"), "no", None, None);
        declared
    }

    /// Visits of an hour at a time.
    fn rate(&self, time: i64) -> f64 {
        let (day, hour) = ((time - START) / DAY, (time % DAY) as f64 / HOUR as f64);
        let wave = 1.0 + self.swing * ((hour - self.peak) / 24.0 * std::f64::consts::TAU).cos();
        let rest = if day % 7 >= 5 { self.weekend } else { 1.0 };
        let mood = self.moods[day.clamp(0, DAYS - 1) as usize];
        self.visits / 24.0 * wave * rest * mood * (1.0 + self.growth * day as f64)
    }

    /// Some pages are edited in working hours, one of them twice in a day.
    fn edit(&mut self) {
        for _ in 0..6 {
            let page = 1 + self.dice.below(PAGES - 4);
            let at = START + self.dice.below(DAYS as u64) as i64 * DAY + self.dice.between(8.0, 17.0) as i64 * HOUR;
            let change = self.dice.below(900) as i64 - 450;
            self.edits.push((page, at, change));
        }
    }

    fn plan(&mut self, event: Event) -> Happened {
        let from = START + (9 + self.dice.below(17) as i64) * DAY + self.dice.below(24) as i64 * HOUR;
        let hours = match event {
            Event::Crowd => self.dice.between(4.0, 12.0),
            Event::Volumetric => self.dice.between(0.5, 3.0),
            Event::Slow => self.dice.between(3.0, 10.0),
            Event::Defacement => self.dice.between(6.0, 48.0),
        };
        let path = match event {
            Event::Slow => "/search".to_owned(),
            Event::Defacement => page(self.dice.below(12)),
            _ => page(self.dice.below(PAGES)),
        };
        Happened { event, from, until: from + (hours * HOUR as f64) as i64, path }
    }

    fn ordinary(&mut self) {
        for minute in 0..DAYS * 24 * 60 {
            let time = START + minute * MINUTE;
            let rate = self.rate(time) / 60.0;
            let mut visits = rate + self.dice.bell() * rate.sqrt();
            visits = if rate < 3.0 { f64::from(u8::from(self.dice.part() < rate)) } else { visits.round() };
            for _ in 0..visits.max(0.0) as u64 {
                let at = time + self.dice.below(60) as i64 * SECOND;
                let outside = self.dice.part() < 0.35;
                let landing = self.dice.below(PAGES);
                self.visit(at, landing, outside);
            }
            if minute % 5 == 0 {
                self.push(time, "192.0.2.9".into(), "/", "", "", "Monitor/2");
            }
        }
        for _ in 0..DAYS * 2 {
            self.crawl();
        }
    }

    fn crawl(&mut self) {
        let from = START + self.dice.below(DAYS as u64 * 24) as i64 * HOUR;
        let client = format!("198.51.100.{}", self.dice.below(4));
        for at in 0..30 + self.dice.below(170) as i64 {
            let number = self.dice.below(PAGES * 3) + PAGES;
            let path = format!("/archive/{number}");
            self.push(from + at * 10 * SECOND, client.clone(), &path, "", "", "Examplebot/2.1");
        }
    }

    /// A page, what belongs to it, and a few more pages.
    fn visit(&mut self, from: i64, landing: u64, outside: bool) {
        let client = {
            let number = self.dice.below(1 << 24);
            address(number)
        };
        let agent = self.dice.pick(&AGENTS);
        let mut referer = if outside { "https://news.example/front" } else { "" };
        let mut time = from;
        for at in 0..1 + self.dice.below(4) {
            let number = if at == 0 { landing } else { self.dice.below(PAGES) };
            let searches = self.dice.part() < 0.05;
            let query = if searches { format!("q=word{}", self.dice.below(500)) } else { String::new() };
            let path = if searches { "/search".to_owned() } else { page(number) };
            self.push(time, client.clone(), &path, &query, referer, agent);
            referer = "https://www.north.example/";
            let assets = if at == 0 { 3 + self.dice.below(4) } else { self.dice.below(3) };
            for asset in 0..assets {
                self.push(time + SECOND, client.clone(), ASSETS[asset as usize % 6], "", referer, agent);
            }
            time += self.dice.between(5.0, 90.0) as i64 * SECOND;
        }
    }

    fn push(&mut self, time: i64, client: String, path: &str, query: &str, referer: &'static str, agent: &'static str) {
        let strained = self.happened.iter().any(|happened| {
            let strains = matches!(happened.event, Event::Volumetric | Event::Slow);
            strains && (happened.from..happened.until).contains(&time)
        });
        let fails = self.dice.part() < if strained { 0.04 } else { 0.002 };
        let base = if path == "/search" { 180.0 } else { 25.0 };
        let millis = base * (self.dice.bell() * 0.6).exp() * if strained { 4.0 } else { 1.0 };
        let mut bytes = self.size(time, path, query, agent);
        if self.dice.part() < 0.004 {
            bytes = 1 + self.dice.below(bytes);
        }
        let (status, bytes) = match (fails, self.dice.part() < 0.04) {
            (true, _) => (503, 310),
            (false, true) if query.is_empty() => (304, 0),
            _ => (200, bytes),
        };
        let (path, query) = (path.to_owned(), query.to_owned());
        self.hits.push(Hit {
            time,
            client,
            method: "GET",
            path,
            query,
            status,
            bytes,
            millis: millis as u32,
            referer,
            agent,
        });
    }

    /// Some agents take no compression; the home page has the news of the hour on it.
    fn size(&mut self, time: i64, path: &str, query: &str, agent: &str) -> u64 {
        let mut size = 3_000 + path.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)) % 40_000;
        if path == "/" {
            size += (time / HOUR) as u64 * 37 % 2_000;
        }
        if !query.is_empty() {
            size += self.dice.below(3_000);
        }
        for (number, at, change) in &self.edits {
            if page(*number) == path && time >= *at {
                size = size.saturating_add_signed(*change);
            }
        }
        let defaced = |happened: &&Happened| {
            happened.event == Event::Defacement
                && happened.path == path
                && (happened.from..happened.until).contains(&time)
        };
        if self.happened.iter().any(|happened| defaced(&happened)) {
            size = 1_870;
        }
        if agent.contains("Android 12") { size } else { size * 2 / 5 }
    }

    fn happen(&mut self, happened: &Happened) {
        let usual = (0..24).map(|hour| self.rate(happened.from - DAY + hour * HOUR)).sum::<f64>() / 24.0;
        match happened.event {
            Event::Crowd => self.crowd(happened, usual),
            Event::Volumetric => self.volumetric(happened, usual),
            Event::Slow => self.slow(happened, usual),
            Event::Defacement => self.deface(happened),
        }
    }

    fn crowd(&mut self, happened: &Happened, usual: f64) {
        let (times, led) = (self.dice.between(6.0, 25.0), self.dice.between(0.5, 0.9));
        let landing = happened.path.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let half = (happened.until - happened.from) as f64 / 4.0;
        let mut time = happened.from;
        while time < happened.until {
            let since = (time - happened.from) as f64;
            let rate = usual * times * (since / (15.0 * MINUTE as f64)).clamp(0.1, 1.0) * 0.5_f64.powf(since / half);
            let outside = self.dice.part() < led;
            self.visit(time, landing, outside);
            time += (HOUR as f64 / rate * -self.dice.part().max(1e-9).ln()) as i64 + 1;
        }
    }

    fn volumetric(&mut self, happened: &Happened, usual: f64) {
        let (addresses, times) = (1 + self.dice.below(8), self.dice.between(10.0, 60.0));
        let agent = self.dice.pick(&[AGENTS[0], AGENTS[8], "python-requests/2.31.0"]);
        let mut time = happened.from;
        while time < happened.until {
            let client = format!("203.0.113.{}", self.dice.below(addresses));
            self.push(time, client, &happened.path, "", "", agent);
            time += (HOUR as f64 / (usual * 8.0 * times) * 2.0 * self.dice.part()) as i64 + 1;
        }
    }

    fn slow(&mut self, happened: &Happened, usual: f64) {
        let (addresses, times) = (150 + self.dice.below(500), self.dice.between(0.7, 3.0));
        let mut time = happened.from;
        while time < happened.until {
            let client = address((200 << 16) + self.dice.below(addresses));
            let (agent, query) = (self.dice.pick(&AGENTS), format!("q={:x}", self.dice.next()));
            self.push(time, client, "/search", &query, "", agent);
            time += (HOUR as f64 / (usual * 8.0 * times) * 2.0 * self.dice.part()) as i64 + 1;
        }
    }

    /// Attempts on the look-up by hand, a script that the site takes, its use.
    fn deface(&mut self, happened: &Happened) {
        let before = happened.from - self.dice.between(5.0, 90.0) as i64 * MINUTE;
        let attempts =
            ["no=1%27%20OR%20%271%27%3D%271", "no=-1%20UNION%20SELECT%20NULL%2CNULL--%20", "no=1%20AND%207821%3D7821"];
        for (at, query) in attempts.iter().cycle().take(9).enumerate() {
            let time = before - (10 - at as i64) * MINUTE;
            self.push(time, "203.0.113.200".into(), "/find.php", query, "", AGENTS[2]);
        }
        self.push(before, "203.0.113.200".into(), "/uploads/0b1.php", "", "", AGENTS[2]);
        if let Some(upload) = self.hits.last_mut() {
            (upload.method, upload.status) = ("PUT", 201);
        }
    }
}
