//! What commands say: that nothing is left out, and that it is no longer than it needs to be.

use crate::sonnet::ANTHROPIC_STATES;
use crate::world::World;

#[test]
fn an_import_says_what_waits_for_another_reading() {
    let world = World::new("");
    let later = ANTHROPIC_STATES
        .replace("October 15, 2026", "December 15, 2026")
        .replace(
            "| `claude-3-opus",
            "| `claude-opus-9` | Active | N/A | N/A | N/A |\n| `claude-3-opus",
        );
    let import = |day: &str, body: &str| {
        let path = world.write(&format!("{day}.md"), body);
        let path = path.display().to_string();
        world.good(&["import", "--probe", "anthropic.deprecations", &path])
    };
    let first = import("2026-01-30", ANTHROPIC_STATES);
    insta::assert_snapshot!(first, @"anthropic.deprecations: 1 bodies read, 0 the same as before, 0 known already, 0 unreadable; 0 changes recorded");
    insta::assert_snapshot!(import("2026-01-31", &later), @"
    anthropic.deprecations: 1 bodies read, 0 the same as before, 0 known already, 0 unreadable; 0 changes recorded
    anthropic.deprecations: 2 changes wait for another reading that says the same: date_changed 1, offering_added 1
    ");
    let again = import("2026-02-01", &later);
    assert!(!again.contains("wait"), "{again}");
}

#[test]
fn of_many_scopes_a_few_are_named() {
    let world = World::new("");
    let body = world.write("2026-01-31.json", "{}").display().to_string();
    let error = |probe: &str| {
        let said = world.run(&["import", "--probe", probe, &body]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        said.err
    };
    insta::assert_snapshot!(error("bedrock.models"), @"error: expected one of the 33 scopes of bedrock.models, such as bedrock.models@af-south-1 or bedrock.models@ap-east-2 or bedrock.models@ap-northeast-1, found 'bedrock.models': `bellwether probe show bedrock.models` lists them");
    insta::assert_snapshot!(error("azure.models@swedncentral"), @"error: expected one of the 36 scopes of azure.models, such as azure.models@swedencentral or azure.models@spaincentral, found 'azure.models@swedncentral': `bellwether probe show azure.models` lists them");
    let shown = world.good(&["probe", "show", "azure.models"]);
    assert!(
        shown.contains("takes files  of @australiaeast, @"),
        "{shown}"
    );
    assert!(shown.contains(", @swedencentral, "), "{shown}");
}
