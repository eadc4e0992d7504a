//! `needs`: what an identity must be allowed to do before it may ask what a probe asks.

use std::fmt;

use super::tree::Table;

/// A cloud whose rights are given one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cloud {
    /// Amazon Web Services: IAM actions.
    Aws,
    /// Microsoft Azure: actions of role definitions.
    Azure,
    /// Google Cloud: IAM permissions.
    Google,
    /// Oracle Cloud Infrastructure: a verb and a type of resources.
    Oci,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 4] = [Self::Aws, Self::Azure, Self::Google, Self::Oci];

    /// The word of the command line, and of the credential that stands for its identities.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Google => "google",
            Self::Oci => "oci",
        }
    }

    /// The cloud that a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.word() == word)
    }

    /// The cloud in whose form a right is written.
    ///
    /// The forms: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>,
    /// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions>,
    /// <https://cloud.google.com/iam/docs/roles-overview>,
    /// <https://docs.oracle.com/iaas/Content/Identity/Concepts/policysyntax.htm>
    fn of(right: &str) -> Option<Self> {
        let is_name = |text: &str| {
            let mut letters = text.chars();
            letters.next().is_some_and(|c| c.is_ascii_alphabetic())
                && letters.all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if let Some((service, action)) = right.split_once(':') {
            let sound = is_name(service)
                && is_name(action)
                && action.starts_with(|c: char| c.is_ascii_uppercase());
            return sound.then_some(Self::Aws);
        }
        if let Some((verb, resources)) = right.split_once(' ') {
            let sound = matches!(verb, "inspect" | "read" | "use" | "manage") && is_name(resources);
            return sound.then_some(Self::Oci);
        }
        if right.contains('/') {
            let mut parts = right.split('/');
            let provider = parts.next().unwrap_or_default();
            let sound = provider.starts_with("Microsoft.")
                && provider.split('.').all(is_name)
                && parts.clone().count() >= 2
                && parts.all(is_name);
            return sound.then_some(Self::Azure);
        }
        let sound = right.split('.').count() >= 3 && right.split('.').all(is_name);
        sound.then_some(Self::Google)
    }
}

/// One right, as its cloud calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Whose right it is.
    pub cloud: Cloud,
    /// Its name there: `bedrock:ListFoundationModels`.
    pub right: String,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.right)
    }
}

const EXPECTED: &str = "rights by name, without *: bedrock:ListFoundationModels, \
    Microsoft.CognitiveServices/locations/models/read, serviceusage.services.use, inspect generative-ai-model";

/// Reads `needs = ["bedrock:ListFoundationModels"]`.
pub(super) fn needs(table: &Table<'_>) -> Vec<Need> {
    let mut all = Vec::new();
    for right in table.texts("needs") {
        match Cloud::of(&right) {
            Some(cloud) => all.push(Need { cloud, right }),
            None => table.problem("needs", EXPECTED, format!("'{right}'")),
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::tree::walk;
    use super::*;

    #[test]
    fn rights_are_known_by_their_form() {
        let cases = [
            ("bedrock:ListFoundationModels", Some(Cloud::Aws)),
            ("bedrock-mantle:ListModels", Some(Cloud::Aws)),
            ("bedrock:*", None),
            ("bedrock:List*", None),
            ("bedrock:listFoundationModels", None),
            (":ListModels", None),
            (
                "Microsoft.CognitiveServices/locations/models/read",
                Some(Cloud::Azure),
            ),
            ("Microsoft.CognitiveServices/*/read", None),
            ("Microsoft.CognitiveServices/read", None),
            ("Other/locations/models/read", None),
            ("serviceusage.services.use", Some(Cloud::Google)),
            ("serviceusage.use", None),
            ("aiplatform.*.list", None),
            ("inspect generative-ai-model", Some(Cloud::Oci)),
            ("look at", None),
            ("", None),
        ];
        for (right, expected) in cases {
            assert_eq!(Cloud::of(right), expected, "{right}");
        }
    }

    #[test]
    fn what_is_no_right_is_a_problem() {
        let read = |text: &str| {
            walk("probe.toml", text, |table| Some(needs(table))).map_err(|p| p.to_string())
        };
        let rights = read("needs = ['b:List', 'a:Get', 'b:List']").expect("sound");
        let rights: Vec<String> = rights.iter().map(ToString::to_string).collect();
        assert_eq!(rights, ["a:Get", "b:List"]);
        insta::assert_snapshot!(read("needs = 's3:*'").expect_err("wrong"), @"probe.toml:1: needs: expected rights by name, without *: bedrock:ListFoundationModels, Microsoft.CognitiveServices/locations/models/read, serviceusage.services.use, inspect generative-ai-model, found 's3:*'");
    }
}
