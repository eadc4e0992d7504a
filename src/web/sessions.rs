//! Who is signed in. Of a session only a hash is kept, and nothing of it outlives the program.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::keys;
use super::refusal::Refusal;
use super::site::held;

/// What stands for a session here.
pub(super) type SessionId = [u8; 32];

/// However busy, a session is over after a week.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Without a request it is over after half a day.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// Sessions at once: beyond them the one that has been idle for longest ends.
const MOST: usize = 1_000;

#[derive(Debug, Clone, Copy)]
struct Session {
    begun: Timestamp,
    seen: Timestamp,
}

impl Session {
    /// A session of the future was begun before the clock was set back.
    fn is_on(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.begun);
        age >= SignedDuration::ZERO && age < LONGEST && now.duration_since(self.seen) < IDLE
    }
}

/// Who is signed in.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<SessionId, Session>>);

impl Sessions {
    /// Begins a session. Gives the word by which its owner is known.
    pub fn begin(&self, now: Timestamp) -> Result<String, Refusal> {
        let word = keys::random()?;
        let mut all = held(&self.0);
        all.retain(|_, session| session.is_on(now));
        if all.len() >= MOST {
            let idle = all.iter().min_by_key(|(_, session)| session.seen);
            if let Some(id) = idle.map(|(id, _)| *id) {
                all.remove(&id);
            }
        }
        let session = Session {
            begun: now,
            seen: now,
        };
        all.insert(keys::kept(&word), session);
        Ok(word)
    }

    /// Whose word it is, if the session goes on; it has then been seen.
    pub fn known(&self, word: &str, now: Timestamp) -> Option<SessionId> {
        let id = keys::kept(word);
        let mut all = held(&self.0);
        let session = all.get_mut(&id)?;
        if !session.is_on(now) {
            all.remove(&id);
            return None;
        }
        session.seen = now;
        Some(id)
    }

    /// Ends a session.
    pub fn end(&self, id: &SessionId) {
        held(&self.0).remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_age_by_rest_and_by_word() {
        let sessions = Sessions::default();
        let hours = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let word = sessions.begin(hours(0)).expect("a session");
        assert_eq!(sessions.known("another", hours(0)), None);
        for hour in (0..168).step_by(11) {
            assert!(sessions.known(&word, hours(hour)).is_some(), "{hour}");
        }
        assert_eq!(sessions.known(&word, hours(168)), None);
        let word = sessions.begin(hours(0)).expect("a session");
        assert_eq!(sessions.known(&word, hours(12)), None);
        let word = sessions.begin(hours(5)).expect("a session");
        // the clock was set back
        assert_eq!(sessions.known(&word, hours(4)), None);
        let word = sessions.begin(hours(5)).expect("a session");
        let id = sessions.known(&word, hours(5)).expect("a session");
        sessions.end(&id);
        assert_eq!(sessions.known(&word, hours(5)), None);
    }

    #[test]
    fn sessions_are_bounded() {
        let sessions = Sessions::default();
        let at = |second| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        let first = sessions.begin(at(0)).expect("a session");
        let second = sessions.begin(at(1)).expect("a session");
        assert!(sessions.known(&first, at(2)).is_some());
        for _ in 0..MOST {
            sessions.begin(at(3)).expect("a session");
        }
        assert!(held(&sessions.0).len() <= MOST);
        assert_eq!(sessions.known(&second, at(3)), None);
    }
}
