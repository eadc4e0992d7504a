//! Files → one checked configuration, or every problem at once.

pub mod conversion;
pub mod tree;

pub use tree::{Problem, Problems};
