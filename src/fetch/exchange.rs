//! One request over one fresh connection.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use rustls::client::Resumption;
use url::Url;

use super::address::{self, Resolver};
use super::answer::{Answer, Body, same_host, text};
use super::gathering::{Gathered, Gathering};
use super::outgoing::{Outgoing, internal};
use super::request::{Method, Request};
use super::rewrite::Hop;
use super::trace::{Connecting, Handshake, Limits, Trace};
use super::{Client, Course, cause, content, redirect, refusal};
use crate::market::{Failure, plain};

/// What one exchange needs to know.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub client: &'a Client,
    pub request: &'a Request,
    pub hop: &'a Hop<'a>,
    pub trace: &'a Trace,
    pub limits: &'a Limits,
    pub at: Timestamp,
}

/// What one exchange led to.
#[derive(Debug)]
pub(super) enum Step {
    /// The end of the fetch.
    Answered(Answer),
    /// Another original to ask.
    Redirected(Url),
}

impl Exchange<'_> {
    /// Asks, and reads the answer as far as it matters.
    pub async fn run(&self, course: &mut Course) -> Result<Step, Failure> {
        let (library, message) = self.prepare()?;
        let sending = self.trace.within(self.limits, library.execute(message));
        let sent = sending.await.map_err(|phase| Failure::Timeout { phase })?;
        let response =
            sent.map_err(|error| cause::of_exchange(error, self.trace.marks().phase().0))?;
        self.trace.answered();
        let status = response.status();
        course.status = Some(status.as_u16());
        course.clock_ahead = refusal::clock_ahead(response.headers(), self.at);
        if let Some(location) = text(response.headers(), &LOCATION)
            && redirect::is_redirect(status)
        {
            let next = redirect::next(self.request, self.hop, status, &location)?;
            return Ok(Step::Redirected(next));
        }
        let answer = match status {
            StatusCode::NOT_MODIFIED if self.is_conditional() => Answer::NotModified,
            StatusCode::NOT_MODIFIED => {
                return Err(Failure::Protocol {
                    detail: "not modified, though the request was not conditional".into(),
                });
            }
            StatusCode::PARTIAL_CONTENT => {
                return Err(Failure::Truncated {
                    detail: "only a part was sent, which was not asked for".into(),
                });
            }
            status if status.is_success() => {
                Answer::Body(Box::new(self.body(response, course).await?))
            }
            _ => return Err(self.refusal(response).await),
        };
        Ok(Step::Answered(answer))
    }

    /// Whether the request really carries a validator.
    fn is_conditional(&self) -> bool {
        self.request.validators.as_ref().is_some_and(|validators| {
            validators.etag.is_some() || validators.last_modified.is_some()
        })
    }

    /// The client of this exchange and the message it sends.
    pub fn prepare(&self) -> Result<(reqwest::Client, reqwest::Request), Failure> {
        let target = &self.hop.target;
        if !matches!(target.scheme(), "http" | "https") {
            return Err(internal("only http and https can be fetched"));
        }
        // The user's own URL may be anywhere; what a redirect adds may not.
        let is_guarded = !self.client.settings.allow_private_redirects
            && !self.hop.is_rewritten()
            && !same_host(target, &self.request.url);
        if is_guarded && address::names_private(target) {
            return Err(Failure::RedirectRefused {
                detail: format!("to the private address {}", super::host(target)),
            });
        }
        let library = self.library(is_guarded)?;
        let method = match self.request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let outgoing = Outgoing {
            request: self.request,
            hop: self.hop,
            at: self.at,
        };
        let target = outgoing.target();
        let headers = outgoing.headers(&target)?;
        let mut message = library.request(method, target).headers(headers);
        if let Some(body) = &self.request.body {
            message = message.body(body.clone());
        }
        let message = message
            .build()
            .map_err(|_| internal("the URL cannot be sent"))?;
        Ok((library, message))
    }

    /// A client for this exchange alone.
    fn library(&self, is_guarded: bool) -> Result<reqwest::Client, Failure> {
        let proxy = match &self.client.proxy {
            Some(proxy) if !address::names_vicinity(&self.hop.target) => Some(proxy.clone()),
            _ => None,
        };
        let resolver = Resolver {
            trace: self.trace.clone(),
            // Behind a proxy it is the proxy's name that is resolved here, and the proxy's rules that hold.
            is_guarded: is_guarded && proxy.is_none(),
        };
        let mut tls = self.client.tls.clone();
        tls.resumption = Resumption::store(Arc::new(Handshake(self.trace.clone())));
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(resolver)
            .connector_layer(Connecting(self.trace.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // nobody comes back to this connection: a pool would only set tasks and timers to wait for that
            .pool_max_idle_per_host(0)
            .no_proxy()
            .user_agent(self.client.user_agent.clone());
        let builder = match proxy {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        };
        builder
            .build()
            .map_err(|_| internal("the HTTP library refused its settings"))
    }

    async fn body(&self, response: Response, course: &mut Course) -> Result<Body, Failure> {
        let headers = response.headers().clone();
        if let Some(sign) = challenge(&headers) {
            return Err(Failure::LoginWall {
                detail: sign.to_owned(),
            });
        }
        // The library takes the header away when it decodes.
        if let Some(encoding) = text(&headers, &CONTENT_ENCODING)
            && !encoding.eq_ignore_ascii_case("identity")
        {
            return Err(Failure::Protocol {
                detail: format!("encoded as {}, which was not offered", plain(&encoding, 40)),
            });
        }
        let limit = self
            .request
            .max_body
            .unwrap_or(self.client.settings.max_body);
        let reading = self.read(response, limit, &mut course.bytes);
        let body = self.trace.within(self.limits, reading).await;
        let body = body.map_err(|phase| Failure::Timeout { phase })??;
        self.trace.ended();
        let content_type = text(&headers, &CONTENT_TYPE);
        let hash = body.hash();
        if self.request.known != Some(hash) {
            content::check(self.request.expects, content_type.as_deref(), body.head())?;
        }
        Ok(Body::new((body, hash), &headers, self.request, self.hop))
    }

    /// Reads the decoded body up to the limit, counting its bytes.
    async fn read(
        &self,
        mut response: Response,
        limit: u64,
        count: &mut u64,
    ) -> Result<Gathered, Failure> {
        let too_large = Failure::TooLarge { limit };
        if response
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(too_large);
        }
        let mut body = Gathering::new(self.request.pack_above, response.content_length());
        while let Some(chunk) = response.chunk().await.map_err(cause::of_body)? {
            *count += chunk.len() as u64;
            if *count > limit {
                return Err(too_large);
            }
            body.push(&chunk)?;
        }
        body.finish()
    }

    /// The failure that a refusal is, with as much of its body as comes in time.
    async fn refusal(&self, mut response: Response) -> Failure {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.beginning(&mut response).await;
        refusal::read(self.request, status, &headers, &body, self.at)
    }

    /// As much of a body as is read of a refusal, and comes in time.
    pub async fn beginning(&self, response: &mut Response) -> Vec<u8> {
        let mut body = Vec::new();
        let reading = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                let room = refusal::MOST_READ.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if body.len() >= refusal::MOST_READ {
                    break;
                }
            }
        };
        if self.trace.within(self.limits, reading).await.is_ok() {
            self.trace.ended();
        }
        body
    }
}

/// The header by which bot protection says that a success is a challenge (AWS WAF with status 202, Cloudflare).
fn challenge(headers: &HeaderMap) -> Option<&'static str> {
    ["x-amzn-waf-action", "cf-mitigated"]
        .into_iter()
        .find(|name| headers.contains_key(*name))
}
