//! What was seen on screens, and what was hidden there.

use serde::Deserialize;

/// One medium.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Screen {
    /// Name of the file that holds it.
    pub file: String,
    /// Pixels in a row.
    pub width: u64,
    /// Rows of pixels.
    pub height: u64,
    /// Pictures decoded.
    pub frames: u64,
    /// Time of the last picture.
    pub duration_ms: u64,
    /// Rows of text read.
    pub rows: u64,
    /// The medium as a whole.
    pub at: String,
}

/// A row of text that holds a slip; private.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sight {
    /// Name of the file that holds the medium.
    pub file: String,
    /// As read.
    pub text: String,
    /// Where on the screen it stands.
    pub surface: String,
    /// First time seen.
    pub first_ms: u64,
    /// Last time seen.
    pub last_ms: u64,
    /// Of its least certain character, 0 to 1.
    pub confidence: f64,
    /// PNG in base64.
    pub crop: String,
    /// Time and box.
    pub at: String,
}

/// A setting of a machine that a screen shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShownSetting {
    /// Name of the file that holds the medium.
    pub file: String,
    /// clock, offset, language or keyboard.
    pub kind: String,
    /// In one spelling.
    pub value: String,
    /// As read.
    pub text: String,
    /// In what it stood.
    pub form: String,
    /// Rows that say it.
    pub rows: u64,
    /// First time seen.
    pub first_ms: u64,
    /// Last time seen.
    pub last_ms: u64,
    /// Of its least certain character, 0 to 1.
    pub confidence: f64,
    /// The row that it stands in: PNG in base64.
    pub crop: String,
    /// Time, box, and bytes of the row.
    pub at: String,
}

/// What the clocks of one medium say of a time zone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScreenClock {
    /// Name of the file that holds the medium.
    pub file: String,
    /// Offset as `+0330`; none where nothing follows.
    pub value: Option<String>,
    /// Readings of clocks that it rests on.
    pub clocks: u64,
    /// In words; none where nothing follows.
    pub sure: Option<String>,
    /// On what it rests, and how it may mislead.
    pub why: String,
    /// The first of the clocks.
    pub at: String,
}

/// A covered region.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Redaction {
    /// Name of the file that holds the medium.
    pub file: String,
    /// gaussian, box, pixels or solid.
    pub kind: String,
    /// Sigma, radius or block size in pixels.
    pub strength: f64,
    /// First time seen.
    pub first_ms: u64,
    /// Last time seen.
    pub last_ms: u64,
    /// How the cover failed, if it did.
    pub failure: Option<String>,
    /// What came of reading it.
    pub outcome: String,
    /// The reason of that.
    pub why: Option<String>,
    /// Where the covered text stands clear.
    pub shown_at: Option<String>,
    /// Time and box.
    pub at: String,
}

/// One reading of a covered region; private, and derived, never seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Recovered {
    /// The reading.
    pub text: String,
    /// 1 for the likeliest of a region.
    pub rank: u64,
    /// read or candidate.
    pub status: String,
    /// Against all other readings, as the decoder has them.
    pub odds: f64,
    /// Share of known strings of the same video that were read back exactly.
    pub measured_rate: f64,
    /// Known strings in that test.
    pub measured_of: u64,
    /// Form that the reading was held to, as a word.
    pub grammar: Option<String>,
    /// PNG in base64.
    pub crop: String,
    /// Time and box; the same as the region's.
    pub at: String,
}

/// A row of `media_matches`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KnownMedium {
    /// Name of the file.
    pub file: String,
    /// Closed case that held it.
    pub source: String,
    /// Name of the file there.
    pub medium: String,
    /// Pictures that both show.
    pub pictures: u64,
    /// Pictures unlike each other.
    pub of: u64,
    /// The medium.
    pub at: String,
    /// The line that tells of the earlier one.
    pub known_at: Option<String>,
}
