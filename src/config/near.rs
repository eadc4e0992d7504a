//! What a name that is none was to be.

/// So many near names are told.
const NEAREST: usize = 3;

/// The names that a misspelt one may mean, the nearest first: those that a third of its letters make of it, and those that
/// begin with it.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let most = (name.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        .filter_map(|known| {
            let begins = name.chars().count() > 2 && known.starts_with(&name);
            let steps = steps(&name, known);
            (begins || steps <= most).then_some((steps, known))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter()
        .map(|(_, known)| known)
        .take(NEAREST)
        .collect()
}

/// How many letters must be added, dropped or replaced to make one text of the other (Levenshtein's distance).
fn steps(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (done, letter) in one.chars().enumerate() {
        let mut corner = done;
        let mut left = done + 1;
        let mut next = vec![left];
        for (known, above) in other.iter().zip(row.iter().skip(1)) {
            left = (corner + usize::from(*known != letter))
                .min(above + 1)
                .min(left + 1);
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_near_to_what_it_means() {
        for (one, other, expected) in [
            ("", "abc", 3),
            ("bedrock", "bedrock", 0),
            ("openia", "openai", 2),
            ("bedrok", "bedrock", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(steps(one, other), expected, "{one} {other}");
            assert_eq!(steps(other, one), expected, "{other} {one}");
        }
        let known = ["bedrock", "openai", "openrouter", "xai"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("openia"), ["openai"]);
        assert_eq!(near("Bedrok"), ["bedrock"]);
        assert_eq!(near("open"), ["openai", "openrouter"]);
        assert_eq!(near("nosuch"), Vec::<&str>::new());
    }
}
