//! Least-privilege policies: exactly the rights that the probes of a cloud need, in the form that the cloud's own tool takes.
//! Pure.

use std::collections::BTreeSet;

use crate::config::{Cloud, Probe};

/// A subscription that nobody has: the file's reader puts in their own.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The policy for a cloud; it ends with a line break.
pub fn text(cloud: Cloud, probes: &[&Probe]) -> String {
    let of_cloud: Vec<&Probe> = probes
        .iter()
        .copied()
        .filter(|probe| probe.needs.iter().any(|need| need.cloud == cloud))
        .collect();
    let rights: BTreeSet<&str> = of_cloud
        .iter()
        .flat_map(|probe| &probe.needs)
        .filter(|need| need.cloud == cloud)
        .map(|need| need.right.as_str())
        .collect();
    match cloud {
        Cloud::Aws => aws(&rights),
        Cloud::Azure => azure(&rights, &of_cloud),
        Cloud::Google => google(&rights, &of_cloud),
        Cloud::Oci => oci(&rights),
    }
}

/// How a policy is granted, in one line.
pub fn how(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => {
            "aws iam create-policy --policy-name bellwether --policy-document file://FILE"
        }
        Cloud::Azure => "az role definition create --role-definition @FILE",
        Cloud::Google => "gcloud iam roles create bellwether --project PROJECT --file FILE",
        Cloud::Oci => {
            "oci iam policy create --name bellwether --description Bellwether --compartment-id TENANCY --statements file://FILE"
        }
    }
}

/// Rights as the items of a JSON list. A right is letters, digits and marks that need no escape.
fn items(rights: &BTreeSet<&str>, indent: &str) -> String {
    let lines: Vec<String> = rights
        .iter()
        .map(|right| format!("{indent}\"{right}\""))
        .collect();
    lines.join(",\n")
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>. What is listed are the provider's
/// models, no resources of the account, so that there is none to name (facts: aws-bedrock.md, section 2).
fn aws(rights: &BTreeSet<&str>) -> String {
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Sid\": \"BellwetherReads\",\n      \
         \"Effect\": \"Allow\",\n      \"Action\": [\n{}\n      ],\n      \"Resource\": \"*\"\n    }}\n  ]\n}}\n",
        items(rights, "        ")
    )
}

/// <https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli>
fn azure(rights: &BTreeSet<&str>, probes: &[&Probe]) -> String {
    let mut subscriptions: BTreeSet<&str> = probes
        .iter()
        .flat_map(|probe| &probe.scopes)
        .filter_map(|scoping| scoping.values.get("subscription"))
        .map(String::as_str)
        .collect();
    if subscriptions.is_empty() {
        subscriptions.insert(SUBSCRIPTION);
    }
    let scopes: Vec<String> = subscriptions
        .iter()
        .map(|id| format!("/subscriptions/{id}"))
        .collect();
    let scopes: BTreeSet<&str> = scopes.iter().map(String::as_str).collect();
    format!(
        "{{\n  \"Name\": \"Bellwether\",\n  \"IsCustom\": true,\n  \
         \"Description\": \"Reads which models can be deployed.\",\n  \"Actions\": [\n{}\n  ],\n  \"NotActions\": [],\n  \
         \"DataActions\": [],\n  \"NotDataActions\": [],\n  \"AssignableScopes\": [\n{}\n  ]\n}}\n",
        items(rights, "    "),
        items(&scopes, "    ")
    )
}

/// <https://cloud.google.com/iam/docs/creating-custom-roles>
fn google(rights: &BTreeSet<&str>, probes: &[&Probe]) -> String {
    let hosts: BTreeSet<String> = probes
        .iter()
        .filter_map(|probe| {
            let url = url::Url::parse(&probe.request.url).ok()?;
            let host = url.host_str()?;
            host.ends_with(".googleapis.com").then(|| host.to_string())
        })
        .collect();
    let hosts: Vec<String> = hosts.into_iter().collect();
    let mut text = String::from("# In a project in which these services are on:\n");
    text.push_str(&format!(
        "#   gcloud services enable {} --project PROJECT\n",
        hosts.join(" ")
    ));
    text.push_str("title: Bellwether\ndescription: Reads which models there are and what they cost.\nstage: GA\nincludedPermissions:\n");
    for right in rights {
        text.push_str(&format!("- {right}\n"));
    }
    text
}

/// <https://docs.oracle.com/iaas/Content/Identity/Concepts/policysyntax.htm>
fn oci(rights: &BTreeSet<&str>) -> String {
    let statements: Vec<String> = rights
        .iter()
        .map(|right| format!("allow group bellwether to {right} in tenancy"))
        .collect();
    let statements: BTreeSet<&str> = statements.iter().map(String::as_str).collect();
    format!("[\n{}\n]\n", items(&statements, "  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Outside, Own, Settings, declared, watch_list};
    use serde_json::{Value as Json, json};

    fn shipped() -> Vec<Probe> {
        declared(&[], Own::default()).expect("the shipped probes")
    }

    fn of(cloud: Cloud, probes: &[Probe]) -> String {
        text(cloud, &probes.iter().collect::<Vec<_>>())
    }

    /// What the probe files say, by their own text.
    fn stated(cloud: Cloud) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for file in crate::config::shipped() {
            for line in file
                .text
                .lines()
                .filter(|line| line.starts_with("needs = "))
            {
                all.extend(line.split('"').skip(1).step_by(2).map(str::to_string));
            }
        }
        let is_of = |right: &String| match cloud {
            Cloud::Aws => right.contains(':'),
            Cloud::Azure => right.contains('/'),
            Cloud::Oci => right.contains(' '),
            Cloud::Google => !right.contains([':', '/', ' ']),
        };
        all.into_iter().filter(is_of).collect()
    }

    fn texts(list: &Json) -> BTreeSet<String> {
        let items = list.as_array().expect("a list");
        let text = |item: &Json| item.as_str().expect("a text").to_string();
        items.iter().map(text).collect()
    }

    #[test]
    fn a_policy_holds_what_the_probes_state_and_no_more() {
        let probes = shipped();
        let aws: Json = serde_json::from_str(&of(Cloud::Aws, &probes)).expect("JSON");
        assert_eq!(aws["Version"], "2012-10-17");
        let statements = aws["Statement"].as_array().expect("a list");
        assert_eq!(statements.len(), 1);
        assert_eq!(texts(&statements[0]["Action"]), stated(Cloud::Aws));
        assert_eq!(statements[0]["Effect"], "Allow");
        let azure: Json = serde_json::from_str(&of(Cloud::Azure, &probes)).expect("JSON");
        assert_eq!(texts(&azure["Actions"]), stated(Cloud::Azure));
        for key in ["NotActions", "DataActions", "NotDataActions"] {
            assert_eq!(azure[key], json!([]), "{key}");
        }
        let google = of(Cloud::Google, &probes);
        let permissions = google.lines().filter_map(|line| line.strip_prefix("- "));
        let permissions: BTreeSet<String> = permissions.map(str::to_string).collect();
        assert_eq!(permissions, stated(Cloud::Google));
        let oci: Json = serde_json::from_str(&of(Cloud::Oci, &probes)).expect("JSON");
        assert_eq!(oci.as_array().map(Vec::len), Some(stated(Cloud::Oci).len()));
        for cloud in Cloud::ALL {
            assert!(!stated(cloud).is_empty(), "{}", cloud.word());
        }
    }

    #[test]
    fn nothing_is_granted_that_writes_or_calls_a_model() {
        for cloud in Cloud::ALL {
            for right in stated(cloud) {
                let reads = match cloud {
                    Cloud::Aws => {
                        let action = right.split(':').nth(1).unwrap_or_default();
                        ["List", "Get", "Describe"]
                            .iter()
                            .any(|verb| action.starts_with(verb))
                            || action == "CallWithBearerToken"
                    }
                    Cloud::Azure => right.ends_with("/read"),
                    // to use a project is to have requests counted for it
                    Cloud::Google => {
                        right.ends_with(".get")
                            || right.ends_with(".list")
                            || right == "serviceusage.services.use"
                    }
                    Cloud::Oci => right.starts_with("inspect ") || right.starts_with("read "),
                };
                assert!(reads && !right.contains('*'), "{right}");
            }
        }
    }

    #[test]
    fn the_subscriptions_of_the_configuration_are_named() {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".into()),
        };
        let scopes = |text: &str| {
            let settings = Settings::from_text("b.toml", text, &outside).expect("sound");
            let probes = watch_list(&[], &settings).expect("sound");
            let probes: Vec<Probe> = probes.into_iter().map(|(probe, _)| probe).collect();
            let azure: Json = serde_json::from_str(&of(Cloud::Azure, &probes)).expect("JSON");
            azure["AssignableScopes"].clone()
        };
        assert_eq!(
            scopes(""),
            json!([format!("/subscriptions/{SUBSCRIPTION}")])
        );
        let two = scopes("[scopes.\"azure.models\"]\nsubscription = ['s-2', 's-1']");
        assert_eq!(two, json!(["/subscriptions/s-1", "/subscriptions/s-2"]));
    }

    #[test]
    fn the_policies_of_the_shipped_probes() {
        let probes = shipped();
        let all: Vec<String> = Cloud::ALL.iter().map(|cloud| of(*cloud, &probes)).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "BellwetherReads",
              "Effect": "Allow",
              "Action": [
                "bedrock-mantle:CallWithBearerToken",
                "bedrock-mantle:ListModels",
                "bedrock:GetFoundationModelAvailability",
                "bedrock:ListFoundationModels",
                "bedrock:ListInferenceProfiles"
              ],
              "Resource": "*"
            }
          ]
        }

        {
          "Name": "Bellwether",
          "IsCustom": true,
          "Description": "Reads which models can be deployed.",
          "Actions": [
            "Microsoft.CognitiveServices/locations/models/read"
          ],
          "NotActions": [],
          "DataActions": [],
          "NotDataActions": [],
          "AssignableScopes": [
            "/subscriptions/00000000-0000-0000-0000-000000000000"
          ]
        }

        # In a project in which these services are on:
        #   gcloud services enable aiplatform.googleapis.com cloudbilling.googleapis.com --project PROJECT
        title: Bellwether
        description: Reads which models there are and what they cost.
        stage: GA
        includedPermissions:
        - serviceusage.services.use

        [
          "allow group bellwether to inspect generative-ai-model in tenancy"
        ]
        "#);
    }
}
