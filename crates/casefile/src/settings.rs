//! `case.toml`: what the investigator says about the case.
//!
//! People edit the file; it is read at each opening, and custody records when
//! it has changed.

use std::fs;
use std::path::Path;

use model::{Digest, Mark};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result, durable};

/// Settings of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What people call the case.
    pub name: String,
    /// IANA time zone in which products show times.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Sharing mark of products.
    #[serde(serialize_with = "write_mark", deserialize_with = "read_mark")]
    pub mark: Mark,
    /// Permissible actions (PAP: red, amber, green, clear); what leaves the machine asks it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pap: Option<String>,
    /// When the case was made, RFC 3339; the start of the clock. Filled at creation.
    #[serde(default)]
    pub clock_start: String,
    /// Suffixes below which names are registered, besides the public suffix list.
    #[serde(default = "Settings::default_suffixes")]
    pub extra_suffixes: Vec<String>,
    /// What made the case; equal bytes are promised for equal makers. Filled at creation.
    #[serde(default)]
    pub made_with: MadeWith,
    /// Facts that override those proposed in `context_facts`.
    #[serde(default, rename = "fact", skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

/// One declared fact, with the columns of `context_facts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Kind of fact.
    pub fact: String,
    /// What it is about; none for the whole case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Value in the spelling of its kind.
    pub value: String,
    /// Start of its window, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// End of its window, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// The program and machine that made a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeWith {
    /// Version of Handprint.
    pub version: String,
    /// Processor architecture and operating system.
    pub target: String,
    /// Processor features on which libraries choose their code.
    pub cpu_features: Vec<String>,
}

impl Settings {
    /// Settings of a new case of that name, with everything else as usual.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            time_zone: utc(),
            mark: Mark::Amber,
            pap: None,
            clock_start: String::new(),
            extra_suffixes: Self::default_suffixes(),
            made_with: MadeWith::default(),
            facts: Vec::new(),
        }
    }

    /// Second-level suffixes below the names that RFC 2606 reserves, as
    /// exercises use them.
    pub fn default_suffixes() -> Vec<String> {
        let below = |top: &str| ["com", "net", "org", "co"].map(|second| format!("{second}.{top}"));
        ["test", "example", "invalid"].into_iter().flat_map(below).collect()
    }

    /// Digest of the settings that tables depend on; names, zones and marks
    /// change products alone.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for suffix in &self.extra_suffixes {
            hash.update(format!("{suffix}\0"));
        }
        for fact in &self.facts {
            hash.update(format!("{fact:?}\0"));
        }
        Digest(hash.finalize().into()).to_hex()
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        toml::from_str(&text).map_err(|error| Error::Settings { path: path.to_owned(), why: error.to_string() })
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text =
            toml::to_string(self).map_err(|error| Error::Settings { path: path.to_owned(), why: error.to_string() })?;
        durable::write(path, text.as_bytes())
    }
}

impl MadeWith {
    /// This program on this machine.
    pub(crate) fn here() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            cpu_features: cpu_features(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<String> {
    let features = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("sha", std::arch::is_x86_feature_detected!("sha")),
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
    ];
    features.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn cpu_features() -> Vec<String> {
    Vec::new()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn write_mark<S: Serializer>(mark: &Mark, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(mark.word())
}

fn read_mark<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Mark, D::Error> {
    let word = String::deserialize(deserializer)?;
    Mark::from_word(&word).ok_or_else(|| {
        let words: Vec<_> = Mark::ALL.iter().map(|mark| mark.word()).collect();
        serde::de::Error::custom(format!("{word:?} is no sharing mark; there are {}", words.join(", ")))
    })
}
