//! Changes that no reading shows but what is kept of a source: that it is broken, suspect, at odds with another.

use jiff::Timestamp;

use super::make::{self, Story};
use super::{Seen, Source};
use crate::market::{Change, Pending, PendingWhat};

/// The change that tells a story which began with `begun`. The same story of the same beginning has the same identity.
pub fn told(source: &Source<'_>, story: Story, begun: &Seen, now: Timestamp) -> Change {
    let pending = Pending {
        subject: story.subject.clone(),
        what: PendingWhat::Changed(None),
        first_seen: begun.at,
        first_reading: begun.reading(source.id),
        first_body: begun.body,
        readings: 1,
    };
    let seen = Seen { at: now, ..*begun };
    Change {
        new_body: None,
        ..make::change(
            source,
            story,
            &pending,
            &seen,
            seen.reading(source.id),
            false,
        )
    }
}
