//! What answers are made of, for the OpenAPI document: of tables by their columns, of rows by their own structs, of what is
//! composed by fields that are listed here and held against real answers by the tests.

use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, Schema, SchemaType,
};
use utoipa::openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, SchemaFormat, Type};

use crate::market::{Column, ColumnKind};

/// What an answer, or a row of it, is made of.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Its name in the document.
    pub name: &'static str,
    /// Its schema, with those that it refers to.
    pub make: fn() -> Made,
}

/// A schema, and those that it refers to by their names.
pub(super) struct Made {
    pub schema: RefOr<Schema>,
    pub parts: Vec<(String, RefOr<Schema>)>,
}

/// Of a struct: every field is always there.
pub(super) fn of_struct<T: ToSchema>() -> Made {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    for (_, part) in &mut parts {
        complete(part);
    }
    let mut schema = T::schema();
    complete(&mut schema);
    Made { schema, parts }
}

/// Every key is always there, and no other is.
fn complete(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema {
        object.required = object.properties.keys().cloned().collect();
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

/// Of a table: every column is always there, null where it is not known.
pub(super) fn of_columns(columns: &'static [Column]) -> Made {
    let fields = columns.iter().map(|column| {
        let form = match column.kind {
            ColumnKind::Text => Form::Text,
            ColumnKind::Time => Form::Time,
            ColumnKind::Flag => Form::Flag,
            ColumnKind::Count => Form::Count,
            ColumnKind::Millis | ColumnKind::Figure => Form::Figure,
            ColumnKind::Value => Form::Value,
            ColumnKind::Texts => Form::Texts,
        };
        (column.name, form, true)
    });
    Made {
        schema: of_fields(fields),
        parts: vec![("Value".to_string(), value())],
    }
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Text,
    Word(fn() -> Vec<&'static str>),
    Time,
    Day,
    Flag,
    Count,
    Figure,
    Texts,
    Figures,
    /// What a source says of an attribute.
    Value,
    /// Anything.
    Any,
    /// Numbers by name.
    Counts,
    /// Fields.
    Fields(&'static [Field]),
    /// Several of these fields.
    Several(&'static [Field]),
    /// The same fields under names of its own.
    ByName(&'static [Field]),
    /// The same fields under some of these names.
    BySome(&'static [&'static str], &'static [Field]),
}

/// A field that is always there: its name, what it holds, and whether it may be null.
#[derive(Clone, Copy)]
pub(super) struct Field(pub &'static str, pub Form, pub bool);

/// A field that is always known.
pub(super) const fn known(name: &'static str, form: Form) -> Field {
    Field(name, form, false)
}

/// A field that is null where it is not known.
pub(super) const fn maybe(name: &'static str, form: Form) -> Field {
    Field(name, form, true)
}

/// Of fields that are listed.
pub(super) fn of_list(fields: &'static [Field]) -> Made {
    Made {
        schema: of_fields(fields.iter().map(|field| (field.0, field.1, field.2))),
        parts: vec![("Value".to_string(), value())],
    }
}

fn of_fields<'a>(fields: impl IntoIterator<Item = (&'a str, Form, bool)>) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new();
    for (name, form, is_maybe) in fields {
        object = object.property(name, schema(form, is_maybe)).required(name);
    }
    object
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

fn typed(of: Type, is_maybe: bool) -> SchemaType {
    match is_maybe {
        true => SchemaType::from_iter([of, Type::Null]),
        false => SchemaType::new(of),
    }
}

fn schema(form: Form, is_maybe: bool) -> RefOr<Schema> {
    let plain = |of| ObjectBuilder::new().schema_type(typed(of, is_maybe));
    let form_of = |format| plain(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
    let list = |of: RefOr<Schema>| -> RefOr<Schema> {
        let array = ArrayBuilder::new().items(of);
        match is_maybe {
            true => nullable(array.into()),
            false => array.into(),
        }
    };
    let either = |of: RefOr<Schema>| match is_maybe {
        true => nullable(of),
        false => of,
    };
    let under_names = |of: RefOr<Schema>| -> RefOr<Schema> {
        ObjectBuilder::new()
            .additional_properties(Some(AdditionalProperties::RefOr(of)))
            .into()
    };
    let of_all = |all: &'static [Field]| of_fields(all.iter().map(|one| (one.0, one.1, one.2)));
    match form {
        Form::Text => plain(Type::String).into(),
        Form::Word(words) => {
            let mut values: Vec<serde_json::Value> =
                words().into_iter().map(|word| json!(word)).collect();
            values.extend(is_maybe.then_some(serde_json::Value::Null));
            plain(Type::String).enum_values(Some(values)).into()
        }
        Form::Time => form_of(KnownFormat::DateTime).into(),
        Form::Day => form_of(KnownFormat::Date).into(),
        Form::Flag => plain(Type::Boolean).into(),
        Form::Count => plain(Type::Integer).into(),
        Form::Figure => plain(Type::Number).into(),
        Form::Texts => list(schema(Form::Text, false)),
        Form::Figures => list(schema(Form::Figure, true)),
        Form::Value => either(Ref::from_schema_name("Value").into()),
        Form::Any => ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .into(),
        Form::Counts => under_names(schema(Form::Count, false)),
        Form::Fields(all) => either(of_all(all)),
        Form::Several(all) => list(of_all(all)),
        Form::ByName(all) => under_names(of_all(all)),
        Form::BySome(names, all) => {
            let mut object = ObjectBuilder::new();
            for name in names {
                object = object.property(*name, of_all(all));
            }
            object
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
                .into()
        }
    }
}

fn nullable(of: RefOr<Schema>) -> RefOr<Schema> {
    AnyOfBuilder::new()
        .item(of)
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .into()
}

/// What a source says of an attribute (DESIGN.md §5).
pub(super) fn value() -> RefOr<Schema> {
    const DATE: &[Field] = &[
        known("date", Form::Text),
        known("certainty", Form::Word(certainties)),
    ];
    const PRICE: &[Field] = &[
        known("amount", Form::Text),
        known("currency", Form::Text),
        known("unit", Form::Text),
    ];
    AnyOfBuilder::new()
        .description(Some(
            "What a source says of an attribute: a token price is a text in USD per 1M tokens, any other price an object; a \
             lifecycle date is an object with its certainty; a set is a sorted list; null where it is not clear.",
        ))
        .item(ObjectBuilder::new().schema_type(SchemaType::from_iter([
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Null,
        ])))
        .item(schema(Form::Texts, false))
        .item(schema(Form::Fields(DATE), false))
        .item(schema(Form::Fields(PRICE), false))
        .into()
}

fn certainties() -> Vec<&'static str> {
    vec!["firm", "not_before"]
}
