//! The simulated providers of the demo and of the tests: a script of a market, played in the true shapes.
//!
//! What a world answers is a pure function of its script, a seed, its beginning and the moment. [`server`] puts it on loopback.

mod course;
mod exchange;
mod moment;
pub mod noise;
mod pace;
pub mod play;
pub mod script;
pub mod server;
mod span;
mod truth;

pub use course::{Channel, Course, Mistake, Topic};
pub use exchange::{Answer, Asked, HTML, JSON, MARK, MARKDOWN, Request, TEXT, XML};
pub use moment::{Moment, Offer, Story};
pub use pace::{Line, Measured};
pub use span::Span;
pub use truth::{Besides, Expected, Judged, Liberty, Truth};

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use play::Resource;
use script::{Fault, Script};

/// The script that is compiled in: one story, told in several files.
const SHIPPED: &str = concat!(
    include_str!("../../data/demo/world.toml"),
    "\n",
    include_str!("../../data/demo/bedrock.toml"),
    "\n",
    include_str!("../../data/demo/azure.toml"),
);

/// A simulated market.
#[derive(Debug)]
pub struct World {
    course: Course,
    made: Mutex<HashMap<String, Made>>,
    unplayed: Mutex<BTreeMap<String, u64>>,
}

/// An answer's content as it was last made.
#[derive(Debug, Clone)]
struct Made {
    version: (usize, u64),
    body: Arc<[u8]>,
    etag: String,
}

impl World {
    /// The story of `data/demo/world.toml`.
    pub fn shipped(seed: u64, begin: Timestamp) -> Result<Self, Mistake> {
        Self::parse(SHIPPED, seed, begin)
    }

    /// A story of one's own.
    pub fn parse(text: &str, seed: u64, begin: Timestamp) -> Result<Self, Mistake> {
        let script: Script = toml::from_str(text)?;
        Ok(Self {
            course: Course::new(script, seed, begin)?,
            made: Mutex::default(),
            unplayed: Mutex::default(),
        })
    }

    /// What happens, with its moments.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// What holds at a moment.
    pub fn at(&self, now: Timestamp) -> Moment<'_> {
        Moment {
            course: &self.course,
            now,
            variant: 0,
        }
    }

    /// What is asked that nobody plays, by method and address, and how often: empty unless something is missing here.
    pub fn unplayed(&self) -> BTreeMap<String, u64> {
        let unplayed = self.unplayed.lock();
        unplayed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the original would answer at a moment.
    pub fn answer(&self, now: Timestamp, request: &Request) -> Answer {
        let Some(asked) = Asked::of(&request.url) else {
            return self.unknown(request);
        };
        if let Some(answer) = self.faulty(&asked, now) {
            return answer;
        }
        let mut found = play::find(&asked, request);
        while let play::Found::Depends(find) = found {
            found = find(&self.at(now));
        }
        match found {
            play::Found::Resource(resource) => self.content(&resource, request, now),
            play::Found::Answer(answer) => answer,
            play::Found::Depends(_) | play::Found::Nothing => self.unknown(request),
        }
    }

    fn unknown(&self, request: &Request) -> Answer {
        let name = format!("{} {}", request.method, request.url);
        let unplayed = self.unplayed.lock();
        let mut unplayed = unplayed.unwrap_or_else(PoisonError::into_inner);
        // hostile or endless addresses must not fill the memory
        if unplayed.len() < 1000 || unplayed.contains_key(&name) {
            *unplayed.entry(name).or_default() += 1;
        }
        Answer::json(501, &serde_json::json!({"error": "nobody plays this"}))
    }

    /// A fault of the script, or one that comes and goes by chance.
    fn faulty(&self, asked: &Asked, now: Timestamp) -> Option<Answer> {
        let fault = self.fault(&asked.host, &asked.path, now);
        if let Some(fault) = fault {
            let answer = play::fault(fault.status);
            return Some(match fault.retry_after {
                0 => answer,
                seconds => answer.with("retry-after", &seconds.to_string()),
            });
        }
        let key = format!("{}{}", asked.host, asked.path);
        let point = now.as_second().div_euclid(300);
        let chance = noise::number(self.course.seed, &key, point);
        chance
            .is_multiple_of(play::HICCUP)
            .then(|| play::fault(503))
    }

    /// The fault of the script that a host has at a moment.
    pub fn fault(&self, host: &str, path: &str, now: Timestamp) -> Option<&Fault> {
        let course = &self.course;
        let events = course.script.events.iter().zip(&course.events);
        let faults =
            events.flat_map(|(event, begun)| event.faults.iter().map(move |fault| (begun, fault)));
        let mut on = faults.filter(|(begun, fault)| {
            let is_now = **begun <= now && now < course.after(**begun, fault.lasts, 0);
            is_now && path.starts_with(&fault.path) && play::is_host(&fault.hosts, host)
        });
        on.next().map(|(_, fault)| fault)
    }

    /// The content as it is at a moment, made anew only if it can have changed.
    fn content(&self, resource: &Resource, request: &Request, now: Timestamp) -> Answer {
        let made = self.made(resource, now);
        let is_known = request.header("if-none-match") == Some(made.etag.as_str());
        let answer = match is_known && resource.has_etag {
            true => Answer::new(304, resource.media, Vec::new()),
            false => Answer {
                body: Arc::clone(&made.body),
                ..Answer::new(200, resource.media, Vec::new())
            },
        };
        let answer = match resource.has_etag {
            true => answer.with("etag", &made.etag),
            false => answer,
        };
        let headers = resource.headers.iter();
        headers.fold(answer, |answer, (name, value)| answer.with(name, value))
    }

    fn made(&self, resource: &Resource, now: Timestamp) -> Made {
        let page = Topic::Page(resource.probe.to_string());
        let topics = resource.topics.iter().chain([&page]);
        let turns = topics
            .map(|topic| self.course.turns_until(topic, now))
            .sum();
        let version = (turns, self.variant(&resource.key, now));
        let locked = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = locked().get(&resource.key)
            && made.version == version
        {
            return made.clone();
        }
        let moment = Moment {
            course: &self.course,
            now,
            variant: version.1,
        };
        let body = (resource.make)(&moment);
        let body = play::written::broken(&moment, resource.probe, body);
        let made = Made {
            version,
            etag: format!("\"{}\"", &blake3::hash(&body).to_hex()[..20]),
            body: body.into(),
        };
        locked().insert(resource.key.clone(), made.clone());
        made
    }

    /// Which harmless variant an answer has at a moment: each lasts one to four days.
    fn variant(&self, key: &str, now: Timestamp) -> u64 {
        let seed = self.course.seed;
        let period = 86_400 + (noise::number(seed, key, -1) % (3 * 86_400)) as i64;
        let epoch = (now.as_second() - self.course.begin.as_second()).div_euclid(period);
        noise::number(seed, key, epoch)
    }
}
