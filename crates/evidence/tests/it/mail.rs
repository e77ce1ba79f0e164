//! Mail, mailboxes and archives: corpus, and what no input may do.

use std::io::Cursor;

use evidence::{Pass, ingest, resolve};
use model::Step;
use proptest::prelude::*;

use crate::check;

#[test]
fn mail_corpus() {
    check::check("mail");
}

#[test]
fn mbox_corpus() {
    check::check("mbox");
}

#[test]
fn archive_corpus() {
    check::check("archive");
}

#[test]
fn outlook_item_corpus() {
    check::check("msg");
}

#[test]
fn outlook_store_corpus() {
    check::check("pst");
}

#[test]
fn message_trace_corpus() {
    check::check("message_trace");
}

#[test]
fn tnef_corpus() {
    check::check("tnef");
}

#[test]
fn deeply_nested_messages_end_without_using_up_the_stack() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(20_000);
    let raw = format!("From: a@a.test\nTo: b@b.test\nMIME-Version: 1.0\n{nested}");
    let rows = check::rows_of("deep.eml", raw.as_bytes());
    assert!(rows.iter().any(|row| row.table == "losses" && row.get("reason") == "nested too deeply"));
}

fn messages(body: &str) -> Vec<check::Row> {
    let raw = format!("From: a@a.test\nTo: b@b.test\nMIME-Version: 1.0\n\n{body}");
    let format = ingest::sniff(raw.as_bytes(), "quotes.eml");
    let rows = check::rows_of_pass(Pass::Ingest, format, "quotes.eml", raw.as_bytes());
    rows.into_iter().filter(|row| row.table == "messages" || row.table == "losses").collect()
}

#[test]
fn quotes_within_quotes_are_bounded() {
    let quoted = |level: usize| {
        let marks = "> ".repeat(level);
        format!("{marks}From: c@c.test\n{marks}Date: x\n{marks}Subject: {level}\n{marks}\n{marks}text\n")
    };
    let rows = messages(&(1..=50).map(quoted).collect::<String>());
    let depths: Vec<&str> = rows.iter().filter(|row| row.table == "messages").map(|row| row.get("depth")).collect();
    assert_eq!(depths, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(
        rows.iter().any(|row| row.get("reason") == "more mails are quoted than are read" && row.get("count") == "42")
    );
}

#[test]
fn thousands_of_quoted_mails_are_bounded_in_number_and_time() {
    let block = "From: c@c.test\nDate: x\nSubject: y\nTo: d@d.test\n\n";
    let rows = messages(&block.repeat(20_000));
    assert_eq!(rows.iter().filter(|row| row.table == "messages").count(), 257);
    assert!(rows.iter().any(|row| row.get("count") == "19744"));
    for endless in ["To: d@d.test,\n", "Subject: y\n", "X-A: b\n", ">", "Received: x\n\n", "To:\n\n", "--\n--a--\n"] {
        assert_eq!(messages(&endless.repeat(300_000)).len(), 1, "{endless:?}");
        let rows = messages(&format!("From: c@c.test\nDate: x\nMessage-ID: <e@c.test>\n{}", endless.repeat(100_000)));
        let count = rows.iter().filter(|row| row.table == "messages").count();
        assert_eq!(count, 2, "{endless:?}");
    }
}

/// Files of Outlook, to be damaged.
fn outlook_files() -> Vec<(String, Vec<u8>)> {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let names =
        ["msg/standard/arrived.msg", "msg/legacy/narrow.msg", "pst/standard/plain.pst", "pst/legacy/narrow.pst"];
    let names = names.into_iter().chain(["tnef/standard/winmail.dat"]);
    names.map(|name| (name.to_owned(), std::fs::read(corpus.join(name)).unwrap())).collect()
}

/// Where the items of a store are cut into splits, each item is read once.
#[test]
fn splits_of_a_store_together_give_what_the_whole_gives() {
    let (name, bytes) = outlook_files().remove(2);
    let format = ingest::sniff(&bytes, &name);
    let whole = vec![model::Split::whole(bytes.len() as u64)];
    let rows = |splits: &[model::Split]| check::rows_of_splits(Pass::Ingest, format, &name, &bytes, splits);
    let ids = [2_097_188, 2_097_220, 2_097_252];
    let split = |id: u32| model::Split { state: format!("{id}-{id}"), ..whole[0].clone() };
    let apart: Vec<_> = ids.into_iter().map(split).collect();
    let of = |rows: Vec<check::Row>, table: &str| -> Vec<check::Row> {
        rows.into_iter().filter(|row| row.table == table).collect()
    };
    assert_eq!(of(rows(&whole), "messages"), of(rows(&apart), "messages"));
    assert_eq!(of(rows(&whole), "messages").len(), 4);
}

/// A reader of another hand finds the same nodes and the same blocks in them.
#[test]
fn another_reader_agrees_on_what_a_store_holds() {
    use outlook_pst::ndb::node_id::NodeId;
    use outlook_pst::ndb::page::NodeBTreeEntry;
    use outlook_pst::{PstFile, UnicodePstFile};
    for name in ["standard/plain.pst", "standard/permuted.pst"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/pst").join(name);
        let bytes = std::fs::read(path).unwrap();
        let theirs = UnicodePstFile::read_from(Box::new(Cursor::new(bytes))).unwrap();
        for id in [0x0020_0024_u32, 0x0020_0044] {
            let node = theirs.read_node(NodeId::from(id)).unwrap();
            let block = theirs.read_block(node.data()).unwrap();
            assert_eq!(block.get(2..4), Some(&[0xec, 0xbc][..]), "{name}: the properties of {id:#x}");
        }
    }
}

/// Pieces of mail from which broken mails are put together.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("From: =?utf-8?b?w6k=?= <a@A.test>\r\n".to_owned()),
        Just("Received: from x (y [192.0.2.1]) by z; Fri, 7 Feb 2025 07:44:51 -0600\n".to_owned()),
        Just("Content-Type: multipart/mixed; boundary=b\n".to_owned()),
        Just("Content-Type: message/rfc822\n".to_owned()),
        Just("Content-Type: text/plain; charset=windows-1251\n".to_owned()),
        Just("Content-Transfer-Encoding: base64\n".to_owned()),
        Just("Content-Transfer-Encoding: quoted-printable\n".to_owned()),
        Just("\n--b\n".to_owned()),
        Just("\n--b--\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("aGVsbG8=\n".to_owned()),
        Just("=D0=9F=\nx=3D\n".to_owned()),
        Just("From a@a.test Fri Feb  7 13:44:51 2025\n".to_owned()),
        Just("---- Forwarded message ----\n".to_owned()),
        Just("From: x <x@x.test>\nDate: y\nTo: é@z.test\n".to_owned()),
        Just("> From: x <x@x.test>\n> Subject: é\n> Received: from a\n> > Date: y\n".to_owned()),
        Just("Content-Type: text/html\n".to_owned()),
        Just("<br><b>From:</b> é &lt;x@x.test&gt;<p>To: <p>y<td>Subject: z<!--".to_owned()),
        ".{0,12}",
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Gzip),
        Just(Step::Zstd),
        Just(Step::Xz),
        Just(Step::Base64),
        Just(Step::QuotedPrintable),
        "[a-z0-9-]{0,8}".prop_map(Step::Charset),
        (0u64..3).prop_map(|n| Step::Zip(n, String::new())),
        (0u64..3).prop_map(|n| Step::Tar(n, String::new())),
        (0u64..3).prop_map(Step::Mbox),
        (0u64..4).prop_map(Step::Part),
        (0u64..3).prop_map(|n| Step::Header("received".to_owned(), n)),
        (0u64..4).prop_map(Step::Line),
        (0u64..40, 0u64..40).prop_map(|(start, length)| Step::Bytes(start, start + length)),
        (0u64..4, proptest::option::of("[a-c]")).prop_map(|(row, col)| Step::Csv(row, col)),
        proptest::collection::vec("[a-c0-2]", 0..3).prop_map(Step::Json),
        any::<u32>().prop_map(|hundredths| Step::Frame(hundredths.into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_files_of_outlook_are_survived(
        file in 0usize..5,
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        end in any::<proptest::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let (name, mut bytes) = outlook_files().remove(file);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let rows = check::rows_of(&name, &bytes);
        prop_assert!(rows.iter().all(|row| row.get("reason") != "the reader of this format failed"));
        check::assert_all_open(&rows, &name, &bytes);
    }
}

proptest! {
    #[test]
    fn broken_mail_is_read_and_its_places_open(pieces in proptest::collection::vec(piece(), 0..30)) {
        let raw = pieces.concat();
        let rows = check::rows_of("broken.eml", raw.as_bytes());
        check::assert_all_open(&rows, "broken.eml", raw.as_bytes());
        prop_assert!(rows.iter().all(|row| row.get("reason") != "the reader of this format failed"));
    }

    #[test]
    fn containers_survive_any_bytes(bytes: Vec<u8>, magic in 0usize..5) {
        let heads: [&[u8]; 5] =
            [b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"PK\x03\x04", b"PK\x05\x06"];
        let bytes = [heads[magic], &bytes].concat();
        check::rows_of_pass(Pass::Ingest, ingest::sniff(&bytes, "x"), "x", &bytes);
    }

    #[test]
    fn no_chain_over_any_bytes_makes_resolve_panic(
        pieces in proptest::collection::vec(piece(), 0..10),
        noise: Vec<u8>,
        chain in proptest::collection::vec(any_step(), 0..5),
    ) {
        let bytes = [pieces.concat().as_bytes(), &noise].concat();
        let _ = resolve::open(&mut Cursor::new(bytes), &chain);
    }
}
