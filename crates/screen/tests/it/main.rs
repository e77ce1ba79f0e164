//! Integration tests of the screen crate.

mod covered;
