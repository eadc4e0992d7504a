use super::*;
use crate::config::{Own, probes_of};

fn probe() -> Probe {
    let text = "provider = 'p'\nkind = 'cloud'\n[[probe]]\nname = 'models'\ntitle = 'Models'\n\
        authority = 'provider-api'\nevery = '1h'\nreader = 'json'\nabsent_when = ['dns']\ncredential = 'P_KEY'\n\
        [probe.scopes]\nregion = ['a', 'b', 'c', 'd', 'e', 'f', 'g']\n\
        [probe.request]\nurl = 'https://{region}.p.test/models'\nauth = 'bearer'\n\
        [probe.json]\nitems = 'data[]'\nnative_id = 'id'\n";
    probes_of("p.toml", text, Own::default())
        .expect("a sound probe")
        .remove(0)
}

fn tried(scope: &str, outcome: Outcome) -> Tried {
    Tried {
        scope: scope.to_string(),
        outcome,
        status: None,
        took: SignedDuration::from_millis(1200),
        is_known: false,
    }
}

fn read(items: u64) -> Outcome {
    Outcome::Read {
        items,
        ungranted: 0,
        unexplained: Vec::new(),
    }
}

fn dns() -> Outcome {
    Outcome::Failed(Failure::Dns {
        detail: "no such name".to_string(),
    })
}

fn refused() -> Outcome {
    Outcome::Failed(Failure::Unauthorised {
        status: 403,
        code: Some("AccessDenied".to_string()),
    })
}

fn said(all: Vec<Tried>) -> String {
    let probe = probe();
    let finding = Finding {
        probe: &probe,
        state: State::Tried(all),
    };
    let sum = finding.sum();
    format!("{} | {}", finding.word(&sum), finding.said(&sum))
}

#[test]
fn scopes_are_summed_up() {
    let partly = || Outcome::Read {
        items: 2,
        ungranted: 0,
        unexplained: vec!["row 3: expected a date, found soon\u{1b}[1m".into()],
    };
    let five = ["c", "d", "e", "f", "g"].map(|scope| tried(scope, refused()));
    let mut many = vec![tried("a", read(3)), tried("b", partly())];
    many.extend(five);
    let known = Tried {
        is_known: true,
        ..tried("b", dns())
    };
    let withheld = |region: &str| {
        Outcome::Failed(Failure::NotEntitled {
            status: 403,
            code: Some("AccessDenied".to_string()),
            message: Some(format!("not authorized to perform: p:List in {region}")),
        })
    };
    let told = [
        said(vec![
            tried("a", withheld("a")),
            tried("b", withheld("b")),
            tried("c", read(9)),
        ]),
        said(vec![tried("", read(1))]),
        said(vec![tried("", refused())]),
        said(vec![tried("", partly())]),
        said(vec![tried("a", read(3)), tried("b", read(4))]),
        said(vec![tried("a", read(3)), tried("b", dns())]),
        said(vec![tried("a", read(3)), known]),
        said(vec![tried("a", dns()), tried("b", dns())]),
        said(many),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    failing | 1 of 3 well; a, b: known, but not entitled: HTTP 403 (AccessDenied): not authorized to perform: p:List in a
    well | 1 item
    failing | not authorised: HTTP 403 (AccessDenied)
    partly | 1 thing not understood: row 3: expected a date, found soon [1m
    well | all 2 well; 7 items
    well | 1 of 2 well; 1 not offered there; 3 items
    failing | 1 of 2 well; b: the host's name did not resolve: no such name
    failing | 0 of 2 well; a, b: the host's name did not resolve: no such name
    failing | 1 of 7 well; c, d, e, f and 1 more: not authorised: HTTP 403 (AccessDenied); b: 1 thing not understood: row 3: expected a date, found soon [1m
    ");
}
