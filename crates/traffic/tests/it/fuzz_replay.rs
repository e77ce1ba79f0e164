//! Every seed of the fuzz target `traffic`, replayed on the stable compiler.

use std::fs;
use std::path::Path;

#[path = "../../../../fuzz/src/traffic.rs"]
mod target;

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/traffic");
    let seeds: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|seed| seed.path()).collect();
    assert!(!seeds.is_empty(), "no seeds in {}", folder.display());
    for path in seeds {
        let seed = fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| target::run(&seed));
        assert!(outcome.is_ok(), "{} breaks a promise of traffic", path.display());
    }
}
