//! Products: what was published, and the custody entry that vouches for it.

use model::Digest;
use serde_json::{Value, json};

use crate::{Case, Error, Result, durable, hash};

impl Case {
    /// Writes files into `products/`. Their digests enter custody, with `what`
    /// as settings, before the first is written, so that no product ever lies
    /// there that custody does not know.
    pub fn publish(&self, products: &[(String, Vec<u8>)], what: Value) -> Result<Vec<(String, Digest)>> {
        self.writing()?;
        if let Some((name, _)) = products.iter().find(|(name, _)| !is_plain(name)) {
            return Err(Error::Name(name.clone()));
        }
        let digests: Vec<_> = products.iter().map(|(name, bytes)| (name.clone(), hash::of(bytes))).collect();
        let listed: Vec<_> =
            digests.iter().map(|(name, digest)| json!({"name": name, "sha256": digest.to_hex()})).collect();
        self.custody().append("publish", json!({"settings": what, "products": listed}))?;
        for (name, bytes) in products {
            durable::write(&self.root().join("products").join(name), bytes)?;
        }
        Ok(digests)
    }
}

fn is_plain(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.starts_with('.') && !name.is_empty() && name.bytes().all(fits)
}
