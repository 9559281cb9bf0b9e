//! How much one request may ask for.

use async_graphql::{Response, ServerError, Value};

/// Nesting of fields. The standard introspection query needs 13.
pub const DEPTH: usize = 15;
/// Fields, those in lists counted once per requested row (see the `complexity` attributes).
pub const COMPLEXITY: usize = 5_000;
/// Nesting of the document's text.
pub const RECURSION: usize = 32;
/// Aliased fields, without expanding fragments: to a depth limit, the same expensive field under a
/// thousand names is one field.
pub const ALIASES: usize = 50;
/// Root fields of all operations together, repeated ones counted each time.
pub const ROOT_FIELDS: usize = 30;
/// Fields and fragments of a document, those in fragments counted each time they are spread. The standard
/// introspection query has some 300.
pub const SELECTIONS: usize = 2_000;
/// Bytes of a document.
pub const DOCUMENT: usize = 32 * 1024;
/// Bytes of a request body.
pub const BODY: usize = 256 * 1024;

/// An `INVALID` error for the whole request.
#[must_use]
pub fn too_much(message: String) -> ServerError {
    with_code(ServerError::new(message, None), "INVALID")
}

/// Adds a code to an error that has none.
#[must_use]
pub fn with_code(mut error: ServerError, code: &'static str) -> ServerError {
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Gives errors that async-graphql produces itself (syntax, validation, limits) the code `INVALID`.
pub fn add_codes(response: &mut Response) {
    for error in &mut response.errors {
        let has_code =
            error.extensions.as_ref().is_some_and(|e| matches!(e.get("code"), Some(Value::String(_))));
        if !has_code {
            *error = with_code(error.clone(), "INVALID");
        }
    }
}
