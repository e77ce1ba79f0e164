//! Slip: what a document, image or video says about who made it, and with what.

use model::{Detector, Entry, Found, PlantCost, Role, SlipKind, Text};

use super::observable::{account, windows_path};

/// Sees fields of document metadata.
pub struct DocumentMetadata;

static ENTRY: Entry = Entry {
    name: "document_metadata",
    summary: "author, company, template, program and clock in the metadata of a document, image or video",
    doc: "\
# What it sees
Fields of document metadata by name: author, last modified by, manager and owner as user names; company; the template, \
where it is a path; the program that made the document; of images and videos also the machine, and the offset at the \
end of a date.

# Why it tells
Office programs write the name of the account and of the licence holder into every file, and few people clear them.

# Example
`lastModifiedBy: mary`

# How it misleads
A document made from somebody else's keeps that person's name; fields are edited with two clicks, and have been, to frame \
others.

# References
ECMA-376, part 2, 11 (core properties); ISO 32000-1, 14.3.3; ISO 16684-1 (XMP); CIPA DC-008 (Exif).",
};

impl Detector for DocumentMetadata {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        let Role::Metadata(field) = text.role else { return };
        let trimmed = text.bytes.trim_ascii();
        if trimmed.is_empty() || trimmed.len() > 260 {
            return;
        }
        let start = text.bytes.len() - text.bytes.trim_ascii_start().len();
        let raw = String::from_utf8_lossy(trimmed).into_owned();
        if let Some(offset) = zone(field, &raw) {
            let behind = trimmed.len() - offset.len();
            found.push(Found {
                kind: SlipKind::Tz,
                value: offset.replace(':', ""),
                start: start + behind,
                length: offset.len(),
                raw: offset.to_owned(),
                why: format!("the clock of the machine that made it was set to UTC{offset}"),
                plant_cost: PlantCost::Trivial,
            });
            return;
        }
        let Some((kind, why)) = judge(field, &raw) else { return };
        found.push(Found {
            kind,
            value: windows_path::cleaned(trimmed).into_owned(),
            start,
            length: trimmed.len(),
            raw,
            why: why.to_owned(),
            plant_cost: PlantCost::Trivial,
        });
    }
}

/// The offset at the end of a date or a field of Exif for offsets; none for
/// zero, which servers and those who hide theirs write.
fn zone<'t>(field: &str, value: &'t str) -> Option<&'t str> {
    let field = field.rsplit(':').next().unwrap_or(field).to_ascii_lowercase();
    let is_date = field.ends_with("date") || field == "when" || field.starts_with("offsettime");
    let offset = value.get(value.len().checked_sub(6)?..).filter(|_| is_date)?;
    let [sign, hours @ .., b':', tens, ones] = offset.as_bytes() else { return None };
    let digits = hours.iter().chain([tens, ones]);
    let is_offset = matches!(sign, b'+' | b'-') && digits.clone().all(u8::is_ascii_digit);
    (is_offset && digits.clone().any(|digit| *digit != b'0') && &offset[1..3] <= "14").then_some(offset)
}

/// The kind of slip that a field with this value is.
fn judge(field: &str, value: &str) -> Option<(SlipKind, &'static str)> {
    let field = field.rsplit(':').next().unwrap_or(field);
    let field: String = field.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let is_path = value.contains('\\') || value.contains('/');
    match field.as_str() {
        "template" | "hyperlinkbase" | "attachedtemplate" if is_path => {
            Some((SlipKind::Path, "the path of the template on the machine that made the document"))
        }
        "author" | "creator" | "lastmodifiedby" | "manager" | "owner" | "artist" | "initialcreator"
        | "cameraownername" => person(value),
        "hostcomputer" => Some((SlipKind::Host, "the machine on which the picture was made")),
        "company" => Some((SlipKind::Other, "the company to which the office program was licensed")),
        "producer" | "creatortool" | "application" | "generator" | "software" | "softwareagent" => {
            Some((SlipKind::Other, "the program that made the document"))
        }
        _ => None,
    }
}

/// PDF writers put the name of the program where others put that of a person.
fn person(value: &str) -> Option<(SlipKind, &'static str)> {
    const PROGRAMS: &[&str] = &[
        "microsoft",
        "adobe",
        "libreoffice",
        "openoffice",
        "acrobat",
        "writer",
        "word",
        "excel",
        "powerpoint",
        "latex",
        "chrom",
        "pdf",
    ];
    let lower = value.to_lowercase();
    if PROGRAMS.iter().any(|program| lower.contains(program)) {
        return Some((SlipKind::Other, "the program that made the document"));
    }
    (!account::is_generic(value)).then_some((SlipKind::Username, "the account that made or last changed the document"))
}

#[cfg(test)]
mod tests {
    use super::{judge, zone};

    #[test]
    fn zones_stand_at_the_end_of_dates() {
        assert_eq!(zone("xmp:CreateDate", "2024-03-12T21:50:39+03:30"), Some("+03:30"));
        assert_eq!(zone("exif:OffsetTimeOriginal", "-05:00"), Some("-05:00"));
        for (field, value) in [
            ("xmp:ModifyDate", "2024-03-12T21:50:39Z"),
            ("xmp:ModifyDate", "2024-03-12T21:50:39+00:00"),
            ("xmp:Label", "a+03:30"),
            ("exif:OffsetTime", "+99:30"),
            ("exif:OffsetTime", "\u{e9}3:30"),
        ] {
            assert_eq!(zone(field, value), None, "{field} {value}");
        }
    }

    #[test]
    fn fields_are_told_by_name_and_value() {
        let kind = |field, value| judge(field, value).map(|(kind, _)| kind.word());
        assert_eq!(kind("cp:lastModifiedBy", "mary"), Some("username"));
        assert_eq!(kind("Author", "Administrator"), None);
        assert_eq!(kind("Creator", "Microsoft Word 2016"), Some("other"));
        assert_eq!(kind("Company", "Example Ltd"), Some("other"));
        assert_eq!(kind("Template", r"C:\x\y.dotm"), Some("path"));
        assert_eq!(kind("Template", "Normal.dotm"), None);
        assert_eq!(kind("Title", "x"), None);
    }
}
