//! What the PAP mark of a case allows to be asked of the outside world.
//!
//! PAP:RED allows nothing that anybody else could notice. PAP:AMBER allows
//! passive sources: a third party's feed, but not the operators' own name
//! servers, which see the questions that a resolver passes on.

use casefile::Case;

use crate::error::Trouble;

/// Who can notice a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A third party that publishes a feed.
    Feed,
    /// Whoever runs the names or hosts in question.
    Operators,
}

/// Refuses what the mark of the case forbids.
pub fn permitted(case: &Case, reach: Reach) -> Result<(), Trouble> {
    let mark = case.settings().pap.as_deref().map(|mark| mark.trim().to_ascii_lowercase().replace("pap:", ""));
    match (mark.as_deref(), reach) {
        (None | Some("clear" | "white" | "green"), _) | (Some("amber"), Reach::Feed) => Ok(()),
        (Some("amber"), Reach::Operators) => {
            Err(Trouble::Failed("the case is PAP:AMBER: its operators could notice this look-up".to_owned()))
        }
        (Some("red"), _) => Err(Trouble::Failed("the case is PAP:RED: nothing may be looked up outside".to_owned())),
        (Some(other), _) => {
            Err(Trouble::Failed(format!("case.toml: {other:?} is no PAP mark, so nothing is looked up")))
        }
    }
}
