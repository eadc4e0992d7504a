use super::*;
use crate::config::{Own, Probe, probes_of};
use jiff::SignedDuration;

fn probe(lines: &str, request: &str) -> Probe {
    let text = format!(
        "provider = 'p'\nkind = 'cloud'\n[[probe]]\nname = 'models'\ntitle = 'Models'\nauthority = 'provider-api'\n\
         every = '1h'\nreader = 'json'\n{lines}\n[probe.request]\nurl = 'https://api.p.test/models'\n{request}\n\
         [probe.json]\nitems = 'data[]'\nnative_id = 'id'\n"
    );
    let mut probes = probes_of("p.toml", &text, Own::default()).expect("a sound probe");
    probes.remove(0)
}

fn page() -> Probe {
    probe("", "")
}

fn keyed() -> Probe {
    probe("credential = 'P_KEY'", "auth = 'bearer'")
}

fn cloud() -> Probe {
    probe(
        "credential = 'aws'\nneeds = 'p:ListModels'\nrole = 'Watcher'",
        "auth = 'sigv4'\nservice = 'p'\nsigning_region = 'r'",
    )
}

fn text(text: &str) -> Option<String> {
    Some(text.to_string())
}

/// Every failure that has no further word of its own.
fn plain_failures() -> Vec<Failure> {
    let detail = String::new;
    let phases = [
        Phase::Dns,
        Phase::Connect,
        Phase::Tls,
        Phase::FirstByte,
        Phase::Body,
    ];
    let mut all = vec![
        Failure::CredentialMissing {
            name: "P_KEY".into(),
        },
        Failure::Dns { detail: detail() },
        Failure::Connect { detail: detail() },
        Failure::Tls { detail: detail() },
    ];
    all.extend(phases.map(|phase| Failure::Timeout { phase }));
    all.extend([
        Failure::Throttled {
            retry_after: None,
            code: None,
        },
        Failure::Unauthorised {
            status: 401,
            code: None,
        },
        Failure::NotEntitled {
            status: 403,
            code: None,
            message: None,
        },
        Failure::CredentialExpired {
            code: "ExpiredToken".into(),
        },
        Failure::TokenRefused {
            status: 401,
            code: None,
            message: None,
        },
        Failure::ClockSkew {
            ahead: Some(SignedDuration::from_mins(9)),
        },
        Failure::Status {
            status: 500,
            code: None,
            message: None,
            retry_after: None,
        },
        Failure::TooLarge { limit: 1 },
        Failure::WrongType {
            expected: detail(),
            found: detail(),
        },
        Failure::Truncated { detail: detail() },
        Failure::LoginWall { detail: detail() },
        Failure::RedirectRefused { detail: detail() },
        Failure::Protocol { detail: detail() },
        Failure::Unreadable {
            expected: detail(),
            found: detail(),
        },
        Failure::TooFewItems {
            expected: 1,
            found: 0,
        },
        Failure::Internal { detail: detail() },
        Failure::kept("tls", ""),
    ]);
    all
}

#[test]
fn every_failure_stands_on_a_rung_and_has_a_remedy() {
    let told: Vec<String> = plain_failures()
        .iter()
        .map(|failure| {
            let phase = match failure {
                Failure::Timeout { phase } => format!(" {}", phase.word()),
                _ => String::new(),
            };
            let (rung, remedy) = (rung(failure, &cloud()).word(), remedy(failure, &cloud()));
            format!("{}{phase} | {rung} | {remedy}", failure.word())
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    credential_missing | credential | set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine
    dns | network | let this machine resolve api.p.test, or set [http] proxy if only a proxy reaches the internet
    connect | network | let this machine reach api.p.test through the firewall, or set or correct [http] proxy
    tls | network | set [http] extra_ca to the certificate of your own authority if a proxy opens connections to api.p.test; else see whether this machine's clock is right
    timeout dns | network | let this machine resolve api.p.test, or set [http] proxy if only a proxy reaches the internet
    timeout connect | network | let this machine reach api.p.test through the firewall, or set or correct [http] proxy
    timeout tls | network | let this machine reach api.p.test through the firewall, or set or correct [http] proxy
    timeout first_byte | network | api.p.test is slow from here: try again, or allow more with [http] first_byte_deadline, body_deadline and total_deadline
    timeout body | network | api.p.test is slow from here: try again, or allow more with [http] first_byte_deadline, body_deadline and total_deadline
    throttled | host | ask less often: every in the probe, per_host_pace_ms and per_host_concurrency under [http]; the daemon waits as long as the host says
    unauthorised | credential | the provider does not know the credential: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine anew
    not_entitled | permission | allow p:ListModels (the role Watcher has it); `bellwether init --policy aws` prints what to grant
    credential_expired | credential | get a new credential, since this one has had its day, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine
    token_refused | credential | see that the identity exists and its secret is the current one: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine
    clock_skew | credential | set this machine's clock right (NTP)
    status | host | nothing can be mended here: the host has trouble, and the daemon goes on asking
    too_large | parse | allow more: max_body under [probe.request], or [http] max_body
    wrong_type | parse | the answer's shape has changed, or a proxy answers instead: see `bellwether probe test p.models`, then upgrade or report it
    truncated | network | try again; if it stays, a proxy between here and api.p.test cuts or alters answers
    login_wall | network | api.p.test turns this machine away, or a proxy does: ask from another network or through [http] proxy
    redirect_refused | network | see where api.p.test leads with `bellwether probe test p.models`; [http] allow_private_redirects = true if that is a mirror of your own
    protocol | network | try again; if it stays, a proxy between here and api.p.test cuts or alters answers
    unreadable | parse | the answer's shape has changed, or a proxy answers instead: see `bellwether probe test p.models`, then upgrade or report it
    too_few_items | parse | the answer's shape has changed, or a proxy answers instead: see `bellwether probe test p.models`, then upgrade or report it
    internal | program | report it with what `bellwether probe test p.models` prints
    tls | network | let this machine reach api.p.test through the firewall, or set or correct [http] proxy
    ");
}

#[test]
fn codes_and_words_say_more_than_a_status() {
    let unauthorised = |status, code: &str| Failure::Unauthorised {
        status,
        code: text(code),
    };
    let withheld = |message: &str| Failure::NotEntitled {
        status: 403,
        code: text("AccessDeniedException"),
        message: text(message),
    };
    let status = |status, code: &str| Failure::Status {
        status,
        code: text(code),
        message: None,
        retry_after: None,
    };
    let unpaid = Failure::Throttled {
        retry_after: None,
        code: text("insufficient_quota"),
    };
    let cases = [
        (
            keyed(),
            unauthorised(401, "invalid_api_key"),
            Rung::Credential,
        ),
        (keyed(), unauthorised(403, "forbidden"), Rung::Permission),
        (
            keyed(),
            unauthorised(400, "API_KEY_INVALID"),
            Rung::Credential,
        ),
        (
            keyed(),
            Failure::NotEntitled {
                status: 403,
                code: Some("unsupported_country_region_territory".to_string()),
                message: None,
            },
            Rung::Network,
        ),
        (
            cloud(),
            unauthorised(403, "UnrecognizedClientException"),
            Rung::Credential,
        ),
        (
            cloud(),
            unauthorised(403, "InvalidSignatureException"),
            Rung::Credential,
        ),
        (page(), unauthorised(403, "AccessDenied"), Rung::Network),
        (page(), withheld("Access Denied"), Rung::Network),
        (
            cloud(),
            withheld(
                "User: arn:aws:sts::1:assumed-role/w/i is not authorized to perform: p:ListModels",
            ),
            Rung::Permission,
        ),
        (
            cloud(),
            withheld(
                "The client 'x' does not have authorization to perform action 'P/m/read' over scope '/subscriptions/1'",
            ),
            Rung::Permission,
        ),
        (
            cloud(),
            withheld("You don't have access to the model with the specified model ID."),
            Rung::Entitlement,
        ),
        (
            cloud(),
            withheld("The API has not been used in project 1 before or it is disabled."),
            Rung::Entitlement,
        ),
        (keyed(), unpaid, Rung::Entitlement),
        (
            cloud(),
            status(409, "MissingSubscriptionRegistration"),
            Rung::Entitlement,
        ),
        (
            cloud(),
            status(400, "FAILED_PRECONDITION"),
            Rung::Entitlement,
        ),
        (
            cloud(),
            status(400, "SubscriptionRequiredException"),
            Rung::Entitlement,
        ),
        (keyed(), status(402, "payment_required"), Rung::Entitlement),
        (
            cloud(),
            status(404, "SubscriptionNotFound"),
            Rung::Permission,
        ),
        (
            cloud(),
            status(404, "NotAuthorizedOrNotFound"),
            Rung::Permission,
        ),
        (page(), status(404, "NotFound"), Rung::Parse),
        (page(), status(410, ""), Rung::Parse),
        (
            cloud(),
            status(400, "NoRegisteredProviderFound"),
            Rung::Parse,
        ),
        (page(), status(407, ""), Rung::Network),
        (page(), status(408, ""), Rung::Host),
        (page(), status(503, "overloaded"), Rung::Host),
        (keyed(), Failure::kept("unauthorised", ""), Rung::Credential),
        (page(), Failure::kept("status", ""), Rung::Host),
        (page(), Failure::kept("unreadable", ""), Rung::Parse),
        (page(), Failure::kept("internal", ""), Rung::Program),
    ];
    let mut told = Vec::new();
    for (probe, failure, expected) in cases {
        assert_eq!(rung(&failure, &probe), expected, "{failure:?}");
        let remedy = remedy(&failure, &probe);
        if matches!(expected, Rung::Entitlement) || !told.contains(&remedy) {
            told.push(remedy);
        }
    }
    told.dedup();
    insta::assert_snapshot!(told.join("\n"), @"
    the provider does not know the credential: set P_KEY anew
    give P_KEY the right to read this at p, or set one that has it
    api.p.test does not serve this country: ask from another network or through [http] proxy
    the provider does not know the credential: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, [aws] profile, or a role of the machine anew
    api.p.test turns this machine away, or a proxy does: ask from another network or through [http] proxy; no credential is to blame, since none is shown
    allow p:ListModels (the role Watcher has it); `bellwether init --policy aws` prints what to grant
    request access to the model at p (model access, terms, use case), in each region that is asked
    switch api.p.test on in the project
    set up billing or credit of the account at p
    register the resource provider that the answer names in the subscription
    set up billing or credit of the account at p
    the account's plan does not hold this: change the plan, or name the probe under [probes] off
    set up billing or credit of the account at p
    the address or its form has changed, or [scopes] names what is not there: see `bellwether probe show p.models`, then upgrade or report it
    write user and password into [http] proxy: the proxy asks for them
    nothing can be mended here: the host has trouble, and the daemon goes on asking
    the answer's shape has changed, or a proxy answers instead: see `bellwether probe test p.models`, then upgrade or report it
    report it with what `bellwether probe test p.models` prints
    ");
}
