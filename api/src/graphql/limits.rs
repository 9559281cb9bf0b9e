//! How much one request may ask for.

use std::sync::Arc;

use async_graphql::{
    Response, ServerError, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery},
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

/// Nesting of fields. The standard introspection query needs 13.
pub const DEPTH: usize = 15;
/// Fields, those of lists counted once per asked row (see the `complexity` attributes).
pub const COMPLEXITY: usize = 5_000;
/// Nesting of the document's text.
pub const RECURSION: usize = 32;
/// Fields with an alias, fragments not expanded.
pub const ALIASES: usize = 50;
/// Bytes of a request's body.
pub const BODY: usize = 256 * 1024;

/// Refuses documents with more than [`ALIASES`] aliases: the same expensive field under a thousand names is one field
/// to a depth limit.
pub struct AliasLimit;

impl ExtensionFactory for AliasLimit {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(AliasLimitExtension)
    }
}

struct AliasLimitExtension;

#[async_trait::async_trait]
impl Extension for AliasLimitExtension {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> Result<ExecutableDocument, ServerError> {
        let document = next.run(ctx, query, variables).await?;
        let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
        let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
        if operations.chain(fragments).map(count_aliases).sum::<usize>() > ALIASES {
            return Err(too_much(format!("A request may have at most {ALIASES} aliases.")));
        }
        Ok(document)
    }
}

fn count_aliases(set: &SelectionSet) -> usize {
    set.items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => {
                usize::from(field.node.alias.is_some()) + count_aliases(&field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => count_aliases(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        })
        .sum()
}

/// An `INVALID` error of the whole request.
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

/// Errors that async-graphql makes by itself (syntax, validation, limits) get the code `INVALID`.
pub fn add_codes(response: &mut Response) {
    for error in &mut response.errors {
        let has_code =
            error.extensions.as_ref().is_some_and(|e| matches!(e.get("code"), Some(Value::String(_))));
        if !has_code {
            *error = with_code(error.clone(), "INVALID");
        }
    }
}
