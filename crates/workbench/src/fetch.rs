//! Look-ups that leave the machine: the one folder of the program that opens connections.
//!
//! No stage of a run comes here. What is brought is written down with who was
//! asked and when, and is then read like any other evidence.
//!
//! The DNS is asked over the standard library's sockets; feeds come over TLS,
//! which `curl` speaks as a child process (docs/decisions/0017).

pub mod curl;
pub mod dns;
pub mod feeds;
pub mod permitted;
pub mod provenance;
