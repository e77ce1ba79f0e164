//! Text below weak covers, by rendering and comparing.

mod glyphs;
mod linear;
mod operator;
mod scene;
mod search;
mod view;

#[cfg(test)]
mod dev;

pub use operator::{Kernel, Operator};
