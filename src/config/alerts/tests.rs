use super::*;
use crate::config::Settings;

fn read(text: &str) -> Result<Settings, String> {
    const GATEWAY: &str = "model_list:\n- litellm_params: { model: azure/gpt-4o }\n- litellm_params: { model: openai/gpt-5 }\n";
    const LIST: &str = "# ours\ngpt-4o-2024-08-06  # support\n\nanthropic.claude-x-v1:0\n";
    let file = |path: &Path| match path.to_str() {
        Some("models.txt") => Ok(LIST.into()),
        Some("litellm.yaml") => Ok(GATEWAY.into()),
        Some("empty.txt") => Ok(b"# none\n".to_vec()),
        _ => Err("there is none".to_string()),
    };
    let outside = Outside {
        variable: &|_| None,
        file: &file,
    };
    Settings::from_text("b.toml", text, &outside).map_err(|problems| problems.to_string())
}

fn told(text: &str) -> Vec<String> {
    let policy = read(text)
        .expect("sound")
        .alerts
        .policy(vec!["all@x.test".to_string()]);
    let line = |route: &Route| {
        let when = match &route.when {
            When::AtOnce => "at once".to_string(),
            When::Digest(schedule) => {
                let after = "2026-11-25T12:00:00Z".parse().expect("a time");
                format!("digest {}", schedule.next_after(after).expect("a firing"))
            }
        };
        format!(
            "{}: {} {:?} {} {} to {}",
            route.name,
            route.takes.minimum.word(),
            route.takes.watches,
            route.takes.kinds.len(),
            when,
            route.recipients.join(" ")
        )
    };
    policy.routes.iter().map(line).collect()
}

#[test]
fn what_holds_where_nothing_is_said() {
    assert_eq!(told(""), ["mail: notice [] 0 at once to all@x.test"]);
    let watch = "timezone = 'Europe/Berlin'\n[[watch]]\nname = 'ours'\nmodels = 'gpt-*'\n[alerts]\nminimum = 'warning'\n";
    assert_eq!(
        told(watch),
        [
            "mail: warning [\"*\"] 0 at once to all@x.test",
            "sources: warning [] 3 at once to all@x.test",
            "digest: warning [] 0 digest 2026-11-26T06:00:00Z to all@x.test",
        ]
    );
}

#[test]
fn routes_are_read() {
    let text = "[mail]\nfrom = 'bell@x.test'\nto = 'all@x.test'\ndirectory = 'mail'\n\
        [[watch]]\nname = 'ours'\nproviders = 'azure'\nfile = 'models.txt'\ntopics = 'frontier aws'\n\
        [[rank]]\nkinds = 'price_changed'\nseverity = 'info'\n\
        [[route]]\nname = 'on-call'\nto = 'night@x.test'\nwatches = '*'\nseverity = 'critical'\ncontinue = true\n\
        [[route]]\nname = 'day'\nquiet = ['22:00-07:00']\nbreaks = 'warning'\nzone = 'America/New_York'\n\
        [[route]]\nname = 'weekly'\ndigest = '0 8 * * mon'\nzone = 'Asia/Tokyo'\nseverity = 'info'\n";
    assert_eq!(
        told(text),
        [
            "on-call: critical [\"*\"] 0 at once to night@x.test",
            "day: notice [] 0 at once to all@x.test",
            "weekly: info [] 0 digest 2026-11-29T23:00:00Z to all@x.test",
        ]
    );
    let settings = read(text).expect("sound").alerts;
    let models: Vec<&str> = settings.watches[0]
        .scope
        .models
        .iter()
        .map(ModelPattern::word)
        .collect();
    assert_eq!(models, ["gpt-4o-2024-08-06", "anthropic.claude-x-v1:0"]);
    assert_eq!(settings.ranks[0].severity, Severity::Info);
    assert!(settings.routes[0].goes_on && !settings.routes[1].goes_on);
    assert_eq!(
        settings.routes[1].quiet.as_ref().map(|quiet| quiet.breaks),
        Some(Severity::Warning)
    );
}

#[test]
fn every_mistake_is_told() {
    let text = "[[watch]]\nname = '*'\nmodels = 'x'\n[[watch]]\nname = 'a'\n[[watch]]\nname = 'b'\nfile = 'empty.txt'\n\
        [[watch]]\nname = 'c'\nfile = 'no.txt'\n[[watch]]\nname = 'd'\nmodels = ['']\nreach = 'far'\n\
        [[rank]]\nkinds = 'price_changd'\n[[route]]\nname = 'r'\nto = 'nobody'\nwatches = ['z']\ndigest = 'daily'\nquiet = '22-7'\n\
        [[route]]\nname = 'r'\nbreaks = 'warning'\nzone = 'Mars'\nspeed = 1\n[alerts]\nminimum = 'some'\nprice_percent = '-1'\n";
    let problems = read(text).expect_err("wrong");
    insta::assert_snapshot!(problems, @r#"
    b.toml:2: watch.*.name: expected a name of its own, found '*'
    b.toml:4: watch.a.models: expected models, providers, regions, reach, interfaces, topics, a file of models or the configuration of a gateway, found nothing to watch
    b.toml:8: watch.b.file: expected a file of native ids or models, one a line, found 'empty.txt', which names none
    b.toml:11: watch.c.file: expected a file of native ids or models, one a line, found 'no.txt': there is none
    b.toml:14: watch.d.models: expected models such as "anthropic/claude-*", found a blank one
    b.toml:15: watch.d.reach: expected in-region, geo or global, found 'far'
    b.toml:16: rank[0].severity: expected info, notice, warning or critical, found nothing
    b.toml:17: rank[0].kinds: expected offering_added, offering_removed, offering_returned, offering_renamed, stage_changed, date_changed, price_changed, limit_changed, capability_changed, text_changed, announcement, incident_opened, incident_updated, incident_resolved, latency_shifted, latency_recovered, probe_broken, probe_recovered, source_suspect, sources_disagree, landscape_shifted, found 'price_changd'
    b.toml:20: route.r.to: expected an address of mail, or the name of a [[channel]], of which there is none, found 'nobody'
    b.toml:21: route.r.watches: expected the name of a [[watch]] (*, a, b, c, d), or "*" for any, found 'z'
    b.toml:22: route.r.digest: expected five fields, such as "0 8 * * mon-fri", found 'daily' (column 6: expected 5 fields (minute hour day-of-month month day-of-week), found 1)
    b.toml:23: route.r.quiet: expected hours such as "22:00-07:00", found '22-7'
    b.toml:25: route.r.name: expected a name of its own, found 'r' again
    b.toml:27: route.r.zone: expected an IANA zone such as Europe/Berlin, found 'Mars' (unknown time zone 'Mars': expected an IANA name such as UTC, Europe/Berlin or America/New_York)
    b.toml:28: route.r.speed: expected one of breaks, continue, digest, interfaces, kinds, limit, models, name, providers, quiet, reach, regions, severity, to, watches, zone, found the unknown key 'speed'
    b.toml:30: alerts.minimum: expected info, notice, warning or critical, found 'some'
    b.toml:31: alerts.price_percent: expected an amount as a text, such as "0.5", found '-1' (that is less than nothing)
    "#);
}

#[test]
fn limits_and_maintenance_are_read() {
    let text = "timezone = 'Europe/Berlin'\n[alerts]\nlimit = '5/10m'\n\
        [[route]]\nname = 'a'\n[[route]]\nname = 'b'\nlimit = '1/1d'\n\
        [[maintenance]]\nname = 'patching'\nbegins = '0 2 * * sun'\nlasts = '4h'\nproviders = 'azure'\n";
    let policy = read(text).expect("sound").alerts.policy(Vec::new());
    let limits: Vec<(u32, SignedDuration)> = policy
        .routes
        .iter()
        .filter_map(|route| route.limit)
        .map(|limit| (limit.messages, limit.per))
        .collect();
    let hours = SignedDuration::from_hours;
    assert_eq!(limits, [(5, SignedDuration::from_mins(10)), (1, hours(24))]);
    let [window] = policy.windows.as_slice() else {
        panic!("{:?}", policy.windows);
    };
    assert_eq!(window.takes.scope.providers, ["azure"]);
    let at = "2026-11-29T01:00:00Z".parse().expect("a time");
    let ends = window.ends(at).expect("it goes on");
    assert_eq!(ends.to_string(), "2026-11-29T05:00:00Z");
    for (wrong, said) in [
        ("[alerts]\nlimit = '0/1h'\n", "one message or more"),
        ("[alerts]\nlimit = '20'\n", "that has no /"),
        (
            "[[route]]\nname = 'a'\nlimit = '3/2d'\n",
            "in a day at most",
        ),
        (
            "[[maintenance]]\nname = 'x'\nlasts = '4h'\n",
            "when it begins",
        ),
        (
            "[[maintenance]]\nname = 'x'\nbegins = '0 2 * * *'\nlasts = '8d'\n",
            "for too long",
        ),
        (
            "[[maintenance]]\nname = 'x'\nbegins = '0 2 * * *'\nlasts = '1h'\nzone = 'Mars'\n",
            "IANA zone",
        ),
        (
            "[[maintenance]]\nname = 'x'\nbegins = '0 2 * * *'\nlasts = '1d'\n",
            "a window that never ends",
        ),
    ] {
        let problems = read(wrong).expect_err(wrong);
        assert!(problems.contains(said), "{wrong}: {problems}");
    }
}

#[test]
fn a_gateway_says_what_is_depended_on_at_whom() {
    let text = "[[watch]]\nname = 'chat'\ngateway = 'litellm.yaml'\nregions = 'eu'\n";
    let settings = read(text).expect("sound").alerts;
    let shown: Vec<String> = settings
        .watches
        .iter()
        .map(|watch| {
            let models: Vec<&str> = watch.scope.models.iter().map(ModelPattern::word).collect();
            let places = watch.scope.places.len();
            format!(
                "{}: {} at {} in {places}",
                watch.name,
                models.join(" "),
                watch.scope.providers.join(" ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        ["chat: gpt-4o at azure in 1", "chat: gpt-5 at openai in 1"]
    );
    for (wrong, said) in [
        ("gateway = 'none.yaml'", "there is none"),
        ("gateway = 'empty.txt'", "no model is named in it"),
        (
            "gateway = 'litellm.yaml'\nmodels = 'x'",
            "a [[watch]] of their own",
        ),
    ] {
        let problems = read(&format!("[[watch]]\nname = 'chat'\n{wrong}\n")).expect_err(wrong);
        assert!(problems.contains(said), "{wrong}: {problems}");
    }
}
