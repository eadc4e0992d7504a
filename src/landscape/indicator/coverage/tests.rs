use super::*;
use crate::landscape::history::example::{day, history};

#[test]
fn the_newest_that_anybody_offers_to_everybody_is_the_flagship() {
    let history = history(&[
        "0.. api openai gpt-4.1-2025-04-14",
        "2.. api openai gpt-5-2025-08-07",
        "2..4 api openai gpt-5-2025-08-07 stage \"preview\"",
        "4..6 api openai gpt-5-2025-08-07 stage \"ga\"",
        "6.. api openai gpt-5-2025-08-07 stage \"limited\"",
        "5..8 api azure gpt-5-2025-08-07",
    ]);
    let lines = Lines::new(&history, Reference::shipped());
    let on = |number: i64| {
        let flagships = lines.flagships(&history, day(number));
        let has = coverage(&history, &flagships, day(number));
        let has = |provider: &str| has.get(provider).map(|coverage| coverage.has);
        (
            lines.names(&history, day(number)),
            has("openai"),
            has("azure"),
        )
    };
    assert_eq!(on(3), (vec!["openai/gpt-4.1"], Some(1), None));
    assert_eq!(on(4), (vec!["openai/gpt-5"], Some(1), None));
    // its own lab takes it back, and an unknown stage elsewhere counts
    assert_eq!(on(6), (vec!["openai/gpt-5"], Some(0), Some(1)));
    assert_eq!(on(8), (vec!["openai/gpt-4.1"], Some(1), Some(0)));
}
