//! The GraphQL API: one endpoint for the SPA and for bots.
//!
//! Rules
//! - Resolvers are thin: parse ids, ask for the grant, call one action, map the outcome. No rules here.
//! - Every root field declares its guard in [`guards::DECLARED`]; a field without one is
//!   refused, and a test lists them.
//! - Whatever users can cause is data (a payload's `status` and `problems`); errors carry `extensions.code` and
//!   reveal nothing internal.
//! - Every list is a bounded connection; nested objects go through loaders, so the number of statements does not grow
//!   with the number of rows.

pub mod connection;
pub mod context;
pub mod documents;
mod explain;
pub mod fault;
mod groups;
pub mod guards;
mod input;
mod insight;
pub mod limits;
mod loaders;
mod mutation;
mod new_eden;
pub mod own;
mod past;
mod people;
mod query;
mod roots;
mod rules;
pub mod scalars;
mod search;
mod subscription;
mod types;
mod watch;

use async_graphql::{SDLExportOptions, Schema, ValidationMode};

pub use context::{CookieChange, RequestContext, Viewer};
pub use own::Asked;
pub use roots::{Mutation, Query};
pub use subscription::{Hub, Subscription};

use crate::app::App;

/// The schema.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema with its limits.
#[must_use]
pub fn schema(app: App, hub: Hub) -> ApiSchema {
    with_limits(app, hub, ValidationMode::Strict)
}

/// The same schema for documents known to be valid whatever their variables are: it still limits what they cost, but
/// does not check again that each field exists.
#[must_use]
pub fn schema_for_valid(app: App, hub: Hub) -> ApiSchema {
    with_limits(app, hub, ValidationMode::Fast)
}

fn with_limits(app: App, hub: Hub, mode: ValidationMode) -> ApiSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .validation_mode(mode)
        .data(app)
        .data(hub)
        .limit_depth(limits::DEPTH)
        .limit_complexity(limits::COMPLEXITY)
        .limit_recursive_depth(limits::RECURSION)
        .finish()
}

/// The loader for one request.
#[must_use]
pub fn loader(app: &App) -> loaders::Rows {
    loaders::new(app)
}

/// The schema's text, as stored in `schema.graphql`: sorted, so that changes show up as small diffs.
#[must_use]
pub fn sdl() -> String {
    let schema = Schema::build(Query::default(), Mutation::default(), Subscription).finish();
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions();
    let mut text = schema.sdl_with_options(options);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
