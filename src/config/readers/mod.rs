//! What each reader's mapping looks like in a probe file.

pub mod models_dev;
