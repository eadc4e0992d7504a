//! What people do besides looking: silence, end a silence, acknowledge. Each is one short transaction, whoever asks for it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::alerting::thread_key;
use crate::market::{Acknowledgement, Hash, Silence};
use crate::store::{Acknowledged, Alerts, Changes, Error, Outbox, Store};

/// What somebody asks to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Nobody is told of some changes for a while.
    Silence(Silence),
    /// A silence is over.
    Expire {
        /// Its id.
        id: String,
        /// From when on.
        at: Timestamp,
    },
    /// Somebody knows of what was told.
    Acknowledge {
        /// The id of an alert or of a change, or its first digits.
        id: String,
        /// Who, when, and what they say about it.
        by: Acknowledgement,
    },
    /// That is taken back.
    TakeBack {
        /// The id of an alert or of a change, or its first digits.
        id: String,
    },
}

/// Does it. The inner error says what cannot be done as it was asked, and that nothing was.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn perform(store: &mut Store, deed: &Deed) -> Result<Result<String, String>, Error> {
    match deed {
        Deed::Silence(silence) => {
            store.transaction(|transaction| transaction.keep_silence(silence))?;
            Ok(Ok(format!(
                "silence {} until {}: {}",
                silence.id,
                silence.until,
                what(silence)
            )))
        }
        Deed::Expire { id, at } => {
            let is_ended = store.transaction(|transaction| transaction.expire_silence(id, *at));
            Ok(match is_ended? {
                true => Ok(format!("silence {id} is over")),
                false => Err(format!(
                    "expected the id of a silence that goes on, found '{id}': `bellwether silence list` shows them"
                )),
            })
        }
        Deed::Acknowledge { id, by } => {
            let (alert, threads) = match threads(store, id)? {
                Ok(found) => found,
                Err(refused) => return Ok(Err(refused)),
            };
            store.transaction(|transaction| transaction.acknowledge(&threads, by))?;
            Ok(Ok(format!(
                "{alert} is known to {}: nobody is reminded of it until something else is stated",
                by.who
            )))
        }
        Deed::TakeBack { id } => {
            let (alert, threads) = match threads(store, id)? {
                Ok(found) => found,
                Err(refused) => return Ok(Err(refused)),
            };
            let known = store.transaction(|transaction| transaction.take_back(&threads));
            Ok(Ok(match known? {
                0 => format!("nobody had said that {alert} is known"),
                _ => format!("{alert} is open again"),
            }))
        }
    }
}

/// A silence that begins now, under an id of its own.
///
/// # Errors
/// What is wrong with it: it would silence everything, or is over already.
pub fn silence(asked: Silence) -> Result<Silence, String> {
    let lists = [&asked.models, &asked.providers, &asked.regions];
    if lists.iter().all(|list| list.is_empty()) && asked.kinds.is_empty() {
        return Err(
            "expected what to silence (a model, provider, region or kind), found nothing: that would silence everything"
                .to_string(),
        );
    }
    if asked.until <= asked.begun {
        let until = asked.until;
        return Err(format!(
            "expected a moment that is to come for its end, found {until}"
        ));
    }
    let parts = [
        &asked.models.join(" "),
        &asked.providers.join(" "),
        &asked.regions.join(" "),
        &asked.begun.to_string(),
    ];
    Ok(Silence {
        id: Hash::of_parts(&parts.map(String::as_str)).hex(6),
        ..asked
    })
}

/// What a silence silences, in words.
pub fn what(silence: &Silence) -> String {
    let kinds: Vec<&str> = silence.kinds.iter().map(|kind| kind.word()).collect();
    let parts = [
        ("", silence.models.join(" or ")),
        ("at ", silence.providers.join(" or ")),
        ("in ", silence.regions.join(" or ")),
        ("", kinds.join(" or ")),
    ];
    let parts = parts.into_iter().filter(|(_, words)| !words.is_empty());
    parts
        .map(|(before, words)| format!("{before}{words}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What an id names: an alert with the threads of all that it tells, or a change with its own.
///
/// # Errors
/// Where the store cannot be read; the inner one where the id names nothing, or several.
pub fn threads(
    store: &Store,
    id: &str,
) -> Result<Result<(String, BTreeSet<String>), String>, Error> {
    let raised = match id.is_empty() {
        true => Vec::new(),
        false => store.raised(id)?,
    };
    let alerts: BTreeSet<&str> = raised.iter().map(|raised| raised.alert.as_str()).collect();
    if alerts.len() > 1 {
        let alerts: Vec<&str> = alerts.into_iter().collect();
        return Ok(Err(format!(
            "'{id}' fits several alerts: {}",
            alerts.join(", ")
        )));
    }
    let mut threads: BTreeSet<String> = raised.iter().map(|raised| raised.thread.clone()).collect();
    if let Some(first) = raised.first() {
        for entry in store.entries_of(&first.alert)? {
            let taken = store.taken(&first.alert, &entry.route)?;
            threads.extend(taken.iter().map(|taken| thread_key(&taken.recorded.change)));
        }
        return Ok(Ok((first.alert.clone(), threads)));
    }
    Ok(match store.changes_named(id)?.as_slice() {
        [one] => Ok((
            one.change.id.0.clone(),
            BTreeSet::from([thread_key(&one.change)]),
        )),
        [] => Err(format!(
            "expected the id of an alert or of a change, found '{id}': `bellwether alerts` and `bellwether changes --all` list them"
        )),
        _ => Err(format!(
            "'{id}' fits several changes: give more of its digits"
        )),
    })
}
