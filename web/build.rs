//! Hands the agreed schema to cynic, so that every operation of the SPA is checked while it compiles.

fn main() {
    let registered = cynic_codegen::register_schema("fealty").from_sdl_file("../schema.graphql");
    if let Err(problem) = registered.and_then(cynic_codegen::registration::SchemaRegistration::as_default) {
        println!("cargo::error=schema.graphql cannot be used: {problem}");
    }
}
