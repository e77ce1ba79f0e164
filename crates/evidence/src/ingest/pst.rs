//! Outlook stores: `.pst`, and `.ost` in the same form (MS-PST).
//!
//! Items are taken from the tree of all nodes in the order of their numbers,
//! not by walking through folders, so that an item which no folder lists any
//! more is read as well. A store is read where it lies, page by page; one
//! within another source is held in memory up to a limit.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use model::contract::Input;
use model::{At, Entry, Format, Loss, Out, Reading, Split, Step};

use super::archive::ZIP_BYTES as HELD_BYTES;
use super::compressed::length_of;
use super::mail::MESSAGE_BYTES;
use super::mapi::{Attachment, DEPTH, Item, Value, tag, written};
use super::msg;
use nodes::{Node, Store, number};

mod cipher;
mod heap;
mod nodes;

/// A store of mails.
pub struct Pst;

impl Format for Pst {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "pst",
            summary: "an Outlook store of mails (.pst, .ost)",
            doc: "What it reads: the narrow form of Outlook 97 and the wide one since 2003, plain or hidden by \
                  either cipher.\n\nWhat it gives: as mail does, for each item, written out as for msg. Items are \
                  read in the order of their numbers, also those that no folder lists any more; the folders of an \
                  item are part of its name.\n\nPlaces: `pst:N` gives the item with node number N, written \
                  out.\n\nSplits: after 4,096 items.\n\nLosses: stores of another version, items whose properties \
                  or attachments cannot be read, items of more than 256 MiB; a store of more than 512 MiB that is \
                  no file of its own.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(MAGIC) && matches!(head.get(8..10), Some(b"SM" | b"SO" | b"AB"))
    }

    fn plan(&self, input: &mut dyn Input, length: u64) -> io::Result<Vec<Split>> {
        plan(input, length, Split::ITEMS as usize)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut held = Vec::new();
        bytes.take(length_of(reading.split).min(HELD_BYTES + 1)).read_to_end(&mut held)?;
        if held.len() as u64 > HELD_BYTES {
            lose("Outlook store within another source is over 512 MiB", reading.chain, out);
            return Ok(());
        }
        read(reading, Cursor::new(held), out)
    }

    fn read_file(&self, reading: &Reading<'_>, file: &mut dyn Input, out: &mut dyn Out) -> io::Result<()> {
        read(reading, file, out)
    }
}

const MAGIC: &[u8] = b"!BDN";
/// Types of nodes (MS-PST, 2.2.2.1).
const MESSAGE: u32 = 4;
const ATTACHMENT: u32 = 5;
const RECIPIENTS: u32 = 0x12;
/// Folders within folders that are named.
const FOLDERS: usize = 16;

/// Items cannot be told apart by their bytes, so each split names its first and
/// last item, and has an even share of the bytes for a size.
fn plan(input: &mut dyn Input, length: u64, items: usize) -> io::Result<Vec<Split>> {
    let Ok(mut store) = Store::open(input)? else { return Ok(vec![Split::whole(length)]) };
    let nodes = store.nodes(MESSAGE, 0, u32::MAX)?;
    let groups = nodes.chunks(items).map(|group| (group[0].id, group[group.len() - 1].id));
    let count = nodes.len().div_ceil(items).max(1) as u64;
    let share = |n: u64| (u128::from(length) * u128::from(n) / u128::from(count)) as u64;
    let split = |(n, (first, last)): (usize, (u32, u32))| Split {
        start: share(n as u64),
        end: share(n as u64 + 1),
        items_before: (n * items) as u64,
        state: format!("{first}-{last}"),
    };
    let splits: Vec<Split> = groups.enumerate().map(split).collect();
    Ok(if splits.is_empty() { vec![Split::whole(length)] } else { splits })
}

fn read(reading: &Reading<'_>, file: impl Read + Seek, out: &mut dyn Out) -> io::Result<()> {
    let mut store = match Store::open(file)? {
        Ok(store) => store,
        Err(reason) => {
            lose(reason, reading.chain, out);
            return Ok(());
        }
    };
    let bounds = reading.split.state.split_once('-');
    let bounds = bounds.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    let (first, last) = bounds.unwrap_or((0, u32::MAX));
    let mut folders = BTreeMap::new();
    let nodes = store.nodes(MESSAGE, first, last)?;
    if store.unsound > 0 {
        let count = store.unsound;
        out.loss(
            At::whole(reading.chain),
            Loss { reason: "pages of an Outlook store cannot be read", count, detail: "" },
        );
    }
    for node in nodes {
        if out.begin(node.id.into()) {
            let folder = folder(&mut store, node.parent, &mut folders)?;
            let name = format!("{}/{folder}{}", reading.name, node.id);
            let item = whole_item(&mut store, node)?;
            msg::give(&item, &Step::Pst(node.id.into()), &Reading { name: &name, ..*reading }, out);
        }
    }
    Ok(())
}

/// The item of that number, written out.
pub fn written(file: impl Read + Seek, id: u64) -> io::Result<Option<Vec<u8>>> {
    let (Ok(mut store), Ok(id)) = (Store::open(file)?, u32::try_from(id)) else { return Ok(None) };
    // In a damaged tree the way down by keys may miss what a walk through all pages finds.
    let node = match store.node(id)? {
        Some(node) => Some(node),
        None => store.nodes(MESSAGE, 0, u32::MAX)?.into_iter().find(|node| node.id == id),
    };
    let Some(node) = node else { return Ok(None) };
    Ok(Some(written::message(&whole_item(&mut store, node)?)))
}

/// Names of the folders around an item, each with a slash behind it.
fn folder<F: Read + Seek>(store: &mut Store<F>, id: u32, known: &mut BTreeMap<u32, String>) -> io::Result<String> {
    if let Some(folder) = known.get(&id) {
        return Ok(folder.clone());
    }
    let (mut path, mut at) = (String::new(), id);
    for _ in 0..FOLDERS {
        let Some(node) = store.node(at)? else { break };
        store.left = 1 << 20;
        let name = heap::properties(store, node)?.and_then(|folder| folder.text(tag::FOLDER_NAME, "windows-1252"));
        if let Some(name) = name {
            path = format!("{}/{path}", name.replace('/', "_"));
        }
        if node.parent == at {
            break;
        }
        at = node.parent;
    }
    known.insert(id, path.clone());
    Ok(path)
}

/// An item with all that is in it.
fn whole_item<F: Read + Seek>(store: &mut Store<F>, node: Node) -> io::Result<Item> {
    (store.left, store.unsound) = (MESSAGE_BYTES, 0);
    let mut item = item(store, node, 0)?;
    if store.unsound > 0 {
        item.lost.insert("blocks of an item are damaged or gone", store.unsound);
    }
    if store.left == 0 {
        item.lose("item could not be read to its end");
    }
    Ok(item)
}

fn item<F: Read + Seek>(store: &mut Store<F>, node: Node, depth: usize) -> io::Result<Item> {
    let mut item = Item::default();
    match heap::properties(store, node)? {
        Some(properties) => item.properties = properties,
        None => item.lose("properties of an item cannot be read"),
    }
    for inner in store.within(node)? {
        match inner.kind() {
            RECIPIENTS => item.recipients.extend(heap::rows(store, inner)?),
            ATTACHMENT => match heap::properties(store, inner)? {
                Some(properties) => {
                    let mut attachment = Attachment { properties, item: None };
                    embed(store, inner, depth, &mut attachment, &mut item)?;
                    item.attachments.push(attachment);
                }
                None => item.lose("properties of an attachment cannot be read"),
            },
            _ => {}
        }
    }
    Ok(item)
}

/// Reads an attachment that is an item: its data is the number of a node.
fn embed<F: Read + Seek>(
    store: &mut Store<F>,
    node: Node,
    depth: usize,
    attachment: &mut Attachment,
    around: &mut Item,
) -> io::Result<()> {
    const EMBEDDED: i64 = 5;
    if attachment.properties.number(tag::ATTACH_METHOD) != Some(EMBEDDED) {
        return Ok(());
    }
    if depth >= DEPTH {
        around.lose("nested too deeply");
        return Ok(());
    }
    let Some(Value::Bytes(object)) = attachment.properties.get(tag::ATTACH_DATA) else { return Ok(()) };
    let id = number(object, 0, 4).unwrap_or(0) as u32;
    if let Some(inner) = store.within(node)?.into_iter().find(|inner| inner.id == id) {
        attachment.item = Some(Box::new(item(store, inner, depth + 1)?));
    }
    Ok(())
}

fn lose(reason: &str, chain: &str, out: &mut dyn Out) {
    out.loss(At::whole(chain), Loss { reason, count: 1, detail: "" });
}
