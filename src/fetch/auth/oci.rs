//! Signatures of requests to Oracle Cloud: HTTP signatures as in draft-cavage-http-signatures-08, with RSA.
//!
//! <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::digest;
use secrecy::{ExposeSecret, SecretString};

use super::rsa::Key;
use super::{Message, Shown, token};
use crate::config::identities::profiles::Profile;
use crate::config::identities::{Oci, remedy};
use crate::fetch::request::HIDDEN;
use crate::market::Failure;

/// What is signed of every request.
const ALWAYS: &str = "date (request-target) host";
/// What is signed besides of one with a body.
const WITH_BODY: &str = "content-length content-type x-content-sha256";

/// Who signs.
#[derive(Debug, Clone)]
pub struct Signer {
    key_id: String,
    /// The token of a session, which then stands in place of the key's id.
    session_token: Option<SecretString>,
    key: Key,
}

/// Who signs for this identity.
pub(super) async fn signer(identity: &Oci) -> Result<Signer, Failure> {
    let missing = || Failure::CredentialMissing {
        name: remedy("oci").unwrap_or_default().into(),
    };
    let path = identity.file.as_ref().filter(|_| identity.is_there);
    let text = token::file(path.ok_or_else(missing)?, "[oci] config").await?;
    let profile = identity.find(text.expose_secret()).ok_or_else(missing)?;
    let of_profile = |key: &str| need(&profile, key, identity.profile_name());
    let pem = token::file(&identity.path(of_profile("key_file")?), "key_file").await?;
    let key = Key::read(pem.expose_secret()).map_err(|why| Failure::Unreadable {
        expected: "a private key in the key_file of Oracle's profile".into(),
        found: why.words().into(),
    })?;
    let session_token = match profile.text("security_token_file") {
        Some(path) => Some(token::file(&identity.path(path), "security_token_file").await?),
        None => None,
    };
    let key_id = match session_token {
        Some(_) => String::new(),
        None => {
            let (tenancy, user) = (of_profile("tenancy")?, of_profile("user")?);
            format!("{tenancy}/{user}/{}", of_profile("fingerprint")?)
        }
    };
    Ok(Signer {
        key_id,
        session_token,
        key,
    })
}

fn need<'p>(profile: &'p Profile, key: &str, name: &str) -> Result<&'p str, Failure> {
    profile.text(key).ok_or_else(|| Failure::CredentialMissing {
        name: format!("{key} in the OCI profile '{name}'"),
    })
}

impl Signer {
    /// The headers that sign the message; among them those that the signature wants and nobody else sends.
    pub(super) fn headers(&self, message: &Message<'_>, at: Timestamp) -> Vec<Shown> {
        let date = at.to_zoned(TimeZone::UTC);
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let url = message.url;
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let mut text = format!(
            "date: {date}\n(request-target): {} {}{query}\nhost: {}",
            message.method.to_ascii_lowercase(),
            url.path(),
            message.host()
        );
        let mut headers: Vec<Shown> = vec![("date", date.into())];
        let mut names = ALWAYS.to_owned();
        if message.method != "GET" {
            let hash = STANDARD.encode(digest::digest(&digest::SHA256, message.body));
            let content_type = message
                .headers
                .first()
                .map_or("application/json", |(_, value)| value);
            let length = message.body.len();
            text += &format!(
                "\ncontent-length: {length}\ncontent-type: {content_type}\nx-content-sha256: {hash}"
            );
            names = format!("{ALWAYS} {WITH_BODY}");
            headers.push(("content-type", content_type.to_owned().into()));
            headers.push(("x-content-sha256", hash.into()));
        }
        // Without a signature the request is refused like one with a wrong key, which is what it then is.
        let signature = self.key.sign(text.as_bytes()).unwrap_or_default();
        let signature = STANDARD.encode(signature);
        let authorization = match &self.session_token {
            Some(token) => written(&format!("ST${}", token.expose_secret()), &names, &signature),
            None => written(&self.key_id, &names, &signature),
        };
        headers.push(("authorization", authorization.into()));
        headers
    }

    /// The signature's header as people may see it.
    pub(super) fn describe(&self) -> String {
        format!("authorization: {}", written(HIDDEN, ALWAYS, HIDDEN))
    }

    pub(super) fn secret(&self) -> Option<&str> {
        self.session_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

fn written(key_id: &str, names: &str, signature: &str) -> String {
    format!(
        "Signature version=\"1\",keyId=\"{key_id}\",algorithm=\"rsa-sha256\",headers=\"{names}\",signature=\"{signature}\""
    )
}
