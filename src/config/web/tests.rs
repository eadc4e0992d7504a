use super::*;
use crate::config::{Problems, Settings};

/// Of "correct horse", as little work as argon2 allows.
const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$W1ZjBxKsWWxN1WnVVNdmCqwgBnV5dQnbx3fDCGDLmRM";

fn read(text: &str) -> Result<WebSettings, Problems> {
    let outside = Outside {
        variable: &|name| match name {
            "HASH" => Some(HASH.to_string()),
            "SLOW" => Some(HASH.replace("m=8", "m=99999999")),
            "TOKEN" => Some("0123456789abcdef-0123456789abcdef".to_string()),
            "SHORT" => Some("letmein".to_string()),
            _ => None,
        },
        file: &|_| Err("there is none".to_string()),
    };
    Settings::from_text("b.toml", text, &outside).map(|settings| settings.web)
}

#[test]
fn what_is_said_is_read() {
    let web = read(
        "[web]\nlisten = \"0.0.0.0:80\"\nurl = \"https://watch.example.org\"\npassword = { env = \"HASH\" }\n\
         hosts = [\"Watch.Internal\", \"[::1]\"]\nheader = \"X-Forwarded-User\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\
         actions = [\"silence\"]\nrate = \"10/1s\"\n[web.tokens]\nprometheus = { env = \"TOKEN\" }\n\
         script = { hash = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\" }\n\
         [web.limits]\nconnections = 3\nhead = \"1s\"\nanswer = \"2s\"\nquestion = \"3s\"\n",
    );
    let web = web.expect("a sound file");
    assert!(web.asks_who() && web.is_https());
    assert_eq!(
        web.hosts,
        ["watch.internal"]
            .map(str::to_string)
            .into_iter()
            .chain(["[::1]".to_string()])
            .collect::<Vec<_>>()
    );
    let names: Vec<&String> = web.tokens.keys().collect();
    assert_eq!(names, ["prometheus", "script"]);
    assert_eq!(web.tokens["script"][..2], [0xba, 0x78]);
    assert_eq!(
        web.actions,
        Actions {
            silence: true,
            ack: false
        }
    );
    assert_eq!(web.bounds.connections, 3);
    let proxy = web.proxy.clone().expect("a proxy");
    assert_eq!(proxy.header.as_deref(), Some("x-forwarded-user"));
    assert!(!format!("{web:?}").contains("argon2id"), "{web:?}");
    // nobody else is there to ask
    assert!(!read("").expect("a sound file").asks_who());
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let problems = read(
        "[web]\nlisten = \"here\"\nurl = \"https://watch.example.org/deep\"\nhosts = [\"two words\"]\nheader = \"Cookie\"\n\
         trusted_proxies = [\"10.0.0.0/40\", \"proxy\"]\nactions = [\"delete\"]\nrate = \"0/1s\"\nsurprise = 1\n\
         password = { env = \"SHORT\" }\n\
         [web.tokens]\none = { env = \"SHORT\" }\ntwo = { hash = \"abc\" }\nthree = { env = \"NOWHERE\" }\n\
         [web.limits]\nconnections = 0\nhead = \"1h\"\n",
    );
    insta::assert_snapshot!(problems.expect_err("mistakes"), @r#"
    b.toml:2: web.listen: expected an address and a port, such as "127.0.0.1:8620", found 'here' (invalid socket address syntax)
    b.toml:3: web.url: expected the address that people see, such as "https://bellwether.example.org", found 'https://watch.example.org/deep' (http or https, a host and nothing behind it)
    b.toml:4: web.hosts: expected names without a port, such as "bellwether.internal", found 'two words'
    b.toml:5: web.header: expected the header in which the proxy names the user, such as "X-Forwarded-User", found 'Cookie'
    b.toml:6: web.trusted_proxies: expected addresses such as "10.0.0.5" or "10.0.0.0/24", found '10.0.0.0/40' (at most 32 bits begin alike)
    b.toml:6: web.trusted_proxies: expected addresses such as "10.0.0.5" or "10.0.0.0/24", found 'proxy' (that is no address)
    b.toml:7: web.actions: expected silence or ack, found 'delete'
    b.toml:8: web.rate: expected requests in a time, such as "1200/1m", found '0/1s' (expected one request or more, in a day at most)
    b.toml:9: web.surprise: expected one of actions, header, hosts, limits, listen, on, password, rate, tokens, trusted_proxies, url, found the unknown key 'surprise'
    b.toml:10: web.password.env: expected the hash of a password, as `bellwether web password` prints it, found something else
    b.toml:12: web.tokens.one.env: expected a token of 20 characters or more without spaces, such as `bellwether web token` makes, found another one
    b.toml:13: web.tokens.two.hash: expected the SHA-256 of a token in hexadecimal, as `bellwether web token` prints it, found 'abc'
    b.toml:14: web.tokens.three.env: expected the environment variable NOWHERE to be set, found nothing in it
    b.toml:16: web.limits.connections: expected a whole number from 1 to 100000, found 0
    b.toml:17: web.limits.head: expected a duration such as "10s", at most "10m", found '1h' (longer)
    "#);
    let alone = read("[web]\nheader = \"X-User\"\n").expect_err("a mistake");
    insta::assert_snapshot!(alone, @"b.toml:2: web.header: expected trusted_proxies beside it: the proxies that set it, lest others write it, too, found none");
    // whose word is taken on where requests come from, and on nothing else
    let alone = read("[web]\ntrusted_proxies = \"::1\"\n").expect("a sound file");
    assert!(!alone.asks_who() && alone.proxy.is_some());
    let slow = read("[web]\npassword = { env = \"SLOW\" }\n").expect_err("a mistake");
    insta::assert_snapshot!(slow, @"b.toml:2: web.password.env: expected the hash of a password, as `bellwether web password` prints it, found something else");
}

#[test]
fn what_others_reach_asks_who_they_are() {
    let open =
        read("timezone = \"UTC\"\n[web]\nlisten = \"0.0.0.0:8620\"\n").expect_err("a mistake");
    insta::assert_snapshot!(open, @r#"b.toml:3: web.listen: expected a password (`bellwether web password` makes one), tokens or the header of a proxy beside an address that others reach, or one of this machine alone, such as "127.0.0.1:8620", found '0.0.0.0:8620' and none of these"#);
    for name in ["url = \"http://watch.internal\"", "hosts = [\"10.0.0.7\"]"] {
        let problems = read(&format!("[web]\n{name}\n")).expect_err("a mistake");
        let said = problems.to_string();
        assert!(said.contains("beside a name that others reach"), "{said}");
    }
    for good in [
        "listen = \"[::1]:0\"",
        "url = \"http://localhost:80\"\nhosts = [\"127.0.0.9\", \"[::1]\"]",
        "listen = \"127.8.8.8:80\"",
        "listen = \"0.0.0.0:80\"\non = false",
        "listen = \"[::]:80\"\npassword = { env = \"HASH\" }",
        "listen = \"10.0.0.1:80\"\ntokens.one = { env = \"TOKEN\" }",
        "listen = \"10.0.0.1:80\"\nheader = \"X-User\"\ntrusted_proxies = [\"10.0.0.2\"]",
    ] {
        read(&format!("[web]\n{good}\n")).expect(good);
    }
}

#[test]
fn networks_hold_what_begins_alike() {
    let holds = |network: &str, address: &str| {
        let network = Network::from_text(network).expect("a network");
        network.holds(address.parse().expect("an address"))
    };
    assert!(holds("10.0.0.0/8", "10.200.3.4"));
    assert!(!holds("10.0.0.0/8", "11.0.0.1"));
    assert!(holds("10.0.0.5", "10.0.0.5") && !holds("10.0.0.5", "10.0.0.4"));
    assert!(holds("10.0.0.5", "::ffff:10.0.0.5"));
    assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
    assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
}
