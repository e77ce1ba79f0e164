//! Mails quoted in the text of another: where their header blocks stand.
//!
//! A mail program that forwards a mail inline writes some of its headers above
//! it, and people paste its whole source. A block is told by its names: a sender
//! and what else a mail has. Text is read line by line, once. How deeply a line
//! is quoted is the number of `>` before it; a mail quoted more deeply than the
//! one above it lies within that, one quoted as deeply follows it.

use super::quoted_names::{Known, Named, named};

/// Mails that are read out of one text.
const MAILS: usize = 256;

/// Mails within mails that are read.
const DEPTH: usize = 8;

/// Lines that one header block may have.
const BLOCK_LINES: usize = 400;

/// Lines that one header may go on for without being indented.
const LOOSE_LINES: usize = 12;

/// Length from which mail programs break a subject.
const BROKEN_AT: usize = 60;

/// One header of a quoted mail.
#[derive(Debug)]
pub struct QuotedHeader<'t> {
    /// The name as written.
    pub written: &'t str,
    /// The header that it stands for.
    pub name: &'t str,
    /// The value on one line, without quotation marks of its lines.
    pub value: String,
    /// Offsets of its first byte and of the byte after its last in the text.
    pub place: (usize, usize),
}

/// One quoted mail.
#[derive(Debug)]
pub struct Quoted<'t> {
    /// Offset of its first header line in the text.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
    /// The quoted mail that it lies in, by its place in the list.
    pub parent: Option<usize>,
    /// Whether its source is quoted, rather than what a program shows of it.
    pub is_source: bool,
    /// Its headers in order.
    pub headers: Vec<QuotedHeader<'t>>,
}

/// The quoted mails of a text in order, and how many more there are.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// The mails that are read.
    pub mails: Vec<Quoted<'t>>,
    /// Those that are not, since there are too many or they are nested too deeply.
    pub left_out: u64,
}

/// A line without the marks that say how deeply it is quoted.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    /// Offset after its last byte that is no white space.
    text_end: usize,
    /// Offset of the next line.
    end: usize,
    level: usize,
    indent: usize,
    text: &'t str,
}

/// Finds the quoted mails in a text.
pub fn find(text: &str) -> Found<'_> {
    let mut search = Search::default();
    let mut at = 0;
    while let Some(line) = line_at(text, at) {
        at = match block(text, line, search.marked(&line)) {
            Reading::Mail(headers, end) => {
                search.open(&line, headers);
                end
            }
            Reading::Other(end) => {
                search.pass(&line);
                end.max(line.end)
            }
        };
    }
    let mut found = search.found;
    for mail in &mut found.mails {
        let whole = &text[mail.start..mail.end.min(text.len())];
        mail.end = mail.start + whole.trim_end().len();
    }
    found
}

#[derive(Default)]
struct Search<'t> {
    found: Found<'t>,
    /// Mails that have not ended yet, by place in the list, with their levels.
    open: Vec<(usize, usize)>,
    /// Offset and level of the line of dashes or words that announces a mail.
    mark: Option<(usize, usize)>,
}

impl<'t> Search<'t> {
    fn marked(&self, line: &Line<'t>) -> bool {
        self.mark.is_some_and(|(_, level)| level <= line.level)
    }

    /// A line that begins no mail.
    fn pass(&mut self, line: &Line<'t>) {
        if line.text.is_empty() {
            return;
        }
        self.mark = is_mark(line.text).then_some((line.start, line.level));
        self.close(line.level, line.start);
    }

    /// Ends the mails that are quoted more deeply than `level`.
    fn close(&mut self, level: usize, end: usize) {
        while let Some((mail, own)) = self.open.last().copied() {
            if own <= level {
                break;
            }
            self.found.mails[mail].end = end;
            self.open.pop();
        }
    }

    fn open(&mut self, line: &Line<'t>, headers: Vec<QuotedHeader<'t>>) {
        let begins = self.mark.take().filter(|(_, level)| *level <= line.level).map_or(line.start, |(start, _)| start);
        while let Some((mail, _)) = self.open.pop_if(|(_, level)| *level >= line.level) {
            self.found.mails[mail].end = begins;
        }
        if self.found.mails.len() >= MAILS || self.open.len() >= DEPTH {
            self.found.left_out += 1;
            return;
        }
        let is_source = headers.iter().any(|header| is_source_name(header.name));
        let parent = self.open.last().map(|(mail, _)| *mail);
        self.open.push((self.found.mails.len(), line.level));
        self.found.mails.push(Quoted { start: line.start, end: usize::MAX, parent, is_source, headers });
    }
}

fn is_source_name(name: &str) -> bool {
    ["received", "message-id", "return-path", "mime-version"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A line of dashes around words or around nothing, or the words of Apple Mail.
fn is_mark(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "Begin forwarded message",
        "Anfang der weitergeleiteten",
        "Début du message",
        "Inicio del mensaje",
        "Inizio messaggio",
        "Inizio del messaggio",
        "Begin doorgestuurd bericht",
        "Início da mensagem",
        "Forwarded message",
    ];
    let rule = |c: char| text.starts_with(c) && text.len() >= 5 && text.chars().all(|other| other == c);
    (text.starts_with("--") && text.ends_with("--") && text.len() > 4)
        || ['_', '-', '='].into_iter().any(rule)
        || WORDS.iter().any(|words| text.starts_with(words))
}

fn line_at(text: &str, start: usize) -> Option<Line<'_>> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
    let text_end = start + rest[..length].trim_end().len();
    let (mut inner, mut level) = (&rest[..length], 0);
    loop {
        let marked = inner.trim_start_matches([' ', '\t']).strip_prefix('>');
        let Some(after) = marked else { break };
        level += 1;
        inner = after.strip_prefix(' ').unwrap_or(after);
    }
    let text = inner.trim();
    let indent = inner.len() - inner.trim_start().len();
    Some(Line { start, text_end, end: start + length, level, indent, text })
}

enum Reading<'t> {
    /// The headers of a mail, and the offset at which its block ends.
    Mail(Vec<QuotedHeader<'t>>, usize),
    /// Something else that ends there.
    Other(usize),
}

/// Reads the block that a line may begin.
fn block<'t>(text: &'t str, first: Line<'t>, marked: bool) -> Reading<'t> {
    let Some(opening) = named(first.text).filter(|opening| opening.known != Known::Unknown) else {
        return Reading::Other(first.end);
    };
    let mut block = Block { first, headers: Vec::new(), loose: 0, end: first.end };
    block.push(opening, &first);
    for _ in 0..BLOCK_LINES {
        let Some(line) = line_at(text, block.end).filter(|line| line.level == first.level) else { break };
        if !(block.take(&line) || (line.text.is_empty() && block.goes_on_after(text, &line))) {
            break;
        }
    }
    if block.is_mail(marked) { Reading::Mail(block.headers, block.end) } else { Reading::Other(block.end) }
}

struct Block<'t> {
    first: Line<'t>,
    headers: Vec<QuotedHeader<'t>>,
    /// Lines that the last header has gone on for without being indented.
    loose: usize,
    end: usize,
}

impl<'t> Block<'t> {
    fn push(&mut self, named: Named<'t>, line: &Line<'t>) {
        let place = (line.start, line.start);
        let value = String::with_capacity(named.value.len());
        self.headers.push(QuotedHeader { written: named.written, name: named.name, value, place });
        self.loose = 0;
        self.append(named.value, line);
    }

    fn append(&mut self, text: &str, line: &Line<'t>) {
        self.end = line.end;
        let Some(last) = self.headers.last_mut() else { return };
        if !last.value.is_empty() && !text.is_empty() {
            last.value.push(' ');
        }
        last.value.push_str(text);
        last.place.1 = line.text_end;
    }

    /// Takes a line in; false where the block ends before it.
    fn take(&mut self, line: &Line<'t>) -> bool {
        if line.text.is_empty() {
            return false;
        }
        if line.indent > self.first.indent {
            self.append(line.text, line);
            return true;
        }
        match named(line.text) {
            // A second sender is the next mail's.
            Some(named) if named.name.eq_ignore_ascii_case("From") && self.has("From") => false,
            Some(named) => {
                self.push(named, line);
                true
            }
            None if self.may_be_broken() => {
                self.loose += 1;
                self.append(line.text, line);
                true
            }
            None => false,
        }
    }

    /// Whether the last header may go on in a line that is not indented, as
    /// where a program broke it or shows its value below its name.
    fn may_be_broken(&self) -> bool {
        let Some(last) = self.headers.last().filter(|_| self.loose < LOOSE_LINES) else { return false };
        match last.name {
            _ if last.value.is_empty() => true,
            "To" | "Cc" | "Bcc" => last.value.ends_with([',', ';']),
            "Subject" => last.value.len() >= BROKEN_AT && self.loose == 0,
            "From" | "Date" | "Reply-To" | "Importance" | "Attachments" => false,
            _ => self.headers.iter().any(|header| is_source_name(header.name)),
        }
    }

    /// Some programs put a blank line between headers: the block goes on where
    /// the next line holds one that is shown and that it still lacks.
    fn goes_on_after(&mut self, text: &str, blank: &Line<'t>) -> bool {
        let Some(line) = line_at(text, blank.end).filter(|line| line.level == self.first.level) else { return false };
        let next = named(line.text).filter(|next| next.known == Known::Shown);
        let is_source = self.headers.iter().any(|header| is_source_name(header.name));
        let wanted = next.is_some_and(|next| !is_source && !self.has(next.name));
        if wanted {
            self.end = blank.end;
        }
        wanted
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    }

    fn is_mail(&self, marked: bool) -> bool {
        let Some(from) = self.headers.iter().find(|header| header.name == "From") else { return false };
        let others = ["Date", "To", "Subject", "Message-ID", "Received"];
        let others = others.iter().filter(|name| self.has(name)).count();
        let needed = match (marked, from.value.contains('@')) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        !from.value.is_empty() && others >= needed
    }
}
