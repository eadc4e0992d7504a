//! The user guide's other pages (facts: aws-bedrock.md §6).

use super::offered::{MANTLE, Offered, is_legacy, maker, regions};
use crate::market::Stage;
use crate::world::moment::{Moment, Offer};
use crate::world::play::written::{Table, english};

/// Models on their way out, which are not yet at their end.
pub fn lifecycle(moment: &Moment<'_>, offered: &Offered<'_, '_>) -> String {
    let mut table = Table::new(&[
        "Model provider",
        "Model name",
        "Model ID",
        "Regions",
        "Legacy date",
        "EOL date",
        "Public extended access start date",
    ]);
    let mut models: Vec<_> = offered
        .models
        .iter()
        .filter(|model| is_legacy(model))
        .collect();
    moment.shuffle(&mut models);
    for model in models {
        let date = |day: Option<_>| day.map_or("—".to_string(), |day| english(moment.date(day)));
        let facts = &model.facts;
        table.row([
            maker(model).to_string(),
            model.name.to_string(),
            model.id.to_string(),
            model.regions().join(", "),
            date(facts.legacy),
            date(facts.retires),
            date(facts.deprecated),
        ]);
    }
    let table = table.bent(moment, "bedrock.lifecycle").markdown();
    format!(
        "# Model lifecycle for models launched before September 7, 2026\n<a name=\"model-lifecycle-legacy\"></a>\n\n\
         A model is Active, Legacy or at its End-of-Life (EOL). These models are Legacy.\n\n{table}\n"
    )
}

/// Which regions have which endpoint.
pub fn endpoints(offered: &Offered<'_, '_>, runtime: &[&str]) -> String {
    let models = offered.models.iter();
    let mantle: Vec<&str> = models
        .flat_map(|model| regions(model, Some(MANTLE)))
        .collect();
    let mut table = Table::new(&["**Region**", "**bedrock-runtime**", "**bedrock-mantle**"]);
    for region in runtime {
        let word = if mantle.contains(region) { "Yes" } else { "No" };
        table.row([(*region).to_string(), "Yes".to_string(), word.to_string()]);
    }
    format!(
        "# Endpoint availability by Region\n<a name=\"endpoints-region-availability\"></a>\n\n{}",
        table.markdown()
    )
}

/// The page of the managed agents: its title says whether they are a preview.
pub fn managed_agents(agents: &Offer<'_>) -> String {
    let remark = match agents.stage() {
        Stage::Limited => " (limited preview)",
        Stage::Preview => " (preview)",
        _ => "",
    };
    format!(
        "# Amazon Bedrock Managed Agents, powered by OpenAI{remark}\n<a name=\"bedrock-managed-agents-openai\"></a>\n\n\
         Agents keep their context between calls. They run in your account.\n"
    )
}

/// Where the managed agents are.
pub const MANAGED_AGENTS_LIMITS: &str = "# Quotas and limitations\n<a name=\"bedrock-managed-agents-openai-quotas-limitations\"></a>\n\n\
     Managed Agents is available in us-east-1, us-east-2 and us-west-2. Only text is supported.\n";
