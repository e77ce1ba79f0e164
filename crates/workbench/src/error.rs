//! Troubles sorted by what the user can do about them, and their exit codes.

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Something failed; the text says what, where and what to do next.
    #[error("{0}")]
    Failed(String),
    /// The case or its custody chain does not hold.
    #[error("{0}")]
    Integrity(String),
    /// The command was called in a way that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The reader of our output has gone, as `head` does; not an error.
    #[error("the reader of the output has gone")]
    OutputClosed,
}

impl Trouble {
    /// 1 failed, 2 integrity broken, 3 usage.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Integrity(_) => 2,
            Self::Usage(_) => 3,
            Self::OutputClosed => 0,
        }
    }

    /// A failure of reading or writing, with what was read or written.
    pub fn at(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }
}

impl From<casefile::Error> for Trouble {
    fn from(error: casefile::Error) -> Self {
        if error.is_integrity() { Self::Integrity(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Failed(error.to_string()),
        }
    }
}
