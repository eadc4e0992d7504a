//! What others subscribe to: feeds of news, a calendar of retirements, badges.

use super::answer::Answer;
use super::badge;
use super::refusal::Refusal;
use super::route::{Asked, FACTS, Route};
use crate::alerting::Watch;
use crate::outlook::published::{Subscribed, concerns, feed};
use crate::render::calendar;

/// Every route.
pub(super) static ALL: &[Route] = &[
    Route {
        path: "/feed.xml",
        answer: atom,
        holds: FACTS,
    },
    Route {
        path: "/feed.json",
        answer: json_feed,
        holds: FACTS,
    },
    Route {
        path: "/retirements.ics",
        answer: retirements,
        holds: FACTS,
    },
    Route {
        path: "/badges/{lab}/{file}",
        answer: badge::badge,
        holds: FACTS,
    },
];

/// The watch of a name.
pub(super) fn watch<'a>(
    watches: &'a [Watch],
    name: Option<&str>,
) -> Result<Option<&'a Watch>, Refusal> {
    let Some(name) = name else { return Ok(None) };
    if let Some(watch) = watches.iter().find(|watch| watch.name == name) {
        return Ok(Some(watch));
    }
    let found: String = name.chars().take(80).collect();
    let names: Vec<&str> = watches.iter().map(|watch| watch.name.as_str()).collect();
    Err(Refusal::Missing(match names.is_empty() {
        true => format!("expected a watch of the configuration, which has none, found '{found}'"),
        false => format!(
            "expected one of the watches {}, found '{found}'",
            names.join(", ")
        ),
    }))
}

/// What is asked of a feed or a calendar.
fn subscribed<'a>(asked: &'a Asked<'_>) -> Result<Subscribed<'a>, Refusal> {
    let watches = &asked.site.means.settings.alerts.watches;
    Ok(Subscribed {
        provider: asked.query.one("provider")?,
        model: asked.query.one("model")?,
        watch: watch(watches, asked.query.one("watch")?)?,
    })
}

fn atom(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let made = feed(asked.store, asked.base.as_deref(), subscribed(asked)?)?;
    let made = made.simulated(asked.site.means.settings.simulated);
    let text = made.finish(asked.now);
    Ok(Answer::new("application/atom+xml; charset=utf-8", text))
}

fn json_feed(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let made = feed(asked.store, asked.base.as_deref(), subscribed(asked)?)?;
    let made = made.simulated(asked.site.means.settings.simulated);
    let text = made.to_json().to_string();
    Ok(Answer::new("application/feed+json", text))
}

fn retirements(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let of = subscribed(asked)?;
    let all = asked.site.milestones(asked.store, asked.now)?;
    let found = all.iter();
    let found = found.filter(|one| concerns(one, of.provider, of.model, of.watch));
    let text = calendar::calendar(found, asked.now, asked.site.means.settings.simulated);
    Ok(Answer::new("text/calendar; charset=utf-8", text))
}
