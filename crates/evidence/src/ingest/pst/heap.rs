//! The middle of a store: properties and tables of them, kept in heaps
//! (MS-PST, 2.3).

use std::io::{self, Read, Seek};

use super::nodes::{Node, Store, number};
use crate::ingest::mapi::{Properties, kind, tag};

const PROPERTIES: u8 = 0xbc;
const TABLE: u8 = 0x7c;
/// Records of one tree that are read.
const RECORDS: usize = 1 << 16;
/// Rows of one table that are read; no mail has more recipients.
const ROWS: usize = 1 << 16;

/// The properties of a node; `None` if it has none that can be read.
pub fn properties<F: Read + Seek>(store: &mut Store<F>, node: Node) -> io::Result<Option<Properties>> {
    let heap = Heap(store.data(node.data)?);
    let Some(root) = heap.root(PROPERTIES) else { return Ok(None) };
    let mut inner = Inner { node, nodes: None };
    let mut properties = Properties::default();
    for record in heap.records(root, 8) {
        let (tag, kind) = (number(record, 0, 2).unwrap_or(0) as u16, number(record, 2, 2).unwrap_or(0) as u16);
        if !tag::ALL.contains(&tag) {
            continue;
        }
        let value = &record[4..8];
        match kind {
            kind::SHORT | kind::LONG | kind::BOOLEAN => properties.put(tag, kind, value.to_vec()),
            _ => {
                if let Some(bytes) = inner.value(&heap, value, store)? {
                    properties.put(tag, kind, bytes);
                }
            }
        }
    }
    Ok(Some(properties))
}

/// The rows of a table.
pub fn rows<F: Read + Seek>(store: &mut Store<F>, node: Node) -> io::Result<Vec<Properties>> {
    let heap = Heap(store.data(node.data)?);
    let info = heap.root(TABLE).and_then(|root| heap.get(root)).filter(|info| info.first() == Some(&TABLE));
    let Some(info) = info else { return Ok(Vec::new()) };
    let at = |at| number(info, at, 2).unwrap_or(0) as usize;
    let (cells_end, row_bytes) = (at(6), at(8));
    let columns: Vec<&[u8]> = info.get(22..).unwrap_or_default().chunks_exact(8).take(info[1].into()).collect();
    let mut inner = Inner { node, nodes: None };
    let blocks = inner.blocks(&heap, info.get(14..18).unwrap_or_default(), store)?;
    let mut rows = Vec::new();
    for row in blocks.iter().flat_map(|block| block.chunks_exact(row_bytes.max(1))).take(ROWS) {
        let mut properties = Properties::default();
        for column in &columns {
            let bit = usize::from(column[7]);
            let is_there = row.get(cells_end + bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
            let (kind, tag) = (u16::from_le_bytes([column[0], column[1]]), u16::from_le_bytes([column[2], column[3]]));
            let start = usize::from(u16::from_le_bytes([column[4], column[5]]));
            let cell = row.get(start..start + usize::from(column[6])).filter(|_| is_there && tag::ALL.contains(&tag));
            match (cell, kind) {
                (None, _) => {}
                (Some(cell), kind::NARROW | kind::WIDE | kind::BINARY) => {
                    if let Some(bytes) = inner.value(&heap, cell, store)? {
                        properties.put(tag, kind, bytes);
                    }
                }
                (Some(cell), _) => properties.put(tag, kind, cell.to_vec()),
            }
        }
        rows.push(properties);
    }
    Ok(rows)
}

/// Where values stand that are too large for the heap.
struct Inner {
    node: Node,
    /// The nodes within the node, once one was asked for.
    nodes: Option<Vec<Node>>,
}

impl Inner {
    /// The bytes that a four-byte reference leads to.
    fn value<F: Read + Seek>(
        &mut self,
        heap: &Heap,
        reference: &[u8],
        store: &mut Store<F>,
    ) -> io::Result<Option<Vec<u8>>> {
        let blocks = self.blocks(heap, reference, store)?;
        Ok((!blocks.is_empty()).then(|| blocks.concat()))
    }

    fn blocks<F: Read + Seek>(
        &mut self,
        heap: &Heap,
        reference: &[u8],
        store: &mut Store<F>,
    ) -> io::Result<Vec<Vec<u8>>> {
        let reference = number(reference, 0, 4).unwrap_or(0) as u32;
        if reference & 31 == 0 {
            return Ok(heap.get(reference).map(<[u8]>::to_vec).into_iter().collect());
        }
        if self.nodes.is_none() {
            self.nodes = Some(store.within(self.node)?);
        }
        let found = self.nodes.iter().flatten().find(|node| node.id == reference).copied();
        found.map_or(Ok(Vec::new()), |node| store.data(node.data))
    }
}

/// The blocks of a heap.
struct Heap(Vec<Vec<u8>>);

impl Heap {
    /// Where a heap of that kind begins.
    fn root(&self, kind: u8) -> Option<u32> {
        let first = self.0.first().filter(|first| first.get(2..4) == Some(&[0xec, kind]))?;
        Some(number(first, 4, 4)? as u32)
    }

    /// The bytes of that number.
    fn get(&self, id: u32) -> Option<&[u8]> {
        let (block, index) = ((id >> 16) as usize, (id >> 5 & 0x7ff) as usize);
        let block = self.0.get(block).filter(|_| id & 31 == 0)?;
        let map = number(block, 0, 2)? as usize;
        let entry = map + 4 + 2 * index.checked_sub(1)?;
        let bytes = block.get(number(block, entry, 2)? as usize..number(block, entry + 2, 2)? as usize)?;
        (index <= number(block, map, 2)? as usize).then_some(bytes)
    }

    /// The records of a tree whose leaves have `size` bytes each.
    fn records(&self, root: u32, size: usize) -> Vec<&[u8]> {
        let Some(head) = self.get(root).filter(|head| head.len() >= 8 && head[0] == 0xb5) else { return Vec::new() };
        let key = usize::from(head[1]);
        if key + usize::from(head[2]) != size {
            return Vec::new();
        }
        let mut pages = vec![number(head, 4, 4).unwrap_or(0) as u32];
        for _ in 0..head[3].min(8) {
            let entries = pages.iter().filter_map(|page| self.get(*page)).flat_map(|page| page.chunks_exact(key + 4));
            pages = entries.take(RECORDS).map(|entry| number(entry, key, 4).unwrap_or(0) as u32).collect();
        }
        let leaves = pages.iter().filter_map(|page| self.get(*page));
        leaves.flat_map(|leaf| leaf.chunks_exact(size)).take(RECORDS).collect()
    }
}
