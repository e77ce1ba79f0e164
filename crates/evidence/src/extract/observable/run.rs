//! Words, and the runs of letters and digits inside them.

use memchr::{memchr, memmem};

use model::ObservableKind as Kind;

use super::{
    Policy, Scene, account, domain, email, file_name, hash, identifier, ip, mac, phone, unix_path, url, wallet,
    windows_path,
};

const GAP: u8 = 1 << 7;
const DOT: u8 = 1;
const AT: u8 = 1 << 1;
const COLON: u8 = 1 << 2;
const SLASH: u8 = 1 << 3;
const BACKSLASH: u8 = 1 << 4;
const DIGIT: u8 = 1 << 5;
/// The hyphen: the only mark of an id such as `GTM-ABCDEF`.
const HYPHEN: u8 = 1 << 6;

/// The class of every byte.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte <= 0x20 {
        class[byte] = GAP;
        byte += 1;
    }
    let gaps = *b"\x7f\"<>|`";
    byte = 0;
    while byte < gaps.len() {
        class[gaps[byte] as usize] = GAP;
        byte += 1;
    }
    byte = b'0' as usize;
    while byte <= b'9' as usize {
        class[byte] = DIGIT;
        byte += 1;
    }
    class[b'.' as usize] = DOT;
    class[b'@' as usize] = AT;
    class[b':' as usize] = COLON;
    class[b'/' as usize] = SLASH;
    class[b'\\' as usize] = BACKSLASH;
    class[b'-' as usize] = HYPHEN;
    class
}

/// Bytes after which a word is cut. Without it a text of marks alone would be
/// searched to its end once for every mark.
const LONGEST: usize = 4_096;

/// Reads all words of the text.
pub(super) fn words(scene: &mut Scene<'_>) {
    let text = scene.text;
    let mut next = 0;
    while next < text.len() {
        let start = next;
        let (length, marks) = measured_word(&text[start..text.len().min(start + LONGEST)]);
        let end = start + length;
        next = end.max(start + 1);
        if marks & !(DIGIT | HYPHEN) == 0 && scene.passes_over(&text[start..end], marks) {
            continue;
        }
        if marks & !HYPHEN != 0 {
            let ends_a_sentence = matches!(marks & !HYPHEN, DOT | COLON) && ends_plainly(&text[start..end]);
            if !ends_a_sentence {
                next = next.max(word(scene, start, end, marks));
            }
        } else if marks == HYPHEN {
            runs(scene, start, end);
        }
    }
}

/// Length of the word that `text` starts with, and its marks.
fn measured_word(text: &[u8]) -> (usize, u8) {
    let (mut length, mut marks) = (0, 0);
    // Four bytes at a time; this loop sees every byte of every text.
    for four in text.as_chunks::<4>().0 {
        let classes = four.map(|byte| CLASS[byte as usize]);
        let all = classes[0] | classes[1] | classes[2] | classes[3];
        if all & GAP != 0 {
            break;
        }
        marks |= all;
        length += 4;
    }
    for &byte in &text[length..] {
        let class = CLASS[byte as usize];
        if class & GAP != 0 {
            break;
        }
        marks |= class;
        length += 1;
    }
    (length, marks)
}

/// Whether the only mark of a word is the one at its end, as in most prose.
fn ends_plainly(word: &[u8]) -> bool {
    match word {
        [inner @ .., b'.'] => memchr(b'.', inner).is_none(),
        [inner @ .., b':'] => memchr(b':', inner).is_none(),
        _ => false,
    }
}

/// Reads one word; returns where reading has to go on, which may lie behind
/// the word if something in it reached further.
fn word(scene: &mut Scene<'_>, start: usize, end: usize, marks: u8) -> usize {
    let (mut done, mut look) = (start, start);
    while look < end && marks & (AT | BACKSLASH | SLASH) != 0 {
        let Some(mark) = next_mark(scene.text, look, end, marks) else { break };
        let span = match scene.text[mark] {
            b'@' => email::read(scene, done, mark).or_else(|| account::prompt(scene, done, mark)),
            b':' => url::read(scene, done, mark),
            _ => windows_path::read(scene, done, mark),
        };
        match span {
            Some((from, to)) => {
                runs(scene, done, from);
                (done, look) = (to, to);
            }
            None => look = mark + 1,
        }
    }
    if done < end { runs(scene, done, end).max(done) } else { done }
}

/// The next at sign, `://` or backslash.
fn next_mark(text: &[u8], start: usize, end: usize, marks: u8) -> Option<usize> {
    let word = &text[start..end];
    let at = (marks & AT != 0).then(|| memchr(b'@', word)).flatten();
    let backslash = (marks & BACKSLASH != 0).then(|| memchr(b'\\', word)).flatten();
    let scheme = (marks & (COLON | SLASH) == COLON | SLASH).then(|| memmem::find(word, b"://")).flatten();
    [at, backslash, scheme].into_iter().flatten().min().map(|index| start + index)
}

/// Facts about the bytes of a run, gathered while it is measured.
const LETTER: u8 = 1;
const DIGITS: u8 = 1 << 1;
const DOTS: u8 = 1 << 2;
const HYPHENS: u8 = 1 << 3;
const OTHER_SCRIPT: u8 = 1 << 4;
/// Bytes that can start something without belonging to a run.
const STARTER: u8 = 1 << 7;

static RUN: [u8; 256] = run_facts();

const fn run_facts() -> [u8; 256] {
    let mut facts = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        facts[byte] = match byte as u8 {
            b'0'..=b'9' => DIGITS,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => LETTER,
            b'.' => DOTS,
            b'-' => HYPHENS,
            0x80.. => OTHER_SCRIPT,
            b'/' | b'~' | b':' | b'+' | b'(' => STARTER,
            _ => 0,
        };
        byte += 1;
    }
    facts
}

/// Letters, digits and what joins them in names; bytes above 0x7f stand for
/// letters of other scripts until they are looked at.
pub(super) fn is_host_byte(byte: u8) -> bool {
    RUN[byte as usize] & !STARTER != 0
}

/// Reads `start..end` run by run; returns where the last thing read ends.
fn runs(scene: &mut Scene<'_>, start: usize, end: usize) -> usize {
    let text = scene.text;
    let mut here = start;
    while here < end {
        let Some(dull) = text[here..end].iter().position(|&byte| RUN[byte as usize] != 0) else { return end };
        here += dull;
        let reached = match RUN[text[here] as usize] {
            STARTER => between(scene, here),
            _ => Some(measured_run(scene, here, end)),
        };
        here = reached.unwrap_or(here + 1).max(here + 1);
    }
    here
}

/// Measures the run at `start` and reads it if it can hold anything.
fn measured_run(scene: &mut Scene<'_>, start: usize, end: usize) -> usize {
    let text = scene.text;
    let (mut to, mut facts) = (start, 0);
    for &byte in &text[start..end] {
        let fact = RUN[byte as usize];
        if fact & !STARTER == 0 {
            break;
        }
        facts |= fact;
        to += 1;
    }
    // Groups of IPv6 and hardware addresses and the letters of drives are short.
    let colon_follows = text.get(to) == Some(&b':');
    let before_colon = colon_follows && to - start <= 4;
    let telling = facts & (DIGITS | DOTS | OTHER_SCRIPT) != 0 || (facts & HYPHENS != 0 && text[start] == b'G');
    if !before_colon && !telling {
        return to;
    }
    if !colon_follows && facts & (DOTS | OTHER_SCRIPT) == 0 && !scene.wants_undotted(facts) {
        return to;
    }
    one_run(scene, start, to, facts).unwrap_or(to).max(to)
}

impl Scene<'_> {
    /// Whether a run without dots can be a value of a kind that is wanted. In
    /// headers and logs it hardly ever can, and they are full of such runs.
    fn wants_undotted(&self, facts: u8) -> bool {
        const CVE: u8 = LETTER | DIGITS | HYPHENS;
        self.policy.wants_any(UNDOTTED) || (facts & CVE == CVE && self.policy.wants(Kind::Cve))
    }

    /// Whether a word with no marks but digits and hyphens holds nothing that
    /// is wanted.
    fn passes_over(&self, word: &[u8], marks: u8) -> bool {
        let is_cve = marks == DIGIT | HYPHEN && self.policy.wants(Kind::Cve);
        marks == 0 || (!is_cve && !self.policy.wants_any(UNDOTTED) && word.is_ascii())
    }
}

/// Kinds whose values have no dots, but for CVE ids, which have letters,
/// digits and hyphens.
const UNDOTTED: Policy = Policy::NONE.with(&[
    Kind::Md5,
    Kind::Sha1,
    Kind::Sha256,
    Kind::Sha512,
    Kind::Wallet,
    Kind::Mac,
    Kind::Phone,
    Kind::Asn,
    Kind::Attack,
    Kind::Tracker,
]);

/// What can start with a byte that belongs to no run.
fn between(scene: &mut Scene<'_>, here: usize) -> Option<usize> {
    match scene.text[here] {
        b'/' => unix_path::read(scene, here),
        b'~' if scene.at(here + 1) == b'/' => unix_path::read(scene, here),
        b':' if scene.at(here + 1) == b':' => ip::v6(scene, here),
        b'+' => phone::international(scene, here),
        b'(' => phone::national(scene, here),
        _ => None,
    }
}

fn one_run(scene: &mut Scene<'_>, start: usize, to: usize, facts: u8) -> Option<usize> {
    let text = scene.text;
    if text.get(to) == Some(&b':') {
        let read = mac::read(scene, start, to).or_else(|| ip::v6(scene, start));
        let read = read.or_else(|| windows_path::with_slashes(scene, start, to));
        if read.is_some() {
            return read;
        }
    }
    if facts & OTHER_SCRIPT != 0 {
        return other_scripts(scene, start, to);
    }
    let (from, trimmed_to) = trimmed(text, start, to);
    if facts == DIGITS | DOTS {
        return phone::national(scene, from).or_else(|| ip::v4(scene, from, trimmed_to));
    }
    plain_run(scene, from, trimmed_to)
}

/// A run of ASCII alone, without dots and hyphens at its ends.
fn plain_run(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let run = scene.text.get(start..end).filter(|run| !run.is_empty())?;
    if memchr(b'.', run).is_some() { dotted(scene, start, end) } else { undotted(scene, start, end) }
}

/// A run with dots: an address, a name, or a version that resembles one.
fn dotted(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let run = &scene.text[start..end];
    let last = run.rsplit(|&byte| byte == b'.').next()?;
    if last.iter().any(u8::is_ascii_digit) && !last.starts_with(b"xn--") {
        return identifier::technique(scene, start, end)
            .or_else(|| mac::dotted(scene, start, end))
            .or_else(|| phone::national(scene, start))
            .or_else(|| file_name::read(scene, start, end))
            .or_else(|| ip::in_run(scene, start, end))
            .or_else(|| domain::read(scene, start, end));
    }
    domain::read(scene, start, end).or_else(|| ip::in_run(scene, start, end))
}

/// The run without dots and hyphens at its ends.
fn trimmed(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let joins = |byte: &u8| matches!(byte, b'.' | b'-');
    let run = &text[start..end];
    let left = run.iter().position(|byte| !joins(byte)).unwrap_or(run.len());
    let right = run.iter().rposition(|byte| !joins(byte)).map_or(left, |index| index + 1);
    (start + left, start + right)
}

fn undotted(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let run = &scene.text[start..end];
    match run.len() {
        0..=3 => phone::national(scene, start),
        32 | 40 | 64 | 128 if hash::read(scene, start, end) => Some(end),
        26..=90 if wallet::read(scene, start, end) => Some(end),
        17 if mac::hyphened(scene, start, end) => Some(end),
        _ => identifier::read(scene, start, end).or_else(|| phone::national(scene, start)),
    }
}

/// A run that holds bytes above 0x7f: pieces of letters and digits in any
/// script, cut at everything else, such as typographic quotes.
fn other_scripts(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scene.text;
    let mut here = start;
    for chunk in text[start..end].utf8_chunks() {
        let mut piece_start = here;
        for (index, c) in chunk.valid().char_indices() {
            if !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
                piece(scene, piece_start, here + index);
                piece_start = here + index + c.len_utf8();
            }
        }
        piece(scene, piece_start, here + chunk.valid().len());
        here += chunk.valid().len() + chunk.invalid().len();
    }
    Some(end)
}

fn piece(scene: &mut Scene<'_>, start: usize, end: usize) {
    let (start, end) = trimmed(scene.text, start, end);
    if scene.text[start..end].is_ascii() {
        plain_run(scene, start, end);
    } else {
        domain::read(scene, start, end);
    }
}
