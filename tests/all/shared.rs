//! Real recorded bodies lie beside the project and are named by `BELLWETHER_SHARED`; without it the tests that need them
//! say so and pass.

use std::path::PathBuf;

/// The folder of real bodies below `path`, or a sentence that the test is skipped.
pub fn folder(path: &str) -> Option<PathBuf> {
    match std::env::var_os("BELLWETHER_SHARED") {
        Some(shared) => {
            let folder = PathBuf::from(shared).join(path);
            assert!(
                folder.exists(),
                "BELLWETHER_SHARED is set, but there is no {}",
                folder.display()
            );
            Some(folder)
        }
        None => {
            eprintln!("skipped: BELLWETHER_SHARED does not name the recorded bodies ({path})");
            None
        }
    }
}
