//! Slip: what a document says about who made it, and with what.

use model::{Detector, Entry, Found, PlantCost, Role, SlipKind, Text};

use super::observable::{account, windows_path};

/// Sees fields of document metadata.
pub struct DocumentMetadata;

static ENTRY: Entry = Entry {
    name: "document_metadata",
    summary: "author, company, template and program in the metadata of a document",
    doc: "\
# What it sees
Fields of document metadata by name: author, last modified by, manager and owner as user names; company; the template, \
where it is a path; and the program that made the document.

# Why it tells
Office programs write the name of the account and of the licence holder into every file, and few people clear them.

# Example
`lastModifiedBy: mary`

# How it misleads
A document made from somebody else's keeps that person's name; fields are edited with two clicks, and have been, to frame \
others.

# References
ECMA-376, part 2, 11 (core properties); ISO 32000-1, 14.3.3.",
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

/// The kind of slip that a field with this value is.
fn judge(field: &str, value: &str) -> Option<(SlipKind, &'static str)> {
    let field = field.rsplit(':').next().unwrap_or(field);
    let field: String = field.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let is_path = value.contains('\\') || value.contains('/');
    match field.as_str() {
        "template" | "hyperlinkbase" | "attachedtemplate" if is_path => {
            Some((SlipKind::Path, "the path of the template on the machine that made the document"))
        }
        "author" | "creator" | "lastmodifiedby" | "manager" | "owner" | "artist" | "initialcreator" => person(value),
        "company" => Some((SlipKind::Other, "the company to which the office program was licensed")),
        "producer" | "creatortool" | "application" | "generator" | "software" => {
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
    use super::judge;

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
