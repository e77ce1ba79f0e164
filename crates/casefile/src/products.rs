//! Products: what was published, and the custody entry that vouches for it.

use std::fs::{self, File};
use std::path::PathBuf;

use model::Digest;
use serde_json::{Value, json};

use crate::{Case, Error, Result, durable, hash};

/// What a product is made of.
#[derive(Debug)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// A file that [`Case::stage_product`] gave and that was written since.
    Staged(PathBuf),
}

impl Case {
    /// Writes files into `products/`. Their digests enter custody, with `what`
    /// as settings, before the first is written, so that no product ever lies
    /// there that custody does not know.
    pub fn publish(&self, products: Vec<(String, Content)>, what: Value) -> Result<Vec<(String, Digest)>> {
        self.writing()?;
        if let Some((name, _)) = products.iter().find(|(name, _)| !is_plain(name)) {
            return Err(Error::Name(name.clone()));
        }
        let digests = products.iter().map(|(name, content)| Ok((name.clone(), digest(content)?)));
        let digests = digests.collect::<Result<Vec<_>>>()?;
        let listed: Vec<_> =
            digests.iter().map(|(name, digest)| json!({"name": name, "sha256": digest.to_hex()})).collect();
        self.custody().append("publish", json!({"settings": what, "products": listed}))?;
        for (name, content) in products {
            let path = self.root().join("products").join(name);
            match content {
                Content::Bytes(bytes) => durable::write(&path, &bytes)?,
                Content::Staged(staged) => fs::rename(&staged, &path).map_err(Error::io("rename to", &path))?,
            }
        }
        durable::sync_folder_of(&self.root().join("products").join("."))?;
        Ok(digests)
    }

    /// A file for a product that is too large to be held: write it, sync it,
    /// and hand its path to [`Case::publish`].
    pub fn stage_product(&self) -> Result<(PathBuf, File)> {
        self.writing()?;
        let path = durable::temporary(&self.root().join("products"));
        let file = File::create_new(&path).map_err(Error::io("write", &path))?;
        Ok((path, file))
    }

    /// Removes products whose name starts with `prefix`, since what stood in
    /// them may not be shared under the mark that is to come.
    pub fn withdraw(&self, prefix: &str) -> Result<()> {
        self.writing()?;
        let folder = self.root().join("products");
        let names = durable::names(&folder)?;
        names.iter().filter(|name| name.starts_with(prefix)).try_for_each(|name| durable::remove(&folder.join(name)))
    }
}

fn digest(content: &Content) -> Result<Digest> {
    match content {
        Content::Bytes(bytes) => Ok(hash::of(bytes)),
        Content::Staged(path) => {
            let mut file = File::open(path).map_err(Error::io("read", path))?;
            let hashed = hash::read_through(&mut file, &mut |_| Ok(()));
            Ok(hashed.map_err(Error::io("read", path))?.digest)
        }
    }
}

fn is_plain(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.starts_with('.') && !name.is_empty() && name.bytes().all(fits)
}
