//! Logs whose form a server's configuration or a note declares.
//!
//! [`declarations`] finds Apache's `LogFormat`, nginx's `log_format` and W3C's
//! `#Fields` in a file that lies beside the logs; [`choose`] tells which of
//! them a log fits best. The declaration then travels as the state of the
//! log's splits, and its lines are read by the fixed texts between the values.

use memchr::memmem;
use model::{Entry, Format};

use super::clock::Clock;
use super::format_string::{Piece, pieces_of};
use super::role::{self, ROLES, Role};
use super::{COMBINED, DECLARED, Grammar, IIS, Line, Request, UNFIT, sample, syslog, whole};

/// Bytes that a file with declarations may have.
pub const BYTES: u64 = 256 << 10;

/// Whether a file of that name may hold declarations.
pub fn may_declare(name: &str) -> bool {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    ["conf", "cfg", "md", "txt"].iter().any(|known| known.eq_ignore_ascii_case(suffix))
}

/// Reads the lines.
#[derive(Default)]
pub struct Declared {
    clock: Clock,
    pieces: Vec<Piece>,
}

impl Grammar for Declared {
    const ENTRY: Entry = Entry {
        name: "weblog-declared",
        summary: "web logs of a form that a server's configuration or a note declares",
        doc: "\
# What it reads
Lines of the form that `LogFormat \"...\"` (Apache) or `log_format name '...';`
(nginx) declares. The declaration stands in a file of at most 256 KiB named
`*.conf`, `*.cfg`, `*.md` or `*.txt` in the folder of the log or above it, in a
file that one of these includes (`Include`, `include`), wherever it lies in the
evidence, or at the head of the log.
Of several, the one that the first lines fit best is taken. `#Fields:` in such a
file serves W3C logs that came without it, as does that of another W3C log in
the same folder.

# How fields are read
By the directives and variables of Apache and nginx; `%D` is in microseconds,
`%T` in seconds. Values that have no column stay in the evidence only. Escapes
are kept as they stand.

# What is lost
Lines that lack a fixed text of the declaration, a time or a request.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        if let Some(declared) = declaration(line) {
            self.pieces = pieces_of(declared);
            return Line::Directive;
        }
        if self.pieces.is_empty() {
            return Line::Unfit("no declaration of its format before it");
        }
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }
}

impl Declared {
    #[inline]
    fn request<'a>(&mut self, line: &'a str) -> Option<Request<'a>> {
        let mut spans = [(0, 0); ROLES];
        let mut at = 0;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let role = match piece {
                Piece::Text(text) => {
                    at += line.get(at..)?.strip_prefix(text.as_str()).map(|_| text.len())?;
                    continue;
                }
                Piece::Value(role) => *role,
            };
            let end = match pieces.peek() {
                Some(Piece::Text(next)) => at + value_end(line.get(at..)?, next)?,
                _ => line.len(),
            };
            note(&mut spans, role, (at, end));
            at = end;
        }
        role::request(&mut self.clock, |role| {
            let (from, to) = spans[role as usize];
            line.get(from..to).unwrap_or_default()
        })
    }
}

/// The first value of a role counts; a time may come in several pieces.
#[inline]
fn note(spans: &mut [(usize, usize); ROLES], role: Role, (from, to): (usize, usize)) {
    match spans.get_mut(role as usize) {
        Some(span) if span.0 == span.1 => *span = (from, to),
        Some(span) if role == Role::Time => span.1 = to,
        _ => {}
    }
}

/// Where a value ends: at the text that follows, which is not within quotes that are escaped.
#[inline]
fn value_end(rest: &str, next: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + memmem::find(rest.as_bytes().get(from..)?, next.as_bytes())?;
        let slashes = rest.as_bytes()[..found].iter().rev().take_while(|byte| **byte == b'\\').count();
        if !next.starts_with('"') || slashes % 2 == 0 {
            return Some(found);
        }
        from = found + 1;
    }
}

/// The declarations in a configuration or a note, each on a line of its own.
pub fn declarations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = bare(line);
        if line.starts_with("#Fields:") {
            found.push(line.to_owned());
        } else if starts(line, "LogFormat ") {
            let mut whole = line.to_owned();
            while whole.ends_with('\\') {
                whole.pop();
                whole.push_str(lines.next().unwrap_or_default().trim());
            }
            found.push(whole);
        } else if starts(line, "log_format ") {
            let mut whole = line.to_owned();
            while !whole.trim_end().ends_with(';') && whole.len() < 8_192 {
                let Some(next) = lines.next() else { break };
                whole.push(' ');
                whole.push_str(next.trim());
            }
            found.push(whole);
        }
    }
    found.retain(|line| line.len() < 8_192);
    found.sort();
    found.dedup();
    found
}

/// The files that a configuration includes, as patterns of paths.
pub fn includes(text: &str) -> Vec<String> {
    let pattern = |line: &str| {
        let (keyword, rest) = line.trim().split_once([' ', '\t'])?;
        let known = ["include", "includeoptional"].iter().any(|known| keyword.eq_ignore_ascii_case(known));
        let pattern = rest.trim().trim_end_matches(';').trim_end().trim_matches(['"', '\'']);
        let path = pattern.contains(['/', '.', '*']) && !pattern.contains(' ') && pattern.len() < 1_024;
        // Apache takes a folder for all files in it.
        (known && path).then(|| if pattern.ends_with('/') { format!("{pattern}*") } else { pattern.to_owned() })
    };
    let mut found: Vec<String> = text.lines().filter_map(pattern).collect();
    found.sort();
    found.dedup();
    found
}

/// How many parts at the end of a file's path are as a pattern wants them; 0 if the file is not meant.
///
/// What lay in `/etc/nginx` lies elsewhere among the evidence, so the whole path need not
/// fit; a pattern of names needs its folder to fit as well.
pub fn included(pattern: &str, path: &str) -> usize {
    let wanted = pattern.trim_start_matches("./").trim_start_matches('/').rsplit('/');
    let fit = wanted.zip(path.rsplit('/')).take_while(|(wanted, part)| is_like(wanted, part)).count();
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    let vague = name.contains(['*', '?']) && pattern.trim_start_matches("./").contains('/');
    if vague && fit < 2 { 0 } else { fit }
}

/// Whether a name is like a pattern with `*` and `?`.
fn is_like(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match &mut star {
                // The last star takes one byte more.
                Some((from, taken)) => {
                    *taken += 1;
                    (at, seen) = (*from + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// A line without the marks of a list or of code in a note.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['-', '*', '>', ' ']).trim_matches('`');
    let keyword = ["LogFormat ", "log_format ", "#Fields:"].iter().filter_map(|word| line.find(word)).min();
    // `Format: log_format main '...';` in a note; a comment in a configuration is none.
    match keyword {
        Some(at) if at <= 40 && !line[..at].contains(['#', '"', '\'']) => line[at..].trim_end_matches('`'),
        _ => line,
    }
}

fn starts(line: &str, word: &str) -> bool {
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The line as a declaration that [`Declared`] reads.
fn declaration(line: &str) -> Option<&str> {
    (starts(line, "LogFormat ") || starts(line, "log_format ")).then_some(line)
}

/// The format that reads a log by one of the declarations, and the declaration.
///
/// What the readers of their own know as well is left to them, since they take
/// more of what is malformed.
pub fn choose<'d>(head: &[u8], declared: &'d [String]) -> Option<(&'static dyn Format, &'d str)> {
    let mut best: Option<(usize, usize, &'static dyn Format, &str)> = None;
    for line in declared {
        let (format, fit, values): (&'static dyn Format, _, _) = if line.starts_with("#Fields:") {
            (&IIS, fits::<super::iis::Iis>(head, line), line.split_ascii_whitespace().count())
        } else {
            (&DECLARED, fits::<Declared>(head, line), values(line))
        };
        if fit > 0 && best.as_ref().is_none_or(|(known, many, ..)| (fit, values) > (*known, *many)) {
            best = Some((fit, values, format, line));
        }
    }
    let (.., format, line) = best?;
    let by_itself =
        COMBINED.sniff(head, "") && is_standard(line) || line.starts_with("#Fields:") && IIS.sniff(head, "");
    (!by_itself).then_some((format, line))
}

fn values(declaration: &str) -> usize {
    pieces_of(declaration).iter().filter(|piece| matches!(piece, Piece::Value(role) if *role != Role::Other)).count()
}

/// Whether no value but those of the combined format is declared.
fn is_standard(declaration: &str) -> bool {
    pieces_of(declaration).iter().all(|piece| match piece {
        Piece::Text(text) => text.bytes().all(|byte| matches!(byte, b' ' | b'"' | b'-' | b'[' | b']')),
        Piece::Value(role) => matches!(
            role,
            Role::Peer
                | Role::User
                | Role::Time
                | Role::RequestLine
                | Role::Status
                | Role::Bytes
                | Role::Referer
                | Role::Agent
                | Role::Other
        ),
    })
}

/// Lines at the head that a declaration fits, if they are as many as those that it does not.
fn fits<G: Grammar>(head: &[u8], declaration: &str) -> usize {
    let mut grammar = G::default();
    grammar.line(declaration);
    let (mut fit, mut unfit) = (0, 0);
    for line in sample(head) {
        match grammar.line(syslog::message(&whole::lossy(line))) {
            Line::Request(_) => fit += 1,
            Line::Directive => {}
            Line::Unfit(_) => unfit += 1,
        }
    }
    if fit >= unfit { fit } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_found_in_configurations_and_notes() {
        let text = "# LogFormat \"%h\" off\nLogFormat \"%h %l\" a\n  log_format main '$remote_addr '\n    '$status';\n\
                    - Log: `log_format x '$host';`\nCustomLog logs/a b\n\n#Fields: date time cs-method\n";
        let found = declarations(text);
        let wanted = [
            "#Fields: date time cs-method",
            "LogFormat \"%h %l\" a",
            "log_format main '$remote_addr ' '$status';",
            "log_format x '$host';",
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn included_files_are_known_by_the_ends_of_their_paths() {
        let text = "Include the logs\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\nIncludeOptional forms/\n# include a.conf\n";
        assert_eq!(includes(text), ["/etc/nginx/conf.d/*.conf", "forms/*"]);
        for (pattern, path, fit) in [
            ("/etc/nginx/conf.d/*.conf", "north/etc/nginx/conf.d/log.conf", 4),
            ("/etc/nginx/conf.d/*.conf", "north/conf.d/log.conf", 2),
            ("/etc/nginx/conf.d/*.conf", "north/log.conf", 0),
            ("/etc/nginx/log.conf", "north/log.conf", 1),
            ("log*s", "north/log_forms", 1),
            ("log*s", "north/log_form", 0),
            ("l?g.conf", "log.conf", 1),
        ] {
            assert_eq!(included(pattern, path), fit, "{pattern} {path}");
        }
    }

    #[test]
    fn the_declaration_that_fits_is_chosen() {
        let declared =
            declarations("LogFormat \"%h|%t|%m|%U|%s\" a\nLogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common\n");
        let bars = b"192.0.2.1|[21/Feb/2025:16:03:07 -0800]|GET|/a|200\n";
        assert_eq!(choose(bars, &declared).map(|(format, _)| format.entry().name), Some("weblog-declared"));
        let common = b"192.0.2.1 - - [21/Feb/2025:16:03:07 -0800] \"GET /a HTTP/1.1\" 200 5\n";
        assert!(choose(common, &declared).is_none());
        assert!(choose(b"", &declared).is_none());
    }
}
