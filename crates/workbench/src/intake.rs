//! Finding the files that the arguments name, and naming them as laid out.

use std::fs;
use std::path::{Path, PathBuf};

use casefile::SourceRole;

/// One file that an argument leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Last component of the argument, then the path below it, joined by `/`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// All regular files below the arguments, and the names of what is none.
///
/// Both lists are sorted by name, so that the order of the arguments and of
/// directory entries leaves no trace.
pub fn gather(arguments: &[PathBuf]) -> std::io::Result<(Vec<Found>, Vec<String>)> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for argument in arguments {
        let path = fs::canonicalize(argument)?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        walk(&path, &name, &mut files, &mut others)?;
    }
    files.sort();
    files.dedup();
    others.sort();
    Ok((files, others))
}

fn walk(path: &Path, name: &str, files: &mut Vec<Found>, others: &mut Vec<String>) -> std::io::Result<()> {
    let kind = fs::symlink_metadata(path)?.file_type();
    if kind.is_file() {
        files.push(Found { name: name.to_owned(), path: path.to_owned() });
    } else if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let below = format!("{name}/{}", entry.file_name().to_string_lossy());
            walk(&entry.path(), &below, files, others)?;
        }
    } else {
        // Links may lead out of what was handed in, pipes and devices never end.
        others.push(name.to_owned());
    }
    Ok(())
}

/// What a source is about: by its format where that tells, else by the folder
/// that the investigator put it in.
pub fn topic(role: SourceRole, format: Option<&str>, name: &str) -> &'static str {
    if role == SourceRole::Intel {
        return "intel";
    }
    let by_format = match format {
        Some("mbox" | "mail") => Some("mail"),
        Some(format) if format.starts_with("weblog") => Some("web"),
        Some("rdap" | "passive-dns") => Some("hosting"),
        Some("media") => Some("video"),
        _ => None,
    };
    let folder = |name: &str| TOPICS.iter().find(|(words, _)| words.contains(&name)).map(|(_, topic)| *topic);
    let mut folders = name.split('/').rev().skip(1).map(str::to_ascii_lowercase);
    let by_folder = folders.find_map(|name| folder(&name));
    match (by_format, by_folder) {
        // A provider's answer is a mail, but it is filed with what it answers.
        (Some("mail"), Some("hosting" | "notes")) => by_folder.unwrap_or("other"),
        // A picture is what the folder is about: a scan of a letter, a shot of a post.
        (Some("video"), Some(_)) => by_folder.unwrap_or("other"),
        (Some(topic), _) => topic,
        (None, topic) => topic.unwrap_or("other"),
    }
}

const TOPICS: &[(&[&str], &str)] = &[
    (&["mail", "mails", "email", "maildir", "complaints"], "mail"),
    (&["weblogs", "web", "logs", "www"], "web"),
    (&["hosting", "infrastructure", "rdap", "dns", "certificates", "providers"], "hosting"),
    (&["leak", "leaks", "dump", "dumps"], "leak"),
    (&["social", "posts", "accounts"], "social"),
    (&["video", "videos", "screens", "images", "recordings"], "video"),
    (&["notes", "note"], "notes"),
    (&["voterfiles", "voters", "records", "lists"], "records"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_follow_the_format_first_and_the_folder_second() {
        let topic = |format, name| topic(SourceRole::Evidence, format, name);
        assert_eq!(topic(Some("weblog-alb"), "evidence/misc/access.log"), "web");
        assert_eq!(topic(Some("mail"), "evidence/hosting/answer.eml"), "hosting");
        assert_eq!(topic(Some("delimited"), "evidence/leak/part1.csv"), "leak");
        assert_eq!(topic(None, "evidence/blob.bin"), "other");
        assert_eq!(super::topic(SourceRole::Intel, Some("stix"), "intel/leak/a.json"), "intel");
    }
}
