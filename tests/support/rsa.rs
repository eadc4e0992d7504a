//! A pair of RSA keys for tests, made for them alone with OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// The private key in the form of PKCS #8.
pub const PRIVATE: &str = "\
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDMOcFkBmaLX6AmIuXSt0+5CKgu1kftzhalplJLptUezK10\
    BZFTHElC+HBkduDG3vGzXX/wYCBaCFiVNjy0bW1oVkA6xdSGpp9219PWIeKKarkYfghLgm4xiRu2mMpKUHgFvHUAc4w31V6M\
    M2NAWSTY/EhCPNeCSg9vucVtCOE1G6en2QiU1jhvAlQZ+EZM+rXbxpPzroAivmsWVj0g7wBsJ3IGdcKHT/HCUVXp9xKCdixP\
    pxZO/gSpkLxMI5f/SqXU38qYnH35OrlwaFHM2zTGpmN2XzfWz8vi+oLqxz8kW8xXZi6C6mmnSX0yeqyoZadCgsWgDrYCnHp/\
    okhQZg4jAgMBAAECggEAAlINrn3xda1Ke+Ry9BKn0em/73hOgkHl4/qgfheRMwkPAih7Xum4CLjF835I+OQuSY7LFgd26/mi\
    +Am7utkbdc9fv3XhVP5ZBYKs94aUX7pCttKHyZkxI1hJe6j/c29ioxNhyPWHJwNCUG7XtogiG7e8zR6KhwJ3Fm/n8bXjc9+t\
    XLQEwPTJalGaYriljR6IG1olhOvIxxZC9ce3+7ma2k3t1ae/58xMZixu07WPCAASMXq8ggBhxHBzchLQ4VSAhBjEXlirefqd\
    zgHotw/BediRYLO22p1V+3D2VHznMv88hlQBTb6QHj0THSS98wdXEQlqIN7pGdIkXl/BEnD1sQKBgQD0vEv4Pt5f0V2tFe+7\
    7FRU/4uS2eGXpgWROMVe5yNEbsnM+w3WUSVdHRMnKUJkFXYceN+ESPBKzQG1Wg8Gn49we/OtYJtKTpGkmhr+Sqn6r2dQ6VZ5\
    PqjKN0RMhYoI6B5N99xRO/vbtgq8XarUhHhg4x/ojmsKPs+7RLlAe2G1jQKBgQDVoCH95SNDfpUOCaMlndBbK6uxb4am3q9w\
    Mlw8nLdeDg6HKgfQ3WbJ4iY7icxDFufuTaLntuhywtCdHGPEbpyM62OWwzi5vwap0oEaVkGLIVDB5kUsQtSGGhVnK/orCiDH\
    3LiD+x4LB/uYa2+rTIH7wf/pziGA4oqtLR3vA00ubwKBgG9ZhM8r+41o+tAXnP3Jpw0NP/nOvD99QCc0x0hIrdki9xoWV9Nd\
    FDzrT52Pvi8/PH/z1u6fKQU/hTl4AkInMuIg41vNCpqiaM2VeBae7fuq9rzvjXKYub9XqfGPCKDIy5D55vnm6s6qYvQVQfZz\
    Vznt3MS4l6cPsQApYogeGvS5AoGBAL4bfWSHD7S250rQxMFrCcq4uFh1GW1S6ul7x52hEYXAGKmse7wh66FpggCmBoMF1Wy6\
    5mgy2/WU7TWD2D0s+mBl8gBuxwJ1vyZN0NpxPG7mPQnxNEnJR3v3pmhkOIMoxjdWc1XwmbHTbtEbewsEUQCMioO1Dxe1gxfN\
    +L+FPqA9AoGBAIXePCcmfcu9Um3KLuUYHgD4qaGX666Rtl22k1xqxz0gqzbGXNP6a0Ux3TWmaqMvcBjkl2SVvZGyv6d7/raU\
    LMR2QzSF8awfzZngVmn4YAxhHMDaXHbxqV/7xo2QkGoHXm67xCZ6dLD54j6lDChi7KP2RFAQs9gRerfs1H7Gth2o";

/// The public key in the form of PKCS #1.
pub const PUBLIC: &str = "\
    MIIBCgKCAQEAzDnBZAZmi1+gJiLl0rdPuQioLtZH7c4WpaZSS6bVHsytdAWRUxxJQvhwZHbgxt7xs11/8GAgWghYlTY8tG1t\
    aFZAOsXUhqafdtfT1iHiimq5GH4IS4JuMYkbtpjKSlB4Bbx1AHOMN9VejDNjQFkk2PxIQjzXgkoPb7nFbQjhNRunp9kIlNY4\
    bwJUGfhGTPq128aT866AIr5rFlY9IO8AbCdyBnXCh0/xwlFV6fcSgnYsT6cWTv4EqZC8TCOX/0ql1N/KmJx9+Tq5cGhRzNs0\
    xqZjdl831s/L4vqC6sc/JFvMV2Yuguppp0l9MnqsqGWnQoLFoA62Apx6f6JIUGYOIwIDAQAB";

/// Where the form of PKCS #1 begins in that of PKCS #8.
const INNER: usize = 26;

/// The private key as a PEM file in the form of PKCS #8.
pub fn pkcs8() -> String {
    pem("PRIVATE", PRIVATE)
}

/// The private key as a PEM file in the form of PKCS #1.
pub fn pkcs1() -> String {
    let whole = STANDARD.decode(PRIVATE).expect("the key");
    pem("RSA PRIVATE", &STANDARD.encode(&whole[INNER..]))
}

fn pem(kind: &str, body: &str) -> String {
    let lines: Vec<&str> = (0..body.len())
        .step_by(64)
        .map(|start| &body[start..body.len().min(start + 64)])
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {kind} KEY-----\n{lines}\n-----END {kind} KEY-----\n")
}

/// Whether the signature of the message is by the private key.
pub fn is_good(message: &[u8], signature: &[u8]) -> bool {
    let public = STANDARD.decode(PUBLIC).expect("the key");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(message, signature)
        .is_ok()
}
