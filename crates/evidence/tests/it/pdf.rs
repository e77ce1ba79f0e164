//! PDF: corpus, and what no damage to a document may do.

use std::io::Cursor;

use evidence::ingest::pdf::Pdf;
use evidence::{Pass, resolve};
use model::locator::parse_chain;
use proptest::prelude::*;

use crate::check;

const PICTURES: &[u8] = include_bytes!("../corpus/pdf/standard/pictures.pdf");
const NO_TABLE: &[u8] = include_bytes!("../corpus/pdf/malformed/no_table.pdf");

/// One with 16 bits a value among them.
const CODINGS: &[u8] = include_bytes!("../corpus/pdf/malformed/codings.pdf");
const HUGE: &[u8] = include_bytes!("../corpus/pdf/malformed/huge.pdf");

#[test]
fn a_picture_that_is_not_read_is_not_opened_either() {
    for document in [CODINGS, HUGE] {
        let rows = check::rows_of_pass(Pass::Ingest, Some(&Pdf), "x.pdf", document);
        assert!(rows.iter().any(|row| row.table == "losses"), "{rows:?}");
        let opened = (0..200).filter(|object| evidence::ingest::pdf::picture(document, *object).is_some()).count();
        assert_eq!(opened, 0);
    }
}

#[test]
fn pdf_corpus() {
    check::check("pdf");
}

/// Chain, start, and length of each picture, with the first bytes that its place opens to.
fn opened(document: &[u8]) -> Vec<(String, Vec<u8>)> {
    let rows = check::rows_of_pass(Pass::Ingest, Some(&Pdf), "x.pdf", document);
    let media = rows.iter().filter(|row| row.table == "media");
    media
        .map(|row| {
            let chain = parse_chain(row.get("chain")).unwrap();
            let opened = resolve::open(&mut Cursor::new(document), &chain).unwrap();
            (row.get("chain").to_owned(), opened.bytes[..2].to_vec())
        })
        .collect()
}

#[test]
fn each_picture_opens_at_its_place() {
    let kinds: Vec<String> = opened(PICTURES)
        .into_iter()
        .map(|(chain, head)| {
            let step = chain.split(':').next().unwrap_or_default().to_owned();
            format!("{step} {}", if head == b"\xff\xd8" { "jpeg".to_owned() } else { String::from_utf8(head).unwrap() })
        })
        .collect();
    assert_eq!(kinds, ["bytes jpeg", "pdf P5", "pdf P6", "pdf P6", "pdf P5", "pdf jpeg"]);
}

#[test]
fn pixels_come_out_as_they_went_in() {
    let netpbm = |object| evidence::ingest::pdf::picture(PICTURES, object).unwrap();
    let pixels = |object: u64, head: &str| netpbm(object).strip_prefix(head.as_bytes()).unwrap().to_vec();
    let gray: Vec<u8> = (0..16).flat_map(|y| (0..40).map(move |x| (x * 6 + y) as u8)).collect();
    assert_eq!(pixels(5, "P5\n40 16\n255\n"), gray);
    let rgb: Vec<u8> = (0..16).flat_map(|y| (0..120).map(move |x| ((x * 3 + y) % 256) as u8)).collect();
    assert_eq!(pixels(6, "P6\n40 16\n255\n"), rgb);
    // The table of colours holds 0 to 47 in their order; two values share a byte.
    let table = pixels(7, "P6\n40 16\n255\n");
    assert_eq!(table[..12], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    let bits = pixels(8, "P5\n40 16\n255\n");
    assert_eq!((&bits[..4], &bits[40..44]), (&[0, 255, 0, 255][..], &[255, 0, 255, 0][..]));
}

proptest! {
    /// Whatever is changed or cut, what is given has a place that opens.
    #[test]
    fn damaged_documents_are_read_as_far_as_they_go(
        has_table: bool,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut document = if has_table { PICTURES } else { NO_TABLE }.to_vec();
        for (at, byte) in changes {
            let at = at.index(document.len() - 8) + 8;
            document[at] = byte;
        }
        if let Some(cut) = cut {
            document.truncate(cut.index(document.len() - 8) + 8);
        }
        opened(&document);
        check::rows_of_pass(Pass::Extract, Some(&Pdf), "x.pdf", &document);
    }
}
