//! The HTML templates that are compiled in. Everything that is put into them is escaped, since their names end in `.html`.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

const TEMPLATES: [(&str, &str); 5] = [
    ("head.html", include_str!("templates/head.html")),
    ("message.html", include_str!("templates/message.html")),
    ("away.html", include_str!("templates/away.html")),
    ("started.html", include_str!("templates/started.html")),
    ("report.html", include_str!("templates/report.html")),
];

/// The page that a template makes of `view`. Should it fail, the reader still gets the plain text.
pub fn html<View: Serialize>(name: &str, view: &View, text: &str) -> String {
    page(name, view).unwrap_or_else(|_| plain(text))
}

fn page<View: Serialize>(name: &str, view: &View) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    environment
        .get_template(name)?
        .render(context! { view => Value::from(Serde(view)) })
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
}
