//! What is said of a feed when it is frozen: who publishes it, and on what terms.

use clap::Args;

/// Arguments that every verb has that freezes a feed.
#[derive(Args, Clone)]
pub struct Terms {
    /// Who publishes it; its name or host unless given.
    #[arg(long)]
    pub source: Option<String>,
    /// Terms under which it may be used.
    #[arg(long)]
    pub licence: Option<String>,
    /// Sharing mark of what bears none of its own (TLP 2.0).
    #[arg(long, value_parser = ["clear", "green", "amber", "amber+strict", "red"])]
    pub tlp: Option<String>,
    /// Permissible actions with it (PAP).
    #[arg(long, value_parser = ["clear", "green", "amber", "red"])]
    pub pap: Option<String>,
}
