//! `schema.graphql` is what the server serves.

use std::path::Path;

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

#[test]
fn every_field_and_type_of_ours_is_described() {
    // Fields whose name says everything are listed by what they are; the rest carries a description.
    let sdl = fealty_api::graphql::sdl();
    for name in
        ["type User ", "type Character ", "type State ", "type Service ", "type Mutation ", "type Query "]
    {
        let at = sdl.find(name).unwrap_or_else(|| panic!("{name} is in the schema"));
        let before = sdl[..at].trim_end();
        assert!(before.ends_with('"'), "{name}has no description");
    }
}
