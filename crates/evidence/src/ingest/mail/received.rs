//! Received headers: who took a message from whom.
//!
//! Every mail server words them its own way. The words before and after the
//! comments follow RFC 5321, 4.4; what a server learnt itself (the address,
//! the name looked up) stands in the comments, and so does, for Exim and
//! qmail, the name that the other side gave. The recipient after `for` is
//! never read.

use std::net::IpAddr;

use super::date::{self, MailDate};

/// One hop, as far as it could be made out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hop {
    /// Name that the sending side gave.
    pub helo: Option<String>,
    /// Name that the receiving side looked up.
    pub from_host: Option<String>,
    /// Address of the sending side.
    pub from_ip: Option<IpAddr>,
    /// Receiving host.
    pub by_host: Option<String>,
    /// Protocol, upper case.
    pub protocol: Option<String>,
    /// Queue id.
    pub id: Option<String>,
    /// Time stamp.
    pub date: Option<MailDate>,
}

enum Token<'t> {
    Word(&'t str),
    Comment(&'t str),
}

/// The words and comments that follow one keyword.
#[derive(Default)]
struct Clause<'t> {
    words: Vec<&'t str>,
    comments: Vec<&'t str>,
}

impl<'t> Clause<'t> {
    fn first(&self) -> Option<&'t str> {
        self.words.first().copied()
    }
}

/// Words of one clause that are looked at; more are noise.
const CLAUSE_WORDS: usize = 8;

/// Reads an unfolded value; `None` if neither side, protocol nor date is found.
pub fn parse(value: &str) -> Option<Hop> {
    let (path, stamp) = split_date(value);
    let clauses = clauses(path);
    let [from, by, with, id] = &clauses;
    let mut hop = Hop {
        by_host: by.first().and_then(host),
        protocol: protocol(with),
        id: id.first().map(|id| id.trim_matches(['<', '>', ';', ',']).to_owned()).filter(|id| !id.is_empty()),
        date: date::parse(stamp),
        ..Hop::default()
    };
    let verified = by.comments.iter().chain(&with.comments).any(|comment| comment.starts_with("Exim"));
    sending_side(from, verified, &mut hop);
    (hop != Hop::default()).then_some(hop)
}

/// The time stamp stands after the last semicolon outside comments.
fn split_date(value: &str) -> (&str, &str) {
    let mut depth = 0i32;
    let mut last = None;
    for (at, c) in value.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = (depth - 1).max(0),
            ';' if depth == 0 => last = Some(at),
            _ => {}
        }
    }
    let at = last.or_else(|| value.rfind(';'));
    at.map_or((value, ""), |at| (&value[..at], &value[at + 1..]))
}

/// The clauses of from, by, with and id, the first of each.
fn clauses(path: &str) -> [Clause<'_>; 4] {
    let mut clauses: [Clause<'_>; 4] = Default::default();
    let (mut current, mut seen) = (None, [false; 4]);
    for token in Tokens(path) {
        match token {
            Token::Word(word) => match keyword(word) {
                Some(Some(clause)) if !seen[clause] => {
                    seen[clause] = true;
                    current = Some(clause);
                }
                Some(_) => current = None,
                None => {
                    if let Some(words) =
                        current.map(|at: usize| &mut clauses[at].words).filter(|w| w.len() < CLAUSE_WORDS)
                    {
                        words.push(word);
                    }
                }
            },
            Token::Comment(comment) => {
                if let Some(at) = current {
                    clauses[at].comments.push(comment);
                }
            }
        }
    }
    clauses
}

/// The clause that a word opens; the inner `None` for those that are not read.
fn keyword(word: &str) -> Option<Option<usize>> {
    const KEYWORDS: [(&str, Option<usize>); 6] =
        [("from", Some(0)), ("by", Some(1)), ("with", Some(2)), ("id", Some(3)), ("via", None), ("for", None)];
    KEYWORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, clause)| *clause)
}

struct Tokens<'t>(&'t str);

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let text = self.0.trim_start_matches(|c: char| c.is_whitespace() || c == ')');
        if let Some(inner) = text.strip_prefix('(') {
            let end = comment_end(inner);
            self.0 = inner.get(end + 1..).unwrap_or_default();
            return Some(Token::Comment(&inner[..end]));
        }
        let end = text.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(text.len());
        self.0 = &text[end..];
        (end > 0).then(|| Token::Word(&text[..end]))
    }
}

/// Offset of the parenthesis that closes a comment, or the end of the text.
fn comment_end(inner: &str) -> usize {
    let mut depth = 1;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    inner.len()
}

/// `verified`: the receiving server only names hosts that it looked up (Exim).
fn sending_side(from: &Clause<'_>, verified: bool, hop: &mut Hop) {
    let named = from.first().unwrap_or_default();
    let mut greeted = None;
    let mut looked_up = None;
    for comment in &from.comments {
        read_comment(comment, &mut greeted, &mut looked_up, &mut hop.from_ip);
    }
    let outside_ip = ip(named);
    if greeted.is_some() || (verified && outside_ip.is_none()) {
        hop.from_host = host(named).filter(|_| outside_ip.is_none());
        hop.helo = greeted.or_else(|| hop.from_host.clone());
    } else {
        hop.from_host = looked_up;
        hop.helo = greeting(named).filter(|_| outside_ip.is_none() || hop.from_ip.is_some());
    }
    hop.from_ip = hop.from_ip.or(outside_ip);
}

/// `rdns [ip]`, `[ip]:port helo=name`, `HELO name`, `ip`, and mixtures.
fn read_comment(
    comment: &str,
    greeted: &mut Option<String>,
    looked_up: &mut Option<String>,
    found: &mut Option<IpAddr>,
) {
    let mut words =
        comment.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',')).filter(|w| !w.is_empty());
    while let Some(word) = words.next() {
        if let Some(name) =
            strip_prefix_ignoring_case(word, "helo=").or_else(|| strip_prefix_ignoring_case(word, "ehlo="))
        {
            *greeted = greeted.take().or_else(|| greeting(name));
        } else if ["helo", "ehlo", "lhlo"].iter().any(|verb| word.eq_ignore_ascii_case(verb)) {
            *greeted = greeted.take().or_else(|| words.next().and_then(greeting));
        } else if let Some(address) = ip(word) {
            *found = found.or(Some(address));
        } else if looked_up.is_none() && found.is_none() && word.contains('.') && !word.contains(['=', '@', ':']) {
            *looked_up = host(word);
        } else if looked_up.is_none() && found.is_none() && word.eq_ignore_ascii_case("localhost") {
            *looked_up = Some("localhost".to_owned());
        }
    }
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// An address, with or without brackets, `IPv6:`, zone and port.
fn ip(word: &str) -> Option<IpAddr> {
    let inner = match word.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => word.trim_end_matches([';', '.']),
    };
    let inner = strip_prefix_ignoring_case(inner, "ipv6:").unwrap_or(inner);
    let inner = inner.split('%').next().unwrap_or(inner);
    inner.parse().ok().or_else(|| inner.rsplit_once(':')?.0.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4))
}

/// A greeting is kept as given, since what it claims may be telling.
fn greeting(name: &str) -> Option<String> {
    let name = name.trim_matches(['<', '>', ';', ',', '"']);
    (!name.is_empty() && !name.starts_with('(')).then(|| name.to_owned())
}

/// A host name in lower case; what stands for none is none.
fn host(name: &str) -> Option<String> {
    let name = name.trim_matches(['<', '>', ';', ',', '"', '[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let nobody = ["", "unknown", "unverified", "nohostname", "unknownhost", "invalid", "none"];
    (!nobody.contains(&name.as_str())).then_some(name)
}

fn protocol(with: &Clause<'_>) -> Option<String> {
    let word = with.first()?.trim_end_matches([';', ',']);
    // `Microsoft SMTP Server`, `mapi id`: the word that names a protocol counts.
    let known = with.words.iter().find(|word| {
        let upper = word.to_ascii_uppercase();
        ["SMTP", "LMTP", "HTTP", "MAPI", "IMAP", "POP3"].iter().any(|name| upper.contains(name))
    });
    Some(known.map_or(word, |word| word.trim_end_matches([';', ','])).to_ascii_uppercase())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// helo, from_host, from_ip, by_host, protocol, id; `-` for none.
    fn read(value: &str) -> String {
        let hop = parse(value).unwrap_or_default();
        let ip = hop.from_ip.map(|ip| ip.to_string());
        let fields = [hop.helo, hop.from_host, ip, hop.by_host, hop.protocol, hop.id];
        fields.map(|field| field.unwrap_or_else(|| "-".to_owned())).join(" ")
    }

    #[test]
    fn each_server_is_read_in_its_own_wording() {
        for (value, expected) in [
            (
                "from mail.a.test (mail.a.test [192.0.2.1]) by mx.b.test (Postfix) with ESMTP id 4F for <v@b.test>; Fri, 7 Feb 2025 07:44:51 -0600",
                "mail.a.test mail.a.test 192.0.2.1 mx.b.test ESMTP 4F",
            ),
            (
                "from [127.0.0.1] (unknown [192.0.2.5]) by mx.a.test with ESMTPSA id AF; Fri, 7 Feb 2025 13:44:49 +0000",
                "[127.0.0.1] - 192.0.2.5 mx.a.test ESMTPSA AF",
            ),
            (
                "from [198.51.100.8] (helo=72fa) by vps.a.test with esmtpsa (Exim 4.92) (envelope-from <x@a.test>) id 1a-2b-3c for v@b.test; Sat, 1 Mar 2025 14:29:51 +0300",
                "72fa - 198.51.100.8 vps.a.test ESMTPSA 1a-2b-3c",
            ),
            (
                "from [192.0.2.7] (port=53488 helo=WIN-1) by h.a.test with esmtpsa (TLS1.2) tls X (Exim 4.96) id z; x",
                "WIN-1 - 192.0.2.7 h.a.test ESMTPSA z",
            ),
            (
                "from h.a.test ([192.0.2.9]) by mx.b.test with esmtps (TLSv1.2:AES) (Exim 4.92) id q; x",
                "h.a.test h.a.test 192.0.2.9 mx.b.test ESMTPS q",
            ),
            (
                "from vps.a.test ([192.0.2.3]:53566 helo=smtpclient.apple) by u.test with esmtpsa (Exim 4.96) id k; x",
                "smtpclient.apple vps.a.test 192.0.2.3 u.test ESMTPSA k",
            ),
            (
                "from EX1.a.test (2001:db8::14) by EX2.a.test (2001:db8:1::2) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.1; Wed, 4 Sep 2024 09:13:58 +0000",
                "EX1.a.test - 2001:db8::14 ex2.a.test SMTP 15.20.1",
            ),
            (
                "from unknown (HELO evil.test) (192.0.2.66) by mx.b.test with SMTP; 7 Feb 2025 07:44:51 -0000",
                "evil.test - 192.0.2.66 mx.b.test SMTP -",
            ),
            (
                "from g.test (r.g.test. [IPv6:2001:db8::7]) by mx.c.test (8.14.7/8.14.7) with ESMTP id x7 (version=TLSv1 bits=256 verify=NO); x",
                "g.test r.g.test 2001:db8::7 mx.c.test ESMTP x7",
            ),
            ("by web.a.test (Postfix, from userid 33) id 9C; Fri, 7 Feb 2025 07:44:51 +0100", "- - - web.a.test - 9C"),
            ("(qmail 1234 invoked by uid 89); 7 Feb 2025 07:44:51 -0000", "- - - - - -"),
            ("from localhost (localhost [127.0.0.1]) by a.test", "localhost localhost 127.0.0.1 a.test - -"),
            ("from x (", "x - - - - -"),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
        assert_eq!(parse(""), None);
        assert_eq!(parse("nothing known"), None);
    }
}
