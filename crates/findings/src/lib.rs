//! From rows to judgements, and from a dossier to the files that people read.
//!
//! Two stages live here, both pure functions. [`assess()`] weighs rival
//! explanations with the ratios of `weights.toml`; [`publish`] turns a
//! [`Dossier`] into bytes. Read `dossier` first: it is the whole of what
//! either may know.
//!
//! What is absent: no SQL, no case folder, no file, no clock, no network.

pub mod assess;
pub mod dossier;
pub mod publish;

pub use assess::{Assessment, Weights, WeightsError, assess};
pub use dossier::{AssessInput, Dossier};
pub use publish::as_of;
pub use publish::campaigns::mail_page;
pub use publish::knowledge::closed_case;
pub use publish::{OUTPUTS, Output};
