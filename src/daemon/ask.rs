//! Asks one source: its pages, and its second address if the first gives no reading.

use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use futures_util::StreamExt as _;
use hyper::header::HeaderName;
use jiff::Timestamp;
use url::Url;

use super::reading::{PAGES, Target};
use crate::config::{self, Follow, Probe};
use crate::fetch::{
    Answer, Auth, Body, Client, Credentials, Expects, Fetched, Method, Request, Validators, Wanted,
};
use crate::market::{BodyHash, Failure, Hash, Packing, Phases, Sample};
use crate::readers;
use crate::readers::following::{self, FOLLOWED, Followed};
use crate::readers::paging::{NextPage, Paging};
use crate::store::Kept;

/// A longer body is packed while it comes, for a reader that can read it so.
const PACK_ABOVE: u64 = 1 << 20;

/// Pages of one answer at most.
const MOST_PAGES: usize = 50;
/// Items of an index asked at once; the host's own limits hold besides.
const ITEMS_AT_ONCE: usize = 4;
/// Bytes of all items of an index at most.
const MOST_FOLLOWED: u64 = 64 << 20;

/// What the requests of a source are authorised with.
pub async fn auth(
    client: &Client,
    credentials: &Credentials,
    target: &Target<'_>,
    at: Timestamp,
) -> Result<Auth, Failure> {
    credentials.auth(client, &wanted(target), at).await
}

fn wanted<'a>(target: &Target<'a>) -> Wanted<'a> {
    Wanted {
        auth: &target.probe.request.auth,
        credential: target.probe.credential.as_deref(),
        region: target.scoping.values.get("region").map(String::as_str),
    }
}

/// The request that asks a source; an error says why it cannot be made.
pub fn request(
    target: &Target<'_>,
    auth: Auth,
    validators: Option<Validators>,
    fallback: bool,
) -> Result<Request, Failure> {
    let probe = target.probe;
    let address = probe.url(target.scoping, fallback).unwrap_or_default();
    let url = Url::parse(&address).map_err(|error| Failure::Internal {
        detail: format!("the address: {error}"),
    })?;
    Ok(Request {
        method: if probe.request.body.is_some() {
            Method::Post
        } else {
            Method::Get
        },
        headers: probe
            .request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        auth,
        body: probe
            .request
            .body
            .as_ref()
            .map(|body| body.clone().into_bytes()),
        expects: expects(probe),
        validators,
        max_body: probe.request.max_body,
        pack_above: packs(probe).then_some(PACK_ABOVE),
        page_header: page_header(probe),
        ..Request::get(url)
    })
}

/// The header in which a probe's answers name their next page.
fn page_header(probe: &Probe) -> Option<HeaderName> {
    match &probe.request.paging {
        // the probe file was checked for names that a header can have
        Some(Paging::Header { header, .. }) => HeaderName::from_bytes(header.as_bytes()).ok(),
        _ => None,
    }
}

/// A saved answer of a probe, packed where it would be if it came from its host.
pub fn saved(probe: &Probe, path: &Path) -> std::io::Result<Kept> {
    let mut file = std::fs::File::open(path)?;
    if !packs(probe) || file.metadata()?.len() <= PACK_ABOVE {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        return Ok(Kept::Plain(bytes));
    }
    let mut packing = Packing::new()?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Kept::Packed(packing.finish()?)),
            length => packing.push(piece.get(..length).unwrap_or_default())?,
        }
    }
}

/// Whether a large answer can be read packed: one that is not joined with others.
fn packs(probe: &Probe) -> bool {
    let request = &probe.request;
    probe.reader.reads_packed() && request.paging.is_none() && request.follow.is_none()
}

fn expects(probe: &Probe) -> Expects {
    match probe.request.accept {
        config::Expects::Json => Expects::Json,
        config::Expects::Html => Expects::Html,
        config::Expects::Markdown => Expects::Markdown,
        config::Expects::Xml => Expects::Xml,
        config::Expects::Text => Expects::Text,
        config::Expects::Any => Expects::Any,
    }
}

/// What is known of a source's last good body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    /// What its host said to recognise it by; `None` asks for the body whether it changed or not.
    pub validators: Option<Validators>,
    /// Its hash.
    pub body: Option<BodyHash>,
}

/// Asks a source, of which `last` was good. The sample is of the first request.
pub async fn ask(
    client: &Client,
    credentials: &Credentials,
    target: &Target<'_>,
    last: Last,
    at: Timestamp,
) -> Fetched {
    let auth = match auth(client, credentials, target, at).await {
        Ok(auth) => auth,
        Err(failure) => return refused(failure, at),
    };
    let fetched = ask_as(client, target, auth, last, at).await;
    if let Answer::Failed(failure) = &fetched.answer {
        credentials.refused(&wanted(target), failure, at).await;
    }
    fetched
}

async fn ask_as(
    client: &Client,
    target: &Target<'_>,
    auth: Auth,
    last: Last,
    at: Timestamp,
) -> Fetched {
    let first = match request(target, auth.clone(), last.validators, false) {
        Ok(request) => {
            let known = last.body;
            whole(client, target, Request { known, ..request }, at).await
        }
        Err(failure) => return refused(failure, at),
    };
    if !matches!(first.answer, Answer::Failed(_)) || target.probe.request.fallback_url.is_none() {
        return first;
    }
    match request(target, auth, None, true) {
        Ok(request) => {
            let second = whole(client, target, request, at).await;
            match second.answer {
                // both failed: what the first address said is the better reason
                Answer::Failed(_) => first,
                // a version of the second address says nothing of the first, which is asked with it the next time
                Answer::Body(body) => Fetched {
                    answer: Answer::Body(Box::new(Body {
                        validators: Validators::default(),
                        ..*body
                    })),
                    ..second
                },
                Answer::NotModified => second,
            }
        }
        Err(_) => first,
    }
}

/// An answer to a request that was never made. It says nothing about the host that was to be asked, so it names none.
fn refused(failure: Failure, at: Timestamp) -> Fetched {
    let sample = Sample {
        at,
        host: String::new(),
        phases: Phases::default(),
        outcome: failure.word().to_string(),
        status: None,
        bytes: 0,
        clock_ahead: None,
    };
    Fetched {
        answer: Answer::Failed(failure),
        sample,
    }
}

/// All pages of an answer. Several pages are kept as one body: a JSON array of them.
async fn whole(
    client: &Client,
    target: &Target<'_>,
    mut request: Request,
    at: Timestamp,
) -> Fetched {
    let begun = Instant::now();
    let first = client.fetch(&request, at).await;
    if let (Some(follow), Answer::Body(body)) = (&target.probe.request.follow, &first.answer) {
        let answer = match followed(client, target, follow, &request, body, later(at, begun)).await
        {
            Ok(body) => Answer::Body(Box::new(body)),
            Err(failure) => Answer::Failed(failure),
        };
        return Fetched {
            answer,
            sample: first.sample,
        };
    }
    let (Some(paging), Answer::Body(body)) = (&target.probe.request.paging, &first.answer) else {
        return first;
    };
    let mut pages = vec![body.clone()];
    loop {
        let last = &pages[pages.len() - 1];
        let read = readers::Body {
            bytes: &last.bytes,
            content_type: last.content_type.as_deref(),
        };
        let next = match paging {
            Paging::Header { parameter, .. } => Ok(last.page_token.clone().map(|value| {
                let name = parameter.clone();
                NextPage::Parameter { name, value }
            })),
            in_body => readers::paging::next_page(in_body, &read),
        };
        let next = match next {
            Ok(Some(next)) => next,
            Ok(None) => break,
            Err(failure) => {
                return Fetched {
                    answer: Answer::Failed(failure),
                    ..first
                };
            }
        };
        if pages.len() >= MOST_PAGES {
            let detail = format!("more than {MOST_PAGES} pages");
            return Fetched {
                answer: Answer::Failed(Failure::Internal { detail }),
                ..first
            };
        }
        if let Err(failure) = turn(&mut request, next) {
            return Fetched {
                answer: Answer::Failed(failure),
                ..first
            };
        }
        request.validators = None;
        match client.fetch(&request, later(at, begun)).await.answer {
            Answer::Body(body) => pages.push(body),
            Answer::Failed(failure) => {
                return Fetched {
                    answer: Answer::Failed(failure),
                    ..first
                };
            }
            Answer::NotModified => {
                let detail = "304 to a request that named no version".to_string();
                return Fetched {
                    answer: Answer::Failed(Failure::Protocol { detail }),
                    ..first
                };
            }
        }
    }
    if pages.len() == 1 {
        return first;
    }
    let mut joined =
        Vec::with_capacity(pages.iter().map(|page| page.bytes.len() + 1).sum::<usize>() + 2);
    for (index, page) in pages.iter().enumerate() {
        joined.push(if index == 0 { b'[' } else { b',' });
        joined.extend_from_slice(&page.bytes);
    }
    joined.push(b']');
    let body = Body {
        hash: Hash::of(&joined),
        bytes: joined.into(),
        content_type: Some(PAGES.to_string()),
        // a version of the first page says nothing of the others
        validators: Validators::default(),
        ..(**body).clone()
    };
    Fetched {
        answer: Answer::Body(Box::new(body)),
        sample: first.sample,
    }
}

/// The answers for every item of an index, kept as one body. The index is asked for anew each time: that it has not changed
/// says nothing of its items.
async fn followed(
    client: &Client,
    target: &Target<'_>,
    follow: &Follow,
    request: &Request,
    index: &Body,
    at: Timestamp,
) -> Result<Body, Failure> {
    let index_body = readers::Body {
        bytes: &index.bytes,
        content_type: index.content_type.as_deref(),
    };
    let begun = Instant::now();
    let items = following::items(&follow.items, &index_body, follow.most)?;
    let template = target.scoping.fill(&follow.url);
    let ask_item = |item: String| {
        let template = &template;
        async move {
            let part = if follow.slashes {
                following::segments(&item)
            } else {
                following::segment(&item)
            };
            let address = template.replace("{item}", &part);
            let answer = match Url::parse(&address) {
                Ok(url) => {
                    let request = Request {
                        url,
                        validators: None,
                        ..request.clone()
                    };
                    client.fetch(&request, later(at, begun)).await.answer
                }
                Err(error) => Answer::Failed(Failure::Internal {
                    detail: format!("the address: {error}"),
                }),
            };
            (item, answer)
        }
    };
    let asked = futures_util::stream::iter(items).map(ask_item);
    let mut asked = asked.buffered(ITEMS_AT_ONCE);
    let mut answers = Vec::new();
    if follow.index {
        answers.push(Followed::answered("", &index_body));
    }
    let mut bytes = 0_u64;
    let mut last_failure = None;
    while let Some((item, answer)) = asked.next().await {
        match answer {
            Answer::Body(body) => {
                bytes += body.bytes.len() as u64;
                if bytes > MOST_FOLLOWED {
                    return Err(Failure::TooLarge {
                        limit: MOST_FOLLOWED,
                    });
                }
                let body = readers::Body {
                    bytes: &body.bytes,
                    content_type: body.content_type.as_deref(),
                };
                answers.push(Followed::answered(&item, &body));
            }
            Answer::Failed(failure) => {
                answers.push(Followed::failed(&item, &failure));
                last_failure = Some(failure);
            }
            Answer::NotModified => {}
        }
    }
    let is_answered = answers.iter().any(|answer| answer.body.is_some());
    if let (Some(failure), false) = (last_failure, is_answered) {
        return Err(failure);
    }
    let joined = serde_json::to_vec(&answers).map_err(|error| Failure::Internal {
        detail: format!("the answers: {error}"),
    })?;
    Ok(Body {
        hash: Hash::of(&joined),
        bytes: joined.into(),
        content_type: Some(FOLLOWED.to_string()),
        validators: Validators::default(),
        ..index.clone()
    })
}

/// The time now, when it was `at` at `begun`. Signatures are dated, and an answer of many pages takes its time.
fn later(at: Timestamp, begun: Instant) -> Timestamp {
    at.checked_add(begun.elapsed()).unwrap_or(at)
}

/// Turns a request to its next page.
fn turn(request: &mut Request, next: NextPage) -> Result<(), Failure> {
    match next {
        NextPage::Parameter { name, value } => {
            let kept: Vec<(String, String)> = request
                .url
                .query_pairs()
                .filter(|(key, _)| *key != name)
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect();
            request
                .url
                .query_pairs_mut()
                .clear()
                .extend_pairs(kept)
                .append_pair(&name, &value);
            Ok(())
        }
        NextPage::Field { name, value } => {
            let body = request.body.as_deref().unwrap_or(b"{}");
            let mut fields: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(body).map_err(|error| Failure::Internal {
                    detail: format!("the body to ask for the next page with: {error}"),
                })?;
            fields.insert(name, value.into());
            request.body = Some(serde_json::Value::Object(fields).to_string().into_bytes());
            Ok(())
        }
        NextPage::Link(link) => {
            let refuse = |found: &str| Failure::RedirectRefused {
                detail: format!("the next page: {found}"),
            };
            let url = Url::parse(&link).map_err(|_| refuse("no address"))?;
            if url.host_str() != request.url.host_str() || url.scheme() != request.url.scheme() {
                return Err(refuse("another host"));
            }
            request.url = url;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_turned_to_its_next_page() {
        let shown = |body: Option<&str>, next: NextPage| {
            let url = Url::parse("https://h.example/list?top=2&skip=1").expect("an address");
            let mut request = Request {
                body: body.map(|body| body.as_bytes().to_vec()),
                ..Request::get(url)
            };
            match turn(&mut request, next) {
                Err(failure) => failure.to_string(),
                Ok(()) => {
                    let body = request.body.unwrap_or_default();
                    format!("{} {}", request.url, String::from_utf8_lossy(&body))
                }
            }
        };
        let parameter = |value: &str| NextPage::Parameter {
            name: "skip".to_string(),
            value: value.to_string(),
        };
        let field = |value: &str| NextPage::Field {
            name: "continuationToken".to_string(),
            value: value.to_string(),
        };
        let link = |link: &str| NextPage::Link(link.to_string());
        for (body, next, expected) in [
            (
                None,
                parameter("a+b"),
                "https://h.example/list?top=2&skip=a%2Bb ",
            ),
            (
                Some(r#"{"pageSize":100,"continuationToken":"old"}"#),
                field("new\""),
                r#"https://h.example/list?top=2&skip=1 {"continuationToken":"new\"","pageSize":100}"#,
            ),
            (
                None,
                link("https://h.example:443/list?skip=2"),
                "https://h.example/list?skip=2 ",
            ),
            (
                None,
                link("https://other.example/list"),
                "redirect refused: the next page: another host",
            ),
            (
                None,
                link("http://h.example/list"),
                "redirect refused: the next page: another host",
            ),
        ] {
            assert_eq!(shown(body, next), expected);
        }
    }
}
