//! What an answer to a message means, the same for all channels.

use super::{DETAIL_LIMIT, Sent, line::one_line};
use crate::fetch::Reply;
use crate::market::Failure;

/// Whether the message is taken, may be later, or never will be. `place` is the channel's host. Refused for good is what says
/// something of this message. All else holds for whatever the channel would be told, and what the user mends, such as a token
/// that was rotated, loses nothing until then. A status of the 300s is never followed: whoever the message would be told to then
/// is nobody that the user has chosen.
pub(super) fn outcome(reply: Result<Reply, Failure>, place: &str) -> Sent {
    let reply = match reply {
        Ok(reply) => reply,
        Err(failure) => {
            return Sent::down(&one_line(&format!("{place}: {failure}"), DETAIL_LIMIT));
        }
    };
    let status = reply.status;
    let said = match reply.said.as_str() {
        "" => String::new(),
        said => format!(": {said}"),
    };
    let detail = match status {
        200..=299 => return Sent::Accepted,
        300..=399 => {
            let to = reply.redirected_to.filter(|host| !host.is_empty());
            let to = to.map_or(String::new(), |host| format!(" to {host}"));
            format!(
                "{place} redirects{to} ({status}), which is not followed: give the final address as url"
            )
        }
        _ => match to_mend(status) {
            Some(what) => format!("{place} answered {status}, so check {what}{said}"),
            None => format!("{place} answered {status}{said}"),
        },
    };
    let detail = one_line(&detail, DETAIL_LIMIT);
    let is_passing = matches!(status, 300..=399 | 408 | 425 | 429 | 500..=599);
    match is_passing || to_mend(status).is_some() {
        true => Sent::Retry {
            detail,
            after: reply.retry_after,
            is_down: true,
        },
        false => Sent::Refused { detail },
    }
}

/// What the user puts right where a status says nothing of the message.
fn to_mend(status: u16) -> Option<&'static str> {
    match status {
        401..=403 => Some("the channel's token, key or secret address"),
        404 | 405 | 410 => Some("the channel's address"),
        407 => Some("the login at the [http] proxy"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn reply(status: u16) -> Reply {
        Reply {
            status,
            said: "no such hook".to_string(),
            retry_after: None,
            redirected_to: None,
            took: SignedDuration::ZERO,
        }
    }

    #[test]
    fn each_status_is_taken_refused_or_tried_again() {
        let place = "https://hooks.example";
        for status in [200, 201, 202, 204] {
            assert_eq!(outcome(Ok(reply(status)), place), Sent::Accepted);
        }
        for status in [400, 406, 409, 411, 413, 414, 415, 422, 431, 451] {
            let sent = outcome(Ok(reply(status)), place);
            assert!(matches!(sent, Sent::Refused { .. }), "{status}: {sent:?}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 529] {
            let sent = outcome(Ok(reply(status)), place);
            assert!(matches!(sent, Sent::Retry { .. }), "{status}: {sent:?}");
        }
        for (status, mend) in [
            (301, "give the final address as url"),
            (302, "give the final address as url"),
            (304, "give the final address as url"),
            (308, "give the final address as url"),
            (
                401,
                "so check the channel's token, key or secret address: no such hook",
            ),
            (403, "so check the channel's token, key or secret address"),
            (404, "so check the channel's address: no such hook"),
            (405, "so check the channel's address"),
            (407, "so check the login at the [http] proxy"),
            (410, "so check the channel's address"),
        ] {
            match outcome(Ok(reply(status)), place) {
                Sent::Retry { detail, .. } => assert!(detail.contains(mend), "{detail}"),
                other => panic!("{status}: {other:?}"),
            }
        }
        let waits = Reply {
            retry_after: Some(SignedDuration::from_secs(90)),
            ..reply(503)
        };
        let expected = Sent::Retry {
            detail: "https://hooks.example answered 503: no such hook".to_string(),
            after: Some(SignedDuration::from_secs(90)),
            is_down: true,
        };
        assert_eq!(outcome(Ok(waits), place), expected);
        let moved = Reply {
            redirected_to: Some("other.example".to_string()),
            ..reply(302)
        };
        let detail = "https://hooks.example redirects to other.example (302), which is not followed: give the final address as url";
        assert_eq!(outcome(Ok(moved), place), Sent::down(detail));
    }
}
