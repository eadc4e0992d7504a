//! How a request of a probe file shows its credential.

use super::tree::Table;

/// How a credential is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`.
    Bearer,
    /// In this header.
    Header(String),
    /// By signing the request as AWS wants it.
    SigV4 {
        /// The service's name for signatures.
        service: String,
        /// The region that is signed for, if it is not that of the scope.
        region: Option<String>,
    },
    /// A token of Entra as `Authorization: Bearer …`.
    Azure {
        /// Whom the token is for, with the suffix `/.default`.
        audience: String,
    },
    /// An access token of Google as `Authorization: Bearer …`.
    Google {
        /// What it is for, parted by blanks.
        scope: String,
    },
    /// By signing the request as Oracle wants it.
    Oci,
}

/// What most of Google's services want, and all take.
const GOOGLE_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

impl Auth {
    /// The set of credentials that this way of showing one is for; `None` if any key will do.
    pub fn identity(&self) -> Option<&'static str> {
        match self {
            Self::None | Self::Bearer | Self::Header(_) => None,
            Self::SigV4 { .. } => Some("aws"),
            Self::Azure { .. } => Some("azure"),
            Self::Google { .. } => Some("google"),
            Self::Oci => Some("oci"),
        }
    }
}

const EXPECTED: &str = "bearer, sigv4, azure, google or oci, or auth_header instead";

/// Reads the keys about the credential of a `[probe.request]`. `credential` is the one that the probe names, `url` the
/// address that is asked.
pub(super) fn auth(table: &Table<'_>, credential: Option<&str>, url: Option<&str>) -> Auth {
    let auth = match (table.text("auth").as_deref(), table.text("auth_header")) {
        (None, None) => Auth::None,
        (Some("bearer"), None) => Auth::Bearer,
        (None, Some(header)) => Auth::Header(header),
        (Some("sigv4"), None) => sigv4(table, url),
        (Some("azure"), None) => Auth::Azure {
            audience: table
                .required_text(
                    "audience",
                    "whom the token is for: https://management.azure.com/.default",
                )
                .unwrap_or_default(),
        },
        (Some("google"), None) => Auth::Google {
            scope: table.text("scope").unwrap_or_else(|| GOOGLE_SCOPE.into()),
        },
        (Some("oci"), None) => Auth::Oci,
        (Some(other), _) => {
            table.problem("auth", EXPECTED, format!("'{other}'"));
            return Auth::None;
        }
    };
    let name = credential.map_or("none".to_string(), |name| format!("'{name}'"));
    match (&auth, auth.identity()) {
        (_, Some(identity)) if credential != Some(identity) => {
            let expected = format!("credential = \"{identity}\" in the probe beside this auth");
            table.problem("auth", expected, name);
        }
        (Auth::None, _) if credential.is_some() => {
            let expected = "auth or auth_header, since the probe names a credential";
            table.problem("auth", expected, "neither");
        }
        (Auth::Bearer | Auth::Header(_), _) if credential.is_none() => {
            table.problem("auth", "a credential named beside auth", "none");
        }
        _ => {}
    }
    auth
}

fn sigv4(table: &Table<'_>, url: Option<&str>) -> Auth {
    let service = table.required_text("service", "the service that is signed for: bedrock");
    let region = table.text("signing_region");
    if region.is_none() && !url.unwrap_or_default().contains("{region}") {
        table.problem(
            "signing_region",
            "the region that is signed for, or {region} in url",
            "neither",
        );
    }
    Auth::SigV4 {
        service: service.unwrap_or_default(),
        region,
    }
}
