//! `bellwether.toml`: what a user says besides the shipped probes. Everything has a default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::alerts::{self, AlertSettings};
use super::channel::{self, Channel};
use super::endpoint::{self, EndpointSettings};
use super::identities::{self, Identities, Known, Sources};
use super::inference::{self, InferenceSettings};
use super::mail::{Credentials, Mail, MailTransport, Security, Smtp, TokenLogin};
use super::mail_token::token;
use super::objectives::{Objectives, objectives};
use super::report::{ReportSettings, report};
use super::scopes::{self, ScopeSettings};
use super::secrets::{credentials, secret};
use super::tree::{Problems, Table, walk};
use super::web::{WebSettings, web};
use super::{Http, http, templates, workload};
use crate::alerting::{Policy, When};
use crate::detect::RuleOverrides;
use crate::landscape::Workload;
use crate::render::{Letterhead, Templates};
use crate::schedule::{duration_from_text, zone_from_name};

/// Where secrets and files outside the configuration come from.
pub struct Outside<'a> {
    /// The value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file, or why they cannot be read.
    pub file: &'a dyn Fn(&Path) -> Result<Vec<u8>, String>,
}

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether what is watched is simulated: then every message and page says so.
    pub simulated: bool,
    /// The folder of the database.
    pub data: Option<PathBuf>,
    /// The zone in which people read times.
    pub zone: TimeZone,
    /// Its name.
    pub zone_name: String,
    /// The numbers of `[detect]`, set over every authority's defaults.
    pub detect: RuleOverrides,
    /// Which probes are asked.
    pub probes: ProbeSettings,
    /// Which endpoints are checked.
    pub endpoints: EndpointSettings,
    /// Which models are asked, and what that may cost.
    pub inference: InferenceSettings,
    /// What the placeholders of their addresses stand for.
    pub scopes: ScopeSettings,
    /// Credentials by name.
    pub credentials: BTreeMap<String, SecretString>,
    /// Who we are at the clouds.
    pub identities: Identities,
    /// How requests are made.
    pub http: Http,
    /// How mail is sent; `None`: not at all.
    pub mail: Option<Mail>,
    /// Ways to tell besides mail.
    pub channels: Vec<Channel>,
    /// Who hears of what.
    pub alerts: AlertSettings,
    /// How that is written.
    pub templates: Templates,
    /// When reports are made and mailed.
    pub report: ReportSettings,
    /// How long what may be thrown away is kept.
    pub retention: Retention,
    /// The name of the place that measures.
    pub vantage: String,
    /// What is expected of availability.
    pub objectives: Objectives,
    /// Where the dashboard is served.
    pub web: WebSettings,
    /// What is priced on every offering.
    pub workloads: Vec<Workload>,
}

/// How long what may be thrown away is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Bodies that show no change.
    pub bodies: SignedDuration,
    /// Rows of single fetches.
    pub readings: SignedDuration,
    /// Delivered messages.
    pub messages: SignedDuration,
    /// Single measurements; what they are rolled up to is kept for longer.
    pub samples: SignedDuration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(days * 24);
        Self {
            bodies: days(90),
            readings: days(400),
            messages: days(400),
            samples: days(90),
        }
    }
}

/// Which probes are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProbeSettings {
    /// A folder of probe files that add to or override the shipped ones.
    pub folder: Option<PathBuf>,
    /// Probes that are asked although they need a credential.
    pub on: Vec<String>,
    /// Probes that are not asked.
    pub off: Vec<String>,
    /// Only these are asked, if any are named.
    pub only: Vec<String>,
}

impl Settings {
    /// What all messages have in common.
    pub fn letterhead(&self) -> Letterhead<'_> {
        Letterhead {
            templates: &self.templates,
            zone: &self.zone,
        }
    }

    /// Whom changes are told to, and which. Everybody is who gets mail, or without mail every channel.
    pub fn policy(&self) -> Policy {
        let names = || self.channels.iter().map(|channel| channel.name.clone());
        let everybody = self
            .mail
            .as_ref()
            .map_or_else(|| names().collect(), |mail| mail.to.clone());
        let mut policy = self.alerts.policy(everybody);
        let takes_all = |recipient: &String| {
            let channel = self.channel(recipient);
            !channel.is_some_and(Channel::takes_only_alerts)
        };
        policy.recipients.retain(takes_all);
        for route in &mut policy.routes {
            if matches!(route.when, When::Digest(_)) {
                route.recipients.retain(takes_all);
            }
        }
        policy
    }

    /// The channel of a name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// What is known of a credential: a key by its name, or who we are at a cloud.
    pub fn known(&self, credential: &str) -> Known {
        let identity = self.identities.known(credential);
        identity.unwrap_or(match self.credentials.contains_key(credential) {
            true => Known::Configured,
            false => Known::Missing,
        })
    }

    /// Reads the text of the file called `name`.
    pub fn from_text(name: &str, text: &str, outside: &Outside<'_>) -> Result<Self, Problems> {
        walk(name, text, |root| Some(settings(root, outside)))
    }

    /// What holds without any file.
    pub fn without_file(outside: &Outside<'_>) -> Result<Self, Problems> {
        Self::from_text("(no configuration)", "", outside)
    }
}

fn settings(root: &Table<'_>, outside: &Outside<'_>) -> Settings {
    let zone_name = root.text("timezone").unwrap_or_else(|| "UTC".to_string());
    let zone = zone_from_name(&zone_name).unwrap_or_else(|error| {
        root.problem(
            "timezone",
            "an IANA zone such as Europe/Berlin",
            error.to_string(),
        );
        TimeZone::UTC
    });
    let credentials = credentials(root, outside);
    let sources = Sources {
        outside,
        credentials: &credentials,
    };
    let channels = channel::channels(root, outside);
    Settings {
        simulated: root.flag("simulated").unwrap_or(false),
        data: root.text("data").map(PathBuf::from),
        detect: section(root, "detect", super::probe::rule_overrides),
        probes: section(root, "probes", probes),
        endpoints: section(root, "endpoints", endpoint::settings),
        inference: section(root, "inference", inference::settings),
        scopes: scopes::settings(root),
        identities: identities::identities(root, &sources),
        http: section(root, "http", |table| http::http(table, outside)),
        mail: root.table("mail").and_then(|table| {
            let mail = mail(&table, outside);
            table.finish();
            mail
        }),
        alerts: alerts::alerts(root, &zone_name, outside, &channels),
        channels,
        templates: section(root, "templates", |table| {
            templates::templates(table, outside)
        }),
        report: report(root, &zone_name),
        web: section(root, "web", |table| web(table, outside)),
        retention: section(root, "retention", retention),
        vantage: root.text("vantage").unwrap_or_else(|| "here".to_string()),
        objectives: section(root, "slo", objectives),
        workloads: workload::workloads(root),
        credentials,
        zone,
        zone_name,
    }
}

fn section<T: Default>(
    root: &Table<'_>,
    key: &'static str,
    read: impl FnOnce(&Table<'_>) -> T,
) -> T {
    match root.table(key) {
        Some(table) => {
            let value = read(&table);
            table.finish();
            value
        }
        None => T::default(),
    }
}

fn probes(table: &Table<'_>) -> ProbeSettings {
    ProbeSettings {
        folder: table.text("folder").map(PathBuf::from),
        on: table.texts("on"),
        off: table.texts("off"),
        only: table.texts("only"),
    }
}

/// Reports what is no address of mail.
pub(super) fn mailboxes(table: &Table<'_>, key: &'static str, addresses: &[String]) {
    for address in addresses {
        if let Err(error) = address.trim().parse::<lettre::message::Mailbox>() {
            let expected = "an address such as Name <name@example.org>";
            table.problem(key, expected, format!("'{address}' ({error})"));
        }
    }
}

const SECURITY: &str = "starttls, tls, or none (loopback only)";

fn mail(table: &Table<'_>, outside: &Outside<'_>) -> Option<Mail> {
    let from = table.required_text("from", "the sender's address");
    let to = table.texts("to");
    if to.is_empty() {
        table.problem("to", "at least one recipient's address", "none");
    }
    mailboxes(table, "from", from.as_slice());
    mailboxes(table, "to", &to);
    let directory = table.text("directory").map(PathBuf::from);
    let smtp = table.table("smtp").map(|inner| {
        let smtp = smtp(&inner, outside);
        inner.finish();
        smtp
    });
    let transport = match (directory, smtp) {
        (Some(directory), None) => Some(MailTransport::Directory(directory)),
        (None, Some(smtp)) => smtp.map(MailTransport::Smtp),
        (None, None) => {
            table.problem(
                "smtp",
                "a table [mail.smtp], or directory = \"…\" for .eml files",
                "neither",
            );
            None
        }
        (Some(_), Some(_)) => {
            table.problem("directory", "either directory or [mail.smtp]", "both");
            None
        }
    };
    let expected =
        "an address such as https://example.org/unsubscribe?who={recipient}, or mailto:…";
    let unsubscribe = table.parsed("unsubscribe", expected, |text| {
        let url = url::Url::parse(text).map_err(|error| error.to_string())?;
        let is_plain =
            text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['<', '>']);
        match is_plain && text.len() <= 500 && ["https", "mailto"].contains(&url.scheme()) {
            true => Ok(text.to_string()),
            false => {
                Err("only https: and mailto: of plain characters go into a header".to_string())
            }
        }
    });
    Some(Mail {
        from: from?,
        to,
        unsubscribe,
        transport: transport?,
    })
}

fn smtp(table: &Table<'_>, outside: &Outside<'_>) -> Option<Smtp> {
    let host = table.required_text("host", "the mail server's name");
    let security = table
        .word("security", SECURITY, |word| match word {
            "starttls" => Some(Security::StartTls),
            "tls" => Some(Security::ImplicitTls),
            "none" => Some(Security::PlainLoopback),
            _ => None,
        })
        .unwrap_or(Security::StartTls);
    let usual = match security {
        Security::StartTls => 587,
        Security::ImplicitTls => 465,
        Security::PlainLoopback => 25,
    };
    let port = table
        .integer("port", 1..65_536)
        .and_then(|port| u16::try_from(port).ok())
        .unwrap_or(usual);
    let user = table.text("user");
    let given = table.table("password");
    let is_given = given.is_some();
    let password = given.and_then(|inner| {
        let password = secret(&inner, outside);
        inner.finish();
        password
    });
    let mut token_user = None;
    let credentials = match (user, password) {
        (Some(user), Some(password)) => Some(Credentials { user, password }),
        (None, None) => None,
        // what is wrong with it has been said
        (Some(_), None) if is_given => None,
        (Some(user), None) if table.has("oauth") => {
            token_user = Some(user);
            None
        }
        (Some(_), None) => {
            table.problem(
                "password",
                "{ env = \"NAME\" } or { file = \"PATH\" } beside user",
                "none",
            );
            None
        }
        (None, Some(_)) => {
            table.problem("user", "the user whose password is given", "none");
            None
        }
    };
    let hello_name = table.text("hello_name");
    let deadline = table.parsed("deadline", "a duration such as \"60s\"", duration_from_text);
    let authorities = http::certificates(table, "extra_ca", outside);
    let host = host?;
    let report = |error: String| table.problem("security", SECURITY, error);
    let mut smtp = Smtp::new(&host, port, security, credentials)
        .map_err(report)
        .ok()?;
    smtp = smtp.with_extra_ca_pem(authorities);
    let token = table.table("oauth").and_then(|inner| {
        let token = token(&inner, outside);
        inner.finish();
        token
    });
    if let Some(token) = token {
        let Some(user) = token_user else {
            table.problem("oauth", "user beside it, and no password", "otherwise");
            return None;
        };
        smtp = smtp
            .with_token_login(TokenLogin { user, token })
            .map_err(|error| table.problem("user", "a user's name", error))
            .ok()?;
    }
    if let Some(name) = hello_name {
        smtp = smtp
            .with_hello_name(&name)
            .map_err(|e| table.problem("hello_name", "a host name", e))
            .ok()?;
    }
    if let Some(deadline) = deadline {
        smtp = smtp
            .with_deadline(deadline)
            .map_err(|e| table.problem("deadline", "a duration", e))
            .ok()?;
    }
    Some(smtp)
}

fn retention(table: &Table<'_>) -> Retention {
    let usual = Retention::default();
    let age = |key| table.parsed(key, "a duration such as \"90d\"", duration_from_text);
    Retention {
        bodies: age("bodies").unwrap_or(usual.bodies),
        readings: age("readings").unwrap_or(usual.readings),
        messages: age("messages").unwrap_or(usual.messages),
        samples: age("samples").unwrap_or(usual.samples),
    }
}
