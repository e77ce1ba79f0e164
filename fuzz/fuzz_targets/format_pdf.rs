//! Fuzz target `format_pdf`; what it does stands in `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::run("format_pdf", input));
