//! Roles, taken by AWS's security token service.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Asking;
use super::profile::Role;
use crate::config::identities::aws::WebIdentity;
use crate::fetch::auth::cache::Lasting;
use crate::fetch::auth::sigv4::{Keys, Signer};
use crate::fetch::auth::{Auth, token};
use crate::fetch::{Expects, Request};
use crate::market::Failure;

const VERSION: (&str, &str) = ("Version", "2011-06-15");
/// What our sessions are called in AWS's logs, unless a profile says otherwise.
const SESSION: &str = "bellwether";
/// How long the keys are asked to last, in seconds: every role allows it.
const LASTS: u32 = 3600;

impl Asking<'_> {
    /// The keys of a role, for the holder of these keys.
    pub(super) async fn in_role(&self, keys: &Keys, role: &Role) -> Result<Lasting<Keys>, Failure> {
        let seconds = role.seconds.unwrap_or(LASTS).to_string();
        let mut fields = vec![
            ("Action", "AssumeRole"),
            VERSION,
            ("RoleArn", &role.arn),
            (
                "RoleSessionName",
                role.session_name.as_deref().unwrap_or(SESSION),
            ),
            ("DurationSeconds", &seconds),
        ];
        fields.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
        let request = Request {
            auth: Auth::SigV4(Box::new(Signer {
                keys: keys.clone(),
                region: self.region.clone().unwrap_or_else(|| "us-east-1".into()),
                service: "sts".into(),
            })),
            ..token::form(self.address()?, &fields, &[])
        };
        self.granted(request).await
    }

    /// The keys of a role that a token of another issuer stands for.
    pub(super) async fn with_web_identity(
        &self,
        identity: &WebIdentity,
    ) -> Result<Lasting<Keys>, Failure> {
        let statement = token::file(&identity.token_file, "AWS_WEB_IDENTITY_TOKEN_FILE").await?;
        let seconds = LASTS.to_string();
        let fields = [
            ("Action", "AssumeRoleWithWebIdentity"),
            VERSION,
            ("RoleArn", &identity.role),
            (
                "RoleSessionName",
                identity.session_name.as_deref().unwrap_or(SESSION),
            ),
            ("DurationSeconds", &seconds),
            ("WebIdentityToken", statement.expose_secret()),
        ];
        self.granted(token::form(self.address()?, &fields, &[&statement]))
            .await
    }

    async fn granted(&self, request: Request) -> Result<Lasting<Keys>, Failure> {
        let request = Request {
            expects: Expects::Xml,
            ..request
        };
        let body = token::ask(self.client, &request, self.at).await?;
        read(&String::from_utf8_lossy(&body))
    }

    /// The token service of the region, which also works where that for all is out of reach.
    fn address(&self) -> Result<Url, Failure> {
        let host = match &self.region {
            Some(region) => format!("sts.{region}.{}", domain(region)),
            None => "sts.amazonaws.com".into(),
        };
        Url::parse(&format!("https://{host}/")).map_err(|_| Failure::CredentialMissing {
            name: "[aws] region to the name of a region".into(),
        })
    }
}

/// The domain of a region's services.
fn domain(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "amazonaws.com.cn",
        Some("eusc") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// The keys in an answer of the token service. They hold nothing that XML would escape.
fn read(xml: &str) -> Result<Lasting<Keys>, Failure> {
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once(&format!("</{name}>"))?;
        let content = content.trim();
        (!content.is_empty() && !content.contains(['<', '&'])).then(|| content.to_owned())
    };
    let need = |name: &str| element(name).ok_or_else(|| token::unreadable(name));
    let until = need("Expiration")?;
    Ok(Lasting {
        value: Keys {
            id: need("AccessKeyId")?,
            secret: need("SecretAccessKey")?.into(),
            session_token: Some(SecretString::from(need("SessionToken")?)),
        },
        until: until
            .parse()
            .map_err(|_| token::unreadable("a time as Expiration"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_their_end() {
        let whole = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
            <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>se/cr+et=</SecretAccessKey>\
            <SessionToken>\n tok/en+== \n</SessionToken><Expiration>2026-11-22T07:00:00Z</Expiration></Credentials>\
            </AssumeRoleResult></AssumeRoleResponse>";
        let keys = read(whole).unwrap();
        assert_eq!(keys.value.id, "ASIA1");
        assert_eq!(keys.value.secret.expose_secret(), "se/cr+et=");
        assert_eq!(
            keys.value.session_token.unwrap().expose_secret(),
            "tok/en+=="
        );
        assert_eq!(keys.until.to_string(), "2026-11-22T07:00:00Z");
        for part in [
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
        ] {
            let failure = read(&whole.replace(part, "Other")).unwrap_err().to_string();
            assert_eq!(
                failure,
                format!("expected {part} of who gives tokens, found something else")
            );
        }
        let failure = read(&whole.replace("2026-11-22", "soon"))
            .unwrap_err()
            .to_string();
        assert!(failure.contains("a time as Expiration"), "{failure}");
    }

    #[test]
    fn regions_have_their_domains() {
        let cases = [
            ("eu-central-1", "amazonaws.com"),
            ("us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("eusc-de-east-1", "amazonaws.eu"),
        ];
        for (region, expected) in cases {
            assert_eq!(domain(region), expected);
        }
    }
}
