//! Keys of 64 bits that stand for texts, the same on every run.
//!
//! State is kept by key and not by text, so that a client costs the same
//! whatever it sends. With ten million keys two of them meet by chance once in
//! 370,000 runs.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// A key; 0 is given to nothing and stands for absent.
pub type Key = u64;

/// A map by key, without a second hashing and without a random seed.
pub type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<Same>>;

/// The key of texts in this order.
pub fn of(texts: &[&str]) -> Key {
    let mut hasher = DefaultHasher::new();
    for text in texts {
        hasher.write(text.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish().max(1)
}

/// The key of keys in this order.
pub fn join(keys: &[Key]) -> Key {
    let mut hasher = DefaultHasher::new();
    keys.iter().for_each(|key| hasher.write_u64(*key));
    hasher.finish().max(1)
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
