//! Names of joined words, such as `auth.view_user` or a user's, where there may be little room for them.

use leptos::prelude::*;

/// The name; in a narrow place it breaks after its dots and underscores, and within a word only where that is not
/// enough.
pub fn identifier(name: &str) -> AnyView {
    let part = |(at, part): (usize, &str)| {
        let joint = (at > 0).then(|| view! { <wbr /> });
        view! { {joint}{part.to_owned()} }
    };
    let parts = name.split_inclusive(['.', '_']).enumerate().map(part).collect_view();
    view! { <span>{parts}</span> }.into_any()
}
