//! Tokens of Microsoft Entra, for Azure.
//!
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::cache::Lasting;
use super::token;
use crate::config::identities::{Azure, azure::AppService, remedy};
use crate::fetch::{Client, Request};
use crate::market::Failure;

/// Who gives tokens in the public cloud.
const PUBLIC: &str = "https://login.microsoftonline.com/";
/// The service that tells a machine of Azure about itself.
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// A token for the audience, such as `https://management.azure.com/.default`: by the application's secret, its
/// federated token, App Service, or the machine's identity, whichever is there first.
pub(super) async fn token(
    client: &Client,
    identity: &Azure,
    audience: &str,
    at: Timestamp,
) -> Result<Lasting<SecretString>, Failure> {
    let authority = match &identity.authority {
        Some(authority) => authority.clone(),
        None => Url::parse(PUBLIC).map_err(|_| token::unreadable("the address"))?,
    };
    let audience = in_cloud(&authority, audience);
    let application = identity
        .tenant
        .as_deref()
        .zip(identity.client_id.as_deref());
    let (secret, file) = (&identity.client_secret, &identity.federated_token_file);
    let request = match (application, secret, file, &identity.app_service) {
        (Some((tenant, id)), Some(secret), ..) => {
            let fields = [
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret.expose_secret()),
                ("scope", &audience),
            ];
            token::form(address(&authority, tenant), &fields, &[secret])
        }
        (Some((tenant, id)), None, Some(file), _) => {
            let statement = token::file(file, "AZURE_FEDERATED_TOKEN_FILE").await?;
            let fields = [
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_assertion_type", STATEMENT),
                ("client_assertion", statement.expose_secret()),
                ("scope", &audience),
            ];
            token::form(address(&authority, tenant), &fields, &[&statement])
        }
        (_, _, _, Some(service)) => of_app_service(service, identity, &audience),
        _ => of_machine(identity, &audience)?,
    };
    match token::ask(client, &request, at).await {
        Ok(body) => token::read(&body, at),
        Err(failure) if is_elsewhere(&request, &failure) => Err(Failure::CredentialMissing {
            name: remedy("azure").unwrap_or_default().into(),
        }),
        Err(failure) => Err(failure),
    }
}

/// What kind of statement a federated token is (RFC 7523, section 2.2).
const STATEMENT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Where a tenant's tokens are asked for.
fn address(authority: &Url, tenant: &str) -> Url {
    let mut url = authority.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
        segments.extend([tenant, "oauth2", "v2.0", "token"]);
    }
    url
}

fn of_app_service(service: &AppService, identity: &Azure, audience: &str) -> Request {
    let mut url = service.endpoint.clone();
    of_resource(&mut url, "2019-08-01", identity, audience);
    let header = service.header.expose_secret().to_owned();
    token::nearby(Request {
        headers: vec![("x-identity-header".into(), header)],
        secrets: vec![service.header.clone()],
        ..token::get(url)
    })
}

fn of_machine(identity: &Azure, audience: &str) -> Result<Request, Failure> {
    let mut url = Url::parse(MACHINE).map_err(|_| token::unreadable("the address"))?;
    of_resource(&mut url, "2018-02-01", identity, audience);
    Ok(token::nearby(Request {
        headers: vec![("metadata".into(), "true".into())],
        ..token::get(url)
    }))
}

/// These services want the audience without the suffix that Entra wants.
fn of_resource(url: &mut Url, version: &str, identity: &Azure, audience: &str) {
    let resource = audience.strip_suffix(".default").unwrap_or(audience);
    let mut query = url.query_pairs_mut();
    query.append_pair("api-version", version);
    query.append_pair("resource", resource);
    if let Some(id) = &identity.client_id {
        query.append_pair("client_id", id);
    }
}

/// Whether the failure says that this is no machine of Azure with an identity.
fn is_elsewhere(request: &Request, failure: &Failure) -> bool {
    let is_missing =
        failure.is_unreached() || matches!(failure, Failure::Status { status: 404, .. });
    request.url.as_str().starts_with(MACHINE) && is_missing
}

/// The audience as it is called in the cloud of this authority: probes name it as the public cloud does.
fn in_cloud(authority: &Url, audience: &str) -> String {
    let (management, services) = match authority.host_str() {
        Some("login.microsoftonline.us") => {
            ("management.usgovcloudapi.net", "cognitiveservices.azure.us")
        }
        Some("login.chinacloudapi.cn" | "login.partner.microsoftonline.cn") => {
            ("management.chinacloudapi.cn", "cognitiveservices.azure.cn")
        }
        _ => return audience.to_owned(),
    };
    audience
        .replace("://management.azure.com/", &format!("://{management}/"))
        .replace(
            "://cognitiveservices.azure.com/",
            &format!("://{services}/"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_own_addresses() {
        let management = "https://management.azure.com/.default";
        let cases = [
            ("https://login.microsoftonline.com", management, management),
            (
                "https://login.microsoftonline.us/",
                management,
                "https://management.usgovcloudapi.net/.default",
            ),
            (
                "https://login.chinacloudapi.cn",
                "https://cognitiveservices.azure.com/.default",
                "https://cognitiveservices.azure.cn/.default",
            ),
            (
                "https://login.microsoftonline.us",
                "https://ai.azure.com/.default",
                "https://ai.azure.com/.default",
            ),
        ];
        for (authority, audience, expected) in cases {
            let authority = Url::parse(authority).unwrap();
            assert_eq!(in_cloud(&authority, audience), expected, "{authority}");
        }
        let authority = Url::parse("https://login.example/below/").unwrap();
        assert_eq!(
            address(&authority, "a/../b").as_str(),
            "https://login.example/below/a%2F..%2Fb/oauth2/v2.0/token"
        );
    }
}
