//! Which column of an export holds what: one TOML file for each kind of export.
//!
//! A file names, for each field, the columns that may hold it, the likeliest
//! first. Names are compared in lower case with `_` for spaces and hyphens;
//! keys of nested JSON are joined by dots. `telling` lists fields of which one
//! must be there besides account and time, where those names alone are as
//! common in logs as in posts.

use std::sync::LazyLock;

use serde::Deserialize;

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Who posted.
    Account,
    /// When the account was made.
    Created,
    /// When it was posted.
    Time,
    /// What was written.
    Text,
    /// A link in it.
    Link,
    /// A picture or video in it, by address or hash.
    Media,
    /// The post that it repeats.
    Original,
    /// How often it was passed on.
    Passed,
}

impl Field {
    pub const ALL: [Self; 8] =
        [Self::Account, Self::Created, Self::Time, Self::Text, Self::Link, Self::Media, Self::Original, Self::Passed];
}

/// One kind of export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub platform: String,
    account: Vec<String>,
    time: Vec<String>,
    #[serde(default)]
    created: Vec<String>,
    #[serde(default)]
    text: Vec<String>,
    #[serde(default)]
    link: Vec<String>,
    #[serde(default)]
    media: Vec<String>,
    #[serde(default)]
    original: Vec<String>,
    #[serde(default)]
    passed: Vec<String>,
    #[serde(default)]
    telling: Vec<Field>,
}

impl Mapping {
    /// The column that holds the field, as the source spells it.
    pub fn column<'c>(&self, field: Field, columns: &'c [String]) -> Option<&'c str> {
        let named = |name: &String| columns.iter().find(|column| plain(column) == *name).map(String::as_str);
        self.names(field).iter().find_map(named)
    }

    /// Whether the fields found are telling enough.
    pub fn told_by(&self, mut found: impl Iterator<Item = Field>) -> bool {
        self.telling.is_empty() || found.any(|field| self.telling.contains(&field))
    }

    fn names(&self, field: Field) -> &[String] {
        match field {
            Field::Account => &self.account,
            Field::Created => &self.created,
            Field::Time => &self.time,
            Field::Text => &self.text,
            Field::Link => &self.link,
            Field::Media => &self.media,
            Field::Original => &self.original,
            Field::Passed => &self.passed,
        }
    }
}

fn plain(column: &str) -> String {
    column.trim().trim_start_matches('\u{feff}').to_lowercase().replace([' ', '-'], "_")
}

/// All mappings, from the most particular to the least.
pub static MAPPINGS: LazyLock<Vec<Mapping>> =
    LazyLock::new(|| FILES.iter().filter_map(|file| toml::from_str(file).ok()).collect());

const FILES: &[&str] = &[
    // nested keys first: their names cannot be another's
    include_str!("platforms/mastodon.toml"),
    include_str!("platforms/x.toml"),
    // archives by column names of their own
    include_str!("platforms/x_archive.toml"),
    include_str!("platforms/crowdtangle.toml"),
    include_str!("platforms/reddit.toml"),
    include_str!("platforms/telegram.toml"),
    include_str!("platforms/bluesky.toml"),
    include_str!("platforms/shares.toml"),
    // anything else that has the words of a post
    include_str!("platforms/generic.toml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_is_spelled_as_columns_are_compared() {
        for file in FILES {
            let mapping: Mapping = toml::from_str(file).expect("a mapping");
            assert!(file.starts_with("# "), "{} does not say what it is", mapping.platform);
            for name in Field::ALL.iter().flat_map(|&field| mapping.names(field)) {
                assert_eq!(*name, plain(name), "{}", mapping.platform);
            }
        }
        assert_eq!(MAPPINGS.len(), FILES.len());
    }
}
