//! Words of status pages.

use super::Value;

/// What a component is when all is well, in the word that probe files map others to.
pub const WELL: &str = "operational";

/// Whether a component's status says that all is well.
pub fn is_well(status: &Value) -> bool {
    matches!(status, Value::Text(word) if &**word == WELL)
}
