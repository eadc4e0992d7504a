//! What the editors of a registry do to their catalogue, and nobody to the market.

use std::collections::HashMap;

use super::Source;
use crate::market::{
    Attribute, Authority, Change, ChangeKind, ProviderId, Severity, SubjectKind, Totals,
};

/// A field that changes at once in more than this share of a catalogue's entries, in hundredths, was worked over.
const WORKED_OVER: u64 = 30;
/// Of fewer entries a share says nothing.
const SHARE_BASE: u64 = 10;

/// A part of a registry: a provider, or what it keeps apart of one in a deployment of its own.
type Part = (ProviderId, Option<Box<str>>);

/// How many entries each deployment of a provider has that a registry keeps apart.
pub type Parts = HashMap<(ProviderId, Box<str>), u64>;

/// The providers whose parts [`mark_editorial`] must know: those of which a registry's reading changes something.
pub fn edited_providers<'a>(source: &Source<'_>, changes: &'a [Change]) -> Vec<&'a ProviderId> {
    let is_registry = source.authority == Authority::Registry;
    let changes = changes.iter().filter(|_| is_registry);
    let apart = changes.filter(|change| change.subject.kind == SubjectKind::Offering);
    let mut providers: Vec<&ProviderId> = apart.map(|change| &change.subject.provider).collect();
    providers.sort_unstable();
    providers.dedup();
    providers
}

/// Marks the changes of a registry's reading that are its editors' work as documented: a field that is worked over in all of a
/// provider's entries or in the whole catalogue, and a provider that is listed from now on. A key that they spell otherwise is
/// worth no more than to be found. `totals` and `parts` count what was accepted before.
pub fn mark_editorial(
    source: &Source<'_>,
    totals: &HashMap<ProviderId, Totals>,
    parts: &Parts,
    changes: &mut [Change],
) {
    if source.authority != Authority::Registry {
        return;
    }
    let mut in_part: HashMap<(Part, Attribute), u64> = HashMap::new();
    let mut in_all: HashMap<Attribute, u64> = HashMap::new();
    for (part, attribute) in changes.iter().filter_map(field) {
        *in_part.entry((part, attribute.clone())).or_default() += 1;
        *in_all.entry(attribute.clone()).or_default() += 1;
    }
    let entries = |(provider, deployment): &Part| match deployment {
        Some(deployment) => {
            let key = (provider.clone(), deployment.clone());
            parts.get(&key).copied().unwrap_or_default()
        }
        None => {
            let all = totals.get(provider).map_or(0, |totals| totals.subjects);
            let apart = parts.iter().filter(|((of, _), _)| of == provider);
            all.saturating_sub(apart.map(|(_, count)| count).sum())
        }
    };
    let all: u64 = totals.values().map(|totals| totals.subjects).sum();
    let is_most = |count: Option<&u64>, whole: u64| {
        let is_most = |count: &u64| count.saturating_mul(100) > whole.saturating_mul(WORKED_OVER);
        whole >= SHARE_BASE && count.is_some_and(is_most)
    };
    for change in changes {
        let is_editorial = match field(change) {
            Some((part, attribute)) => {
                let whole = entries(&part);
                is_most(in_part.get(&(part, attribute.clone())), whole)
                    || is_most(in_all.get(attribute), all)
            }
            None => change.kind == ChangeKind::OfferingAdded && entries(&part(change)) == 0,
        };
        change.documented |= is_editorial;
        if is_editorial || change.kind == ChangeKind::OfferingRenamed {
            change.severity = Severity::Info;
        }
    }
}

fn part(change: &Change) -> Part {
    let subject = &change.subject;
    (subject.provider.clone(), subject.deployment.clone())
}

fn field(change: &Change) -> Option<(Part, &Attribute)> {
    let attribute = change.attribute.as_ref()?;
    (change.subject.kind == SubjectKind::Offering).then(|| (part(change), attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Rules;
    use crate::market::{RecordedChange, SourceId};
    use crate::render::samples::{added, price, valued};

    /// Marks the changes of a catalogue that holds 20 entries of azure, 12 of them in a part of their own; gives the places of
    /// what is editorial.
    fn editorial(authority: Authority, recorded: Vec<RecordedChange>) -> Vec<usize> {
        let id: SourceId = recorded[0].change.source.clone();
        let source = Source {
            id: &id,
            provider: &"models-dev".into(),
            authority,
            lists: true,
            rules: &Rules::of(authority, false),
        };
        let entries = |subjects| Totals {
            subjects,
            values: subjects * 5,
        };
        let totals = HashMap::from([
            ("azure".into(), entries(20)),
            ("deepseek".into(), entries(2)),
            ("openai".into(), entries(400)),
        ]);
        let parts = Parts::from([(("azure".into(), "apart".into()), 12)]);
        let mut changes: Vec<Change> = recorded.into_iter().map(|one| one.change).collect();
        mark_editorial(&source, &totals, &parts, &mut changes);
        let places = changes.iter().enumerate();
        let documented = places.filter(|(_, change)| change.documented);
        documented
            .inspect(|(_, change)| assert_eq!(change.severity, Severity::Info))
            .map(|(place, _)| place)
            .collect()
    }

    fn cheaper(provider: &str, count: usize, deployment: Option<&str>) -> Vec<RecordedChange> {
        let cheaper = |place| {
            let id = format!("m-{place}");
            let mut recorded = valued(provider, &id, "price.input", price("2"), price("1"));
            recorded.change.subject.deployment = deployment.map(Into::into);
            recorded
        };
        (0..count).map(cheaper).collect()
    }

    #[test]
    fn a_field_that_is_worked_over_and_a_provider_that_is_new() {
        let registry = |recorded| editorial(Authority::Registry, recorded);
        // four of twelve, and three
        assert_eq!(registry(cheaper("azure", 4, Some("apart"))).len(), 4);
        assert_eq!(registry(cheaper("azure", 3, Some("apart"))).len(), 0);
        // eight entries are too few for a share, as are the two of a provider that halves its prices
        assert_eq!(registry(cheaper("azure", 4, None)).len(), 0);
        assert_eq!(registry(cheaper("deepseek", 2, None)).len(), 0);
        // what is worked over in the whole catalogue is so in each of its parts
        let mut all = cheaper("openai", 125, None);
        all.extend(cheaper("deepseek", 2, None));
        assert_eq!(registry(all.clone()).len(), 127);
        assert_eq!(editorial(Authority::ProviderPage, all).len(), 0);
        // a provider, and a part of one, of which nothing was listed
        let mut apart = added("azure", "m");
        apart.change.subject.deployment = Some("new".into());
        let listed = vec![added("openai", "m"), added("acme", "m"), apart];
        assert_eq!(registry(listed), [1, 2]);
    }
}
