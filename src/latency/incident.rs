//! Incidents of our own beside those that status pages state: which are the same, and who saw it first.

/// An incident, whoever says so. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Whose.
    pub provider: String,
    /// Where: names of regions or of components, however the source spells them; empty where it does not say.
    pub places: Vec<String>,
    /// When it began.
    pub begin: i64,
    /// When it ended; `None` while it goes on.
    pub end: Option<i64>,
    /// When it was first seen.
    pub seen: i64,
}

/// Incidents this far apart can be the same: pages are written late, and closed later.
const SLACK: i64 = 30 * 60;

/// For each of our own incidents, which stated one is the same, if any: one of the same provider, of a place that is not another,
/// that overlaps it in time, give or take half an hour; of several the one that begins nearest.
pub fn same(own: &[Incident], stated: &[Incident]) -> Vec<Option<usize>> {
    let nearest = |one: &Incident| {
        let of_it = stated
            .iter()
            .enumerate()
            .filter(|(_, other)| is_same(one, other));
        of_it
            .min_by_key(|(n, other)| (other.begin.abs_diff(one.begin), *n))
            .map(|(n, _)| n)
    };
    own.iter().map(nearest).collect()
}

fn is_same(own: &Incident, stated: &Incident) -> bool {
    let end = |incident: &Incident| incident.end.unwrap_or(i64::MAX - SLACK);
    own.provider == stated.provider
        && own.begin <= end(stated) + SLACK
        && stated.begin <= end(own) + SLACK
        && is_same_place(&own.places, &stated.places)
}

/// Whether a page that names places names one of ours. One that names none of the places by their codes (`us-east-1`) is not
/// held to them: its words are those of its product's parts.
fn is_same_place(own: &[String], stated: &[String]) -> bool {
    let is_code = |place: &&String| {
        let has_digit = place.chars().any(|c| c.is_ascii_digit());
        has_digit && !place.contains(' ')
    };
    let codes: Vec<String> = stated
        .iter()
        .filter(is_code)
        .map(|place| place.to_lowercase())
        .collect();
    let mut ours = own.iter().filter(is_code).peekable();
    codes.is_empty()
        || ours.peek().is_none()
        || ours.any(|place| {
            codes
                .iter()
                .any(|code| code.contains(&place.to_lowercase()))
        })
}

/// By how many seconds we saw it earlier than the page showed it; below zero if the page was first.
pub fn lead(own: &Incident, stated: &Incident) -> i64 {
    stated.seen - own.seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(provider: &str, place: &str, begin: i64, end: Option<i64>) -> Incident {
        let places = place.split_terminator(',').map(str::to_string).collect();
        Incident {
            provider: provider.to_string(),
            places,
            begin: begin * 60,
            end: end.map(|end| end * 60),
            seen: begin * 60 + 600,
        }
    }

    #[test]
    fn the_same_incident_overlaps_in_time_and_place() {
        let own = [
            incident("bedrock", "us-east-1", 100, Some(160)),
            incident("bedrock", "eu-central-1", 100, Some(160)),
            incident("openai", "", 500, None),
            incident("openai", "", 0, Some(10)),
        ];
        let stated = [
            incident("bedrock", "us-east-1,Amazon Bedrock", 120, Some(300)),
            incident("openai", "Chat Completions,Responses", 505, Some(600)),
            incident("openai", "Chat Completions", 900, None),
            incident("anthropic", "", 100, Some(160)),
            incident("openai", "", 39, Some(90)),
        ];
        let found = same(&own, &stated);
        assert_eq!(found, [Some(0), None, Some(1), Some(4)]);
        assert_eq!(lead(&own[0], &stated[0]), 20 * 60);
        let later = incident("openai", "", 41, Some(90));
        assert_eq!(same(&own[3..], &[later]), [None], "half an hour at most");
    }
}
