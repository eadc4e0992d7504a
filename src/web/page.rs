//! Pages: a template and what it shows, in the frame that all pages share. What a template shows is escaped.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::answer::{Answer, HTML};
use super::assets;
use super::live;
use super::refusal::Refusal;
use super::site::Site;

/// Every template by its name.
const TEMPLATES: &[(&str, &str)] = &[
    ("action.html", include_str!("templates/action.html")),
    ("api.html", include_str!("templates/api.html")),
    ("change.html", include_str!("templates/change.html")),
    ("changes.html", include_str!("templates/changes.html")),
    ("endpoint.html", include_str!("templates/endpoint.html")),
    ("done.html", include_str!("templates/done.html")),
    ("frame.html", include_str!("templates/frame.html")),
    ("incidents.html", include_str!("templates/incidents.html")),
    ("landscape.html", include_str!("templates/landscape.html")),
    ("model.html", include_str!("templates/model.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("cost.html", include_str!("templates/cost.html")),
    ("prices.html", include_str!("templates/prices.html")),
    ("provider.html", include_str!("templates/provider.html")),
    ("providers.html", include_str!("templates/providers.html")),
    (
        "retirements.html",
        include_str!("templates/retirements.html"),
    ),
    ("latency.html", include_str!("templates/latency.html")),
    ("probe.html", include_str!("templates/probe.html")),
    ("probes.html", include_str!("templates/probes.html")),
    ("login.html", include_str!("templates/login.html")),
    ("refusal.html", include_str!("templates/refusal.html")),
    ("report.html", include_str!("templates/report.html")),
    ("reports.html", include_str!("templates/reports.html")),
    ("silences.html", include_str!("templates/silences.html")),
    ("watches.html", include_str!("templates/watches.html")),
];

/// What the navigation leads to: path and name.
const NAVIGATION: &[(&str, &str)] = &[
    ("/", "Landscape"),
    ("/providers", "Providers"),
    ("/changes", "Changes"),
    ("/retirements", "Retirements"),
    ("/prices", "Prices"),
    ("/cost", "Cost"),
    ("/latency", "Latency"),
    ("/incidents", "Incidents"),
    ("/watches", "Watches"),
    ("/reports", "Reports"),
    ("/probes", "Probes"),
    ("/api", "For programs"),
];

#[derive(Serialize)]
struct Frame<'a> {
    title: &'a str,
    /// The path of the page's part of the navigation.
    here: &'a str,
    navigation: &'a [(&'a str, &'a str)],
    /// Whether one signs in here, and out.
    has_sign_in: bool,
    /// What may be done here besides looking.
    can_silence: bool,
    can_acknowledge: bool,
    style: &'static str,
    script: &'static str,
    icon: &'static str,
    /// Whether what is watched is simulated.
    is_simulated: bool,
    /// When the page was made, for people and as RFC 3339.
    made: Moment,
    /// How far the store had come.
    version: String,
}

/// A time for people, and for programs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    /// `2026-11-26 08:00 CET`.
    pub said: String,
    /// RFC 3339.
    pub exact: String,
}

impl Moment {
    /// A time in the zone of people.
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        Self {
            said: at
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M %Z")
                .to_string(),
            exact: at.to_string(),
        }
    }
}

/// Makes a page. `here` is the path of its part of the navigation.
pub(super) fn page(
    site: &Site,
    (here, title): (&str, &str),
    template: &str,
    view: &impl Serialize,
) -> Result<Answer, Refusal> {
    let web = &site.means.settings.web;
    let frame = Frame {
        title,
        here,
        navigation: NAVIGATION,
        has_sign_in: web.password.is_some(),
        can_silence: web.actions.silence && site.means.doer.is_some(),
        can_acknowledge: web.actions.ack && site.means.doer.is_some(),
        style: assets::style(),
        script: assets::script(),
        icon: assets::icon(),
        is_simulated: site.means.settings.simulated,
        made: Moment::new(site.now(), &site.means.settings.zone),
        version: site.version().map(live::named).unwrap_or_default(),
    };
    let written = environment().get_template(template).and_then(|template| {
        template.render(context! { frame => Serde(&frame), view => Serde(view) })
    });
    match written {
        Ok(html) => Ok(Answer::new(HTML, html)),
        Err(error) => Err(Refusal::Internal(format!("{template}: {error:#}"))),
    }
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            // each is written by a test
            let _ = environment.add_template(name, source);
        }
        environment
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        for (name, source) in TEMPLATES {
            let mut alone = Environment::new();
            alone.add_template(name, source).expect(name);
        }
    }
}
