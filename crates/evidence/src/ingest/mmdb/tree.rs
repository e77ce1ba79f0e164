//! The search tree at the start of the file, one bit of the address a level.

use std::net::IpAddr;

use super::{MARK, address_of};

/// Zero bytes between tree and data.
const SEPARATOR: usize = 16;

/// A network that has a record.
pub struct Leaf {
    /// First address.
    pub address: IpAddr,
    /// Prefix length.
    pub length: usize,
    /// What the tree points to, as it counts.
    pub pointer: usize,
}

/// The tree of one file.
pub struct Tree<'f> {
    nodes: &'f [u8],
    count: usize,
    record_bits: usize,
    v6: bool,
}

impl<'f> Tree<'f> {
    /// The tree that the description at the end speaks of.
    pub fn new(file: &'f [u8], count: usize, record_bits: usize, v6: bool) -> Self {
        let bytes = count.saturating_mul(record_bits / 4).min(file.len());
        Self { nodes: &file[..bytes], count, record_bits, v6 }
    }

    /// Where in the file the record stands that a leaf points to.
    pub fn record(&self, pointer: usize) -> Option<usize> {
        (self.nodes.len() + pointer).checked_sub(self.count)
    }

    /// Where the data end.
    pub fn data_end(&self, file: &[u8]) -> usize {
        memchr::memmem::rfind(file, MARK).unwrap_or(file.len())
    }

    /// Gives each network that has a record, in order of address, and the number
    /// of branches that lead in circles. A node is entered once; files point to
    /// the part of IPv4 from several places, and to no other.
    pub fn walk(&self, each: &mut dyn FnMut(Leaf)) -> u64 {
        let mut entered = vec![false; self.count];
        let longest = if self.v6 { 128 } else { 32 };
        let mut open = vec![(0usize, 0u128, 0usize)];
        let (mut circles, mut of_ipv4) = (0, None);
        while let Some((node, bits, length)) = open.pop() {
            if node == self.count {
                continue;
            }
            if node > self.count {
                if node >= self.count + SEPARATOR
                    && let Some((address, length)) = address_of(bits, self.v6, length)
                {
                    each(Leaf { address, length, pointer: node });
                }
                continue;
            }
            if length >= longest || std::mem::replace(&mut entered[node], true) {
                circles += u64::from(of_ipv4 != Some(node));
                continue;
            }
            if self.v6 && length == 96 && bits == 0 {
                of_ipv4 = Some(node);
            }
            let Some([left, right]) = self.children(node) else { continue };
            open.push((right, bits | 1 << (127 - length), length + 1));
            open.push((left, bits, length + 1));
        }
        circles
    }

    /// Both records of a node: of 24, 28 or 32 bits.
    fn children(&self, node: usize) -> Option<[usize; 2]> {
        let size = self.record_bits / 4;
        let bytes = self.nodes.get(node * size..(node + 1) * size)?;
        let joined = |bytes: &[u8]| bytes.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        Some(match self.record_bits {
            28 => {
                let middle = usize::from(bytes[3]);
                [(middle >> 4) << 24 | joined(&bytes[..3]), (middle & 15) << 24 | joined(&bytes[4..])]
            }
            _ => [joined(&bytes[..size / 2]), joined(&bytes[size / 2..])],
        })
    }
}
