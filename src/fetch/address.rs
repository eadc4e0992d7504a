//! Which addresses are nobody's business: a redirect must not turn the daemon into a way into the user's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Whether an address is not on the public network: private, loopback, link-local, shared, reserved or multicast
/// (the IANA special-purpose registries), also when it is wrapped into an IPv6 address.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => is_private_v6(v6),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_private_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        // IPv4-compatible (with :: and ::1) and IPv4-mapped.
        (0, 0, 0, 0, 0, 0 | 0xffff) => v4(g, h),
        // NAT64, well known and local.
        (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        (0x64, 0xff9b, 1, ..) => true,
        // 6to4.
        (0x2002, high, low, ..) => v4(high, low),
        // Teredo, benchmarking, ORCHID; documentation.
        (0x2001, 0..=0x1ff | 0xdb8, ..) => true,
        // Unique local, link-local and site-local, multicast, discard-only.
        _ => a & 0xfe00 == 0xfc00 || a & 0xff80 == 0xfe80 || a & 0xff00 == 0xff00 || a == 0x100,
    }
}

/// Whether the URL names such an address itself. Names are judged when they are resolved.
pub(super) fn names_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => is_private_v6(address),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Whether the URL names this machine itself.
pub(super) fn names_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether the URL names this machine or what only it can reach: a proxy is no help on the way there. Such are the
/// services that tell a machine of a cloud about itself, at link-local addresses or by these names.
pub(super) fn names_vicinity(url: &Url) -> bool {
    names_loopback(url)
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_link_local(),
            Some(Host::Ipv6(address)) => {
                // The services of AWS, whose addresses are unique local ones.
                let [a, b, ..] = address.segments();
                a & 0xffc0 == 0xfe80 || (a, b) == (0xfd00, 0x0ec2)
            }
            Some(Host::Domain(name)) => name == "metadata.google.internal",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let private = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 \
            192.0.0.8 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 \
            :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001:db8::1 \
            2002:7f00:1:: 2002:a00:1:: 2001::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1";
        let public = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 \
            198.20.0.1 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808:: 2606:4700::1111 2a00:1450::1 \
            2001:4860:4860::8888";
        for (list, expected) in [(private, true), (public, false)] {
            for text in list.split_ascii_whitespace() {
                assert_eq!(is_private(text.parse().unwrap()), expected, "{text}");
                let host = if text.contains(':') {
                    format!("[{text}]")
                } else {
                    text.to_owned()
                };
                let url = Url::parse(&format!("https://{host}/")).unwrap();
                assert_eq!(names_private(&url), expected, "{url}");
            }
        }
    }

    #[test]
    fn disguised_addresses_are_seen_through() {
        for disguised in ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/"] {
            let url = Url::parse(disguised).unwrap();
            assert!(names_private(&url) && names_loopback(&url), "{url}");
        }
        assert!(names_loopback(&Url::parse("http://LocalHost:1/").unwrap()));
        for near in [
            "http://127.0.0.1/",
            "http://169.254.169.254/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://metadata.google.internal/",
        ] {
            assert!(names_vicinity(&Url::parse(near).unwrap()), "{near}");
        }
        for far in [
            "http://10.0.0.1/",
            "http://a.example/",
            "http://[fd00:1::]/",
        ] {
            assert!(!names_vicinity(&Url::parse(far).unwrap()), "{far}");
        }
        assert!(!names_loopback(
            &Url::parse("http://localhost.example/").unwrap()
        ));
    }
}
