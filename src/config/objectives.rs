//! `[slo]`: what the user expects of availability.

use std::collections::BTreeMap;

use super::tree::Table;

/// What is expected of availability, as shares such as 0.999. Nothing unless the user says so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objectives {
    /// Of every provider.
    pub availability: Option<f64>,
    /// Of one, by its name.
    pub providers: BTreeMap<String, f64>,
}

impl Objectives {
    /// What is expected of a provider.
    pub fn of(&self, provider: &str) -> Option<f64> {
        let own = self.providers.get(provider).copied();
        own.or(self.availability)
    }
}

pub(super) fn objectives(table: &Table<'_>) -> Objectives {
    let mut found = Objectives {
        availability: table.share("availability"),
        ..Objectives::default()
    };
    for (name, inner) in table.named_tables("provider") {
        if let Some(share) = inner.share("availability") {
            found.providers.insert(name, share);
        }
        inner.finish();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn read(text: &str) -> Result<Objectives, String> {
        let read = walk("bellwether.toml", text, |root| {
            let found = root.table("slo").map(|table| {
                let found = objectives(&table);
                table.finish();
                found
            });
            Some(found.unwrap_or_default())
        });
        read.map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_provider_may_have_its_own() {
        let found =
            read("[slo]\navailability = 0.999\n[slo.provider.bedrock]\navailability = 0.9995\n")
                .expect("sound");
        assert_eq!(found.of("bedrock"), Some(0.9995));
        assert_eq!(found.of("openai"), Some(0.999));
        assert_eq!(read("").expect("sound").of("openai"), None);
        insta::assert_snapshot!(
            read("[slo]\navailability = 99.9\nlatency = 3\n").expect_err("no share"),
            @"
        bellwether.toml:2: slo.availability: expected a share from 0.0 to 1.0, found 99.9
        bellwether.toml:3: slo.latency: expected one of availability, provider, found the unknown key 'latency'
        "
        );
    }
}
