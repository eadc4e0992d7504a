//! `[azure]`, and the environment variables that Azure's own tools read.
//!
//! <https://learn.microsoft.com/en-us/dotnet/azure/sdk/authentication/credential-chains>

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::{Known, Sources};
use crate::config::secrets::secret;
use crate::config::tree::Table;

/// Who we are at Azure: everywhere that a token may come from, in the order in which they are tried.
#[derive(Debug, Clone, Default)]
pub struct Azure {
    /// Who gives tokens in a sovereign cloud; `None` is the public cloud's.
    pub authority: Option<Url>,
    /// The tenant of the application.
    pub tenant: Option<String>,
    /// The application, or which of the machine's identities.
    pub client_id: Option<String>,
    /// What only the application knows.
    pub client_secret: Option<SecretString>,
    /// A file with a token of another issuer that stands for the application (workload identity). It is written anew
    /// every hour or so.
    pub federated_token_file: Option<PathBuf>,
    /// What gives tokens to applications in App Service and its kin.
    pub app_service: Option<AppService>,
}

/// What gives tokens to applications in App Service and its kin.
#[derive(Debug, Clone)]
pub struct AppService {
    /// Where it is asked.
    pub endpoint: Url,
    /// What shows that the application asks.
    pub header: SecretString,
}

impl Azure {
    pub(super) fn known(&self) -> Known {
        let is_application = self.tenant.is_some() && self.client_id.is_some();
        let is_shown = self.client_secret.is_some() || self.federated_token_file.is_some();
        match (is_application && is_shown) || self.app_service.is_some() {
            true => Known::Configured,
            false => Known::Perhaps,
        }
    }
}

/// Reads `[azure]` and the environment.
pub(super) fn azure(table: Option<&Table<'_>>, sources: &Sources<'_>) -> Azure {
    let text = |key, variable| {
        let configured = table.and_then(|table| table.text(key));
        configured.or_else(|| sources.text(variable))
    };
    let declared = table.and_then(|table| table.table("client_secret"));
    let client_secret = declared.and_then(|inner| {
        let found = secret(&inner, sources.outside);
        inner.finish();
        found
    });
    let azure = Azure {
        authority: authority(table, sources),
        tenant: text("tenant", "AZURE_TENANT_ID"),
        client_id: text("client_id", "AZURE_CLIENT_ID"),
        client_secret: client_secret.or_else(|| sources.secret("AZURE_CLIENT_SECRET")),
        federated_token_file: sources
            .variable("AZURE_FEDERATED_TOKEN_FILE")
            .map(PathBuf::from),
        app_service: app_service(sources),
    };
    if let Some(table) = table.filter(|_| azure.client_secret.is_some()) {
        let missing = [("tenant", &azure.tenant), ("client_id", &azure.client_id)];
        for (key, _) in missing.iter().filter(|(_, value)| value.is_none()) {
            table.problem(key, "whose secret it is, beside client_secret", "nothing");
        }
    }
    azure
}

fn authority(table: Option<&Table<'_>>, sources: &Sources<'_>) -> Option<Url> {
    let parse = |text: &str| {
        let text = match text.contains("://") {
            true => text.to_string(),
            false => format!("https://{text}"),
        };
        let url = Url::parse(&text).map_err(|error| error.to_string())?;
        let is_sound = url.scheme() == "https" && url.has_host() && url.query().is_none();
        is_sound.then_some(url).ok_or_else(|| format!("'{text}'"))
    };
    let expected = "an address such as https://login.microsoftonline.us";
    let configured = table.and_then(|table| table.parsed("authority", expected, parse));
    configured.or_else(|| parse(&sources.variable("AZURE_AUTHORITY_HOST")?).ok())
}

fn app_service(sources: &Sources<'_>) -> Option<AppService> {
    Some(AppService {
        endpoint: Url::parse(&sources.variable("IDENTITY_ENDPOINT")?).ok()?,
        header: sources.secret("IDENTITY_HEADER")?,
    })
}
