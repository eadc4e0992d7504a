//! What every message says that tells of a simulated world, whoever wrote it.

use crate::market::OutgoingMessage;

/// What follows the program's name in a subject.
const MARK: &str = "simulated: ";
/// The first line of a text, and of a page.
const SAID: &str =
    "Simulated: this tells of an invented market of `bellwether demo`. No provider said any of it.";
/// What a page begins with, for people.
const BANNER: &str = "<p role=\"note\" style=\"margin:0;padding:8px 16px;background:#fff3cd;color:#4d3800;font-size:14px\">";

/// The message, marked as of a simulated world in its subject, its text and its page.
pub(super) fn simulated(message: OutgoingMessage) -> OutgoingMessage {
    let subject = match message.subject.strip_prefix("[bellwether] ") {
        Some(said) => format!("[bellwether] {MARK}{said}"),
        None => format!("{MARK}{}", message.subject),
    };
    OutgoingMessage {
        subject,
        text: format!("{SAID}\n\n{}", message.text),
        html: with_banner(&message.html),
        ..message
    }
}

fn with_banner(page: &str) -> String {
    let banner = format!("{BANNER}{SAID}</p>\n");
    let body = page.find("<body").and_then(|begin| {
        let tag = page.get(begin..)?.find('>')?;
        page.split_at_checked(begin + tag + 1)
    });
    match body {
        Some((before, after)) => format!("{before}\n{banner}{}", after.trim_start()),
        None => format!("{banner}{page}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn subject_text_and_page_say_that_it_is_simulated() {
        let message = |subject: &str, html: &str| OutgoingMessage {
            subject: subject.to_string(),
            text: "GPT-6 is there.\n".to_string(),
            html: html.to_string(),
            parts: Vec::new(),
            message_id: String::new(),
            in_reply_to: None,
            date: Timestamp::UNIX_EPOCH,
            dispatch: None,
        };
        let shown = |message: OutgoingMessage| {
            format!("{}\n\n{}\n{}", message.subject, message.text, message.html)
        };
        let usual = message(
            "[bellwether] added: GPT-6",
            "<html>\n<body class=\"page\">\n<h1>GPT-6</h1></body></html>",
        );
        insta::assert_snapshot!(shown(simulated(usual)), @r#"
        [bellwether] simulated: added: GPT-6

        Simulated: this tells of an invented market of `bellwether demo`. No provider said any of it.

        GPT-6 is there.

        <html>
        <body class="page">
        <p role="note" style="margin:0;padding:8px 16px;background:#fff3cd;color:#4d3800;font-size:14px">Simulated: this tells of an invented market of `bellwether demo`. No provider said any of it.</p>
        <h1>GPT-6</h1></body></html>
        "#);
        let own = message("News: GPT-6", "<h1>GPT-6</h1>");
        insta::assert_snapshot!(shown(simulated(own)), @r#"
        simulated: News: GPT-6

        Simulated: this tells of an invented market of `bellwether demo`. No provider said any of it.

        GPT-6 is there.

        <p role="note" style="margin:0;padding:8px 16px;background:#fff3cd;color:#4d3800;font-size:14px">Simulated: this tells of an invented market of `bellwether demo`. No provider said any of it.</p>
        <h1>GPT-6</h1>
        "#);
    }
}
