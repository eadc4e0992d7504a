//! What a call costs, and the most that it can cost. An unknown price makes an unknown cost, never none.

use rust_decimal::Decimal;

use super::request::Recipe;
use super::usage::Usage;
use crate::market::Price;

/// Tokens that providers put around a prompt: roles, and instructions of their own (`corpus/streams`: Cohere counts 502 for
/// a prompt of 7).
const MOST_AROUND: u64 = 512;

/// Prices of an offering in USD per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prices {
    /// Of a prompt.
    pub input: Option<Decimal>,
    /// Of an answer.
    pub output: Option<Decimal>,
    /// Of what is read from the cache.
    pub cache_read: Option<Decimal>,
    /// Of what is written to it; the dearest, where it depends on how long it is kept.
    pub cache_write: Option<Decimal>,
}

impl Prices {
    /// Takes what an offering's meters say; a price in another currency or for anything but tokens is none.
    pub fn of<'a>(meters: impl IntoIterator<Item = (&'a str, &'a Price)>) -> Self {
        let mut prices = Self::default();
        for (meter, price) in meters {
            if !price.is_usd_per_million_tokens() || price.amount.is_sign_negative() {
                continue;
            }
            let place = match meter {
                "input" => &mut prices.input,
                "output" => &mut prices.output,
                "cache_read" => &mut prices.cache_read,
                "cache_write" | "cache_write_5m" | "cache_write_1h" => &mut prices.cache_write,
                _ => continue,
            };
            *place = (*place).max(Some(price.amount));
        }
        prices
    }

    /// What a usage costs in USD. What was read from the cache is taken at the price of other input where it has none of
    /// its own. `None`: a count or a price is missing, or the sum cannot be held.
    pub fn cost(&self, usage: &Usage) -> Option<Decimal> {
        let output = usage.billed_output.or(usage.output)?;
        let (fresh, cached, written) = match usage.billed_input {
            Some(billed) => (billed, 0, 0),
            None => {
                let cached = usage.cached.unwrap_or(0);
                let written = usage.cache_write.unwrap_or(0);
                let of_cache = cached.checked_add(written)?;
                (usage.input?.checked_sub(of_cache)?, cached, written)
            }
        };
        let parts = [
            (fresh, self.input),
            (cached, self.cache_read.or(self.input)),
            (written, self.cache_write),
            (output, self.output),
        ];
        parts
            .into_iter()
            .filter(|(tokens, _)| *tokens > 0)
            .try_fold(Decimal::ZERO, |sum, (tokens, price)| {
                sum.checked_add(amount(tokens, price?)?)
            })
    }

    /// The most that a call can cost in USD, before it is made: every byte of the request taken for a token, and an answer
    /// as long as it may be. `None`: the price of input or output is unknown.
    pub fn most(&self, recipe: &Recipe) -> Option<Decimal> {
        let bytes = u64::try_from(recipe.ask().body.len()).ok()?;
        let input = self.input?.max(self.cache_write.unwrap_or(Decimal::ZERO));
        let prompt = amount(bytes.checked_add(MOST_AROUND)?, input)?;
        let answer = amount(u64::from(recipe.most_output()), self.output?)?;
        prompt.checked_add(answer)
    }
}

fn amount(tokens: u64, price: Decimal) -> Option<Decimal> {
    let million = Decimal::from(1_000_000);
    Some(
        Decimal::from(tokens)
            .checked_mul(price)?
            .checked_div(million)?
            .normalize(),
    )
}
