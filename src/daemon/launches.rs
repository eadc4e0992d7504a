//! The launches that routes have told of lately, asked for once for all changes of a reading.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;

use crate::alerting::{FOLLOWING, LAUNCH, launch_key};
use crate::market::Change;
use crate::store::{Error, Launched, Launches, Transaction};

/// By route and provider, what was launched, by what the offerings of a launch have in common.
#[derive(Debug, Default)]
pub(super) struct LaunchesTold {
    known: HashMap<(String, String), HashMap<String, Launched>>,
}

impl LaunchesTold {
    /// The first launch that a route has told of and that a change, one of the reading, may complete.
    pub fn of(
        &mut self,
        transaction: &Transaction<'_>,
        route: &str,
        change: &Change,
    ) -> Result<Option<&Launched>, Error> {
        let provider = change.subject.provider.as_str();
        let of_provider = match self.known.entry((route.to_string(), provider.to_string())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let since = change.confirmed_at.checked_sub(LAUNCH);
                let since = since.unwrap_or(Timestamp::MIN);
                let told = transaction.launches_told(route, provider, since, FOLLOWING)?;
                let mut launches = HashMap::new();
                for launch in told {
                    launches
                        .entry(launch_key(&launch.subject))
                        .or_insert(launch);
                }
                unknown.insert(launches)
            }
        };
        match of_provider.is_empty() {
            true => Ok(None),
            false => Ok(of_provider.get(&launch_key(&change.subject))),
        }
    }
}
