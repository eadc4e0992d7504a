//! The templates that messages are written by. What is put into those whose names end in `.html` is escaped.

use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use super::message::{Fact, Item, Line, Row, View};

const SHIPPED: [(&str, &str); 7] = [
    ("head.html", include_str!("templates/head.html")),
    ("message.html", include_str!("templates/message.html")),
    ("message.txt", include_str!("templates/message.txt")),
    ("subject.txt", include_str!("templates/subject.txt")),
    ("away.html", include_str!("templates/away.html")),
    ("started.html", include_str!("templates/started.html")),
    ("report.html", include_str!("templates/report.html")),
];

/// The templates of alerts, digests and reminders, some of them maybe the user's own.
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Arc<Environment<'static>>,
}

/// What all messages to the user have in common.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// By which templates they are written.
    pub templates: &'a Templates,
    /// In whose times.
    pub zone: &'a TimeZone,
}

impl<'a> Letterhead<'a> {
    /// By the shipped templates.
    pub fn plain(zone: &'a TimeZone) -> Self {
        let templates = shipped();
        Self { templates, zone }
    }
}

impl Default for Templates {
    fn default() -> Self {
        shipped().clone()
    }
}

impl Templates {
    /// The templates that a user may replace, with what is shipped for each.
    pub fn replaceable() -> impl Iterator<Item = (&'static str, &'static str)> {
        SHIPPED.into_iter().take(4)
    }

    /// Takes the user's own template in the place of the shipped one of this name, and tries it on messages of every shape.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn replace(&mut self, name: &'static str, source: String) -> Result<(), String> {
        let mut environment = Environment::clone(&self.environment);
        environment
            .add_template_owned(name, source)
            .map_err(|error| said(&error))?;
        for view in trials() {
            for (name, _) in Self::replaceable() {
                let written = write(&environment, name, &view).map_err(|error| said(&error))?;
                if written.trim().is_empty() && name != "head.html" {
                    return Err(format!("{name} writes nothing"));
                }
            }
        }
        self.environment = Arc::new(environment);
        Ok(())
    }

    /// What a template makes of a message. Should the user's own one fail on it, the shipped one is used: no message is lost.
    pub(super) fn write(&self, name: &str, view: &View) -> String {
        write(&self.environment, name, view)
            .or_else(|_| write(&shipped().environment, name, view))
            .unwrap_or_else(|_| view.heading.clone())
    }

    /// The page that goes with a text.
    pub(super) fn page(&self, view: &View, text: &str) -> String {
        write(&self.environment, "message.html", view)
            .or_else(|_| write(&shipped().environment, "message.html", view))
            .unwrap_or_else(|_| plain(text))
    }
}

/// The page that a shipped template makes of `view`. Should it fail, the reader still gets the plain text.
pub fn html<View: Serialize>(name: &str, view: &View, text: &str) -> String {
    write(&shipped().environment, name, view).unwrap_or_else(|_| plain(text))
}

fn shipped() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in SHIPPED {
            // each is written by a test
            let _ = environment.add_template(name, source);
        }
        Templates {
            environment: Arc::new(environment),
        }
    })
}

fn write<View: Serialize>(
    environment: &Environment<'_>,
    name: &str,
    view: &View,
) -> Result<String, minijinja::Error> {
    environment
        .get_template(name)?
        .render(context! { view => Value::from(Serde(view)) })
}

fn said(error: &minijinja::Error) -> String {
    let place = error.line().map(|line| format!(" in line {line}"));
    let detail = error.detail().map(|detail| format!(": {detail}"));
    format!(
        "{}{}{}",
        error.kind(),
        place.unwrap_or_default(),
        detail.unwrap_or_default()
    )
}

/// Messages of every shape: with all that one can have, and with nothing.
fn trials() -> [View; 2] {
    let line = |link: Option<&str>| Line {
        text: "https://example.org/models".to_string(),
        link: link.map(str::to_string),
    };
    let full = View {
        severity: "critical",
        colour: "#b3261e",
        heading: "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)".to_string(),
        items: vec![Item {
            what: "date.retires: 2027-04-03 → 2026-10-01".to_string(),
            rows: vec![Row {
                place: "gpt-4o in swedencentral".to_string(),
                id: "0123456789abcdef".to_string(),
            }],
        }],
        more: Some("and 3 more".to_string()),
        hidden: 3,
        more_command: "bellwether changes".to_string(),
        facts: vec![
            Fact::of(
                "Evidence",
                vec![line(Some("https://example.org/models")), line(None)],
            ),
            Fact::command("More", vec![line(None)]),
        ],
    };
    let empty = View {
        severity: "info",
        colour: "#5b626b",
        heading: "nothing changed".to_string(),
        items: Vec::new(),
        more: None,
        hidden: 0,
        more_command: String::new(),
        facts: Vec::new(),
    };
    [full, empty]
}

fn plain(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<!doctype html><html><body><pre>{escaped}</pre></body></html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_fails_leaves_the_escaped_text() {
        let page = html("report.html", &context! {}, "a <b> & c");
        assert_eq!(
            page,
            "<!doctype html><html><body><pre>a &lt;b&gt; &amp; c</pre></body></html>"
        );
    }

    #[test]
    fn a_template_of_ones_own_is_tried_before_it_is_taken() {
        let mut templates = Templates::default();
        for (name, source, said) in [
            (
                "message.html",
                "<p>{{ view.heading }",
                "syntax error in line 1",
            ),
            (
                "message.txt",
                "a\n{{ view.headline }}",
                "undefined value in line 2",
            ),
            ("message.txt", "{{ view.items[0].what }}", "undefined value"),
            ("subject.txt", "  \n", "subject.txt writes nothing"),
            (
                "message.html",
                "{% include 'other.html' %}",
                "template not found",
            ),
        ] {
            let problem = templates.replace(name, source.to_string());
            let problem = problem.expect_err(source);
            assert!(problem.contains(said), "{source}: {problem}");
        }
        let [full, _] = trials();
        let shipped = templates.write("subject.txt", &full);
        assert!(
            shipped.starts_with("[bellwether] azure: "),
            "what failed is not kept: {shipped}"
        );
        let own = "{{ view.severity|upper }} at {{ view.heading }}";
        templates
            .replace("subject.txt", own.to_string())
            .expect("a sound one");
        assert!(
            templates
                .write("subject.txt", &full)
                .starts_with("CRITICAL at azure: ")
        );
        // one that fails on a message that it was not tried on gives way to the shipped one
        let picky = "{% if view.hidden == 7 %}{{ nothing }}{% endif %}x";
        templates
            .replace("message.txt", picky.to_string())
            .expect("sound on what it was tried on");
        let [mut full, _] = trials();
        assert_eq!(templates.write("message.txt", &full), "x");
        full.hidden = 7;
        assert!(
            templates
                .write("message.txt", &full)
                .starts_with("CRITICAL  azure: ")
        );
    }

    #[test]
    fn what_is_put_into_a_page_of_ones_own_is_escaped() {
        let mut templates = Templates::default();
        let own = "<h1>{{ view.heading }}</h1>";
        templates
            .replace("message.html", own.to_string())
            .expect("a sound one");
        let [mut full, _] = trials();
        full.heading = "<script>".to_string();
        assert_eq!(templates.page(&full, ""), "<h1>&lt;script&gt;</h1>");
    }
}
