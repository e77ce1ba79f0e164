//! Nothing: the rules of the house are this crate's tests (`tests/it`).
//!
//! They check what a reader of one change cannot see: which crate may lean on
//! which, what may not be linked at all, documents that are generated from
//! code, files that nothing reads. What a reader can see is left to review.
