//! Keys of 64 bits that stand for texts, the same on every run.
//!
//! State is kept by key and not by text, so that a client costs the same
//! whatever it sends. With ten million keys two of them meet by chance once in
//! 370,000 runs. Keys are XXH64, a fixed standard: a dozen are made for each
//! request, and actors are named by them. Whoever makes two texts meet on purpose
//! gains what sending the same text twice would give.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use twox_hash::XxHash64;

/// A key; 0 is given to nothing and stands for absent.
pub type Key = u64;

/// A map by key, without a second hashing and without a random seed.
pub type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<Same>>;

/// The key of texts in this order.
pub fn of(texts: &[&str]) -> Key {
    texts.iter().fold(0, |key, text| XxHash64::oneshot(key, text.as_bytes())).max(1)
}

/// The key of keys in this order.
pub fn join(keys: &[Key]) -> Key {
    keys.iter().fold(0, |joined, key| XxHash64::oneshot(joined, &key.to_le_bytes())).max(1)
}

/// Passes a key on as its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
