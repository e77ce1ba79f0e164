//! The formats, one file each, and the list that decides which one reads a file.

use model::Format;

pub mod archive;
pub mod compressed;
pub mod lines;
pub mod mail;
pub mod mbox;
pub mod weblog;

/// All formats. The first whose `sniff` says yes reads the source, so the
/// order goes from the most particular content to the least.
pub const FORMATS: &[&dyn Format] = &[
    // containers by magic number
    &compressed::Compressed,
    &archive::Zip,
    &archive::Tar,
    // web logs as JSON lines, before any other JSON
    &weblog::JSON,
    // JSON documents by their telling keys, then any JSON
    // mail by its header grammar
    &mbox::Mbox,
    &mail::Mail,
    // web logs by the grammar of their lines
    &weblog::IIS,
    &weblog::ALB,
    &weblog::COMBINED,
    // tables by their header row, then any delimited text
    // markup and text last: nearly anything is text
];

/// The format of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.entry().name == name)
}

/// The format that reads a source that starts with `head`.
pub fn sniff(head: &[u8], name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.sniff(head, name))
}
