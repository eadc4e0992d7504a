//! Connecting to one of the addresses of a host.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::cause;
use crate::market::{Failure, plain};

/// The second family of addresses is tried too when the first has not answered by then (RFC 8305, section 8).
const SECOND_FAMILY_AFTER: Duration = Duration::from_millis(250);

/// Connects to the first address that takes it. The family that the resolver names first has a head start. The time is
/// shared out among the addresses, so that one that never answers leaves some to the next; only the last has no end here.
pub(super) async fn first(
    addresses: &[SocketAddr],
    time: Duration,
) -> Result<(TcpStream, SocketAddr), Failure> {
    let is_first = |address: &&SocketAddr| {
        addresses
            .first()
            .is_some_and(|first| first.is_ipv4() == address.is_ipv4())
    };
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| is_first(address));
    if second.is_empty() {
        return connect_in_turn(&first, time).await;
    }
    let preferred = connect_in_turn(&first, time);
    tokio::pin!(preferred);
    tokio::select! {
        biased;
        done = &mut preferred => return match done {
            Ok(stream) => Ok(stream),
            Err(_) => connect_in_turn(&second, time).await,
        },
        () = tokio::time::sleep(SECOND_FAMILY_AFTER) => {}
    }
    let other = connect_in_turn(&second, time);
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

async fn connect_in_turn(
    addresses: &[SocketAddr],
    time: Duration,
) -> Result<(TcpStream, SocketAddr), Failure> {
    let Some((last, others)) = addresses.split_last() else {
        return Err(Failure::Connect {
            detail: "no address".to_string(),
        });
    };
    let share = u32::try_from(addresses.len()).map_or(Duration::ZERO, |count| time / count);
    for address in others {
        if let Ok(Ok(stream)) = timeout(share, TcpStream::connect(address)).await {
            return Ok((stream, *address));
        }
    }
    match TcpStream::connect(last).await {
        Ok(stream) => Ok((stream, *last)),
        Err(error) => Err(Failure::Connect {
            detail: plain(&error.to_string(), cause::DETAIL),
        }),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    const SOON: Duration = Duration::from_millis(100);

    /// A listener that takes nobody, with those who wait for it already: whoever else connects hears nothing.
    async fn full() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = timeout(SOON, TcpStream::connect(address)).await {
            waiting.push(stream.unwrap());
        }
        (listener, waiting)
    }

    #[tokio::test]
    async fn an_address_that_never_answers_leaves_time_to_the_next() {
        let (full, _waiting) = full().await;
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (full, open) = (full.local_addr().unwrap(), open.local_addr().unwrap());
        // a share ends long before the time of the whole does, which is that of the test
        let addresses = [full, full, open];
        let connected = timeout(60 * SOON, first(&addresses, 3 * SOON)).await;
        let connected = connected.expect("in time");
        assert_eq!(connected.expect("a connection").1, open);
        // and the last one is left to the deadline of the phase
        let alone = timeout(2 * SOON, first(&[full], SOON)).await;
        assert!(alone.is_err(), "{alone:?}");
    }
}
