//! Web sessions.
