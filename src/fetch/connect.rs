//! Connecting to one of the addresses of a host.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::cause;
use crate::market::{Failure, plain};

/// The second family of addresses is tried too when the first has not answered by then (RFC 8305, section 8).
const SECOND_FAMILY_AFTER: Duration = Duration::from_millis(250);

/// Connects to the first address that takes it. The family that the resolver names first has a head start.
pub(super) async fn first(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failure> {
    let is_first = |address: &&SocketAddr| {
        addresses
            .first()
            .is_some_and(|first| first.is_ipv4() == address.is_ipv4())
    };
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| is_first(address));
    if second.is_empty() {
        return connect_in_turn(&first).await;
    }
    let preferred = connect_in_turn(&first);
    tokio::pin!(preferred);
    tokio::select! {
        biased;
        done = &mut preferred => return match done {
            Ok(stream) => Ok(stream),
            Err(_) => connect_in_turn(&second).await,
        },
        () = tokio::time::sleep(SECOND_FAMILY_AFTER) => {}
    }
    let other = connect_in_turn(&second);
    tokio::pin!(other);
    tokio::select! {
        done = &mut preferred => match done {
            Ok(stream) => Ok(stream),
            Err(_) => other.await,
        },
        done = &mut other => match done {
            Ok(stream) => Ok(stream),
            Err(_) => preferred.await,
        },
    }
}

async fn connect_in_turn(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failure> {
    let mut failure = Failure::Connect {
        detail: "no address".to_string(),
    };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((stream, *address)),
            Err(error) => {
                failure = Failure::Connect {
                    detail: plain(&error.to_string(), cause::DETAIL),
                };
            }
        }
    }
    Err(failure)
}
