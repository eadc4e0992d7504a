//! Why a change is believed: what the source said before and after, side by side, and who was told.

use serde::Serialize;

use super::changes::{evidence_page, marks};
use crate::alerting::is_measured;
use crate::market::{ChangeKind, Standing};
use crate::outlook::evidence::{
    Evidence, Excerpt, Side, evidence, standing_in_words, state_in_words, told_in_words,
};
use crate::render::{link, one_line, sentence};
use crate::store::{ChangeFilter, Changes as _};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{address, spoken, told_at, visible};

/// Changes of the same cause that are listed.
const SIBLINGS: usize = 100;
/// Characters of a foreign text.
const TEXT: usize = 2_000;
/// Characters of a sentence.
const SENTENCE: usize = 400;

#[derive(Serialize)]
struct View {
    sentence: String,
    id: String,
    severity: &'static str,
    kind: String,
    provider: (String, String),
    native_id: String,
    model: Option<(String, String)>,
    rule: Option<String>,
    region: Option<String>,
    deployment: Option<String>,
    attribute: Option<String>,
    old: Option<String>,
    new: Option<String>,
    source: String,
    probe: String,
    authority: String,
    seen: Moment,
    confirmed: Moment,
    true_from: Option<Moment>,
    readings: String,
    standing: &'static str,
    is_news: bool,
    marks: Vec<&'static str>,
    confirmed_by: Vec<String>,
    /// The provider's own page.
    page: Option<String>,
    /// Empty for what was measured here: no body shows it.
    sides: Vec<SideView>,
    /// Where the figures of what was measured here are.
    measured: Option<String>,
    told: Vec<(String, String)>,
    not_told: Option<String>,
    siblings: Vec<(String, String)>,
    more_siblings: usize,
    /// Where what changes there can be silenced.
    silence: String,
}

#[derive(Serialize)]
struct SideView {
    title: &'static str,
    body: Option<String>,
    raw: Option<String>,
    before: String,
    marked: String,
    after: String,
    /// Why there is no excerpt.
    missing: Option<&'static str>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = asked.query.part("id");
    let missing = || {
        let id: String = id.chars().take(64).collect();
        Refusal::Missing(format!("there is no change {id}"))
    };
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let mut found = asked.store.changes_named(id)?;
    let recorded = match found.as_slice() {
        [_] => found.pop(),
        _ => None,
    };
    let recorded = recorded.ok_or_else(missing)?;
    let policy = asked.site.means.settings.policy();
    let found = evidence(asked.store, &policy, recorded)?;
    let view = view(asked, &found)?;
    let title = ("/changes", "Evidence of a change");
    page::page(asked.site, title, "change.html", &view)
}

fn view(asked: &Asked<'_>, found: &Evidence) -> Result<View, Refusal> {
    let recorded = &found.recorded;
    let change = &recorded.change;
    let subject = &change.subject;
    let mut siblings = asked.store.changes(&ChangeFilter {
        all: true,
        group: Some(recorded.group.clone()),
        ..ChangeFilter::default()
    })?;
    siblings.retain(|sibling| sibling.change.id != change.id);
    let identity = subject.identity();
    let model = identity
        .as_ref()
        .and_then(|identity| identity.model.clone());
    let text = |text: &str| visible(text, TEXT);
    let provider = subject.provider.to_string();
    let is_listing = change.attribute.is_none();
    let is_ours = is_measured(change);
    let value = |value: &Option<crate::market::Value>| {
        let value = value.as_ref().map(|value| text(&value.to_string()));
        value.or_else(|| (!is_listing).then(|| "nothing".to_string()))
    };
    Ok(View {
        sentence: one_line(&sentence(recorded), SENTENCE),
        id: change.id.to_string(),
        silence: address("/actions/silence", [("model", subject.native_id.as_str())]),
        severity: change.severity.word(),
        kind: spoken(change.kind.word()),
        provider: (links::provider(&provider), text(&provider)),
        native_id: text(subject.native_id.as_str()),
        model: model.map(|model| (links::model(&model), model)),
        rule: identity.map(|identity| text(&identity.rule)),
        region: subject
            .region
            .is_stated()
            .then(|| text(subject.region.as_str())),
        deployment: subject.deployment.as_deref().map(text),
        attribute: change.attribute.as_ref().map(|one| text(&one.to_string())),
        old: value(&change.old),
        new: value(&change.new),
        source: text(&change.source.to_string()),
        probe: links::probe(change.source.probe.as_str()),
        authority: match is_ours {
            true => "measured here".to_string(),
            false => recorded.authority.word().replace('-', " "),
        },
        seen: told_at(asked, change.seen_at),
        confirmed: told_at(asked, change.confirmed_at),
        true_from: change.true_from.map(|at| told_at(asked, at)),
        readings: match found.readings {
            _ if is_ours => "shown by our own samples".to_string(),
            0 => "its readings are no longer kept, or it was measured here".to_string(),
            1 => "shown by one reading".to_string(),
            n => format!("shown by {n} readings of its source one after the other"),
        },
        standing: standing_in_words(recorded.standing),
        is_news: recorded.standing == Standing::News,
        marks: marks(recorded),
        confirmed_by: recorded.confirmed_by.iter().map(|by| text(by)).collect(),
        page: link(&recorded.url),
        sides: match is_ours {
            true => Vec::new(),
            false => vec![
                side_view("Before", found.old.as_ref()),
                side_view("After", found.new.as_ref()),
            ],
        },
        measured: is_ours.then(|| address("/latency", [("provider", provider.as_str())])),
        told: found
            .told
            .iter()
            .map(|told| {
                let state = state_in_words(told, |at| told_at(asked, at).said);
                (text(&told_in_words(told)), text(&state))
            })
            .collect(),
        not_told: not_told(asked, found),
        more_siblings: siblings.len().saturating_sub(SIBLINGS),
        siblings: siblings
            .iter()
            .take(SIBLINGS)
            .map(|one| (evidence_page(one), one_line(&sentence(one), SENTENCE)))
            .collect(),
    })
}

/// Why nobody was told, where nobody was.
fn not_told(asked: &Asked<'_>, found: &Evidence) -> Option<String> {
    if !found.told.is_empty() {
        return None;
    }
    let recorded = &found.recorded;
    if let Some(silence) = found.silenced.first() {
        let until = told_at(asked, silence.until).said;
        let reason = visible(&silence.reason, TEXT);
        return Some(format!(
            "Nobody: the silence {} holds until {until}: {reason}",
            silence.id
        ));
    }
    let said = match () {
        () if recorded.imported => "Nobody: what is imported is history and alerts nobody.",
        () if recorded.change.documented => {
            "Nobody: a registry merely documents it, which is recorded and never sent."
        }
        () if recorded.change.flapping => {
            "Nobody: it keeps coming and going, and is listed until it has been quiet."
        }
        () if recorded.standing != Standing::News => {
            "Nobody: it does not change the landscape, and only that can alert."
        }
        () if matches!(recorded.change.kind, ChangeKind::OfferingRenamed) => {
            "Nobody yet: no route takes it, or it is still gathered with others."
        }
        () => {
            "Nobody: no route takes a change of this severity, or it is still gathered with others."
        }
    };
    Some(said.to_string())
}

fn side_view(title: &'static str, side: Option<&Side>) -> SideView {
    let Some(side) = side else {
        return SideView {
            title,
            body: None,
            raw: None,
            before: String::new(),
            marked: String::new(),
            after: String::new(),
            missing: Some("No body of the source shows this side."),
        };
    };
    let excerpt = side.excerpt.clone();
    let missing = excerpt.is_none().then_some(
        "The body does not name it: it is absent there, or what it says is spread over the page.",
    );
    let Excerpt {
        before,
        marked,
        after,
    } = excerpt.unwrap_or_default();
    SideView {
        title,
        body: Some(side.body.hex(16)),
        raw: side.raw.as_deref().map(|raw| visible(raw, TEXT)),
        before: visible(&before, 2 * TEXT),
        marked: visible(&marked, TEXT),
        after: visible(&after, TEXT),
        missing,
    }
}
