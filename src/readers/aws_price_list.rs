//! Offer files of the AWS price list (`https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json`;
//! facts: aws-bedrock.md §5). Amazon Bedrock's prices stand in four offers, per thousand or per million tokens, and name models
//! by an id, a display name or a service of the Marketplace: a price's subject has the offer's own spelling.
//!
//! A subject's deployment is `on-demand` (served in the region or its geography, which costs the same), `profile:global`,
//! `profile:geo` or `profile:us` and the like where the offer prices a geography apart, `mantle` and `mantle:global` for the
//! OpenAI-compatible endpoint, and `provisioned` for throughput by the hour.
//!
//! Which term of a product holds is decided by the file's own date of publication, so that one body is one reading: the price of a
//! term that begins later is stated in a tier named by its day (`price.input.from_2026-12-01`) until the offer is published anew.

mod gathered;
pub mod offer;
mod product;
mod stated;
#[cfg(test)]
mod tests;
pub mod usage;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use serde::de::DeserializeSeed as _;

use super::{Body, Context, encoding, json};
use crate::market::{Failure, Reading};
use gathered::Gathered;
use offer::{Offer, Parts};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// How an offer is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Further units, in small letters: what the offer states, with the word of the unit.
    pub units: BTreeMap<String, String>,
}

/// Reads an offer: each product with an on-demand term states one price of its model. Units that are not known are noted, never
/// guessed. A body without products and on-demand terms is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let mut gathered = Gathered::new(mapping, context);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let parts = Offer(&mut gathered)
        .deserialize(&mut deserializer)
        .and_then(|parts| deserializer.end().map(|()| parts))
        .map_err(|error| json::not_json(&error, &text))?;
    whole(parts)?;
    gathered.reading()
}

/// As [`read`], of an offer in UTF-8 that never stands in memory whole.
pub fn read_from(
    mapping: &Mapping,
    offer: impl Read,
    context: &Context<'_>,
) -> Result<Reading, Failure> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let mut offer = BufReader::with_capacity(1 << 16, offer);
    let unreadable = |error: std::io::Error| Failure::Unreadable {
        expected: "a body that can be unpacked".to_string(),
        found: error.to_string(),
    };
    let head = offer.fill_buf().map_err(unreadable)?;
    let marked = head.starts_with(MARK);
    let start = String::from_utf8_lossy(head.get(..200).unwrap_or(head)).into_owned();
    offer.consume(if marked { MARK.len() } else { 0 });
    let mut gathered = Gathered::new(mapping, context);
    let mut deserializer = serde_json::Deserializer::from_reader(offer);
    let parts = Offer(&mut gathered)
        .deserialize(&mut deserializer)
        .and_then(|parts| deserializer.end().map(|()| parts))
        .map_err(|error| json::not_json(&error, &start))?;
    whole(parts)?;
    gathered.reading()
}

fn whole(parts: Parts) -> Result<(), Failure> {
    let found = match (parts.products, parts.terms) {
        (true, true) => return Ok(()),
        (true, false) => "no terms.OnDemand",
        (false, _) => "no products",
    };
    Err(Failure::Unreadable {
        expected: "an offer with products and terms.OnDemand".to_string(),
        found: found.to_string(),
    })
}
