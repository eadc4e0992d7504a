//! What a failure means to whoever runs the program: the rung of the ladder that it stands on, and how to mend it. Pure.

use super::super::output::clean;
use crate::config::identities;
use crate::config::{Cloud, Probe};
use crate::market::{Failure, Phase};

/// The rungs from here to a reading, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The host is not reached, or something between answers in its place.
    Network,
    /// The host is reached and will not answer now.
    Host,
    /// The host does not know who asks.
    Credential,
    /// It knows, and who asks may not.
    Permission,
    /// Who asks may, and the account has not what is asked for.
    Entitlement,
    /// The answer is not in the shape that the probe declares.
    Parse,
    /// A fault of our own.
    Program,
}

impl Rung {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Host => "host",
            Self::Credential => "credential",
            Self::Permission => "permission",
            Self::Entitlement => "entitlement",
            Self::Parse => "parse",
            Self::Program => "program",
        }
    }
}

/// The rung on which a source of this probe has failed.
pub fn rung(failure: &Failure, probe: &Probe) -> Rung {
    match failure {
        Failure::Dns { .. }
        | Failure::Connect { .. }
        | Failure::Tls { .. }
        | Failure::Timeout { .. }
        | Failure::Truncated { .. }
        | Failure::Protocol { .. }
        | Failure::LoginWall { .. }
        | Failure::RedirectRefused { .. } => Rung::Network,
        Failure::CredentialMissing { .. }
        | Failure::CredentialExpired { .. }
        | Failure::TokenRefused { .. }
        | Failure::ClockSkew { .. } => Rung::Credential,
        Failure::Unauthorised { .. } | Failure::NotEntitled { .. }
            if probe.credential.is_none() =>
        {
            Rung::Network
        }
        Failure::Unauthorised { status, code } => refused(*status, code.as_deref()),
        Failure::NotEntitled { code, .. } if is_abroad(code.as_deref()) => Rung::Network,
        Failure::NotEntitled { message, .. } => withheld(message.as_deref().unwrap_or_default()),
        Failure::Throttled { code, .. } if is_unpaid(code.as_deref()) => Rung::Entitlement,
        Failure::Throttled { .. } => Rung::Host,
        Failure::Overloaded { .. } => Rung::Host,
        // a list has no model to name: its address does
        Failure::ModelGone { .. } => Rung::Parse,
        Failure::Status { status, code, .. } => of_status(*status, code.as_deref()),
        Failure::TooLarge { .. }
        | Failure::WrongType { .. }
        | Failure::Unreadable { .. }
        | Failure::TooFewItems { .. } => Rung::Parse,
        Failure::Internal { .. } => Rung::Program,
        Failure::Kept { word, .. } => of_word(word),
    }
}

/// AWS also answers 403 to whom it does not know (facts: aws-bedrock.md, section 3, A2), Google 400 (google.md, section 4).
fn refused(status: u16, code: Option<&str>) -> Rung {
    match (status, code.unwrap_or_default()) {
        (
            _,
            "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "API_KEY_INVALID",
        ) => Rung::Credential,
        (403, _) => Rung::Permission,
        _ => Rung::Credential,
    }
}

/// OpenAI does not serve every country (facts: openai.md, section 2).
fn is_abroad(code: Option<&str>) -> bool {
    code == Some("unsupported_country_region_territory")
}

/// Who is known may lack a right, or the account may lack the model or service (facts: aws-bedrock.md, sections 3 and 4;
/// google.md, section 4: an interface that is not switched on is refused as a right would be).
fn withheld(message: &str) -> Rung {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    match says(&[
        "access to the model",
        "model access",
        "it is disabled",
        "has not been used in project",
    ]) && !says(&["not authorized to perform", "authorization to perform"])
    {
        true => Rung::Entitlement,
        false => Rung::Permission,
    }
}

/// No credit is left (facts: openai.md, section 2).
fn is_unpaid(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("insufficient_quota" | "billing_hard_limit_reached")
    )
}

/// Facts: azure.md, section 2.4; google.md, section 4. Oracle does not tell what is not there from what may not be seen
/// (<https://docs.oracle.com/iaas/Content/API/References/apierrors.htm>).
fn of_status(status: u16, code: Option<&str>) -> Rung {
    match (status, code.unwrap_or_default()) {
        (402, _)
        | (
            _,
            "MissingSubscriptionRegistration"
            | "FAILED_PRECONDITION"
            | "SubscriptionRequiredException",
        ) => Rung::Entitlement,
        (_, "SubscriptionNotFound" | "NotAuthorizedOrNotFound") => Rung::Permission,
        (407 | 451, _) => Rung::Network,
        (408 | 500.., _) => Rung::Host,
        _ => Rung::Parse,
    }
}

/// A failure of which only its word was kept.
fn of_word(word: &str) -> Rung {
    match word {
        "dns" | "connect" | "tls" | "timeout" | "truncated" | "protocol" | "login_wall"
        | "redirect_refused" => Rung::Network,
        "throttled" | "overloaded" | "status" => Rung::Host,
        "credential_missing" | "unauthorised" | "credential_expired" | "token_refused"
        | "clock_skew" => Rung::Credential,
        "not_entitled" => Rung::Permission,
        "too_large" | "wrong_type" | "unreadable" | "too_few_items" | "model_gone" => Rung::Parse,
        _ => Rung::Program,
    }
}

/// How to mend it, in one sentence without an end.
pub fn remedy(failure: &Failure, probe: &Probe) -> String {
    match rung(failure, probe) {
        Rung::Network => network(failure, probe),
        Rung::Host => host_is_busy(failure),
        Rung::Credential => credential(failure, probe),
        Rung::Permission => permission(probe),
        Rung::Entitlement => entitlement(failure, probe),
        Rung::Parse => parse(failure, probe),
        Rung::Program => format!(
            "report it with what `bellwether probe test {}` prints",
            probe.id
        ),
    }
}

fn network(failure: &Failure, probe: &Probe) -> String {
    let host = host(probe);
    match failure {
        Failure::Dns { .. } | Failure::Timeout { phase: Phase::Dns } => format!(
            "let this machine resolve {host}, or set [http] proxy if only a proxy reaches the internet"
        ),
        Failure::Tls { .. } => format!(
            "set [http] extra_ca to the certificate of your own authority if a proxy opens connections to {host}; \
             else see whether this machine's clock is right"
        ),
        Failure::Timeout {
            phase: Phase::FirstByte | Phase::Body,
        } => format!(
            "{host} is slow from here: try again, or allow more with [http] first_byte_deadline, body_deadline and \
             total_deadline"
        ),
        Failure::Connect { .. } | Failure::Timeout { .. } | Failure::Kept { .. } => {
            format!(
                "let this machine reach {host} through the firewall, or set or correct [http] proxy"
            )
        }
        Failure::Status { status: 407, .. } => {
            "write user and password into [http] proxy: the proxy asks for them".to_string()
        }
        Failure::RedirectRefused { .. } => format!(
            "see where {host} leads with `bellwether probe test {}`; [http] allow_private_redirects = true if that is \
             a mirror of your own",
            probe.id
        ),
        Failure::Truncated { .. } | Failure::Protocol { .. } => {
            format!(
                "try again; if it stays, a proxy between here and {host} cuts or alters answers"
            )
        }
        Failure::NotEntitled { code, .. } if is_abroad(code.as_deref()) => {
            format!(
                "{host} does not serve this country: ask from another network or through [http] proxy"
            )
        }
        _ => {
            let blameless = match probe.credential {
                Some(_) => "",
                None => "; no credential is to blame, since none is shown",
            };
            format!(
                "{host} turns this machine away, or a proxy does: ask from another network or through [http] \
                 proxy{blameless}"
            )
        }
    }
}

fn host_is_busy(failure: &Failure) -> String {
    match failure {
        Failure::Throttled { .. } => {
            "ask less often: every in the probe, per_host_pace_ms and per_host_concurrency under [http]; the daemon \
             waits as long as the host says"
                .to_string()
        }
        _ => "nothing can be mended here: the host has trouble, and the daemon goes on asking"
            .to_string(),
    }
}

fn credential(failure: &Failure, probe: &Probe) -> String {
    let name = probe.credential.as_deref().unwrap_or_default();
    let what = identities::remedy(name).unwrap_or(name);
    match failure {
        Failure::CredentialMissing { .. } => format!("set {what}"),
        Failure::CredentialExpired { .. } => {
            format!("get a new credential, since this one has had its day, and set {what}")
        }
        Failure::ClockSkew { .. } => "set this machine's clock right (NTP)".to_string(),
        Failure::TokenRefused { .. } => {
            format!("see that the identity exists and its secret is the current one: {what}")
        }
        _ => format!("the provider does not know the credential: set {what} anew"),
    }
}

fn permission(probe: &Probe) -> String {
    let name = probe.credential.as_deref().unwrap_or_default();
    let rights: Vec<&str> = probe.needs.iter().map(|need| need.right.as_str()).collect();
    let Some(cloud) = probe.needs.first().map(|need| need.cloud) else {
        return format!(
            "give {name} the right to read this at {}, or set one that has it",
            probe.provider
        );
    };
    let role = probe.role.as_deref();
    let role = role.map_or(String::new(), |role| format!(" (the role {role} has it)"));
    let place = scope_hint(probe, cloud);
    format!(
        "allow {}{role}{place}; `bellwether init --policy {}` prints what to grant",
        rights.join(" and "),
        cloud.word()
    )
}

/// Which of the user's own settings may name what the identity cannot see.
fn scope_hint(probe: &Probe, cloud: Cloud) -> String {
    let has = |name: &&&str| probe.scopes.iter().any(|s| s.values.contains_key(**name));
    let own = [
        "subscription",
        "compartment",
        "project",
        "tenancy",
        "account",
    ];
    match own.iter().find(has) {
        Some(name) if cloud != Cloud::Aws => {
            format!(" in the {name} that [scopes] names")
        }
        _ => String::new(),
    }
}

fn entitlement(failure: &Failure, probe: &Probe) -> String {
    let (code, message) = match failure {
        Failure::NotEntitled { code, message, .. } | Failure::Status { code, message, .. } => (
            code.as_deref().unwrap_or_default(),
            message.as_deref().unwrap_or_default(),
        ),
        Failure::Throttled { code, .. } => (code.as_deref().unwrap_or_default(), ""),
        _ => ("", ""),
    };
    let is_off = message.contains("it is disabled") || message.contains("has not been used in");
    match code {
        "MissingSubscriptionRegistration" => {
            "register the resource provider that the answer names in the subscription".to_string()
        }
        _ if is_off => format!("switch {} on in the project", host(probe)),
        "FAILED_PRECONDITION" | "insufficient_quota" | "billing_hard_limit_reached" => {
            format!("set up billing or credit of the account at {}", probe.provider)
        }
        "SubscriptionRequiredException" => {
            "the account's plan does not hold this: change the plan, or name the probe under [probes] off".to_string()
        }
        _ if matches!(failure, Failure::Status { status: 402, .. }) => {
            format!("set up billing or credit of the account at {}", probe.provider)
        }
        _ => format!(
            "request access to the model at {} (model access, terms, use case), in each region that is asked",
            probe.provider
        ),
    }
}

fn parse(failure: &Failure, probe: &Probe) -> String {
    let id = &probe.id;
    match failure {
        Failure::TooLarge { .. } => {
            "allow more: max_body under [probe.request], or [http] max_body".to_string()
        }
        Failure::Status { .. } | Failure::ModelGone { .. } => format!(
            "the address or its form has changed, or [scopes] names what is not there: see `bellwether probe show {id}`, \
             then upgrade or report it"
        ),
        _ => format!(
            "the answer's shape has changed, or a proxy answers instead: see `bellwether probe test {id}`, then upgrade \
             or report it"
        ),
    }
}

/// How to mend an answer that is read but for some rows.
pub fn remedy_of_rows(probe: &Probe) -> String {
    format!(
        "`bellwether probe test {}` prints what was not understood: upgrade, or report it",
        probe.id
    )
}

/// The host that a probe asks, with its placeholders; it is the original's, whatever is rewritten.
fn host(probe: &Probe) -> String {
    let rest = probe.request.url.split("://").nth(1).unwrap_or_default();
    clean(rest.split(['/', '?']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
