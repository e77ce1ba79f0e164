//! What can go wrong with a case: what, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// Why a case could not be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no case at the path.
    #[error("{path} is no case: it has no case.toml; `handprint investigate EVIDENCE --case {path}` makes one", path = .0.display())]
    NoCase(PathBuf),
    /// The folder holds something that is no case.
    #[error("{path} is not empty and no case; name a new folder, or empty this one", path = .0.display())]
    NotACase(PathBuf),
    /// Another process writes to the case.
    #[error("{path} is open for writing in another process; wait until that one has ended", path = .0.display())]
    Busy(PathBuf),
    /// The case was opened for reading.
    #[error("{path} was opened for reading, so nothing can be written to it", path = .0.display())]
    ReadOnly(PathBuf),
    /// `case.toml` cannot be understood.
    #[error("{path}: {why}; mend the file or restore it", path = path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The signing key cannot be used.
    #[error("the signing key {path} {why}; move it away and a new one is made", path = path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A name would not stay within its folder.
    #[error("{0:?} cannot be a name in a case: use letters, digits, `-` and `_`")]
    Name(String),
    /// No original has that digest.
    #[error("sha256:{0} is neither evidence nor intel of this case")]
    NoSuchSource(String),
    /// A stage was to be completed without one of its parts.
    #[error("stage {stage} cannot be completed: its part {split} is not finished; run the stage again")]
    Unfinished {
        /// Word of the stage.
        stage: &'static str,
        /// Id of the split.
        split: String,
    },
    /// Rows do not fit their table.
    #[error("rows for table {table} cannot be written: {why}")]
    Table {
        /// Name of the table.
        table: String,
        /// What is wrong with them.
        why: String,
    },
    /// The SQL engine refused or failed.
    #[error("{0}")]
    Sql(String),
    /// The case is not what it was when written.
    #[error("{0}")]
    Integrity(String),
}

impl Error {
    /// Whether the case or its chain of custody does not hold.
    pub fn is_integrity(&self) -> bool {
        matches!(self, Self::Integrity(_))
    }

    /// Puts what was being done, and to what, before an error of the system.
    pub(crate) fn io(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Sql(error.strip_backtrace())
    }
}

impl From<datafusion::arrow::error::ArrowError> for Error {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Sql(error.to_string())
    }
}

impl From<datafusion::parquet::errors::ParquetError> for Error {
    fn from(error: datafusion::parquet::errors::ParquetError) -> Self {
        Self::Sql(error.to_string())
    }
}
