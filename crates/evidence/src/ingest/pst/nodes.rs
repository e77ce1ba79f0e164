//! The lower half of a store: nodes, blocks and what they are read with
//! (MS-PST, 2.2).
//!
//! Two trees of 512-byte pages lead from the number of a node to the numbers of
//! its blocks, and from the number of a block to its place. Nothing is trusted:
//! levels have to fall on the way down, and what one item may read is bounded.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::cipher::Cipher;

const PAGE_BYTES: usize = 512;
/// Pages that are kept; most look-ups end in one seen before.
const KEPT_PAGES: usize = 4_096;
/// Levels of a tree that are followed.
const LEVELS: u8 = 8;
const NODE_PAGES: u8 = 0x81;
const BLOCK_PAGES: u8 = 0x80;

type Page = [u8; PAGE_BYTES];

/// A node, or a node within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number; the low five bits tell its type.
    pub id: u32,
    /// Number of its data block or tree of blocks.
    pub data: u64,
    /// Number of the block that lists the nodes within it; 0 for none.
    pub sub: u64,
    /// Number of the folder that it lies in.
    pub parent: u32,
}

impl Node {
    /// Type of the node (MS-PST, 2.2.2.1).
    pub fn kind(self) -> u32 {
        self.id & 31
    }
}

/// A store, read where it lies.
pub struct Store<F> {
    file: F,
    length: u64,
    /// Whether numbers have eight bytes, as since Outlook 2003.
    is_wide: bool,
    cipher: Cipher,
    node_root: u64,
    block_root: u64,
    pages: BTreeMap<u64, Page>,
    /// Bytes of blocks that may still be read for the item at hand.
    pub left: u64,
    /// Blocks and pages that were asked for and not there, or not sound.
    pub unsound: u64,
}

impl<F: Read + Seek> Store<F> {
    /// Opens a store; the error text says why it cannot be read.
    pub fn open(mut file: F) -> io::Result<Result<Self, &'static str>> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        (&mut file).take(564).read_to_end(&mut head)?;
        let Some(version) = number(&head, 10, 2).filter(|_| head.starts_with(super::MAGIC)) else {
            return Ok(Err("Outlook store is damaged"));
        };
        let is_wide = match version {
            14 | 15 => false,
            20..=35 => true,
            _ => return Ok(Err("Outlook store of an unknown version")),
        };
        let (cipher, nodes, blocks, width) = if is_wide { (513, 224, 240, 8) } else { (461, 188, 196, 4) };
        let Some(cipher) = head.get(cipher).copied().and_then(Cipher::numbered) else {
            return Ok(Err("Outlook store is encrypted in an unknown way"));
        };
        let root = |at| number(&head, at, width).unwrap_or(0);
        let (node_root, block_root) = (root(nodes), root(blocks));
        let pages = BTreeMap::new();
        Ok(Ok(Self { file, length, is_wide, cipher, node_root, block_root, pages, left: 0, unsound: 0 }))
    }

    /// The node of that number.
    pub fn node(&mut self, id: u32) -> io::Result<Option<Node>> {
        let entry = self.find(self.node_root, NODE_PAGES, id.into())?;
        Ok(entry.and_then(|entry| self.node_of(&entry)))
    }

    /// The nodes of one type with numbers from `first` to `last`, in order.
    pub fn nodes(&mut self, kind: u32, first: u32, last: u32) -> io::Result<Vec<Node>> {
        let mut found = Vec::new();
        let mut waiting = vec![(self.node_root, LEVELS + 1)];
        // No sound tree has more pages than the file has room for.
        let mut pages_left = self.length / PAGE_BYTES as u64;
        while let Some((at, above)) = waiting.pop() {
            let Some(page) = self.page(at, NODE_PAGES)?.filter(|_| pages_left > 0) else {
                self.unsound += 1;
                continue;
            };
            pages_left -= 1;
            let level = self.level(&page);
            if level >= above {
                continue;
            }
            let entries = self.entries(&page);
            for (n, entry) in entries.iter().enumerate().rev().filter(|_| level > 0) {
                let next = entries.get(n + 1).map_or(u64::MAX, |next| self.key(next));
                if next > first.into() && self.key(entry) <= last.into() {
                    waiting.push((self.child(entry), level));
                }
            }
            let nodes = entries.iter().filter(|_| level == 0).filter_map(|entry| self.node_of(entry));
            found.extend(nodes.filter(|node| node.kind() == kind && (first..=last).contains(&node.id)));
        }
        Ok(found)
    }

    /// The blocks of data that a number leads to.
    pub fn data(&mut self, id: u64) -> io::Result<Vec<Vec<u8>>> {
        let (mut blocks, mut waiting) = (Vec::new(), vec![(id, 3)]);
        while let Some((id, above)) = waiting.pop() {
            let Some(block) = self.block(id)? else { continue };
            if id & 2 == 0 {
                blocks.push(block);
            } else if let Some((ids, level)) = self.list(&block).filter(|(_, level)| *level < above) {
                waiting.extend(ids.into_iter().rev().map(|id| (id, level)));
            }
        }
        Ok(blocks)
    }

    /// What a block of block numbers holds, and its level.
    fn list(&self, block: &[u8]) -> Option<(Vec<u64>, u8)> {
        let (Some(1), Some(&level @ 1..=2)) = (block.first(), block.get(1)) else { return None };
        let count = number(block, 2, 2)? as usize;
        let ids = block.get(8..)?.chunks_exact(self.width()).take(count);
        Some((ids.filter_map(|id| number(id, 0, self.width())).collect(), level))
    }

    /// The nodes that lie within a node.
    pub fn within(&mut self, node: Node) -> io::Result<Vec<Node>> {
        let (mut nodes, mut waiting) = (Vec::new(), vec![(node.sub, 2)]);
        while let Some((id, above)) = waiting.pop() {
            let Some(block) = self.block(id)?.filter(|block| id & 2 != 0 && block.first() == Some(&2)) else {
                continue;
            };
            let (level, width) = (block.get(1).copied().unwrap_or(0), self.width());
            let count = number(&block, 2, 2).unwrap_or(0) as usize;
            let entries = block.get(if self.is_wide { 8 } else { 4 }..).unwrap_or_default();
            let at = |entry: &[u8], n: usize| number(entry, n * width, width).unwrap_or(0);
            if level == 0 {
                nodes.extend(entries.chunks_exact(3 * width).take(count).map(|entry| Node {
                    id: at(entry, 0) as u32,
                    data: at(entry, 1),
                    sub: at(entry, 2),
                    parent: node.id,
                }));
            } else if level < above {
                waiting.extend(entries.chunks_exact(2 * width).take(count).map(|entry| (at(entry, 1), level)));
            }
        }
        nodes.sort_by_key(|node| node.id);
        Ok(nodes)
    }

    /// One block, made readable; `None` if there is none or it may not be read.
    fn block(&mut self, id: u64) -> io::Result<Option<Vec<u8>>> {
        if id == 0 {
            return Ok(None);
        }
        let Some(entry) = self.find(self.block_root, BLOCK_PAGES, id & !1)? else {
            self.unsound += 1;
            return Ok(None);
        };
        let width = self.width();
        let place = number(&entry, width, width).unwrap_or(u64::MAX);
        let size = number(&entry, 2 * width, 2).unwrap_or(0);
        // Room for a trailer follows, up to a multiple of 64 bytes.
        let room = (size + 2 * width as u64).next_multiple_of(64);
        if size > self.left {
            self.left = 0;
            return Ok(None);
        }
        if place.checked_add(room).is_none_or(|end| end > self.length) {
            self.unsound += 1;
            return Ok(None);
        }
        self.left -= size;
        let mut block = vec![0; room as usize];
        self.file.seek(SeekFrom::Start(place))?;
        self.file.read_exact(&mut block)?;
        let stated = number(&block, room as usize - if self.is_wide { 12 } else { 4 }, 4);
        block.truncate(size as usize);
        self.unsound += u64::from(stated != Some(checksum(&block).into()));
        if id & 2 == 0 {
            self.cipher.decode(&mut block, id);
        }
        Ok(Some(block))
    }

    /// The entry of a leaf with that key.
    fn find(&mut self, root: u64, kind: u8, key: u64) -> io::Result<Option<Vec<u8>>> {
        let (mut at, mut above) = (root, LEVELS + 1);
        loop {
            let Some(page) = self.page(at, kind)? else {
                self.unsound += 1;
                return Ok(None);
            };
            let (level, entries) = (self.level(&page), self.entries(&page));
            if level >= above {
                return Ok(None);
            }
            let mask = if kind == BLOCK_PAGES { !1 } else { u64::MAX };
            let place = entries.partition_point(|entry| self.key(entry) & mask <= key);
            let Some(entry) = place.checked_sub(1).and_then(|place| entries.get(place)) else { return Ok(None) };
            if level == 0 {
                return Ok((self.key(entry) & mask == key).then(|| entry.to_vec()));
            }
            (at, above) = (self.child(entry), level);
        }
    }

    fn page(&mut self, at: u64, kind: u8) -> io::Result<Option<Page>> {
        if let Some(page) = self.pages.get(&at) {
            return Ok(Some(*page).filter(|page| self.is_of_kind(page, kind)));
        }
        if at.checked_add(PAGE_BYTES as u64).is_none_or(|end| end > self.length) {
            return Ok(None);
        }
        let mut page = [0; PAGE_BYTES];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut page)?;
        if self.pages.len() >= KEPT_PAGES {
            self.pages.clear();
        }
        self.pages.insert(at, page);
        Ok(Some(page).filter(|page| self.is_of_kind(page, kind)))
    }

    fn is_of_kind(&self, page: &Page, kind: u8) -> bool {
        let trailer = if self.is_wide { 496 } else { 500 };
        page[trailer] == kind && page[trailer + 1] == kind
    }

    fn level(&self, page: &Page) -> u8 {
        page[if self.is_wide { 491 } else { 499 }]
    }

    fn entries<'p>(&self, page: &'p Page) -> Vec<&'p [u8]> {
        let (room, width) = (if self.is_wide { 488 } else { 496 }, self.width());
        let (count, size) = (usize::from(page[room]), usize::from(page[room + 2]).max(3 * width));
        page[..room].chunks_exact(size).take(count).collect()
    }

    fn node_of(&self, entry: &[u8]) -> Option<Node> {
        let width = self.width();
        let at = |n: usize| number(entry, n * width, width);
        Some(Node { id: at(0)? as u32, data: at(1)?, sub: at(2)?, parent: number(entry, 3 * width, 4)? as u32 })
    }

    fn key(&self, entry: &[u8]) -> u64 {
        number(entry, 0, self.width()).unwrap_or(0)
    }

    /// Place of the page that an entry above the leaves leads to.
    fn child(&self, entry: &[u8]) -> u64 {
        number(entry, 2 * self.width(), self.width()).unwrap_or(u64::MAX)
    }

    fn width(&self) -> usize {
        if self.is_wide { 8 } else { 4 }
    }
}

/// The checksum of a block (MS-PST, 5.3).
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| REMAINDERS[usize::from(sum as u8 ^ byte)] ^ (sum >> 8))
}

/// Remainders of CRC-32, by byte.
const REMAINDERS: [u32; 256] = {
    let (mut table, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let (mut rest, mut bit) = (byte as u32, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ 0xedb8_8320 } else { rest >> 1 };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

/// A little-endian number of `width` bytes.
pub fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
