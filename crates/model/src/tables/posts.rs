//! Posts of social platforms, and the accounts that act together in them.

use super::{count, signed, text, time, truth};
use crate::{Stage, Table};

/// One post.
pub const POSTS: Table = Table {
    name: "posts",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One post; private as a whole, since who shared what tells what somebody thinks.",
    columns: &[
        text("platform", "mapping that read it"),
        text("account", "who posted, as the export names the account"),
        time("account_created", "when the account was made, as the platform says"),
        time("posted", "when it was posted"),
        text("link", "the first link, as written"),
        text("page", "where it leads: without scheme, fragment, and what counts readers"),
        text("media", "a picture or video, by address or hash"),
        text("original", "the post or object that it repeats"),
        text("text", "what was written"),
        text("print", "what the text is recognised by, 64 hexadecimal digits; null if it is too short to tell"),
    ],
};

/// Something that several accounts shared.
pub const SHARED_OBJECTS: Table = Table {
    name: "shared_objects",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "A page, picture, text or post that three accounts or more shared, and whether that may tie them.",
    columns: &[
        text("way", "page, media, original or text"),
        text("object", "what was shared; for a text the print of its first form"),
        count("posts", "posts that share it"),
        count("accounts", "accounts that do"),
        time("first", "first of them"),
        time("last", "last of them"),
        truth("counts", "whether sharing it may tie accounts"),
        text("why", "why it may or may not"),
    ],
};

/// An account of a group that acts together.
pub const COORDINATED_ACCOUNTS: Table = Table {
    name: "coordinated_accounts",
    stage: Stage::Correlate,
    private: true,
    located: true,
    summary: "One account of a group that acts together, graded; it stands at its first post of what the group shares.",
    columns: &[
        text("group_id", "id of the group, a hash of the place of its first post"),
        text("account", "the account"),
        text("standing", "core, tied or probable"),
        count("ties", "accounts of the group that it is tied to"),
        count("occasions", "most occasions on which it coincides with one of them"),
        truth("first_spreader", "whether it shared before anybody outside the group did"),
        text("why", "why it belongs to the group"),
        text("grade", "of the group: concealed, unexplained or declared"),
        truth("hostile", "whether the group shows concealment or a tie to a campaign"),
        text(
            "tied_by",
            "link of the group that a campaign's mail holds too, and that the group shared first; null if none",
        ),
        text("group_why", "why the group is graded so"),
        count("group_accounts", "accounts of the group"),
        count("group_ties", "pairs of them that are tied"),
        signed("window_secs", "longest window that a tie needs, in seconds"),
        text("objects", "pages, media and originals that the group shared, as a JSON array of at most 20"),
        count(
            "later_sharers",
            "accounts outside the group that shared the same after it began: ordinary sharers, not listed",
        ),
    ],
};
