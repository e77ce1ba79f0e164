//! Look-ups that leave the machine: the one folder of the program that opens connections.
//!
//! No stage of a run comes here. What is brought is written down with who was
//! asked and when, and is then read like any other evidence.

pub mod dns;
pub mod provenance;
