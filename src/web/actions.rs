//! What may be done in the dashboard besides looking, where `[web] actions` allows it. A page says what would be done, its form
//! does it, and the next page says what was done. Nothing is done by looking.

mod asked;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Serialize;

use super::answer::Answer;
use super::form::{Form, Proof};
use super::page::{self, Moment};
use super::query::Query;
use super::refusal::Refusal;
use super::route::refuse;
use super::sign_in::visitor;
use super::site::Site;
use super::visitor::{Visitor, Who};
use crate::market::{Acknowledgement, ChangeKind};
use crate::outlook::deeds::{self, Deed};
use crate::store::Silences as _;
use asked::{Asked, short};

/// Where silences are listed, made and ended.
pub(super) const SILENCE: &str = "/actions/silence";
const EXPIRE: &str = "/actions/silence/expire";
const ACK: &str = "/actions/ack";

/// How long somebody waits for the writer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The paths of what is allowed; the others are not there.
pub(super) fn router(site: &Site) -> Router<Arc<Site>> {
    let allowed = site.means.settings.web.actions;
    let mut router = Router::new();
    if site.means.doer.is_none() {
        return router;
    }
    if allowed.silence {
        router = router
            .route(SILENCE, get(show_silences).post(silence))
            .route(EXPIRE, get(show_ending).post(end));
    }
    if allowed.ack {
        router = router.route(ACK, get(show_acknowledging).post(acknowledge));
    }
    router
}

/// Who asks to look, and at what.
struct Looking {
    visitor: Option<Visitor>,
    path: String,
    asked: String,
    headers: HeaderMap,
}

impl Looking {
    fn of(request: Request) -> Self {
        Self {
            visitor: request.extensions().get().cloned(),
            path: request.uri().path().to_string(),
            asked: request.uri().query().unwrap_or("").to_string(),
            headers: request.headers().clone(),
        }
    }

    fn query(&self) -> Result<Query, Refusal> {
        Query::new(BTreeMap::new(), &self.asked)
    }

    fn proof(&self, site: &Site) -> Result<Proof, Refusal> {
        let visitor = self.visitor.as_ref();
        let visitor = visitor.ok_or_else(|| Refusal::Internal("no visitor".to_string()))?;
        Proof::new(site, visitor, &self.headers)
    }

    fn id(&self) -> Result<String, Refusal> {
        let query = self.query()?;
        let id = query.one("id")?.unwrap_or("").to_string();
        query.finish()?;
        match id.is_empty() || id.len() > 200 {
            true => Err(Refusal::Wrong("id: expected an id, found none".to_string())),
            false => Ok(id),
        }
    }
}

async fn show_silences(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let looking = Looking::of(request);
    match silences(&site, &looking).await {
        Ok(response) => response,
        Err(refusal) => refuse(&site, &refusal, &looking.path, &looking.headers),
    }
}

async fn show_ending(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let looking = Looking::of(request);
    match ending(&site, &looking).await {
        Ok(response) => response,
        Err(refusal) => refuse(&site, &refusal, &looking.path, &looking.headers),
    }
}

async fn show_acknowledging(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let looking = Looking::of(request);
    match acknowledging(&site, &looking).await {
        Ok(response) => response,
        Err(refusal) => refuse(&site, &refusal, &looking.path, &looking.headers),
    }
}

#[derive(Serialize)]
struct SilencesView {
    all: Vec<SilenceView>,
    kinds: Vec<&'static str>,
    asked: Asked,
    /// What would be done, and the form that does it.
    planned: Option<String>,
    wrong: Option<String>,
    proof: Proof,
}

#[derive(Serialize)]
struct SilenceView {
    id: String,
    what: String,
    reason: String,
    until: Moment,
}

/// The silences that go on, and the form of another; filled in, it is shown what would be done.
async fn silences(site: &Arc<Site>, looking: &Looking) -> Result<Response<Body>, Refusal> {
    let asked = Asked::of_query(&looking.query()?)?;
    let zone = site.means.settings.zone.clone();
    let now = site.now();
    let (planned, wrong) = match asked.reason.is_empty() && asked.lasts.is_empty() {
        true => (None, None),
        false => match asked.silence(now) {
            Ok(silence) => {
                let until = Moment::new(silence.until, &zone).said;
                let what = deeds::what(&silence);
                (Some(format!("{what}, until {until}")), None)
            }
            Err(wrong) => (None, Some(wrong)),
        },
    };
    let all = site
        .ask(move |_, store| Ok(store.silences_after(now)?))
        .await?;
    let view = SilencesView {
        all: all
            .iter()
            .map(|silence| SilenceView {
                id: silence.id.clone(),
                what: deeds::what(silence),
                reason: silence.reason.clone(),
                until: Moment::new(silence.until, &zone),
            })
            .collect(),
        kinds: ChangeKind::ALL.map(ChangeKind::word).to_vec(),
        asked,
        planned,
        wrong,
        proof: looking.proof(site)?,
    };
    let page = page::page(site, (SILENCE, "Silences"), "silences.html", &view)?;
    Ok(view.proof.respond(&page, &looking.headers))
}

async fn silence(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    act(&site, request, SILENCE, |_, form, now| {
        Asked::of_form(form).silence(now).map(Deed::Silence)
    })
    .await
}

#[derive(Serialize)]
struct PlanView {
    proof: Proof,
    /// Where the form is sent.
    path: &'static str,
    id: String,
    said: String,
    button: &'static str,
    /// Whether a note is taken.
    has_note: bool,
}

async fn ending(site: &Arc<Site>, looking: &Looking) -> Result<Response<Body>, Refusal> {
    let id = looking.id()?;
    let now = site.now();
    let all = site
        .ask(move |_, store| Ok(store.silences_after(now)?))
        .await?;
    let silence = all.iter().find(|silence| silence.id == id);
    let silence = silence
        .ok_or_else(|| Refusal::Missing(format!("there is no silence '{id}' that goes on")))?;
    let view = PlanView {
        proof: looking.proof(site)?,
        path: EXPIRE,
        said: format!("Silence {id} ends now: {}", deeds::what(silence)),
        id,
        button: "End the silence",
        has_note: false,
    };
    planned(site, looking, "End a silence", &view)
}

async fn end(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    act(&site, request, SILENCE, |_, form, now| {
        let id = form.one("id").unwrap_or("").to_string();
        Ok(Deed::Expire { id, at: now })
    })
    .await
}

async fn acknowledging(site: &Arc<Site>, looking: &Looking) -> Result<Response<Body>, Refusal> {
    let id = looking.id()?;
    let asked = id.clone();
    let found = site
        .ask(move |_, store| Ok(deeds::threads(store, &asked)?))
        .await?;
    let (name, threads) = found.map_err(Refusal::Missing)?;
    let view = PlanView {
        proof: looking.proof(site)?,
        path: ACK,
        said: format!(
            "You say that you know of {name} ({} threads): nobody is reminded of it until something else is stated.",
            threads.len()
        ),
        id,
        button: "I know of it",
        has_note: true,
    };
    planned(site, looking, "Acknowledge", &view)
}

async fn acknowledge(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    act(&site, request, "/changes", |visitor, form, now| {
        let note = form.one("note").unwrap_or("").to_string();
        short(&note)?;
        let who = match &visitor.who {
            Who::Program(name) | Who::Proxied(name) => name.clone(),
            _ => "the dashboard".to_string(),
        };
        Ok(Deed::Acknowledge {
            id: form.one("id").unwrap_or("").to_string(),
            by: Acknowledgement { at: now, who, note },
        })
    })
    .await
}

fn planned(
    site: &Site,
    looking: &Looking,
    title: &str,
    view: &PlanView,
) -> Result<Response<Body>, Refusal> {
    let page = page::page(site, (view.path, title), "action.html", view)?;
    Ok(view.proof.respond(&page, &looking.headers))
}

#[derive(Serialize)]
struct DoneView {
    said: String,
    back: &'static str,
}

/// Does what a form asks, and says what was done.
async fn act(
    site: &Arc<Site>,
    request: Request,
    back: &'static str,
    deed: impl FnOnce(&Visitor, &Form, Timestamp) -> Result<Deed, String>,
) -> Response<Body> {
    let (path, headers) = (request.uri().path().to_string(), request.headers().clone());
    let done = async {
        let visitor = visitor(&request)?.clone();
        let form = Form::read(site, &visitor, request).await?;
        let deed = deed(&visitor, &form, site.now()).map_err(Refusal::Wrong)?;
        let said = done(site, deed).await?;
        tracing::info!(address = %visitor.address, "the dashboard: {}", said.escape_debug());
        let view = DoneView { said, back };
        let answer: Answer = page::page(site, (back, "Done"), "done.html", &view)?;
        Ok(answer.to_response(&Default::default()))
    };
    let done: Result<_, Refusal> = done.await;
    done.unwrap_or_else(|refusal| refuse(site, &refusal, &path, &headers))
}

/// Asks the writer, one at a time: whatever is asked here, the writer is held by one short deed at most.
async fn done(site: &Site, deed: Deed) -> Result<String, Refusal> {
    let doer = site.means.doer.as_ref();
    let doer = doer.ok_or_else(|| Refusal::Missing("nothing is done here".to_string()))?;
    let _turn = site.doing.try_acquire().map_err(|_| Refusal::Busy)?;
    match tokio::time::timeout(PATIENCE, doer(deed)).await {
        Ok(Ok(Ok(said))) => Ok(said),
        Ok(Ok(Err(wrong))) => Err(Refusal::Wrong(wrong)),
        Ok(Err(failed)) => Err(Refusal::Internal(failed)),
        Err(_) => Err(Refusal::Late),
    }
}
