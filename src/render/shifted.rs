//! A shift of the landscape in words, with the numbers that it was told by.

use rust_decimal::Decimal;

use super::line::{counted, dollars, one_line};
use crate::landscape::indicator::Way;
use crate::landscape::shift::{Lead, Shift};

/// Models or prices that a line names before it only counts the others.
const NAMED: usize = 4;
/// Characters of a name.
const NAME: usize = 60;

/// What shifted, in a few words: the headline.
pub fn shifted_title(shift: &Shift) -> String {
    match shift {
        Shift::Leader { by, to, .. } => match by {
            Lead::Coverage => format!("{} now offers most flagship models", name(to)),
            Lead::Price => format!("{} now asks least for most models", name(to)),
        },
        Shift::Basket { before, now, .. } => {
            let percent = (now / before - 1.0) * 100.0;
            let way = if percent < 0.0 { "fell" } else { "rose" };
            format!("The price basket {way} {:.1} % in 7 days", percent.abs())
        }
        Shift::Burst {
            provider,
            way,
            models,
            ..
        } => {
            let models = counted(models.len(), "model");
            match way {
                Way::Added => format!("{} added {models} in 7 days", name(provider)),
                Way::Removed => format!("{} removed {models} in 7 days", name(provider)),
            }
        }
        Shift::Topic {
            provider,
            name: own,
            to,
            ..
        } => format!("{} is {} at {}", name(own), to.word(), name(provider)),
        Shift::LastSource { model, left, .. } => {
            format!("{} has one source left: {}", name(model), name(left))
        }
    }
}

/// The numbers behind it.
pub fn shifted_line(shift: &Shift) -> String {
    match shift {
        Shift::Leader {
            by,
            from,
            to,
            has,
            former,
            of,
        } => {
            let what = match by {
                Lead::Coverage => "current flagships generally available",
                Lead::Price => "models of the basket cheapest",
            };
            format!(
                "{}: {has} of {of} {what}; {}, which led before: {former}. It has held for two days.",
                name(to),
                name(from),
            )
        }
        Shift::Basket {
            before,
            now,
            movers,
            priced,
        } => basket_line([*before, *now], movers, *priced),
        Shift::Burst {
            models,
            usual,
            limit,
            ..
        } => {
            format!(
                "{}; the median of the 12 weeks before is {usual}, more than {limit:.1} is unusual. {}.",
                counted(models.len(), "model"),
                listed(models, |model| name(model)),
            )
        }
        Shift::Topic {
            topic, from, to, ..
        } => format!(
            "The watched topic \"{}\" names it: {} before, {} now.",
            name(topic),
            from.word(),
            to.word()
        ),
        Shift::LastSource { ended, left, .. } => {
            format!(
                "It ended at {} and can be had at {} alone.",
                name(ended),
                name(left)
            )
        }
    }
}

fn basket_line(
    [before, now]: [f64; 2],
    movers: &[(String, Decimal, Decimal)],
    priced: usize,
) -> String {
    let moved = listed(movers, |(model, was, is)| {
        format!("{} {} → {}", name(model), dollars(*was), dollars(*is))
    });
    format!(
        "Index {before:.1} → {now:.1} over {}; 3 parts of input to 1 of output, USD per 1M tokens: {moved}.",
        counted(priced, "priced model"),
    )
}

/// The first of several, and how many more there are.
fn listed<T>(all: &[T], said: impl Fn(&T) -> String) -> String {
    let mut shown: Vec<String> = all.iter().take(NAMED).map(said).collect();
    if all.len() > NAMED {
        shown.push(format!("{} more", all.len() - NAMED));
    }
    shown.join(", ")
}

fn name(text: &str) -> String {
    one_line(text, NAME)
}
