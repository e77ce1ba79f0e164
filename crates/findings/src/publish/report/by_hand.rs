//! How to check what the report says, with Handprint and without it.

use std::collections::BTreeMap;

use model::{Locator, Step};

use super::{Page, Part};

/// Cited places for which the commands are written out, one per shape.
const EXAMPLES: usize = 6;

/// The commands, then every place that the report cites.
pub fn checking(part: &Part<'_>, page: &mut Page) {
    let names: BTreeMap<&str, &str> =
        part.own.dossier.sources.iter().rev().map(|source| (&*source.evidence, &*source.name)).collect();
    let cited = page.cited();
    page.raw("<p>Every number in a small frame leads to a place in the evidence. With Handprint, give the place to <code>show</code>, and check the whole case with <code>verify</code>:</p>\n<pre>");
    page.raw("handprint show CASE ").text(&cited.first().map_or("LOCATOR".to_owned(), |place| quote(place)));
    page.wrap("\nhandprint verify CASE --head ", &part.own.dossier.case.custody_head, "</pre>\n");
    page.raw("<p>Without it, check the hash of the file, then follow the steps of the place from left to right. Run the commands in the folder that held the evidence.</p>\n");
    for (place, by_hand) in examples(&cited, &names) {
        page.wrap("<p class=\"small\">Place ", &place.to_string(), ":</p>\n<pre>");
        for (index, line) in by_hand.iter().enumerate() {
            page.raw(if index > 0 { "\n" } else { "" }).text(line);
        }
        page.raw("</pre>\n");
    }
    page.raw("<h3>Places</h3>\n<p>A place is the SHA-256 of a file, then the steps into it. Ranges count the bytes that the steps before them give.</p>\n<ol class=\"places\">\n");
    for (index, place) in cited.iter().enumerate() {
        let name = place.get(7..71).and_then(|digest| names.get(digest)).copied().unwrap_or("a file of the case");
        page.raw("<li id=\"place-")
            .digits(index as u64 + 1)
            .wrap("\">", name, "<br><code>")
            .text(place)
            .raw("</code></li>\n");
    }
    page.raw("</ol>\n");
}

/// The first cited place of each shape that plain commands can open.
fn examples(cited: &[String], names: &BTreeMap<&str, &str>) -> Vec<(usize, Vec<String>)> {
    let mut shapes = Vec::new();
    let mut examples = Vec::new();
    for (index, place) in cited.iter().enumerate() {
        let Ok(locator) = place.parse::<Locator>() else { continue };
        let shape: Vec<_> = locator.chain.iter().map(std::mem::discriminant).collect();
        let digest = locator.evidence.to_hex();
        let Some(name) = names.get(digest.as_str()) else { continue };
        if examples.len() < EXAMPLES && !shapes.contains(&shape) && !shape.is_empty() {
            shapes.push(shape);
            examples.push((
                index + 1,
                vec![format!("sha256sum -- {}   # {digest}", quote(name)), pipeline(name, &locator.chain)],
            ));
        }
    }
    examples
}

/// A file name that a shell takes as one plain word.
fn quote(name: &str) -> String {
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// A shell pipeline that opens the place, as far as plain tools can.
fn pipeline(name: &str, chain: &[Step]) -> String {
    let mut line = format!("cat -- {}", quote(name));
    for step in chain {
        match command(step, name) {
            // A folded header is shown whole; its bytes would have to be counted by hand.
            Some(command) if matches!(step, Step::Header(..)) => return format!("{line} | {command}"),
            Some(command) => line.push_str(&format!(" | {command}")),
            None => {
                line.push_str(&format!("   # then, in a mail reader or viewer: {step}"));
                break;
            }
        }
    }
    line
}

fn command(step: &Step, name: &str) -> Option<String> {
    Some(match step {
        Step::Gzip => "gzip -dc".to_owned(),
        Step::Zstd => "zstd -dc".to_owned(),
        Step::Xz => "xz -dc".to_owned(),
        Step::Base64 => "base64 -di".to_owned(),
        Step::QuotedPrintable => {
            "python3 -c 'import quopri,sys;quopri.decode(sys.stdin.buffer,sys.stdout.buffer)'".to_owned()
        }
        Step::Charset(label) => format!("iconv -f {} -t UTF-8", quote(label)),
        Step::Tar(_, member) => format!("tar -xOf - -- {}", quote(member)),
        Step::Zip(_, member) => format!("bsdtar -xOf - -- {}", quote(member)),
        Step::Mbox(n) => format!("awk '/^From /{{n++}} n=={}'", n.saturating_add(1)),
        Step::Header(header, n) => format!(
            "awk '/^\\r?$/{{exit}} 1' | grep -i -A3 -m{} {} | tail -n4",
            n.saturating_add(1),
            quote(&format!("^{header}:"))
        ),
        Step::Line(n) | Step::Csv(n, _) => format!("sed -n '{n}p'"),
        Step::Bytes(start, end) => {
            format!("tail -c +{} | head -c {}", start.saturating_add(1), end.saturating_sub(*start))
        }
        Step::Frame(hundredths) => {
            let seconds = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            format!("true; ffmpeg -ss {seconds} -i {} -frames:v 1 frame.png", quote(name))
        }
        Step::Part(_) | Step::Json(_) | Step::Box(..) => return None,
        Step::Msg | Step::Pst(_) | Step::Tnef | Step::Cfb(_) | Step::Pdf(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_in_a_compressed_file_becomes_a_pipeline() {
        let chain = model::locator::parse_chain("gzip/bytes:120-145").expect("a chain");
        assert_eq!(
            pipeline("evidence/a b.gz", &chain),
            "cat -- 'evidence/a b.gz' | gzip -dc | tail -c +121 | head -c 25"
        );
        assert_eq!(quote("it's; rm"), "'it'\\''s; rm'");
        let chain = model::locator::parse_chain("mbox:2/part:1/base64").expect("a chain");
        assert!(pipeline("m.mbox", &chain).ends_with("# then, in a mail reader or viewer: part:1"));
    }
}
