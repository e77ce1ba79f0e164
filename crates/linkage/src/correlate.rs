//! Correlate: what ties messages to each other, and kinds of evidence together.
//!
//! Each rule is a `.sql` file in this folder. Values are indexed by the stage
//! before; pairs are made only for values that at least two kinds of evidence
//! hold, so that nothing grows with the square of the case.
//! A `.rs` file holds what SQL alone cannot do.

pub mod coordination;
