//! The OpenAPI document, made of the same tables by which requests are read.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Schema, SchemaType};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, Ref, RefOr, Type,
};

use super::OPERATIONS;
use super::operation::{LINES, Operation, PROBLEM};
use super::shape;
use crate::web::answer::{Answer, JSON};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

/// What refuses a request: status and why.
const REFUSALS: [(&str, &str); 7] = [
    (
        "400",
        "Something is asked that cannot be: what was expected, and what was found.",
    ),
    (
        "401",
        "Whoever asks has to say who they are: a token, or a password.",
    ),
    ("403", "Another site asked this of a browser."),
    ("404", "There is no such thing."),
    (
        "421",
        "Another name was asked than those of this dashboard.",
    ),
    ("429", "Too many requests of one address."),
    (
        "503",
        "Nothing has been recorded yet, or too many ask at once: try again after a moment.",
    ),
];

/// Answers with the document.
pub(super) fn answer(_: &Asked<'_>) -> Result<Answer, Refusal> {
    let text = document().to_json();
    let text = text.map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(Answer::new(JSON, text))
}

/// The whole document.
pub(super) fn document() -> OpenApi {
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    schemas.insert("Value".to_string(), shape::value());
    schemas.insert("Problem".to_string(), problem_schema());
    let mut paths = PathsBuilder::new();
    for operation in OPERATIONS {
        let made = (operation.shape.make)();
        schemas.extend(made.parts);
        schemas.insert(operation.shape.name.to_string(), made.schema);
        let item = PathItem::new(HttpMethod::Get, described(operation));
        paths = paths.path(operation.path, item);
    }
    let description = "What Bellwether knows, for programs: the same keys as its commands print with --format jsonl. Times are \
                       RFC 3339 in UTC; what is not known is null. Every answer has an ETag. A list holds a part of its rows; \
                       `next` and the Link header say where it goes on. `Accept: application/x-ndjson` answers with the rows \
                       alone, one JSON object a line.";
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Bellwether")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(description))
                .build(),
        )
        .paths(paths.build())
        .components(Some(
            ComponentsBuilder::new().schemas_from_iter(schemas).build(),
        ))
        .build()
}

fn described(operation: &Operation) -> utoipa::openapi::path::Operation {
    let mut responses = ResponsesBuilder::new().response("200", good(operation));
    for (status, why) in REFUSALS {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(why)
            .content(PROBLEM, content)
            .build();
        responses = responses.response(status, response);
    }
    // said before the request is understood at all
    let response = ResponseBuilder::new().description("The address and the headers are too long.");
    responses = responses.response("431", response.build());
    OperationBuilder::new()
        .operation_id(Some(operation.id))
        .summary(Some(operation.summary))
        .description(Some(operation.description))
        .parameters(Some(
            operation
                .all_parameters()
                .map(|parameter| parameter.document()),
        ))
        .responses(responses.build())
        .build()
}

fn good(operation: &Operation) -> Response {
    let row = || Ref::from_schema_name(operation.shape.name);
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let tag = HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some("By which the answer is known again: `If-None-Match`."))
        .build();
    let builder = ResponseBuilder::new()
        .description(operation.summary)
        .header("ETag", tag);
    if !operation.is_list {
        let content = ContentBuilder::new().schema(Some(row())).build();
        return builder.content(JSON, content).build();
    }
    let next = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The `cursor` of the next part; null where nothing is left.",
        ));
    let list = ObjectBuilder::new()
        .property("data", ArrayBuilder::new().items(row()))
        .required("data")
        .property("next", next)
        .required("next")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let link = HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some("The address of the next part (RFC 8288)."))
        .build();
    builder
        .header("Link", link)
        .content(JSON, ContentBuilder::new().schema(Some(list)).build())
        .content(LINES, ContentBuilder::new().schema(Some(text())).build())
        .build()
}

/// RFC 9457.
fn problem_schema() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    ObjectBuilder::new()
        .description(Some("Why a request is refused (RFC 9457)."))
        .property("type", text())
        .required("type")
        .property("title", text())
        .required("title")
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .required("status")
        .property(
            "detail",
            text().examples([json!("provider: expected …, found …")]),
        )
        .required("detail")
        .into()
}
