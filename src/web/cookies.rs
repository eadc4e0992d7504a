//! What browsers keep for us: words that only they and we know, sent to nobody else and shown to no script.

use crate::config::WebSettings;

/// The names of what browsers keep.
#[derive(Debug)]
pub(super) struct Cookies {
    /// Says whose session it is.
    pub session: String,
    /// Binds a form to a browser where nobody is signed in.
    pub form: String,
    is_https: bool,
}

impl Cookies {
    /// Browsers keep `__Host-` to one host and to TLS; without it the port tells two servers of one host apart.
    pub fn new(settings: &WebSettings) -> Self {
        let (before, after) = match settings.is_https() {
            true => ("__Host-", String::new()),
            false => ("", format!("-{}", settings.listen.port())),
        };
        Self {
            session: format!("{before}bellwether{after}"),
            form: format!("{before}bellwether-form{after}"),
            is_https: settings.is_https(),
        }
    }

    /// The header by which a browser keeps `value` until it is closed.
    pub fn set(&self, name: &str, value: &str) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }

    /// The header by which it forgets.
    pub fn forget(&self, name: &str) -> String {
        format!("{}; Max-Age=0", self.set(name, ""))
    }
}
