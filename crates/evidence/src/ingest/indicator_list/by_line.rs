//! Long lists, cut at line ends and read in runs of lines.
//!
//! A list of a few megabytes is read in one piece, with whatever quoting and
//! encoding it has. One that is longer than a split would not fit into memory,
//! and has been written by a program: it is UTF-8, one record a line. What the
//! first lines say of all others (a header, an actor) goes along in the state
//! of each split.

use std::io::{self, Read, SeekFrom};

use model::contract::Input;
use model::{At, Loss, Out, Reading, Split};

use crate::ingest::lines::{Lines, Piece, each_line, splits};
use crate::ingest::whole;

/// What the state of such a split begins with.
const BY_LINE: &str = "by line\n";

/// Splits of a long list; one for a short one. `opening` gives what of the
/// first lines all splits have to know, or nothing where the list cannot be cut.
pub fn plan(
    input: &mut dyn Input,
    length: u64,
    opening: &dyn for<'h> Fn(&'h str) -> Option<&'h str>,
) -> io::Result<Vec<Split>> {
    if length <= Split::BYTES {
        return Ok(vec![Split::whole(length)]);
    }
    let mut head = Vec::new();
    Read::take(&mut *input, crate::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    let text = whole::lossy(&head);
    let Some(opening) = opening(&text).filter(|_| whole::utf16_of(&head).is_none()) else {
        return Ok(vec![Split::whole(length)]);
    };
    let mut input: &mut dyn Input = input;
    let mut splits = splits(&mut input, length, Split::BYTES, &|_, _| {})?;
    splits.iter_mut().for_each(|split| split.state = format!("{BY_LINE}{opening}"));
    Ok(splits)
}

/// What all splits have to know, if the list is read by line.
pub fn head(split: &Split) -> Option<&str> {
    split.state.strip_prefix(BY_LINE)
}

/// Hands each run of lines to `each`, with its first byte in the source.
pub fn read(
    reading: &Reading<'_>,
    bytes: &mut dyn Read,
    out: &mut dyn Out,
    each: &mut dyn FnMut(u64, &str, &mut dyn Out),
) -> io::Result<()> {
    let mut lines = Lines::new(bytes, reading.split);
    let mut number = reading.split.items_before;
    while let Some(piece) = lines.next_piece()? {
        match piece {
            Piece::Run { start, bytes } => {
                if out.begin(number) && out.wants_rows() {
                    run(reading.chain, start, bytes, out, each);
                }
                number += memchr::memchr_iter(b'\n', bytes).count() as u64;
            }
            Piece::Overlong { start, length } => {
                number += 1;
                let at = At { chain: reading.chain, start, length };
                out.loss(at, Loss { reason: "line is longer than 1 MiB", count: 1, detail: "" });
            }
        }
    }
    Ok(())
}

/// Lines that are no UTF-8 are left out: a repaired one would have other offsets.
fn run(chain: &str, start: u64, bytes: &[u8], out: &mut dyn Out, each: &mut dyn FnMut(u64, &str, &mut dyn Out)) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return each(start, text, out);
    }
    for (offset, line) in each_line(bytes) {
        let begin = start + offset as u64;
        match std::str::from_utf8(line) {
            Ok(text) => each(begin, text, out),
            Err(_) => {
                let at = At { chain, start: begin, length: line.len() as u64 };
                out.loss(at, Loss { reason: "line of a long list is no UTF-8", count: 1, detail: "" });
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Cursor;

    use model::{Cell, Format, Step, Table, Text};
    use proptest::prelude::*;

    use super::super::IndicatorTable;
    use super::*;

    /// Rows and losses as texts.
    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Out for Seen {
        fn wants_rows(&self) -> bool {
            true
        }
        fn wants_texts(&self) -> bool {
            false
        }
        fn row(&mut self, _: &'static Table, at: At<'_>, cells: &[Cell<'_>]) {
            self.0.push(format!("{} {} {cells:?}", at.start, at.length));
        }
        fn text(&mut self, _: &Text<'_>) {}
        fn child(&mut self, _: &str, _: &Step, _: &str, _: &mut dyn Read) {}
        fn loss(&mut self, at: At<'_>, loss: Loss<'_>) {
            self.0.push(format!("{} {}", at.start, loss.reason));
        }
        fn begin(&mut self, _: u64) -> bool {
            true
        }
    }

    fn read_all(list: &str, splits: &[Split]) -> Vec<String> {
        let mut seen = Seen::default();
        for split in splits {
            let reading = Reading { name: "feeds/list.csv", chain: "", split };
            let mut bytes = &list.as_bytes()[usize::try_from(split.start).unwrap()..];
            IndicatorTable.read(&reading, &mut bytes, &mut seen).unwrap();
        }
        seen.0
    }

    proptest! {
        #[test]
        fn a_long_list_gives_what_it_gives_in_one_piece(
            cells in proptest::collection::vec(("(192[.]0[.]2[.][1-9]|x)", "(Gull|\"a,b\")?"), 1..40), cut in 20u64..200,
        ) {
            let head = "# a list\nindicator,type,actor\n";
            let list: String = std::iter::once(head.to_owned())
                .chain(cells.iter().map(|(value, actor)| format!("{value},ip,{actor}\n"))).collect();
            let length = list.len() as u64;
            let mut by_line = splits(&mut Cursor::new(&list), length, cut, &|_, _| {}).unwrap();
            by_line.iter_mut().for_each(|split| split.state = format!("{BY_LINE}{head}"));
            prop_assume!(by_line[0].end >= head.len() as u64);
            prop_assert_eq!(read_all(&list, &by_line), read_all(&list, &[Split::whole(length)]));
        }
    }
}
