//! What people read: sentences, messages, the report, charts. Pure.

mod sentence;

pub use sentence::{sentence, subject_line};
