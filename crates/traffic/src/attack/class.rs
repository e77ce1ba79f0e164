//! Classes of attack, and sets of them.

use serde::{Deserialize, Serialize};

/// One class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A mark of a scanning tool.
    Scan,
    /// A weak or sensitive resource that the whole net is asked for.
    Probe,
    /// Injection into database queries.
    Sqli,
    /// Script for other visitors' browsers.
    Xss,
    /// Paths out of the site's folder, system files.
    Traversal,
    /// Foreign addresses to be fetched by the server.
    Inclusion,
    /// Commands of a shell.
    Command,
    /// Code of server languages, templates.
    Code,
    /// Java expressions, look-ups, serialised objects.
    Java,
    /// A script put on the server.
    Upload,
    /// A script used on the server.
    Shell,
}

const ALL: [(Class, &str, &str, &str); 11] = [
    (Class::Scan, "class.scan", "scan", "T1595.002"),
    (Class::Probe, "class.probe", "probe", "T1595.003"),
    (Class::Sqli, "class.sqli", "sqli", "T1190"),
    (Class::Xss, "class.xss", "xss", "T1059.007"),
    (Class::Traversal, "class.traversal", "traversal", "T1083"),
    (Class::Inclusion, "class.inclusion", "inclusion", "T1190"),
    (Class::Command, "class.command", "command", "T1059.004"),
    (Class::Code, "class.code", "code", "T1059"),
    (Class::Java, "class.java", "java", "T1190"),
    (Class::Upload, "class.upload", "webshell-upload", "T1505.003"),
    (Class::Shell, "class.shell", "webshell", "T1505.003"),
];

impl Class {
    /// The class that a rule's tag names.
    pub fn from_tag(tag: &str) -> Option<Self> {
        ALL.iter().find(|(_, name, _, _)| *name == tag).map(|(class, ..)| *class)
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classes(u16);

impl Classes {
    /// None.
    pub const NONE: Self = Self(0);

    /// The set with one more.
    #[must_use]
    pub fn with(self, class: Class) -> Self {
        Self(self.0 | 1 << class as u16)
    }

    /// Whether the class is in it.
    pub fn has(self, class: Class) -> bool {
        self.0 & 1 << class as u16 != 0
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it holds more than what everybody on the net is asked for.
    pub fn is_strong(self) -> bool {
        self.0 & !(1 << Class::Probe as u16 | 1 << Class::Scan as u16 | 1 << Class::Shell as u16) != 0
    }

    /// The words of the classes, in a fixed order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().filter(move |(class, ..)| self.has(*class)).map(|(_, _, word, _)| *word)
    }

    /// The ATT&CK techniques of the classes, in a fixed order.
    pub fn techniques(self) -> impl Iterator<Item = &'static str> {
        let mut ids: Vec<_> = ALL.iter().filter(|(class, ..)| self.has(*class)).map(|(.., id)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
    }
}

impl std::ops::BitOr for Classes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
