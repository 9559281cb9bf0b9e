//! How much one request may ask for.
//!
//! Documents are read here, before the schema sees them: an extension of async-graphql would cost every field of every
//! request. Documents that passed are kept, because clients send the same few over and over.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_graphql::{
    Response, ServerError, Value,
    parser::{
        parse_query,
        types::{ExecutableDocument, Selection, SelectionSet},
    },
};

/// Nesting of fields. The standard introspection query needs 13.
pub const DEPTH: usize = 15;
/// Fields, those of lists counted once per asked row (see the `complexity` attributes).
pub const COMPLEXITY: usize = 5_000;
/// Nesting of the document's text.
pub const RECURSION: usize = 32;
/// Fields with an alias, fragments not expanded: the same expensive field under a thousand names is one field to a depth
/// limit.
pub const ALIASES: usize = 50;
/// Fields at the root of all operations together, repeated ones counted each time.
pub const ROOT_FIELDS: usize = 30;
/// Bytes of a request's body.
pub const BODY: usize = 256 * 1024;

/// Documents that are kept, and the longest that is.
const KEPT: usize = 256;
const KEPT_LENGTH: usize = 16 * 1024;

/// Documents that were read and passed the limits.
#[derive(Clone, Default)]
pub struct Documents(Arc<RwLock<HashMap<String, Arc<ExecutableDocument>>>>);

impl Documents {
    /// Reads a document, from memory if it was seen before.
    ///
    /// # Errors
    /// An `INVALID` response for a document that cannot be read or asks too much.
    pub fn read(&self, text: &str) -> Result<Arc<ExecutableDocument>, Box<Response>> {
        match self.known(text) {
            Some(document) => Ok(document),
            None => self.learn(text).map_err(|error| Box::new(Response::from_errors(vec![error]))),
        }
    }

    fn known(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
    }

    fn learn(&self, text: &str) -> Result<Arc<ExecutableDocument>, ServerError> {
        let document = parse_query(text).map_err(|error| with_code(error.into(), "INVALID"))?;
        check(&document)?;
        let document = Arc::new(document);
        if text.len() <= KEPT_LENGTH {
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody sends ever new documents: start over rather than keep count of who used which.
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(text.to_owned(), Arc::clone(&document));
        }
        Ok(document)
    }
}

fn check(document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut roots = Roots { document, left: ROOT_FIELDS };
    if !document.operations.iter().all(|(_, operation)| roots.fit(&operation.node.selection_set.node, 0)) {
        return Err(too_much(format!("A request may ask for at most {ROOT_FIELDS} fields at its root.")));
    }
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    if operations.chain(fragments).map(count_aliases).sum::<usize>() > ALIASES {
        return Err(too_much(format!("A request may have at most {ALIASES} aliases.")));
    }
    Ok(())
}

/// Counts the fields at the root, those of fragments each time they are spread.
struct Roots<'d> {
    document: &'d ExecutableDocument,
    left: usize,
}

impl Roots<'_> {
    /// Whether these, too, are few enough. Fragments in circles are too many.
    fn fit(&mut self, set: &SelectionSet, nesting: usize) -> bool {
        set.items.iter().all(|item| {
            let inner = match &item.node {
                Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self
                    .document
                    .fragments
                    .get(&spread.node.fragment_name.node)
                    .map(|fragment| &fragment.node.selection_set.node),
                Selection::Field(_) => None,
            };
            match inner {
                Some(set) => nesting < DEPTH && self.fit(set, nesting + 1),
                None => {
                    let is_left = self.left > 0;
                    self.left = self.left.saturating_sub(1);
                    is_left
                }
            }
        })
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
