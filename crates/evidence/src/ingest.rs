//! The formats, one file each, and the list that decides which one reads a file.

use std::io::{self, Read};

use model::Format;

pub mod archive;
pub mod certificate_list;
pub mod compressed;
pub mod delimited;
pub mod dns_observation;
pub mod dns_snapshot;
pub mod ftm;
pub mod imported_object;
pub mod indicator;
pub mod indicator_list;
pub mod instant;
pub mod json_document;
pub mod json_lines;
pub mod knowledge;
pub mod lines;
pub mod listing;
pub mod mail;
mod mapi;
pub mod mbox;
pub mod media;
pub mod message_trace;
pub mod misp_event;
pub mod misp_galaxy;
pub mod mmdb;
pub mod msg;
pub mod note;
pub mod pdf;
pub mod posts;
pub mod prefix_table;
pub mod pst;
pub mod rdap;
pub mod scanner_list;
pub mod sdn;
pub mod sentences;
pub mod shared_range_list;
pub mod spoken_date;
pub mod statement;
pub mod stix;
pub mod table_rows;
pub mod text;
pub mod tnef;
pub mod utf16;
pub mod warninglist;
pub mod weblog;
pub mod whole;
pub mod xml;
pub mod zone_file;

/// All formats. The first whose `sniff` says yes reads the source, so the
/// order goes from the most particular content to the least.
pub const FORMATS: &[&dyn Format] = &[
    // containers by magic number
    &compressed::Compressed,
    &archive::Zip,
    &archive::Tar,
    // what Outlook writes, likewise; a compound file must hold an item as well
    &msg::Msg,
    &pst::Pst,
    &tnef::Tnef,
    // a tree of networks by its mark or name, since it has no magic number
    &mmdb::Mmdb,
    // pictures likewise; `screen` reads what they show
    &media::Media,
    // a document that holds pictures
    &pdf::Pdf,
    // web logs by the grammar of their lines: before other JSON, and before
    // mail, because `#Fields: date` has the form of a header
    &weblog::DECLARED,
    &weblog::JSON,
    &weblog::IIS,
    &weblog::ALB,
    &weblog::HAPROXY,
    &weblog::COMBINED,
    // JSON documents by their telling keys, those we write ourselves first, then any JSON
    &knowledge::Knowledge,
    &stix::Stix,
    &misp_event::MispEvent,
    &misp_galaxy::MispGalaxy,
    &warninglist::Warninglist,
    &rdap::Rdap,
    &certificate_list::CertificateList,
    &dns_observation::DnsObservation,
    &dns_snapshot::DnsSnapshot,
    &ftm::Ftm,
    &json_lines::JsonLines,
    &json_document::JsonDocument,
    // XML by its root: before markup, which it looks like
    &sdn::Sdn,
    // mail by its header grammar
    &mbox::Mbox,
    &mail::Mail,
    // markup by its opening, notes by the facts that they state: both hold
    // commas and colons enough to pass for tables; a scanner list states facts
    // too, and has the columns of an indicator list and more
    &text::html::Html,
    &scanner_list::ScannerList,
    &note::Note,
    &zone_file::ZoneFile,
    // tables by their header row, bare lists by their lines, then any delimited text
    &message_trace::MessageTrace,
    &prefix_table::PrefixTable,
    &indicator_list::IndicatorTable,
    &shared_range_list::SharedRangeList,
    &indicator_list::IndicatorLines,
    &delimited::Delimited,
    // nearly anything is text
    &text::PlainText,
];

/// The format of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.entry().name == name)
}

/// The format that reads a source that starts with `head`.
pub fn sniff(head: &[u8], name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.sniff(head, name))
}

/// The format that reads a source, and what the state of its splits begins
/// with, where forms of logs are declared beside it. A container hands the
/// declarations on to what is in it.
pub fn sniff_declared(head: &[u8], name: &str, declared: &[String]) -> Option<(&'static dyn Format, String)> {
    if let Some((format, line)) = weblog::declared::choose(head, declared) {
        return Some((format, line.to_owned()));
    }
    let format = sniff(head, name)?;
    Some((format, if is_container(format) { declared.join("\n") } else { String::new() }))
}

/// The bytes of a file, or what is inside if it is a compressed stream.
///
/// # Errors
/// Those of reading its head.
pub fn unfolded<'a>(bytes: &'a mut dyn Read) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::new();
    (&mut *bytes).take(6).read_to_end(&mut head)?;
    let step = compressed::step_of(&head);
    let whole = io::Cursor::new(head).chain(bytes);
    match step {
        Some(step) => compressed::decoder(&step, whole),
        None => Ok(Box::new(whole)),
    }
}

/// Whether a format's sources are files of their own.
pub fn is_container(format: &dyn Format) -> bool {
    [compressed::Compressed.entry(), archive::Zip.entry(), archive::Tar.entry()]
        .iter()
        .any(|container| container.name == format.entry().name)
}
