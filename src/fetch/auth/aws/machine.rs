//! Keys of the role that a container or machine has.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::{Asking, missing, read};
use crate::config::Deadlines;
use crate::fetch::auth::cache::Lasting;
use crate::fetch::auth::sigv4::Keys;
use crate::fetch::auth::token;
use crate::fetch::{Expects, Method, Request};
use crate::market::{Failure, Phase};

/// How long a session with the metadata of a machine lasts, in seconds. One is begun whenever keys are needed.
const SESSION: &str = "60";
/// Where a machine names its role, and tells its keys below.
const ROLES: &str = "latest/meta-data/iam/security-credentials/";

impl Asking<'_> {
    /// The keys of the container.
    pub(super) async fn of_container(&self) -> Result<Lasting<Keys>, Failure> {
        let container = self.identity.container.as_ref().ok_or_else(missing)?;
        if !is_allowed(&container.url) {
            return Err(Failure::CredentialMissing {
                name: "AWS_CONTAINER_CREDENTIALS_FULL_URI to an address with https, or of this machine".into(),
            });
        }
        let token = match (&container.token_file, &container.token) {
            (Some(file), _) => {
                Some(token::file(file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").await?)
            }
            (None, token) => token.clone(),
        };
        let headers = token.iter().map(|token| {
            let value = token.expose_secret().to_owned();
            ("authorization".to_owned(), value)
        });
        let request = token::nearby(Request {
            headers: headers.collect(),
            ..token::get(container.url.clone())
        });
        let body = token::ask(self.client, &request, self.at).await?;
        read(&body, self.at)
    }

    /// The keys of the machine, by the second version of its metadata.
    pub(super) async fn of_machine(&self) -> Result<Lasting<Keys>, Failure> {
        let machine = self.identity.machine.as_ref().ok_or_else(missing)?;
        let session = self.metadata(machine, "latest/api/token", None).await;
        let session = session.map_err(|failure| match failure {
            // A container that is a hop too far away gets no answer.
            Failure::Timeout {
                phase: Phase::FirstByte,
            } => missing(),
            Failure::Status { .. } | Failure::TokenRefused { .. } => missing(),
            failure if failure.is_unreached() => missing(),
            failure => failure,
        })?;
        let role = self.metadata(machine, ROLES, Some(&session)).await;
        let role = role.map_err(|failure| match failure {
            Failure::Status { status: 404, .. } => missing(),
            failure => failure,
        })?;
        let role = role.lines().next().unwrap_or_default().trim();
        if role.is_empty() {
            return Err(missing());
        }
        let path = format!("{ROLES}{role}");
        let body = self.metadata(machine, &path, Some(&session)).await?;
        read(body.as_bytes(), self.at)
    }

    /// A text of the machine's metadata; without a session, one is begun.
    async fn metadata(
        &self,
        machine: &Url,
        path: &str,
        session: Option<&str>,
    ) -> Result<String, Failure> {
        let url = machine.join(&format!("/{path}"));
        let url = url.map_err(|_| token::unreadable("an address"))?;
        let (method, header) = match session {
            Some(session) => (Method::Get, ("x-aws-ec2-metadata-token", session)),
            None => (
                Method::Put,
                ("x-aws-ec2-metadata-token-ttl-seconds", SESSION),
            ),
        };
        let request = token::nearby(Request {
            method,
            headers: vec![(header.0.to_owned(), header.1.to_owned())],
            expects: Expects::Any,
            ..token::get(url)
        });
        let request = Request {
            deadlines: request.deadlines.map(|deadlines| Deadlines {
                first_byte: SignedDuration::from_secs(3),
                ..deadlines
            }),
            ..request
        };
        let body = token::ask(self.client, &request, self.at).await?;
        let text = String::from_utf8(body).map_err(|_| token::unreadable("text"))?;
        Ok(text.trim().to_owned())
    }
}

/// Whether keys may be asked for there: what is not encrypted must not leave the machine (with the addresses of the
/// agents of ECS and EKS).
fn is_allowed(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => {
                address.is_loopback() || matches!(address.octets(), [169, 254, 170, 2 | 23])
            }
            Some(Host::Ipv6(address)) => {
                address.is_loopback() || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23]
            }
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_containers_come_from_nearby_or_encrypted() {
        let cases = [
            ("http://169.254.170.2/v2/x", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://127.0.0.1:9/", true),
            ("http://localhost:9/", true),
            ("https://keys.example/", true),
            ("http://keys.example/", false),
            ("http://169.254.169.254/", false),
            ("http://10.0.0.1/", false),
        ];
        for (url, expected) in cases {
            assert_eq!(is_allowed(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
