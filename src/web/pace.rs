//! How often one address may ask, and how often it may try a password. Nobody is kept out for what another does.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::site::held;
use crate::alerting::Limit;

/// Addresses that are remembered at once.
const MOST: usize = 10_000;
/// Wrong passwords before one has to wait.
const FREE_TRIES: u32 = 5;
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// What was tried so long ago is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(1_800);

/// What is counted together: an address, or with IPv6 the network of one household.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

/// Requests by their address.
pub(super) struct Pace {
    most: f64,
    per_second: f64,
    rooms: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl Pace {
    pub fn new(limit: Limit) -> Self {
        let most = f64::from(limit.messages);
        Self {
            most,
            per_second: most / limit.per.as_secs_f64().max(0.001),
            rooms: Mutex::default(),
        }
    }

    /// Counts a request. The error says how long there is no room for another.
    pub fn count(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut rooms = held(&self.rooms);
        let room = |(left, at): (f64, Instant)| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            (left + since * self.per_second).min(self.most)
        };
        if rooms.len() >= MOST {
            rooms.retain(|_, kept| room(*kept) < self.most);
        }
        if rooms.len() >= MOST {
            rooms.clear();
        }
        let kept = rooms.entry(counted(address)).or_insert((self.most, now));
        *kept = (room(*kept), now);
        if kept.0 < 1.0 {
            let seconds = (1.0 - kept.0) / self.per_second;
            return Err(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT));
        }
        kept.0 -= 1.0;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    failures: u32,
    last: Instant,
    is_under_way: bool,
}

/// Wrong passwords by the address that sent them.
#[derive(Default)]
pub(super) struct Tries(Mutex<HashMap<IpAddr, Tried>>);

impl Tries {
    /// Begins a try. The error says how long there is to wait before another one is heard.
    pub fn begin(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut all = held(&self.0);
        let since = |tried: &Tried| now.saturating_duration_since(tried.last);
        all.retain(|_, tried| since(tried) < FORGOTTEN);
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, tried)| tried.last);
            if let Some(address) = oldest.map(|(address, _)| *address) {
                all.remove(&address);
            }
        }
        let tried = all.entry(counted(address)).or_insert(Tried {
            failures: 0,
            last: now,
            is_under_way: false,
        });
        let doublings = tried.failures.saturating_sub(FREE_TRIES).min(16);
        let wait = match tried.failures < FREE_TRIES {
            true => Duration::ZERO,
            false => Duration::from_secs(1 << doublings).min(LONGEST_WAIT),
        };
        let left = wait.saturating_sub(since(tried));
        if tried.is_under_way || left > Duration::ZERO {
            return Err(left.max(Duration::from_secs(1)));
        }
        tried.is_under_way = true;
        tried.last = now;
        Ok(())
    }

    /// Ends a try, which failed unless `is_good`; `None`: it was not heard.
    pub fn end(&self, address: IpAddr, is_good: Option<bool>, now: Instant) {
        let mut all = held(&self.0);
        let address = counted(address);
        match is_good {
            Some(true) => {
                all.remove(&address);
            }
            is_good => {
                if let Some(tried) = all.get_mut(&address) {
                    tried.is_under_way = false;
                    tried.last = now;
                    tried.failures += u32::from(is_good == Some(false));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn each_address_has_a_pace_of_its_own() {
        let pace = Pace::new(Limit {
            messages: 3,
            per: SignedDuration::from_secs(3),
        });
        let now = Instant::now();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(pace.count(one, now), Ok(()));
        }
        assert_eq!(pace.count(one, now), Err(Duration::from_secs(1)));
        assert_eq!(pace.count(other, now), Ok(()));
        let later = now + Duration::from_secs(1);
        assert_eq!(pace.count(one, later), Ok(()));
        assert!(pace.count(one, later).is_err());
        // a household has as many addresses as it likes
        for host in 0..3 {
            assert_eq!(
                pace.count(address(&format!("2001:db8::{host}")), now),
                Ok(())
            );
        }
        assert!(pace.count(address("2001:db8::ffff"), now).is_err());
    }

    #[test]
    fn addresses_are_bounded() {
        let pace = Pace::new(Limit {
            messages: 1,
            per: SignedDuration::from_hours(1),
        });
        let tries = Tries::default();
        let now = Instant::now();
        for host in 0..25_000_u32 {
            let address = IpAddr::V4(host.into());
            let _ = pace.count(address, now);
            let _ = tries.begin(address, now);
        }
        assert!(held(&pace.rooms).len() <= MOST && held(&tries.0).len() <= MOST);
    }

    #[test]
    fn who_tries_often_waits_and_no_other() {
        let tries = Tries::default();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut now = Instant::now();
        for _ in 0..FREE_TRIES {
            assert_eq!(tries.begin(one, now), Ok(()));
            assert!(tries.begin(one, now).is_err(), "one at a time");
            tries.end(one, Some(false), now);
        }
        for seconds in [1, 2, 4] {
            assert_eq!(tries.begin(one, now), Err(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert_eq!(tries.begin(one, now), Ok(()));
            tries.end(one, Some(false), now);
        }
        assert_eq!(tries.begin(other, now), Ok(()));
        now += LONGEST_WAIT;
        assert_eq!(tries.begin(one, now), Ok(()));
        tries.end(one, Some(true), now);
        assert_eq!(tries.begin(one, now), Ok(()));
    }
}
