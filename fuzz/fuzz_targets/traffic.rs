//! Fuzz target `traffic`; what it does stands in `fuzz/src/traffic.rs`.
#![no_main]

#[path = "../src/traffic.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|input: &[u8]| target::run(input));
