//! Slip: a charset that tells how the sender's software is set up.

use model::{Detector, Entry, Found, PlantCost, SlipKind, Text};

use super::header_values;

/// Sees charsets of single languages in `Content-Type` headers.
pub struct Charset;

static ENTRY: Entry = Entry {
    name: "charset",
    summary: "a charset of one language or country in a Content-Type header",
    doc: "\
# What it sees
`charset=` in a `Content-Type` header, where the charset was made for one script: windows-1256, koi8-r, gb18030, \
iso-2022-jp and their like. UTF-8, ASCII and the Western European charsets say nothing.

# Why it tells
Mail programs take the charset from the language they are set to. A mail in English that declares an Arabic or Chinese \
charset was written on a system set up for that language.

# Example
`Content-Type: text/plain; charset=windows-1256`

# How it misleads
Honest mail in that language declares it as well, mailers let anyone choose, and it costs one setting to plant.

# References
RFC 2046, 4.1.2; IANA Character Sets; WHATWG Encoding Standard.",
};

/// Beginnings of charset labels, with the language or country each was made for.
const TELLING: &[(&str, &str)] = &[
    ("windows-1250", "Central Europe"),
    ("windows-1251", "Cyrillic"),
    ("windows-1253", "Greek"),
    ("windows-1254", "Turkish"),
    ("windows-1255", "Hebrew"),
    ("windows-1256", "Arabic script"),
    ("windows-1257", "the Baltic languages"),
    ("windows-1258", "Vietnamese"),
    ("windows-874", "Thai"),
    ("cp1251", "Cyrillic"),
    ("cp866", "Cyrillic"),
    ("koi8-", "Cyrillic"),
    ("x-mac-cyrillic", "Cyrillic"),
    ("gb2312", "Chinese"),
    ("gbk", "Chinese"),
    ("gb18030", "Chinese"),
    ("hz-gb-2312", "Chinese"),
    ("big5", "Chinese"),
    ("iso-2022-cn", "Chinese"),
    ("iso-2022-jp", "Japanese"),
    ("shift_jis", "Japanese"),
    ("euc-jp", "Japanese"),
    ("iso-2022-kr", "Korean"),
    ("euc-kr", "Korean"),
    ("ks_c_5601", "Korean"),
    ("tis-620", "Thai"),
    ("iso-8859-2", "Central Europe"),
    ("iso-8859-4", "the Baltic languages"),
    ("iso-8859-5", "Cyrillic"),
    ("iso-8859-6", "Arabic"),
    ("iso-8859-7", "Greek"),
    ("iso-8859-8", "Hebrew"),
    ("iso-8859-9", "Turkish"),
    ("iso-8859-11", "Thai"),
    ("iso-8859-13", "the Baltic languages"),
];

impl Detector for Charset {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        for (_, header, value) in header_values::of(text, &["Content-Type"]) {
            let Some((start, label)) = label_in(value) else { continue };
            let value = label.to_ascii_lowercase();
            let Some((_, language)) = TELLING.iter().find(|(telling, _)| is_of(&value, telling)) else { continue };
            found.push(Found {
                kind: SlipKind::Charset,
                raw: label.to_owned(),
                start: header + start,
                length: label.len(),
                why: format!("{value} is what software set up for {language} declares"),
                value,
                plant_cost: PlantCost::Trivial,
            });
        }
    }
}

/// Whether the label is the telling one, or one of the two families whose
/// members share a beginning.
fn is_of(label: &str, telling: &str) -> bool {
    label == telling || (matches!(telling, "koi8-" | "ks_c_5601") && label.starts_with(telling))
}

fn label_in(header: &[u8]) -> Option<(usize, &str)> {
    const KEY: &[u8] = b"charset";
    let key = header.windows(KEY.len()).position(|window| window.eq_ignore_ascii_case(KEY))? + KEY.len();
    let value = key + header[key..].iter().position(|byte| !matches!(byte, b' ' | b'=' | b'"' | b'\''))?;
    let length = header[value..]
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.')))
        .unwrap_or(header.len() - value);
    let label = std::str::from_utf8(&header[value..value + length]).ok()?;
    (key < value && !label.is_empty()).then_some((value, label))
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn telling_charsets_are_found_and_others_pass() {
        for (header, expected) in [
            ("text/plain; charset=windows-1256", "windows-1256"),
            ("text/plain;\r\n\tCharset = \"KOI8-R\"; format=flowed", "koi8-r"),
            ("text/html; charset=GB18030", "gb18030"),
            ("text/plain; charset=ks_c_5601-1987", "ks_c_5601-1987"),
            ("text/plain; charset=utf-8", ""),
            ("text/plain; charset=windows-1252", ""),
            ("text/plain; charset=iso-8859-15", ""),
            ("text/plain; charset", ""),
        ] {
            let mut found = Vec::new();
            let role = Role::Header("content-type");
            let text = Text { role, chain: "", start: 0, bytes: header.as_bytes(), personal: false };
            Charset.look(&text, &mut found);
            assert_eq!(found.first().map_or("", |slip| slip.value.as_str()), expected, "{header}");
        }
    }
}
