//! What a form asks to be silenced.

use jiff::Timestamp;
use serde::Serialize;

use crate::market::{ChangeKind, Silence};
use crate::outlook::deeds;
use crate::schedule::duration_from_text;
use crate::web::form::Form;
use crate::web::query::Query;
use crate::web::refusal::Refusal;

/// The longest silence that is made here.
const LONGEST: jiff::SignedDuration = jiff::SignedDuration::from_hours(366 * 24);
/// Characters of a reason, a note or a name at most.
const LONGEST_TEXT: usize = 500;

/// What a form asks to be silenced, as it was written.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Asked {
    pub model: String,
    pub provider: String,
    pub region: String,
    pub kind: String,
    pub lasts: String,
    pub reason: String,
}

impl Asked {
    pub fn of_query(query: &Query) -> Result<Self, Refusal> {
        let text = |key| query.one(key).map(|text| text.unwrap_or("").to_string());
        let asked = Self {
            model: text("model")?,
            provider: text("provider")?,
            region: text("region")?,
            kind: text("kind")?,
            lasts: text("for")?,
            reason: text("reason")?,
        };
        query.finish()?;
        Ok(asked)
    }

    pub fn of_form(form: &Form) -> Self {
        let text = |key| form.one(key).unwrap_or("").trim().to_string();
        Self {
            model: text("model"),
            provider: text("provider"),
            region: text("region"),
            kind: text("kind"),
            lasts: text("for"),
            reason: text("reason"),
        }
    }

    /// The silence, or what is wrong with it.
    pub fn silence(&self, now: Timestamp) -> Result<Silence, String> {
        let list = |text: &str| match text.is_empty() {
            true => Vec::new(),
            false => vec![text.to_string()],
        };
        let lasts = duration_from_text(&self.lasts).map_err(|error| {
            let found = &self.lasts;
            format!("expected for how long, such as 2h or 7d, found '{found}': {error}")
        })?;
        if lasts > LONGEST {
            return Err("expected a year at most".to_string());
        }
        let kinds = match self.kind.as_str() {
            "" => Vec::new(),
            word => {
                let kind = ChangeKind::from_word(word);
                vec![kind.ok_or_else(|| format!("expected a kind of change, found '{word}'"))?]
            }
        };
        if self.reason.is_empty() {
            return Err("expected a reason: whoever lists the silences reads it".to_string());
        }
        for text in [&self.model, &self.provider, &self.region, &self.reason] {
            short(text)?;
        }
        deeds::silence(Silence {
            id: String::new(),
            models: list(&self.model),
            providers: list(&self.provider),
            regions: list(&self.region),
            kinds,
            reason: self.reason.clone(),
            begun: now,
            until: now.checked_add(lasts).map_err(|error| error.to_string())?,
        })
    }
}

/// Refuses what is no short line.
pub(super) fn short(text: &str) -> Result<(), String> {
    match text.chars().count() <= LONGEST_TEXT && !text.contains(char::is_control) {
        true => Ok(()),
        false => Err(format!(
            "expected one line of at most {LONGEST_TEXT} characters"
        )),
    }
}
