//! Accounts that act together, and what many shared.

use serde::Deserialize;

/// A row of `coordinated_accounts`; private.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CoordinatedAccount {
    /// Group that it belongs to.
    pub group_id: String,
    /// The account.
    pub account: String,
    /// `core`, `tied` or `probable`.
    pub standing: String,
    /// Accounts of the group that it is tied to.
    pub ties: u64,
    /// Whether it shared before anybody outside the group did.
    pub first_spreader: bool,
    /// Why it belongs to the group.
    pub why: String,
    /// Of the group: `concealed`, `unexplained` or `declared`.
    pub grade: String,
    /// Whether the group is held to hide what it is.
    pub hostile: bool,
    /// Link that a campaign's mail holds too.
    pub tied_by: Option<String>,
    /// Why the group is graded so.
    pub group_why: String,
    /// Pairs of the group that are tied.
    pub group_ties: u64,
    /// Longest window that a tie needs.
    pub window_secs: i64,
    /// What the group shared, as a JSON array.
    pub objects: String,
    /// Accounts outside that shared the same later.
    pub later_sharers: u64,
    /// Its first post of what the group shares.
    pub at: String,
}

/// A row of `shared_objects` that ties nobody.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SharedByAll {
    /// `page`, `media`, `original` or `text`.
    pub way: String,
    /// What was shared.
    pub object: String,
    /// Why it ties nobody.
    pub why: String,
    /// The first post.
    pub at: String,
}
