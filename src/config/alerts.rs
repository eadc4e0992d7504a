//! Who hears of what: `[alerts]`, `[[watch]]`, `[[rank]]` and `[[route]]`.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::channel::{self, Channel};
use super::gateway;
use super::recipients;
use super::settings::Outside;
use super::tree::Table;
use super::workload::{INTERFACES, REACHES, places, words};
use crate::alerting::{
    EVERYBODY, GROUP_WAIT, LIMIT, LONGEST_WAIT, LONGEST_WINDOW, Limit, Matcher, ModelPattern,
    Policy, Quiet, REGISTRY_WAIT, Rank, Route, Scope, Thresholds, Watch, When, Window,
};
use crate::market::{ChangeKind, Interface, Reach, Severity, decimal_from_json};
use crate::schedule::{Schedule, duration_from_text, zone_from_name};

/// What is told to whom, before it is known who gets mail.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertSettings {
    /// The lowest severity that is told at all, where no route says otherwise.
    pub minimum: Severity,
    /// How long changes of one cause are gathered.
    pub group_wait: SignedDuration,
    /// How long what only a registry says must have stood.
    pub registry_wait: SignedDuration,
    /// What is too small to be told.
    pub thresholds: Thresholds,
    /// What the user depends on.
    pub watches: Vec<Watch>,
    /// Severities of the user's own.
    pub ranks: Vec<Rank>,
    /// The declared routes; those without recipients go to everybody who gets mail.
    pub routes: Vec<Route>,
    /// How many messages a route carries, where it does not say so itself.
    pub limit: Limit,
    /// When work is done.
    pub windows: Vec<Window>,
    /// Whose morning an unnamed digest comes in.
    morning: Option<Schedule>,
}

const SEVERITIES: &str = "info, notice, warning or critical";
/// When the digest comes that nobody declared.
const MORNING: &str = "0 7 * * *";

impl AlertSettings {
    /// Who hears of what, when mail goes to these addresses.
    pub fn policy(&self, recipients: Vec<String>) -> Policy {
        let mut plain = Policy::telling(recipients.clone(), self.minimum);
        for route in &mut plain.routes {
            route.limit = Some(self.limit);
        }
        let mut routes = match (self.routes.as_slice(), self.watches.is_empty()) {
            ([], true) => plain.routes,
            ([], false) => self.usual_routes(),
            (declared, _) => declared.to_vec(),
        };
        for route in &mut routes {
            if route.recipients.is_empty() {
                route.recipients = recipients.clone();
            }
        }
        Policy {
            recipients,
            watches: self.watches.clone(),
            ranks: self.ranks.clone(),
            thresholds: self.thresholds.clone(),
            routes,
            windows: self.windows.clone(),
            group_wait: self.group_wait,
            registry_wait: self.registry_wait,
        }
    }

    /// What touches a watch, and trouble with a source, at once; the rest in the morning.
    fn usual_routes(&self) -> Vec<Route> {
        let route = |name: &str, takes: Matcher, when: When| Route {
            name: name.to_string(),
            takes: Matcher {
                minimum: self.minimum,
                ..takes
            },
            recipients: Vec::new(),
            when,
            quiet: None,
            limit: Some(self.limit),
            goes_on: false,
        };
        let watched = Matcher {
            watches: vec!["*".to_string()],
            ..Matcher::default()
        };
        let trouble = Matcher {
            kinds: vec![
                ChangeKind::ProbeBroken,
                ChangeKind::ProbeRecovered,
                ChangeKind::SourceSuspect,
            ],
            ..Matcher::default()
        };
        let mut routes = vec![
            route(EVERYBODY, watched, When::AtOnce),
            route("sources", trouble, When::AtOnce),
        ];
        let morning = self.morning.clone().map(When::Digest);
        routes.extend(morning.map(|when| route("digest", Matcher::default(), when)));
        routes
    }
}

/// Reads all that says who hears of what. Times of day are those of `zone_name` where nothing else is said.
pub(super) fn alerts(
    root: &Table<'_>,
    zone_name: &str,
    outside: &Outside<'_>,
    channels: &[Channel],
) -> AlertSettings {
    let mut settings = AlertSettings {
        minimum: Severity::Notice,
        group_wait: GROUP_WAIT,
        registry_wait: REGISTRY_WAIT,
        thresholds: Thresholds::default(),
        watches: watches(root, outside),
        ranks: Vec::new(),
        routes: Vec::new(),
        limit: LIMIT,
        windows: Vec::new(),
        morning: Schedule::cron(MORNING, zone_name).ok(),
    };
    if let Some(table) = root.table("alerts") {
        general(&table, &mut settings);
        table.finish();
    }
    let names: BTreeSet<&str> = settings
        .watches
        .iter()
        .map(|watch| watch.name.as_str())
        .collect();
    for table in root.tables("rank") {
        let takes = matcher(&table, &names);
        let severity = table.word("severity", SEVERITIES, Severity::from_word);
        if severity.is_none() && !table.has("severity") {
            table.problem("severity", SEVERITIES, "nothing");
        }
        table.finish();
        settings
            .ranks
            .extend(severity.map(|severity| Rank { takes, severity }));
    }
    let declared = channel::declared(root);
    let mut routes: Vec<Route> = Vec::new();
    for table in root.tables("route") {
        let route = route(&table, &names, zone_name, &settings);
        table.finish();
        let Some(route) = route else { continue };
        recipients::check(&table, &route, (channels, &declared), root.has("mail"));
        if routes.iter().any(|other| other.name == route.name) {
            table.problem(
                "name",
                "a name of its own",
                format!("'{}' again", route.name),
            );
        }
        routes.push(route);
    }
    settings.routes = routes;
    settings.windows = windows(root, zone_name);
    settings
}

fn windows(root: &Table<'_>, zone_name: &str) -> Vec<Window> {
    let mut windows = Vec::new();
    for table in root.tables("maintenance") {
        let name = table.required_text("name", "a name, such as \"patching\"");
        let takes = matcher(&table, &BTreeSet::new());
        let zone_name = zone(&table, zone_name);
        let expected = "five fields, such as \"0 2 * * sun\"";
        let begins = table.parsed("begins", expected, |line| {
            Schedule::cron(line, &zone_name).map_err(|error| error.to_string())
        });
        let lasts = table.parsed(
            "lasts",
            "a duration such as \"4h\", at most \"7d\"",
            |text| match duration_from_text(text) {
                Ok(lasts) if lasts > LONGEST_WINDOW => {
                    Err("nothing would be told for too long".to_string())
                }
                other => other.map_err(|error| error.to_string()),
            },
        );
        for (key, is_said) in [("begins", begins.is_some()), ("lasts", lasts.is_some())] {
            if !is_said && !table.has(key) {
                table.problem(key, "when it begins and how long it lasts", "nothing");
            }
        }
        table.finish();
        if let (Some(name), Some(begins), Some(lasts)) = (name, begins, lasts) {
            let window = Window {
                name,
                takes,
                begins,
                lasts,
            };
            if window.is_endless() {
                let expected = "less than from one begin to the next";
                table.problem("lasts", expected, "a window that never ends");
            }
            windows.push(window);
        }
    }
    windows
}

/// The name of the zone that a table names, or else of the usual one.
fn zone(table: &Table<'_>, usual: &str) -> String {
    let known = table.parsed("zone", "an IANA zone such as Europe/Berlin", zone_from_name);
    let named = table.text("zone").filter(|_| known.is_some());
    named.unwrap_or_else(|| usual.to_string())
}

/// `20/1h`: so many messages in so long.
fn limit(table: &Table<'_>) -> Option<Limit> {
    table.parsed("limit", "messages in a time, such as \"20/1h\"", |text| {
        limit_from_text(text, "message")
    })
}

/// `20/1h`: so many in so long, of what is called `what`.
pub(super) fn limit_from_text(text: &str, what: &str) -> Result<Limit, String> {
    let (messages, per) = text.split_once('/').ok_or("that has no /")?;
    let messages: u32 = messages
        .trim()
        .parse()
        .map_err(|_| format!("that is no number of {what}s"))?;
    let per = duration_from_text(per.trim()).map_err(|_| "that is no time")?;
    match messages > 0 && per <= SignedDuration::from_hours(24) {
        true => Ok(Limit { messages, per }),
        false => Err(format!("expected one {what} or more, in a day at most")),
    }
}

fn general(table: &Table<'_>, settings: &mut AlertSettings) {
    let minimum = table.word("minimum", SEVERITIES, Severity::from_word);
    settings.minimum = minimum.unwrap_or(settings.minimum);
    let wait = table.parsed(
        "group_wait",
        "a duration such as \"5m\", at most \"30m\"",
        |text| match duration_from_text(text) {
            Ok(wait) if wait > LONGEST_WAIT => Err("a message would wait for too long".to_string()),
            other => other.map_err(|error| error.to_string()),
        },
    );
    settings.group_wait = wait.unwrap_or(settings.group_wait);
    settings.limit = limit(table).unwrap_or(settings.limit);
    let wait = table.parsed("registry_wait", "a duration such as \"3d\"", |text| {
        duration_from_text(text).map_err(|error| error.to_string())
    });
    settings.registry_wait = wait.unwrap_or(settings.registry_wait);
    let amount = |key| {
        table.parsed(key, "an amount as a text, such as \"0.5\"", |text| {
            let amount = decimal_from_json(text).ok_or("that is no amount")?;
            match amount >= Decimal::ZERO {
                true => Ok(amount),
                false => Err("that is less than nothing"),
            }
        })
    };
    settings.thresholds = Thresholds {
        price_percent: amount("price_percent"),
        price_amount: amount("price_amount"),
        latency_percent: amount("latency_percent"),
        latency_ms: amount("latency_ms"),
    };
}

fn watches(root: &Table<'_>, outside: &Outside<'_>) -> Vec<Watch> {
    let mut watches: Vec<Watch> = Vec::new();
    for table in root.tables("watch") {
        let name = table.required_text("name", "a name, such as \"production\"");
        let mut scope = scope(&table);
        scope.topics = table.texts("topics");
        scope.models.extend(listed(&table, outside));
        let of_gateway = of_gateway(&table, &scope, outside);
        table.finish();
        let Some(name) = name else { continue };
        if name == "*" || watches.iter().any(|other| other.name == name) {
            table.problem("name", "a name of its own", format!("'{name}'"));
        }
        let is_named = scope != Scope::default();
        if !is_named && of_gateway.is_empty() && table.is_sound() {
            let expected = "models, providers, regions, reach, interfaces, topics, a file of models or the configuration of a gateway";
            table.problem("models", expected, "nothing to watch");
        }
        let of_gateway = of_gateway.into_iter().map(|scope| Watch {
            name: name.clone(),
            scope,
        });
        watches.extend(of_gateway);
        // beside a gateway it narrows what that asks for
        if !table.has("gateway") {
            watches.push(Watch { name, scope });
        }
    }
    watches
}

/// What the configuration of a `gateway` asks for at each provider, with what else the watch wants.
fn of_gateway(table: &Table<'_>, wanted: &Scope, outside: &Outside<'_>) -> Vec<Scope> {
    let Some(path) = table.text("gateway") else {
        return Vec::new();
    };
    if !wanted.models.is_empty() || !wanted.providers.is_empty() || !wanted.topics.is_empty() {
        let expected = "no models, providers or topics beside a gateway: a [[watch]] of their own";
        table.problem("gateway", expected, format!("'{path}' and others"));
        return Vec::new();
    }
    let asked = (outside.file)(Path::new(&path))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no text".to_string()))
        .and_then(|text| gateway::asked(&text));
    let asked = match asked {
        Ok(asked) => asked,
        Err(error) => {
            let expected = "the configuration of LiteLLM or of another gateway, YAML or JSON";
            table.problem("gateway", expected, format!("'{path}': {error}"));
            return Vec::new();
        }
    };
    let scope = |(provider, models): (Option<&str>, Vec<String>)| Scope {
        providers: provider.map(str::to_string).into_iter().collect(),
        models: models
            .iter()
            .filter_map(|model| ModelPattern::from_word(model))
            .collect(),
        ..wanted.clone()
    };
    asked.into_iter().map(scope).collect()
}

/// The models of `file`: one a line, `#` begins a remark.
fn listed(table: &Table<'_>, outside: &Outside<'_>) -> Vec<ModelPattern> {
    let Some(path) = table.text("file") else {
        return Vec::new();
    };
    let expected = "a file of native ids or models, one a line";
    let text = (outside.file)(Path::new(&path))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no text".to_string()));
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            table.problem("file", expected, format!("'{path}': {error}"));
            return Vec::new();
        }
    };
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let models: Vec<ModelPattern> = lines.filter_map(ModelPattern::from_word).collect();
    if models.is_empty() {
        table.problem("file", expected, format!("'{path}', which names none"));
    }
    models
}

fn scope(table: &Table<'_>) -> Scope {
    let models = table.texts("models");
    if models.iter().any(|word| word.trim().is_empty()) {
        table.problem(
            "models",
            "models such as \"anthropic/claude-*\"",
            "a blank one",
        );
    }
    Scope {
        models: models
            .iter()
            .filter_map(|word| ModelPattern::from_word(word))
            .collect(),
        providers: table.texts("providers"),
        places: places(table),
        reach: words(table, "reach", REACHES, Reach::from_word),
        interfaces: words(table, "interfaces", INTERFACES, Interface::from_word),
        topics: Vec::new(),
    }
}

fn matcher(table: &Table<'_>, names: &BTreeSet<&str>) -> Matcher {
    let kinds = ChangeKind::ALL.map(ChangeKind::word).join(", ");
    let watches = table.texts("watches");
    for name in watches
        .iter()
        .filter(|name| *name != "*" && !names.contains(name.as_str()))
    {
        let known: Vec<&str> = names.iter().copied().collect();
        let expected = match known.as_slice() {
            [] => "the name of a [[watch]], of which there is none".to_string(),
            known => format!(
                "the name of a [[watch]] ({}), or \"*\" for any",
                known.join(", ")
            ),
        };
        table.problem("watches", expected, format!("'{name}'"));
    }
    Matcher {
        kinds: words(table, "kinds", &kinds, ChangeKind::from_word),
        scope: scope(table),
        watches,
        minimum: Severity::Info,
    }
}

fn route(
    table: &Table<'_>,
    names: &BTreeSet<&str>,
    zone_name: &str,
    usual: &AlertSettings,
) -> Option<Route> {
    let name = table.required_text("name", "a name, such as \"on-call\"");
    let mut takes = matcher(table, names);
    let severity = table.word("severity", SEVERITIES, Severity::from_word);
    takes.minimum = severity.unwrap_or(usual.minimum);
    let recipients = table.texts("to");
    let zone_name = zone(table, zone_name);
    let zone = zone_from_name(&zone_name).unwrap_or(TimeZone::UTC);
    let expected = "five fields, such as \"0 8 * * mon-fri\"";
    let digest = table.parsed("digest", expected, |line| {
        Schedule::cron(line, &zone_name).map_err(|error| error.to_string())
    });
    let spans = quiet_hours(table);
    let breaks = table.word("breaks", SEVERITIES, Severity::from_word);
    if breaks.is_some() && spans.is_empty() && table.is_sound() {
        table.problem(
            "quiet",
            "hours such as [\"22:00-07:00\"]",
            "none beside breaks",
        );
    }
    let own_limit = limit(table);
    for (key, is_said) in [("quiet", !spans.is_empty()), ("limit", own_limit.is_some())] {
        if is_said && digest.is_some() {
            table.problem(key, "none beside a digest, which has its own times", "both");
        }
    }
    let goes_on = table.flag("continue").unwrap_or(false);
    Some(Route {
        name: name?,
        takes,
        recipients,
        when: digest.map_or(When::AtOnce, When::Digest),
        quiet: (!spans.is_empty()).then(|| Quiet {
            spans,
            zone,
            breaks: breaks.unwrap_or(Severity::Critical),
        }),
        limit: Some(own_limit.unwrap_or(usual.limit)),
        goes_on,
    })
}

fn quiet_hours(table: &Table<'_>) -> Vec<(Time, Time)> {
    let mut spans = Vec::new();
    for text in table.texts("quiet") {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        let span = text
            .split_once('-')
            .and_then(|(from, until)| Some((time(from)?, time(until)?)));
        match span.filter(|(from, until)| from != until) {
            Some(span) => spans.push(span),
            None => table.problem(
                "quiet",
                "hours such as \"22:00-07:00\"",
                format!("'{text}'"),
            ),
        }
    }
    spans
}

#[cfg(test)]
mod tests;
