//! `schema.graphql` is what the server serves.

use std::path::Path;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{EnumType, InputObjectType, InterfaceType, ObjectType, TypeKind, TypeSystemDefinition},
    },
};

#[test]
fn the_schema_in_the_repository_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let current = fealty_api::graphql::sdl();
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(&path, &current).expect("schema.graphql is written");
    }
    let stored = std::fs::read_to_string(&path).expect("schema.graphql");
    assert!(stored == current, "schema.graphql is stale: run `make schema`");
}

/// What everybody knows who knows connections (docs/api.md tells of them), and arguments that their types describe.
fn needs_no_words(parent: &str, name: &str) -> bool {
    parent == "PageInfo"
        || ["Connection", "Edge"].iter().any(|end| parent.ends_with(end))
        || ["first", "after", "last", "before", "filter", "orderBy", "input"].contains(&name)
}

#[test]
fn every_field_and_type_of_ours_is_described() {
    let sdl = fealty_api::graphql::sdl();
    let document = parse_schema(&sdl).expect("the schema is one");
    let (mut bare, mut seen) = (Vec::new(), 0);
    let mut look = |parent: &str, name: &str, description: Option<&Positioned<String>>| {
        seen += 1;
        if description.is_none_or(|text| text.node.trim().is_empty()) && !needs_no_words(parent, name) {
            bare.push(format!("{parent}.{name}"));
        }
    };
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = &definition.node;
        let parent = definition.name.node.as_str();
        look(parent, "", definition.description.as_ref());
        match &definition.kind {
            TypeKind::Object(ObjectType { fields, .. })
            | TypeKind::Interface(InterfaceType { fields, .. }) => {
                for field in fields {
                    let name = field.node.name.node.as_str();
                    look(parent, name, field.node.description.as_ref());
                    for argument in &field.node.arguments {
                        let of = format!("{parent}.{name}");
                        look(&of, argument.node.name.node.as_str(), argument.node.description.as_ref());
                    }
                }
            }
            TypeKind::InputObject(InputObjectType { fields }) => {
                for field in fields {
                    look(parent, field.node.name.node.as_str(), field.node.description.as_ref());
                }
            }
            TypeKind::Enum(EnumType { values }) => {
                for value in values {
                    look(parent, value.node.value.node.as_str(), value.node.description.as_ref());
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert!(seen > 500, "{seen}");
    assert!(bare.is_empty(), "nobody says what these are: {bare:#?}");
}

/// Whatever reads the database is for the features to say.
#[test]
fn the_objects_of_the_schema_know_no_sql() {
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graphql/types");
    let (mut seen, mut found) = (0, Vec::new());
    for file in std::fs::read_dir(types).expect("a folder") {
        let path = file.expect("a file").path();
        seen += 1;
        if std::fs::read_to_string(&path).expect("a text").contains("diesel") {
            found.push(path);
        }
    }
    assert!(seen > 10, "{seen}");
    assert!(found.is_empty(), "they speak to the database: {found:#?}");
}
