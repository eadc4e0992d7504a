//! The Retry-After header (RFC 9110, section 10.2.3): how long a host asks us to wait.

use jiff::fmt::{rfc2822, strtime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// No host can make us wait longer than this.
pub const RETRY_AFTER_LIMIT: SignedDuration = SignedDuration::from_hours(24);

/// Longer values are no date in any of the three forms.
const LONGEST_DATE_BYTES: usize = 64;

/// Reads seconds or one of the three date forms of RFC 9110, section 5.6.7. A date in the past or a negative number is a wait of
/// zero; no wait is longer than [`RETRY_AFTER_LIMIT`]. `None` if it is neither, so that the ordinary back-off holds.
pub fn retry_after_from_header(value: &str, now: Timestamp) -> Option<SignedDuration> {
    let value = value.trim();
    let wait = seconds(value).or_else(|| Some(http_date(value)?.duration_since(now)))?;
    Some(wait.clamp(SignedDuration::ZERO, RETRY_AFTER_LIMIT))
}

fn seconds(value: &str) -> Option<SignedDuration> {
    let (digits, sign) = match value.strip_prefix('-') {
        Some(digits) => (digits, -1),
        None => (value, 1),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| SignedDuration::from_secs(digits.parse().unwrap_or(i64::MAX) * sign))
}

fn http_date(value: &str) -> Option<Timestamp> {
    // RFC 850's weekday in full, and asctime, which pads the day with a blank.
    const OBSOLETE: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    if value.len() > LONGEST_DATE_BYTES {
        return None;
    }
    let fixed_length = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    fixed_length.parse_timestamp(value).ok().or_else(|| {
        OBSOLETE.into_iter().find_map(|form| {
            let civil = strtime::parse(form, value).ok()?.to_datetime().ok()?;
            Offset::UTC.to_timestamp(civil).ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn header_values() {
        let now: Timestamp = "1994-11-06T08:47:37Z".parse().unwrap();
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("-5", Some(0)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("-99999999999999999999999999", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(120)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(120)),
            ("Sun Nov  6 08:49:37 1994", Some(120)),
            ("Wed Nov 16 08:49:37 1994", Some(86_400)),
            ("Mon, 06 Nov 1994 08:49:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:47:36 GMT", Some(0)),
            ("Sat, 01 Jan 2050 00:00:00 GMT", Some(86_400)),
            ("", None),
            ("-", None),
            ("soon", None),
            ("1.5", None),
            ("+5", None),
            ("12 s", None),
            ("2026-01-01T00:00:00Z", None),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ] {
            let expected = expected.map(SignedDuration::from_secs);
            assert_eq!(retry_after_from_header(value, now), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_at_any_time_is_bounded(
            value in "-?[0-9]{0,30}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT|\\PC{0,80}",
            now in prop_oneof![Just(Timestamp::MIN), Just(Timestamp::MAX), Just(Timestamp::UNIX_EPOCH)],
        ) {
            if let Some(wait) = retry_after_from_header(&value, now) {
                prop_assert!(SignedDuration::ZERO <= wait && wait <= RETRY_AFTER_LIMIT);
            }
        }
    }
}
