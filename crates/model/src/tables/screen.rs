//! Video and images: what was decoded, what was read off it, what was hidden.

use super::{count, float, signed, text, time, truth};
use crate::{Stage, Table};

/// One video or image.
pub const MEDIA: Table = Table {
    name: "media",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One video or image, on its own or inside a mail, an archive or a PDF.",
    columns: &[
        text("kind", "video or image"),
        text(
            "container",
            "form of the file by its first bytes: mp4, matroska, avi, gif, png, jpeg, webp, heif or netpbm",
        ),
        text("name", "name of the file, archive member or attachment"),
    ],
};

/// One field of a medium's metadata.
pub const MEDIA_METADATA: Table = Table {
    name: "media_metadata",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One field that the container or the image carries about itself.",
    columns: &[text("field", "name of the field, as the container spells it"), text("value", "as written")],
};

/// One fingerprint of a video or image.
pub const MEDIA_FINGERPRINTS: Table = Table {
    name: "media_fingerprints",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "A perceptual fingerprint of a picture, one a second, by which a clip is known again after coding and scaling.",
    columns: &[
        count("at_ms", "time of the picture, milliseconds from the start"),
        text("fingerprint", "256 bits as hexadecimal digits; copies differ in 40 bits at most, strangers in about 128"),
    ],
};

/// How one video or image was read.
pub const SCREENS: Table = Table {
    name: "screens",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "How one video or image was read: size, length, and how many rows of text by which reader.",
    columns: &[
        count("width", "pixels"),
        count("height", "pixels"),
        count("frames", "frames decoded"),
        count("duration_ms", "time of the last frame in milliseconds"),
        count("rows", "rows of text read"),
        count("rows_by_network", "of them by the recognition network; the others by glyphs of the same video"),
        count("redactions", "covered regions found"),
    ],
};

/// One row of text on a screen.
pub const SCREEN_ROWS: Table = Table {
    name: "screen_rows",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One row of text read off a screen, from its first frame to its last; private, since screens show records of persons.",
    columns: &[
        text("text", "as read"),
        text("surface", "what it is on the screen: prompt (with the command typed at it), title or output"),
        count("first_ms", "first time seen, milliseconds from the start"),
        count("last_ms", "last time seen"),
        count("frames", "frames in which it was seen clear"),
        float("confidence", "of its least certain character, 0 to 1"),
        text("reader", "network or glyphs"),
        text("crop", "picture of the row as it was read: PNG in base64"),
    ],
};

/// One setting of a machine that a screen shows.
pub const SCREEN_SETTINGS: Table = Table {
    name: "screen_settings",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "What a screen says of the machine that it shows, or of one that somebody is logged in to there: clock, offset from UTC, language, keyboard layout.",
    columns: &[
        text("kind", "clock, offset, language or keyboard"),
        text(
            "value",
            "day and time as shown; offset as +0330; languages that the words may be of, as BCP 47 spells them; layouts as the machine spells them",
        ),
        text("text", "as read"),
        text(
            "form",
            "in what it stood: desktop, status line, prompt, date command, uptime, system settings, log line, environment, command, message, listing or menu",
        ),
        signed("day", "of a clock: days since 1970-01-01, where the whole date is shown"),
        count("seconds", "of a clock: seconds since midnight, by its own time zone"),
        truth("exact", "of a clock: whether it shows seconds"),
        truth("half_open", "of a clock: whether it may as well be twelve hours later"),
        truth(
            "live",
            "of a clock: whether it told the time when it was first seen; what stood there from the first picture on may not",
        ),
        signed("offset_minutes", "minutes east of UTC, where they are shown or a zone is named that has one offset"),
        text("zone", "short name of the time zone, where shown"),
        count("rows", "rows of text that say it"),
        count("first_ms", "first time seen, milliseconds from the start"),
        count("last_ms", "last time seen"),
        float("confidence", "of its least certain character, 0 to 1"),
    ],
};

/// The time zone of a machine that a screen shows.
pub const SCREEN_CLOCKS: Table = Table {
    name: "screen_clocks",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "What the clocks of one video or image say of a time zone: as written there, and as the distance from the time at which the container says it was made.",
    columns: &[
        text(
            "shown",
            "desktop for clocks of task bars, terminal for those in a terminal, which may be another machine's",
        ),
        text("ground", "written, container or both; null where nothing follows"),
        text("value", "offset as +0330; null where nothing follows"),
        signed("offset_minutes", "the same in minutes east of UTC"),
        count("clocks", "readings of clocks that it rests on, one a minute at most"),
        time("made", "time of creation that the container states"),
        text("sure", "very low, low or moderate; null where nothing follows"),
        truth(
            "slip",
            "whether it is listed as a slip: an offset other than zero that is written, or follows from two containers",
        ),
        text("raw", "the first of the clocks as read"),
        text("why", "on what it rests, and how it may mislead"),
    ],
};

/// One covered region.
pub const REDACTIONS: Table = Table {
    name: "redactions",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One region of a screen that somebody covered, and whether the cover held.",
    columns: &[
        text("kind", "gaussian, box, pixels or solid"),
        float("strength", "sigma, radius or block size in pixels; 0 for solid"),
        count("first_ms", "first time seen, milliseconds from the start"),
        count("last_ms", "last time seen"),
        text("failure", "how the cover failed: late, early, lag or second-place; null if it held"),
        text("outcome", "read, candidate, refused, left-covered or clear elsewhere"),
        text("why", "the reason of the outcome"),
        text("shown_at", "where the covered text stands clear; null if nowhere"),
    ],
};

/// One reading of a weakly covered region.
pub const RECOVERED: Table = Table {
    name: "recovered",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One reading of a weakly covered text, worked out by comparing pictures of the same video's own characters.",
    columns: &[
        text("text", "the reading"),
        count("rank", "1 for the likeliest of a region"),
        text("status", "read, or candidate where the self-test does not bear it out"),
        float("odds", "against all other readings of the region, 0 to 1, as the decoder has them"),
        float(
            "measured_rate",
            "share of known strings of the same video that were read back exactly under the same cover",
        ),
        count(
            "measured_of",
            "known strings in that test; painted ones among them, where too few stand in the colour and weight of the text",
        ),
        float("residual", "what the reading leaves unexplained, as a multiple of the noise of clear text"),
        text(
            "grammar",
            "form that the reading has or was held to: ipv4, ipv6, path, mail, command or name; null for none",
        ),
        count("at_ms", "time of the frame that was read"),
        text("crop", "picture of the region: PNG in base64"),
        text("row", "the row of the screen with the reading in its place; null for a reading that is not the best"),
        count("row_start", "byte of the row at which the reading begins"),
        text("surface", "what the row is on the screen: prompt, title or output"),
    ],
};
