//! The field that narrows a list down.

use leptos::{leptos_dom::helpers::debounce, prelude::*};

use super::icon::{Glyph, Icon};

/// Milliseconds after the last key before the page is told.
const PAUSE: u64 = 250;

/// A search field.
#[component]
pub fn SearchBox(
    /// What it searches.
    label: &'static str,
    /// What stands in it, key by key.
    words: RwSignal<String>,
    /// The same when the typing pauses.
    #[prop(optional, into)]
    on_pause: Option<Callback<String>>,
    /// How it is found on the page.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let mut tell = debounce(std::time::Duration::from_millis(PAUSE), move |text: String| {
        // The page may be gone by then.
        on_pause.and_then(|on_pause| on_pause.try_run(text.trim().to_owned()));
    });
    view! {
        <div class="filter-search">
            <Icon of=Glyph::Search />
            <input
                id=id
                type="search"
                class="form-control"
                aria-label=label
                placeholder=label
                autocomplete="off"
                prop:value=words
                on:input=move |event| {
                    let text = event_target_value(&event);
                    words.set(text.clone());
                    tell(text);
                }
            />
        </div>
    }
}

/// Whether one of the texts contains what is looked for, in any case.
pub fn matches(wanted: &str, texts: &[&str]) -> bool {
    let wanted = wanted.trim().to_lowercase();
    wanted.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn case_and_edges_do_not_matter() {
        assert!(matches(" LOGI ", &["", "Logistics"]));
        assert!(matches("", &[]));
        assert!(!matches("fc", &["Logistics"]));
    }
}
