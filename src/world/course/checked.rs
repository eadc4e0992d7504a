//! Whether a script's names mean something, and what they mean.

use std::collections::HashMap;

use super::super::script::Script;
use super::{Course, Mistake, Thread, Touch};

/// Keys that mean nothing are mistakes.
pub fn keys(script: &Script) -> Result<(), Mistake> {
    let of_offers = script
        .offers
        .iter()
        .map(|offer| (&offer.provider, &offer.unknown));
    let edits = script
        .events
        .iter()
        .flat_map(|event| event.edits.iter().map(|edit| (&event.id, &edit.unknown)));
    for (place, unknown) in of_offers.chain(edits) {
        if let Some(name) = unknown.keys().next() {
            return Err(Mistake::Unknown {
                place: place.clone(),
                name: name.clone(),
            });
        }
    }
    Ok(())
}

/// Whoever is to find an outage out must be one of the providers.
pub fn measured(script: &Script) -> Result<(), Mistake> {
    for event in &script.events {
        let faults = event.faults.iter().map(|fault| &fault.measured);
        let slow = event.slow.iter().map(|slow| &slow.measured);
        for name in faults.chain(slow).flatten() {
            if !script.offers.iter().any(|offer| offer.provider == *name) {
                return Err(Mistake::Unknown {
                    place: event.id.clone(),
                    name: name.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Each event's place by its name.
pub fn events_by_name(script: &Script) -> Result<HashMap<&str, usize>, Mistake> {
    let mut named = HashMap::new();
    for (place, event) in script.events.iter().enumerate() {
        if named.insert(event.id.as_str(), place).is_some() {
            return Err(Mistake::Twice(event.id.clone()));
        }
    }
    Ok(named)
}

/// All offers, with what brings and touches them.
pub fn threads(
    script: &Script,
    named: &HashMap<&str, usize>,
    models: &HashMap<String, usize>,
) -> Result<Vec<Thread>, Mistake> {
    let mut threads = Vec::new();
    for (place, sketch) in script.offers.iter().enumerate() {
        let unknown = |name: &str| Mistake::Unknown {
            place: format!("an offer of {}", sketch.provider),
            name: name.to_string(),
        };
        let from = match sketch.from.as_str() {
            "" => None,
            name => Some(*named.get(name).ok_or_else(|| unknown(name))?),
        };
        if !sketch.model.is_empty() && !models.contains_key(&sketch.model) {
            return Err(unknown(&sketch.model));
        }
        let one = Some(&sketch.id).filter(|id| !id.is_empty());
        threads.extend(one.into_iter().chain(&sketch.ids).map(|id| Thread {
            sketch: place,
            id: id.clone(),
            from,
            touches: Vec::new(),
        }));
    }
    for (event, told) in script.events.iter().enumerate() {
        for (edit, line) in told.edits.iter().enumerate() {
            for name in &line.offers {
                touch(&mut threads, script, name, Touch { event, edit }, &told.id)?;
            }
        }
        for name in told.flaps.iter().flat_map(|flap| &flap.offers) {
            let mut any = threads.iter().filter_map(|thread| {
                let sketch = script.offers.get(thread.sketch)?;
                Course::means(name, &sketch.provider, &thread.id).then_some(())
            });
            any.next().ok_or_else(|| Mistake::Unknown {
                place: told.id.clone(),
                name: name.clone(),
            })?;
        }
    }
    Ok(threads)
}

fn touch(
    threads: &mut [Thread],
    script: &Script,
    name: &str,
    touch: Touch,
    event: &str,
) -> Result<(), Mistake> {
    let mut is_known = false;
    for thread in threads {
        let provider = script
            .offers
            .get(thread.sketch)
            .map_or("", |sketch| sketch.provider.as_str());
        if Course::means(name, provider, &thread.id) {
            is_known = true;
            thread.touches.push(touch);
        }
    }
    match is_known {
        true => Ok(()),
        false => Err(Mistake::Unknown {
            place: event.to_string(),
            name: name.to_string(),
        }),
    }
}
