//! What is watched: what a declared probe waits for and how it asks, and when a source is asked next.

use jiff::Timestamp;

use crate::config::{Auth, Endpoint, Probe};
use crate::market::SourceId;
use crate::schedule::{Attempts, SourceClock, Turn};
use crate::store::SourceRecord;

/// Whether a probe is asked, and what it waits for if it is not.
pub fn probe_state(probe: &Probe, is_asked: bool) -> String {
    let needs = probe.unset.iter().copied();
    let needs: Vec<&str> = needs.chain(probe.credential.as_deref()).collect();
    match (is_asked, needs.is_empty()) {
        (true, _) => "on".to_string(),
        (false, true) => "off".to_string(),
        (false, false) => format!("off: {}", needs.join(", ")),
    }
}

/// Whether an endpoint is checked, and what it waits for if it is not.
pub fn endpoint_state(endpoint: &Endpoint, is_checked: bool) -> String {
    match (is_checked, endpoint.unset.is_empty()) {
        (true, _) => "on".to_string(),
        (false, true) => "off".to_string(),
        (false, false) => format!("off: {}", endpoint.unset.join(", ")),
    }
}

/// When a source of a probe that is asked is asked next; `None` where its schedule has ended.
pub fn next_asked(
    probe: &Probe,
    source: &SourceId,
    record: Option<&SourceRecord>,
    now: Timestamp,
) -> Option<Timestamp> {
    let clock = SourceClock::new(probe.schedule.clone(), source);
    let attempts = record.map_or_else(Attempts::default, |record| Attempts {
        last: record.last_at,
        consecutive_failures: record.failures,
        retry_after: record.retry_after,
    });
    match clock.turn(attempts, now) {
        Turn::Due { .. } => Some(now),
        Turn::NotDue { next } => (next < Timestamp::MAX).then_some(next),
    }
}

/// What rows of a probe's answers mean.
pub fn meaning(probe: &Probe) -> &'static str {
    match (probe.lists, probe.complete) {
        (true, true) => "a row can be bought, a missing row is gone",
        (true, false) => "a row can be bought, a missing row means nothing",
        (false, true) => "rows state attributes only, a missing row states them no more",
        (false, false) => "rows state attributes only, a missing row means nothing",
    }
}

/// How many readings confirm what a probe says, and what is held.
pub fn confirming(probe: &Probe) -> String {
    let rules = &probe.rules;
    format!(
        "additions in {}, removals in {}, values in {} readings; holds a loss above {:.0} % or a churn above {:.0} %",
        rules.confirm_additions,
        rules.confirm_removals,
        rules.confirm_values,
        rules.max_loss * 100.0,
        rules.max_churn * 100.0
    )
}

/// How a probe shows who asks, without any secret.
pub fn credential(probe: &Probe) -> String {
    match (&probe.request.auth, &probe.credential) {
        (Auth::None, _) | (_, None) => "none needed".to_string(),
        (Auth::Bearer, Some(name)) => format!("Authorization: Bearer, from {name}"),
        (Auth::Header(header), Some(name)) => format!("{header}, from {name}"),
        (Auth::SigV4 { service, .. }, Some(name)) => {
            format!("AWS signature for {service}, as [{name}] or the environment says")
        }
        (Auth::Azure { audience }, Some(name)) => {
            format!("Entra token for {audience}, as [{name}] or the environment says")
        }
        (Auth::Google { scope }, Some(name)) => {
            format!("Google token for {scope}, as [{name}] or the environment says")
        }
        (Auth::Oci, Some(name)) => {
            format!("Oracle's signature, as [{name}] or the environment says")
        }
    }
}
