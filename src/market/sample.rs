//! One measurement of a fetch.

use jiff::{SignedDuration, Timestamp};

/// How long each phase of one fetch took. `None` where a phase did not happen (a warm connection, plain HTTP) or was not reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Name resolution.
    pub dns: Option<SignedDuration>,
    /// Opening the TCP connection.
    pub connect: Option<SignedDuration>,
    /// The TLS handshake.
    pub tls: Option<SignedDuration>,
    /// From the request on the open connection to the answer's head.
    pub first_byte: Option<SignedDuration>,
    /// From the answer's head to its last byte.
    pub body: Option<SignedDuration>,
    /// From the start to the last byte or the failure.
    pub total: Option<SignedDuration>,
}

/// One measurement: the phases of a fetch and how it ended. Failures never enter latency figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When the fetch began.
    pub at: Timestamp,
    /// Which host was asked.
    pub host: String,
    /// How long the phases took.
    pub phases: Phases,
    /// `ok`, `not_modified`, or [`super::Failure::word`].
    pub outcome: String,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// Bytes of the decoded body.
    pub bytes: u64,
    /// How far our clock was ahead of the host's, if it told its time; negative if it was behind. To about a second.
    pub clock_ahead: Option<SignedDuration>,
}
