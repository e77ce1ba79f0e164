//! Products as files: each folder of the corpus holds a dossier and what every output makes of it.

#![allow(clippy::unwrap_used)]

mod golden;
mod hostile;
mod naming;
