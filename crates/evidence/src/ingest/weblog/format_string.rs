//! Format strings of Apache and nginx, taken apart into fixed texts and values.

use super::role::Role;

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Stands in each line.
    Text(String),
    /// Stands for what the request was.
    Value(Role),
}

/// The pieces that `LogFormat "..." name` or `log_format name '...' '...';`
/// declares; none where it declares nothing that tells of a request.
pub fn pieces_of(declaration: &str) -> Vec<Piece> {
    let nginx = declaration.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("log_"));
    let format: String = quoted(declaration).concat();
    let mut pieces = Pieces::default();
    match nginx {
        true => variables(&format, &mut pieces),
        false => directives(&format, &mut pieces),
    }
    let told =
        |wanted: &[Role]| pieces.0.iter().any(|piece| matches!(piece, Piece::Value(role) if wanted.contains(role)));
    let whole = told(&[Role::Time]) && told(&[Role::RequestLine, Role::Uri, Role::Method]);
    // Two values with nothing between them cannot be told apart.
    let parted = pieces.0.windows(2).all(|pair| pair.iter().any(|piece| matches!(piece, Piece::Text(_))));
    if whole && parted { pieces.0 } else { Vec::new() }
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }

    /// A query right behind the path is part of the target.
    fn value(&mut self, role: Role) {
        if role != Role::Args || self.0.last() != Some(&Piece::Value(Role::Uri)) {
            self.0.push(Piece::Value(role));
        }
    }
}

/// The quoted strings of a declaration, `\"` and `\'` within them undone.
fn quoted(declaration: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = declaration;
    while let Some(open) = rest.find(['"', '\'']) {
        let mark = rest.as_bytes()[open] as char;
        let mut text = String::new();
        let mut chars = rest[open + 1..].char_indices();
        let end = loop {
            match chars.next() {
                None => break rest.len() - open - 1,
                Some((at, c)) if c == mark => break at + 1,
                Some((_, '\\')) => match chars.next() {
                    Some((_, 't')) => text.push('\t'),
                    Some((_, c)) => text.push(c),
                    None => {}
                },
                Some((_, c)) => text.push(c),
            }
        };
        found.push(text);
        rest = rest.get(open + 1 + end..).unwrap_or_default();
        // Apache's nickname may be quoted as well, and is no part of the format.
        if declaration.starts_with(['L', 'l']) && !declaration[..4].eq_ignore_ascii_case("log_") {
            break;
        }
    }
    found
}

/// nginx: `$name` or `${name}`.
fn variables(format: &str, pieces: &mut Pieces) {
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('$') {
        pieces.text(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, left) = braced.unwrap_or_else(|| after.split_at(end));
        // The question mark, where there is a query.
        if name != "is_args" {
            pieces.value(Role::of(name.as_bytes()));
        }
        rest = left;
    }
    pieces.text(rest);
}

/// Apache: `%`, codes of status and `<` or `>` that limit it, `{name}`, a letter.
fn directives(format: &str, pieces: &mut Pieces) {
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        pieces.text(before);
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | ',' | '<' | '>'));
        let (name, after) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, left)) => (Some(name), left),
            None => (None, after),
        };
        // `%^FU` and `%^FB` are the two that have three letters.
        let length = if after.starts_with('^') { 3 } else { after.chars().next().map_or(0, char::len_utf8) };
        let (letter, left) = after.split_at_checked(length).unwrap_or((after, ""));
        match (letter, name) {
            ("%", _) => pieces.text("%"),
            ("t", None) => {
                pieces.text("[");
                pieces.value(Role::Time);
                pieces.text("]");
            }
            _ => pieces.value(directive(letter, name)),
        }
        rest = left;
    }
    pieces.text(rest);
}

fn directive(letter: &str, name: Option<&str>) -> Role {
    let header = name.unwrap_or_default().to_ascii_lowercase();
    match (letter, header.as_str()) {
        ("h" | "a", _) => Role::Peer,
        ("u", _) => Role::User,
        ("t", _) => Role::Time,
        ("r", _) => Role::RequestLine,
        ("m", _) => Role::Method,
        ("U", _) => Role::Uri,
        ("q", _) => Role::Args,
        ("s", _) => Role::Status,
        ("b" | "B" | "O", _) => Role::Bytes,
        ("D", _) | ("T", "us") => Role::Micros,
        ("T", "ms") => Role::Millis,
        ("T", _) => Role::Seconds,
        ("v" | "V", _) | ("i", "host") => Role::Host,
        ("i", "referer") => Role::Referer,
        ("i", "user-agent") => Role::Agent,
        ("i", "x-forwarded-for") => Role::Forwarded,
        ("i", "cookie") | ("C", _) => Role::Cookie,
        _ => Role::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(declaration: &str) -> String {
        let show = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(role) => format!("<{role:?}>"),
        };
        pieces_of(declaration).iter().map(show).collect()
    }

    #[test]
    fn declarations_are_taken_apart() {
        let apache = r#"LogFormat "%v:%p %h %l %{%s}t.%{msec_frac}t \"%r\" %>s %!200,304b 100%% \"%{User-Agent}i\" %{sid}C %^FB %D" name"#;
        let wanted = "<Host>:<Other> <Peer> <Other> <Time>.<Time> \"<RequestLine>\" <Status> <Bytes> 100% \"<Agent>\" <Cookie> <Other> <Micros>";
        assert_eq!(shown(apache), wanted);
        let nginx =
            "log_format a escape=none '$remote_addr [$time_local] ' \"\\\"$request\\\" ${status}s $upstream_x\";";
        assert_eq!(shown(nginx), "<Peer> [<Time>] \"<RequestLine>\" <Status>s <Other>");
        assert_eq!(shown("log_format b '$msec $uri$is_args$args $status';"), "<Time> <Uri> <Status>");
        assert_eq!(shown("LogFormat \"%t %U%q\""), "[<Time>] <Uri>");
    }

    #[test]
    fn what_tells_of_no_request_declares_nothing() {
        for declaration in [
            "LogFormat \"%h %l\" a",
            "log_format a '$time_local$request';",
            "LogFormat",
            "log_format x",
            "LogFormat \"%t %",
        ] {
            assert_eq!(shown(declaration), "", "{declaration}");
        }
    }
}
