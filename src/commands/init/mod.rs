//! `init`: a commented configuration, with what the environment has credentials for, and the rights that those need.

mod policy;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::say;
use super::setup::outside;
use super::{Setup, print};
use crate::config::{Cloud, Known, Probe, Settings};

/// `bellwether init`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
    /// Only print the least-privilege policy for a cloud: what the probes need and no more.
    #[arg(long, value_name = "aws|azure|google|oci", value_parser = cloud)]
    policy: Option<Cloud>,
}

impl Arguments {
    /// Whether a policy is printed and nothing is written.
    pub fn only_prints(&self) -> bool {
        self.policy.is_some()
    }
}

fn cloud(word: &str) -> Result<Cloud, String> {
    Cloud::from_word(word).ok_or_else(|| "expected aws, azure, google or oci".to_string())
}

/// Prints the policy alone, for the probes and subscriptions of this configuration.
pub fn print_policy(setup: &Setup, arguments: &Arguments) {
    let probes: Vec<&Probe> = setup.probes.iter().map(|(probe, _)| probe).collect();
    if let Some(cloud) = arguments.policy {
        print(&policy::text(cloud, &probes));
    }
}

/// Runs the command. `probes` are all that are declared.
pub fn run(file: Option<PathBuf>, probes: &[Probe], arguments: &Arguments) -> anyhow::Result<()> {
    let path = file.unwrap_or_else(|| PathBuf::from("bellwether.toml"));
    if path.exists() && !arguments.force {
        bail!(
            "{} is there already: --force writes over it",
            path.display()
        );
    }
    let usual = Settings::without_file(&outside())?;
    let has = |name: &str| match usual.identities.known(name) {
        Some(known) => known == Known::Configured,
        None => std::env::var(name).is_ok_and(|value| !value.trim().is_empty()),
    };
    std::fs::write(&path, text(probes, &has)).with_context(|| path.display().to_string())?;
    let on = probes
        .iter()
        .filter(|probe| probe.credential.as_ref().is_some_and(|name| has(name)))
        .count();
    say(&format!(
        "{}: written; {on} probes with a credential found in the environment are on",
        path.display()
    ));
    let all: Vec<&Probe> = probes.iter().collect();
    for cloud in Cloud::ALL {
        say(&format!(
            "\nwhat they need at {0} (`bellwether init --policy {0} > FILE`, then `{1}`):\n",
            cloud.word(),
            policy::how(cloud)
        ));
        print(&policy::text(cloud, &all));
    }
    say(
        "\nnext: set [mail] or a [[channel]], then `bellwether check`, `bellwether doctor`, then `bellwether run`",
    );
    Ok(())
}

/// The text of the configuration. `has` says whether the environment holds a credential.
fn text(probes: &[Probe], has: &dyn Fn(&str) -> bool) -> String {
    let mut text = String::from(
        "# Bellwether. Everything here has a default; `bellwether check` finds every mistake with its line.\n\n\
         # The folder of the database.\n# data = \"data\"\n\n\
         # The zone in which people read times.\n# timezone = \"Europe/Berlin\"\n\n\
         # Whom changes are told to. Without [mail] and channels they are kept and listed, but told to nobody.\n\
         # [mail]\n# from = \"bellwether@example.org\"\n# to = [\"platform@example.org\"]\n#\n\
         # [mail.smtp]\n# host = \"smtp.example.org\"\n# security = \"starttls\"          # or \"tls\"; \"none\" only on loopback\n\
         # user = \"bellwether\"\n# password = { env = \"BELLWETHER_SMTP_PASSWORD\" }   # or { file = \"/run/secrets/smtp\" }\n\n\
         # Other ways to tell: webhook, slack, teams, ntfy or pagerduty. Routes name them beside addresses of mail.\n\
         # [[channel]]\n# name = \"ops\"\n# kind = \"slack\"\n# url = { env = \"SLACK_WEBHOOK_URL\" }\n\n\
         # Changes below this severity wait for the report: info, notice, warning, critical.\n\
         # [alerts]\n# minimum = \"notice\"\n# group_wait = \"5m\"\n\n\
         # What you depend on: it is told at once, the rest in a digest at seven in the morning.\n\
         # [[watch]]\n# name = \"production\"\n# models = [\"anthropic/claude-sonnet-*\", \"gpt-4o\"]\n# providers = [\"bedrock\", \"azure\"]\n\
         # regions = [\"eu\"]\n# file = \"models.txt\"     # more models, one a line\n\
         # [[watch]]\n# name = \"gateway\"\n# gateway = \"litellm.yaml\"\n\n\
         # Who hears of what, in this order; without any, [mail] hears of all.\n\
         # [[route]]\n# name = \"on-call\"\n# watches = \"*\"\n# severity = \"critical\"\n# to = [\"on-call@example.org\", \"ops\"]\n# continue = true\n\n\
         # When work is done that is known of: what is told at once waits for its end.\n\
         # [[maintenance]]\n# name = \"patching\"\n# begins = \"0 2 * * sun\"\n# lasts = \"4h\"\n\n\
         # The report of each week, and of each month if it is wanted.\n# [report]\n# cron = \"0 7 * * mon\"\n# monthly = true           # on the first at seven; or monthly_cron = \"0 7 1 * *\"\n# early = false            # a strong shift of the landscape then waits for the next report\n\n\
         # Probes without credential are asked by default; those with one when they are named here.\n[probes]\n",
    );
    let mut on = Vec::new();
    let mut waiting = Vec::new();
    for probe in probes {
        if let Some(name) = &probe.credential {
            if has(name) {
                on.push((probe, name))
            } else {
                waiting.push((probe, name))
            }
        }
    }
    text.push_str("on = [\n");
    for (probe, name) in on {
        let _ = writeln!(text, "    \"{}\",  # {name}", probe.id);
    }
    for (probe, name) in waiting {
        let _ = writeln!(text, "    # \"{}\",  # set {name} first", probe.id);
    }
    text.push_str(
        "]\n# off = [\"litellm\"]\n# folder = \"probes\"   # your own probe files, over the shipped ones\n\n\
         # How soon a change is believed; a probe's own [probe.detect] goes before.\n\
         # [detect]\n# confirm_values = 2\n# max_loss = 0.20\n\n\
         # The dashboard: whoever is at this machine may look. Others need a password (`bellwether web password` makes its\n\
         # hash), a token (`bellwether web token`), or a proxy that knows them.\n\
         # [web]\n# listen = \"127.0.0.1:8620\"\n# url = \"https://bellwether.example.org\"   # where people reach it\n\
         # password = { env = \"BELLWETHER_WEB_PASSWORD_HASH\" }\n# hosts = [\"bellwether.internal\"]\n\
         # header = \"X-Forwarded-User\"\n# trusted_proxies = [\"10.0.0.5\"]\n\
         # actions = [\"silence\", \"ack\"]     # what may be done there besides looking\n# rate = \"1200/1m\"\n\
         # [web.tokens]\n# prometheus = { env = \"BELLWETHER_PROMETHEUS_TOKEN\" }\n\
         # [web.limits]\n# connections = 512\n# head = \"10s\"\n# answer = \"30s\"\n# question = \"5s\"\n\n\
         # Who asks at the clouds. What is not said here is found as their own tools find it: in the environment, in\n\
         # their files, or from the role of the machine. [google] takes key_file, [oci] config and profile.\n\
         # [aws]\n# region = \"eu-central-1\"\n\
         # [azure]\n# tenant = \"00000000-0000-0000-0000-000000000000\"\n# client_id = \"00000000-0000-0000-0000-000000000000\"\n\
         # client_secret = { env = \"BELLWETHER_AZURE_SECRET\" }\n\n\
         # [http]\n# proxy = \"http://proxy.example.org:3128\"\n# extra_ca = [\"/etc/ssl/own-ca.pem\"]\n\n\
         # [retention]\n# bodies = \"90d\"\n# samples = \"90d\"   # single measurements; their figures stay\n\n\
         # Whose endpoints are measured, and how often: all of them every 5 minutes unless said otherwise.\n\
         # [endpoints]\n# only = [\"bedrock\", \"openai.api\"]\n# every = \"1m\"\n\n\
         # Models that are asked, to measure how soon and how fast they answer, and what that may cost a day in USD.\n\
         # [inference]\n# daily_budget = \"2.00\"\n# on = [\"openai\"]\n\n\
         # What `bellwether uptime` holds availability against.\n\
         # [slo]\n# availability = 0.999\n# [slo.provider.bedrock]\n# availability = 0.9995\n\n\
         # What `bellwether cost` prices on every offering.\n\
         # [[workload]]\n# name = \"chat\"\n# requests = 100000\n# input = 4000\n# output = 500\n# cached = 0.5\n# regions = [\"eu\"]\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Outside, Settings, declared};

    #[test]
    fn what_is_written_can_be_read() {
        let probes = declared(&[], crate::config::Own::default()).expect("the shipped probes");
        let outside = Outside {
            variable: &|name| match name {
                name if name.ends_with("_URL") => Some("https://hooks.example.org/x".into()),
                name if name.ends_with("_PASSWORD_HASH") => {
                    Some("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$c29tZWhhc2hzb21laGFzaA".into())
                }
                name if name.ends_with("_TOKEN") => Some("0123456789abcdef0123".into()),
                _ => Some("x".into()),
            },
            file: &|path| match path.to_str() {
                Some("models.txt") => Ok("gpt-4o\n".into()),
                Some("litellm.yaml") => {
                    Ok("model_list: [{ litellm_params: { model: gpt-4o } }]\n".into())
                }
                _ => Err("none".into()),
            },
        };
        for has in [true, false] {
            let written = text(&probes, &|_| has);
            let settings =
                Settings::from_text("bellwether.toml", &written, &outside).expect("a sound file");
            assert_eq!(settings.probes.on.is_empty(), !has);
            // every setting that is shown commented out is one that there is
            let opened: String = written
                .lines()
                .map(|line| match line.strip_prefix("# ") {
                    Some(code) if code.starts_with('[') || code.contains(" = ") => {
                        format!("{code}\n")
                    }
                    _ => format!("{line}\n"),
                })
                .filter(|line| !line.starts_with("off ") && !line.contains("extra_ca"))
                .collect();
            Settings::from_text("bellwether.toml", &opened, &outside)
                .expect("every shown setting is known");
        }
    }
}
