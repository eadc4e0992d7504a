//! What an answer to a message means, the same for all channels.

use super::{DETAIL_LIMIT, Sent, line::one_line};
use crate::fetch::Reply;
use crate::market::Failure;

/// Whether the message is taken, may be later, or never will be. `place` is the channel's host. A status of the 300s is never
/// followed: whoever the message would be told to then is nobody that the user has chosen.
pub(super) fn outcome(reply: Result<Reply, Failure>, place: &str) -> Sent {
    let reply = match reply {
        Ok(reply) => reply,
        Err(failure) => {
            return Sent::retry(&one_line(&format!("{place}: {failure}"), DETAIL_LIMIT));
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
        _ => format!("{place} answered {status}{said}"),
    };
    let detail = one_line(&detail, DETAIL_LIMIT);
    match status {
        408 | 425 | 429 | 500..=599 => Sent::Retry {
            detail,
            after: reply.retry_after,
        },
        _ => Sent::Refused { detail },
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
        for status in [
            301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422,
        ] {
            let sent = outcome(Ok(reply(status)), place);
            assert!(matches!(sent, Sent::Refused { .. }), "{status}: {sent:?}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 529] {
            let sent = outcome(Ok(reply(status)), place);
            assert!(matches!(sent, Sent::Retry { .. }), "{status}: {sent:?}");
        }
        let waits = Reply {
            retry_after: Some(SignedDuration::from_secs(90)),
            ..reply(503)
        };
        let expected = Sent::Retry {
            detail: "https://hooks.example answered 503: no such hook".to_string(),
            after: Some(SignedDuration::from_secs(90)),
        };
        assert_eq!(outcome(Ok(waits), place), expected);
        let moved = Reply {
            redirected_to: Some("other.example".to_string()),
            ..reply(302)
        };
        let detail = "https://hooks.example redirects to other.example (302), which is not followed: give the final address as url";
        let expected = Sent::Refused {
            detail: detail.to_string(),
        };
        assert_eq!(outcome(Ok(moved), place), expected);
    }
}
