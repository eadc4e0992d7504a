//! `/api`: the operations for people, with examples.

use serde::Serialize;

use super::OPERATIONS;
use super::operation::Operation;
use super::parameter::Kind;
use crate::web::answer::Answer;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

#[derive(Serialize)]
struct View {
    operations: Vec<OperationView>,
    base: String,
}

#[derive(Serialize)]
struct OperationView {
    id: &'static str,
    path: &'static str,
    summary: &'static str,
    description: String,
    parameters: Vec<ParameterView>,
    example: String,
}

#[derive(Serialize)]
struct ParameterView {
    name: &'static str,
    what: &'static str,
    example: &'static str,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let view = View {
        operations: OPERATIONS.iter().map(|one| shown(one)).collect(),
        base: asked.base.clone().unwrap_or_default(),
    };
    page::page(asked.site, ("/api", "For programs"), "api.html", &view)
}

fn shown(operation: &Operation) -> OperationView {
    let mut example = operation.path.to_string();
    let mut query = "?";
    let parameters = operation.all_parameters().map(|parameter| {
        let named = format!("{{{}}}", parameter.name);
        match parameter.kind {
            Kind::Part => example = example.replace(&named, parameter.example),
            // an example asks for little
            Kind::Cursor | Kind::Flag => {}
            _ if query == "?" => {
                let value: String =
                    url::form_urlencoded::byte_serialize(parameter.example.as_bytes()).collect();
                example.push_str(&format!("?{}={value}", parameter.name));
                query = "&";
            }
            _ => {}
        }
        ParameterView {
            name: parameter.name,
            what: parameter.what,
            example: parameter.example,
        }
    });
    let parameters = parameters.collect();
    OperationView {
        id: operation.id,
        path: operation.path,
        summary: operation.summary,
        description: operation.description.replace('`', ""),
        parameters,
        example,
    }
}
