//! What requests are authorised with: keys as they are configured, and tokens and temporary keys that are got for
//! them, kept while they are good.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;

use super::cache::Cache;
use super::{Auth, aws, azure, google, oci, sigv4};
use crate::config;
use crate::config::Identities;
use crate::fetch::Client;
use crate::market::Failure;

/// Every credential that there is. One serves the whole program, since it keeps what it gets for them.
#[derive(Debug)]
pub struct Credentials {
    keys: BTreeMap<String, SecretString>,
    identities: Identities,
    aws: Cache<sigv4::Keys>,
    azure: Cache<SecretString>,
    google: Cache<google::Granted>,
}

/// What a request wants to be authorised with.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// How the credential is shown.
    pub auth: &'a config::Auth,
    /// The credential's name.
    pub credential: Option<&'a str>,
    /// The region that is asked about, for signatures.
    pub region: Option<&'a str>,
}

impl Credentials {
    /// With these keys by name, and as these identities.
    pub fn new(keys: BTreeMap<String, SecretString>, identities: Identities) -> Self {
        Self {
            keys,
            identities,
            aws: Cache::new(),
            azure: Cache::new(),
            google: Cache::new(),
        }
    }

    /// The credential for a request, which may have to be asked for.
    ///
    /// # Errors
    /// Where it is not set, or is refused by who gives tokens for it, or nobody answers who could.
    pub async fn auth(
        &self,
        client: &Client,
        wanted: &Wanted<'_>,
        at: Timestamp,
    ) -> Result<Auth, Failure> {
        let key = || {
            let name = wanted.credential.unwrap_or_default();
            let missing = || Failure::CredentialMissing { name: name.into() };
            self.keys.get(name).cloned().ok_or_else(missing)
        };
        match wanted.auth {
            config::Auth::None => Ok(Auth::None),
            config::Auth::Bearer => Ok(Auth::Bearer(key()?)),
            config::Auth::Header(name) => Ok(Auth::Header {
                name: name.clone(),
                key: key()?,
            }),
            config::Auth::SigV4 { service, region } => {
                let identity = &self.identities.aws;
                if let Some(key) = identity.bedrock_key.as_ref().filter(|_| takes_key(service)) {
                    return Ok(Auth::Bearer(key.clone()));
                }
                let region = region.as_deref().or(wanted.region);
                let region = region.or(identity.region.as_deref()).unwrap_or_default();
                let keys = aws::keys(client, identity, at);
                Ok(Auth::SigV4(Box::new(sigv4::Signer {
                    keys: self.aws.get("", at, keys).await?,
                    region: region.to_owned(),
                    service: service.clone(),
                })))
            }
            config::Auth::Azure { audience } => {
                let token = azure::token(client, &self.identities.azure, audience, at);
                self.azure.get(audience, at, token).await.map(Auth::Bearer)
            }
            config::Auth::Google { scope } => {
                let token = google::token(client, &self.identities.google, scope, at);
                let granted = self.google.get(scope, at, token).await?;
                Ok(match granted.quota_project {
                    Some(project) => Auth::BearerFor {
                        token: granted.token,
                        project,
                    },
                    None => Auth::Bearer(granted.token),
                })
            }
            config::Auth::Oci => {
                let signer = oci::signer(&self.identities.oci).await?;
                Ok(Auth::Oci(Box::new(signer)))
            }
        }
    }

    /// Takes note that a request was refused, so that the next one gets a new token or new keys.
    pub async fn refused(&self, wanted: &Wanted<'_>, failure: &Failure, at: Timestamp) {
        if !matches!(
            failure,
            Failure::Unauthorised { .. } | Failure::CredentialExpired { .. }
        ) {
            return;
        }
        match wanted.auth {
            config::Auth::None
            | config::Auth::Bearer
            | config::Auth::Header(_)
            | config::Auth::Oci => {}
            config::Auth::SigV4 { .. } => self.aws.forget("", at).await,
            config::Auth::Azure { audience } => self.azure.forget(audience, at).await,
            config::Auth::Google { scope } => self.google.forget(scope, at).await,
        }
    }
}

/// Whether a service takes a Bedrock key in place of a signature.
fn takes_key(service: &str) -> bool {
    matches!(service, "bedrock" | "bedrock-mantle")
}
