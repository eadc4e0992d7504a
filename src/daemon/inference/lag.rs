//! How late the program comes to what is ready: times that were taken meanwhile are not the other side's alone.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// What was measured while the program was later than this is marked.
pub const MOST: Duration = Duration::from_millis(50);

/// So often it is asked how late the program is.
const BEAT: Duration = Duration::from_millis(20);

/// Waits for `work`, and gives how late the program came to anything at most meanwhile.
pub async fn during<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let mut work = pin!(work);
    let mut most = Duration::ZERO;
    loop {
        let due = Instant::now() + BEAT;
        tokio::select! {
            biased;
            () = sleep_until(due) => most = most.max(due.elapsed()),
            done = &mut work => return (done, most.max(due.elapsed())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_is_held_up_is_noticed() {
        let held = async {
            tokio::time::sleep(BEAT).await;
            let begun = Instant::now();
            while begun.elapsed() < 2 * MOST {
                std::hint::spin_loop();
            }
            tokio::task::yield_now().await;
            7
        };
        let (done, lag) = during(held).await;
        assert_eq!(done, 7);
        assert!(lag > MOST / 2, "{lag:?}");
    }
}
