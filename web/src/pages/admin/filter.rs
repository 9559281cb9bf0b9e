//! Filters and order of the user list, between the address and the schema.

use cynic::QueryBuilder;
use leptos::{leptos_dom::helpers::debounce, prelude::*};
use leptos_router::params::ParamsMap;

use crate::{
    api::{Remote, schema, use_query},
    i18n::texts::admin as text,
    ui::{
        button::Button,
        icon::{Glyph, Icon},
        table::Order,
    },
};

/// Milliseconds after the last key before the server is asked.
const PAUSE: u64 = 250;

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct UserFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    state_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    is_active: Option<bool>,
}

impl UserFilter {
    /// What the address asks for.
    pub fn of(params: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key: &str| params(key).filter(|value| !value.is_empty());
        Self {
            search: given("q"),
            state_id: given("state").map(cynic::Id::new),
            is_active: given("active").map(|value| value == "yes"),
        }
    }
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct UserOrder {
    /// By what.
    pub field: UserOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum OrderDirection {
    /// Smallest first.
    Asc,
    /// Greatest first.
    Desc,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum UserOrderField {
    /// The main's corporation.
    Corporation,
    /// When he registered.
    CreatedAt,
    /// When he was last here.
    LastLoginAt,
    /// The main's name.
    Main,
    /// The state's name.
    State,
    /// The account's name.
    Username,
}

impl UserOrderField {
    /// From its name in the address.
    pub fn of(key: &str) -> Self {
        match key {
            "corporation" => Self::Corporation,
            "created" => Self::CreatedAt,
            "seen" => Self::LastLoginAt,
            "state" => Self::State,
            "user" => Self::Username,
            _ => Self::Main,
        }
    }
}

/// The order that the address asks for: by main's name unless it says otherwise.
pub fn order_of(key: Option<&str>, direction: Option<&str>) -> Order {
    Order { key: key.unwrap_or("main").to_owned(), descending: direction == Some("desc") }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct StateNames {
    states: Vec<StateChoice>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateChoice {
    id: cynic::Id,
    name: String,
}

/// The row of filters above the list.
#[component]
pub fn Filters(
    /// The address.
    params: Memo<ParamsMap>,
    /// A parameter gets another value.
    #[prop(into)]
    on_change: Callback<(&'static str, String)>,
    /// All filters go.
    #[prop(into)]
    on_clear: Callback<()>,
) -> impl IntoView {
    let states = use_query(|| StateNames::build(()));
    let value = move |key: &'static str| params.with(|q| q.get(key).unwrap_or_default());
    let words = RwSignal::new(params.with_untracked(|q| q.get("q").unwrap_or_default()));
    // The address may change without the field: by the search in the bar, or by going back.
    Effect::new(move |_| {
        let now = value("q");
        if words.get_untracked().trim() != now {
            words.set(now);
        }
    });
    let mut ask = debounce(std::time::Duration::from_millis(PAUSE), move |text: String| {
        // The page may be gone by then.
        on_change.try_run(("q", text.trim().to_owned()));
    });
    let options = move || match &*states.state.read() {
        Remote::Ready(data) => data
            .states
            .iter()
            .map(|state| {
                let id = state.id.inner().to_owned();
                let chosen = value("state") == id;
                view! { <option value=id selected=chosen>{state.name.clone()}</option> }
            })
            .collect_view(),
        _ => Vec::new(),
    };
    let filtered = move || ["q", "state", "active"].iter().any(|key| !value(key).is_empty());
    let active = move |which: &'static str| value("active") == which;
    view! {
        <search class="filters">
            <div class="filter-search">
                <Icon of=Glyph::Search />
                <input
                    id="page-search"
                    type="search"
                    class="form-control"
                    aria-label=text::search()
                    placeholder=text::search_placeholder()
                    autocomplete="off"
                    prop:value=words
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        words.set(text.clone());
                        ask(text);
                    }
                />
            </div>
            <select
                class="form-select"
                aria-label=text::filter_state()
                on:change=move |event| on_change.run(("state", event_target_value(&event)))
            >
                <option value="" selected=move || value("state").is_empty()>{text::any_state()}</option>
                {options}
            </select>
            <select
                class="form-select"
                aria-label=text::filter_active()
                on:change=move |event| on_change.run(("active", event_target_value(&event)))
            >
                <option value="" selected=move || active("")>{text::active_any()}</option>
                <option value="yes" selected=move || active("yes")>{text::active_yes()}</option>
                <option value="no" selected=move || active("no")>{text::active_no()}</option>
            </select>
            <Show when=filtered>
                <Button text=text::clear().to_owned() icon=Glyph::Close on_click=move |()| on_clear.run(()) />
            </Show>
        </search>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_becomes_a_filter() {
        let filter = UserFilter::of(|key| match key {
            "q" => Some("ayla".to_owned()),
            "active" => Some("no".to_owned()),
            "state" => Some(String::new()),
            _ => None,
        });
        assert_eq!(
            filter,
            UserFilter { search: Some("ayla".to_owned()), state_id: None, is_active: Some(false) }
        );
    }

    #[test]
    fn the_order_defaults_to_the_main() {
        assert_eq!(order_of(None, None), Order { key: "main".to_owned(), descending: false });
        assert!(order_of(Some("seen"), Some("desc")).descending);
        assert_eq!(UserOrderField::of("nonsense"), UserOrderField::Main);
    }
}
