//! AWS Signature Version 4 as a service of AWS verifies it, with the words of its refusals (facts: aws-bedrock.md §2 and §3;
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ring::{digest, hmac};

/// How far a signature's time may be from the service's.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Whom a service knows, and as whom it is signed for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The access key's id.
    pub id: &'a str,
    /// The secret access key.
    pub secret: &'a str,
    /// The region of the host, such as `us-east-1`.
    pub region: &'a str,
    /// The service's name for signatures, such as `bedrock`.
    pub service: &'a str,
}

/// A request as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The method's word.
    pub method: &'a str,
    /// The path, encoded as it was sent.
    pub path: &'a str,
    /// The query without its question mark, encoded as it was sent.
    pub query: &'a str,
    /// Names and values of the headers.
    pub headers: &'a [(String, String)],
    /// The body, empty if there is none.
    pub body: &'a [u8],
}

impl Sent<'_> {
    /// All values of a header, without needless blanks.
    fn header(&self, name: &str) -> Option<String> {
        let own = self.headers.iter();
        let values: Vec<String> = own
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }
}

/// Why a request is not let in: the error's name and its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The name, as `x-amzn-errortype` has it.
    pub name: &'static str,
    /// The sentence, as the body has it.
    pub message: String,
}

fn refused(name: &'static str, message: impl Into<String>) -> Refused {
    let status = 403;
    let message = message.into();
    Refused {
        status,
        name,
        message,
    }
}

/// The parts of an `Authorization` header.
struct Stated<'a> {
    id: &'a str,
    day: &'a str,
    region: &'a str,
    service: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

/// Verifies a request's signature at this time: the key, the region and service that it is scoped to, its age, and that every
/// header it names, the path, the query and the body are what was signed.
pub fn verify(sent: &Sent<'_>, expected: &Expected<'_>, now: Timestamp) -> Result<(), Refused> {
    let header = sent.header("authorization").ok_or_else(|| {
        refused(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    })?;
    let stated = stated(&header).ok_or_else(|| {
        let message = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
                       Authorization header requires 'SignedHeaders' parameter.";
        refused("IncompleteSignatureException", message)
    })?;
    if stated.id != expected.id {
        return Err(refused(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    let date = sent.header("x-amz-date").ok_or_else(|| {
        let message =
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        refused("IncompleteSignatureException", message)
    })?;
    scoped(&stated, expected, &date)?;
    fresh(&date, now)?;
    let required = ["host", "x-amz-date"];
    let covers = required.iter().all(|name| stated.signed.contains(name));
    let text = canonical(sent, &stated);
    let scope = format!(
        "{}/{}/{}/aws4_request",
        stated.day, stated.region, stated.service
    );
    let text = text.map(|text| {
        let hash = hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}")
    });
    let is_right = |text: String| {
        let tag = unhex(stated.signature)?;
        hmac::verify(&key(expected, stated.day), text.as_bytes(), &tag).ok()
    };
    match text.filter(|_| covers).and_then(is_right) {
        Some(()) => Ok(()),
        None => Err(refused(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
             signing method. Consult the service documentation for details.",
        )),
    }
}

fn stated(header: &str) -> Option<Stated<'_>> {
    let parameters = header.strip_prefix("AWS4-HMAC-SHA256")?;
    let parameter = |name: &str| {
        let mut all = parameters.split(',').map(str::trim);
        all.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
    };
    let mut scope = parameter("Credential")?.split('/');
    let stated = Stated {
        id: scope.next()?,
        day: scope.next()?,
        region: scope.next()?,
        service: scope.next()?,
        signed: parameter("SignedHeaders")?.split(';').collect(),
        signature: parameter("Signature")?,
    };
    (scope.next() == Some("aws4_request") && scope.next().is_none()).then_some(stated)
}

fn scoped(stated: &Stated<'_>, expected: &Expected<'_>, date: &str) -> Result<(), Refused> {
    let name = "InvalidSignatureException";
    if stated.region != expected.region {
        let message = format!(
            "Credential should be scoped to a valid region, not '{}'. ",
            stated.region
        );
        return Err(refused(name, message));
    }
    if stated.service != expected.service {
        let message = format!(
            "Credential should be scoped to correct service: '{}'. ",
            expected.service
        );
        return Err(refused(name, message));
    }
    if !date.starts_with(stated.day) {
        let message = format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{date}'.",
            stated.day,
            date.get(..8).unwrap_or(date),
        );
        return Err(refused(name, message));
    }
    Ok(())
}

fn fresh(date: &str, now: Timestamp) -> Result<(), Refused> {
    let name = "InvalidSignatureException";
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .ok()
        .and_then(|at| at.to_zoned(TimeZone::UTC).ok())
        .map(|at| at.timestamp());
    let Some(at) = at else {
        let message = format!("Date must be in ISO-8601 'basic format'. Got '{date}'.");
        return Err(refused("IncompleteSignatureException", message));
    };
    let shown = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let (first, last) = (now - SKEW, now + SKEW);
    if at < first {
        let message = format!(
            "Signature expired: {date} is now earlier than {} ({} - 5 min.)",
            shown(first),
            shown(now)
        );
        return Err(refused(name, message));
    }
    if at > last {
        let message = format!(
            "Signature not yet current: {date} is still later than {} ({} + 5 min.)",
            shown(last),
            shown(now)
        );
        return Err(refused(name, message));
    }
    Ok(())
}

/// What was signed; `None` if a header that is said to be signed is not there.
fn canonical(sent: &Sent<'_>, stated: &Stated<'_>) -> Option<String> {
    let mut lines = String::new();
    for name in &stated.signed {
        lines.push_str(&format!("{name}:{}\n", sent.header(name)?));
    }
    let path: Vec<String> = sent
        .path
        .split('/')
        .map(|part| encoded(part.as_bytes()))
        .collect();
    let mut query: Vec<(String, String)> = sent
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encoded(&decoded(name)), encoded(&decoded(value)))
        })
        .collect();
    query.sort();
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Some(format!(
        "{}\n{}\n{}\n{lines}\n{}\n{}",
        sent.method,
        path.join("/"),
        query.join("&"),
        stated.signed.join(";"),
        hex(digest::digest(&digest::SHA256, sent.body).as_ref()),
    ))
}

fn key(expected: &Expected<'_>, day: &str) -> hmac::Key {
    let first = hmac::Key::new(
        hmac::HMAC_SHA256,
        format!("AWS4{}", expected.secret).as_bytes(),
    );
    let parts = [day, expected.region, expected.service, "aws4_request"];
    parts.into_iter().fold(first, |key, part| {
        let next = hmac::sign(&key, part.as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, next.as_ref())
    })
}

fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let pairs = digits?;
    let pairs = pairs.chunks(2).map(|pair| match pair {
        [high, low] => Some(high * 16 + low),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
