//! Text below weak covers, by rendering and comparing.
//!
//! A blur or a pixelation is a linear map. With the map estimated from the
//! picture and with pictures of every character taken from clear text of the
//! same video, each string has one picture, and the string is sought whose
//! picture is the one seen. Nothing is generated: no language model, no
//! learned image, and a form (address, path) only as a second reading.
//!
//! The only way in is [`recover`]: a whole reading with its redactions, and a
//! reason. Regions beside person records stay covered and are counted. No
//! function takes a lone picture and returns text.
//!
//! What a reading is worth is measured, not believed: see `trust`.

mod again;
mod canvas;
mod chain;
mod coder;
mod ends;
mod fonts;
mod form;
mod glyphs;
mod grammar;
mod habits;
mod held;
mod joint;
mod lattice;
mod linear;
mod looks;
mod models;
mod operator;
#[cfg(test)]
mod pace;
mod painted;
mod place;
mod recover;
mod recovery;
mod scene;
mod search;
mod settle;
mod strings;
mod trials;
mod trust;
mod view;
mod weight;

pub use again::Stands;
pub use coder::Reencode;
pub use fonts::{Fonts, fonts_in};
pub use grammar::{Grammar, of as grammar_of};
pub use operator::{Kernel, Operator};
pub use place::{Placed, in_its_row};
pub use recover::{Means, recover};
pub use recovery::{Candidate, Formed, Recovered, Recovery, Verdict, Warrant};
