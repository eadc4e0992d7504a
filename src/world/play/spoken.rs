//! What every simulated model answers: numbers as words, a token each.

const ONES: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 6] = ["", "", "twenty", "thirty", "forty", "fifty"];

/// The last number that is said.
const LAST: usize = 50;

/// How many tokens the question has.
pub const ASKED: usize = 25;

/// The numbers from one to fifty, or as many of them as there may be tokens.
pub fn words(most: u64) -> Vec<String> {
    let most = usize::try_from(most).unwrap_or(LAST).min(LAST);
    let word = |number: usize| {
        let ten = TENS.get(number / 10).copied().unwrap_or("");
        let said = match (
            ONES.get(number),
            ten,
            ONES.get(number % 10).copied().unwrap_or(""),
        ) {
            (Some(said), ..) => (*said).to_string(),
            (None, ten, "") => ten.to_string(),
            (None, ten, one) => format!("{ten}-{one}"),
        };
        if number == 1 {
            said
        } else {
            format!(", {said}")
        }
    };
    (1..=most).map(word).collect()
}

/// Whether all of them are there.
pub fn is_whole(words: &[String]) -> bool {
    words.len() == LAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_in_words() {
        assert_eq!(words(3).concat(), "one, two, three");
        let all = words(1000).concat();
        assert!(
            all.contains(", twenty, twenty-one, ") && all.ends_with(", forty-nine, fifty"),
            "{all}"
        );
    }
}
