//! Grey shapes where something will be, so that nothing jumps when it comes.

use leptos::prelude::*;

use crate::i18n::texts::common as text;

/// A number of lines like a list's.
#[component]
pub fn SkeletonRows(
    /// How many.
    #[prop(default = 3)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{text::loading()}</span>
            {(0..rows)
                .map(|_| {
                    view! {
                        <div class="skeleton-row" aria-hidden="true">
                            <span class="skeleton-dot"></span>
                            <span class="skeleton-lines">
                                <span class="skeleton-line"></span>
                                <span class="skeleton-line skeleton-short"></span>
                            </span>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}
