//! Filters and order of the user list, between the address and the schema.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{EveId, schema, use_query},
    i18n::texts::{admin as text, rules},
    pages::lookup::{
        eve::{ALLIANCES, CORPORATIONS},
        filter::PickFilter,
        groups::GROUPS,
    },
    ui::{
        filter::{self, Choice, ClearFilters, MoreFilters, SearchField},
        table::{Order, OrderDirection},
    },
    url::Address,
};

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct UserFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    state_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    is_active: Option<bool>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    group_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    is_staff: Option<bool>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    is_superuser: Option<bool>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    corporation_id: Option<EveId>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    alliance_id: Option<EveId>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    faction_id: Option<EveId>,
}

impl UserFilter {
    /// What the address asks for.
    pub fn of(params: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key: &str| params(key).filter(|value| !value.is_empty());
        let eve_id = |key: &str| given(key).and_then(|value| value.parse().ok()).map(EveId);
        Self {
            search: given("q"),
            state_id: given("state").map(cynic::Id::new),
            is_active: given("active").map(|value| value == "yes"),
            group_id: given("group").map(cynic::Id::new),
            is_staff: given("role").filter(|role| role == "staff").map(|_| true),
            is_superuser: given("role").filter(|role| role == "superuser").map(|_| true),
            corporation_id: eve_id("corporation"),
            alliance_id: eve_id("alliance"),
            faction_id: eve_id("faction"),
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

impl UserOrder {
    /// What the address asks for.
    pub fn of(order: &Order) -> Self {
        Self { field: UserOrderField::of(&order.key), direction: OrderDirection::of(order) }
    }
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

/// What one may choose from.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct FilterChoices {
    states: Vec<StateChoice>,
    factions: Vec<FactionChoice>,
}

/// The states.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct StateChoices {
    states: Vec<StateChoice>,
}

impl StateChoices {
    /// For a choice: each with what it is called.
    pub fn options(&self) -> Vec<(String, String)> {
        options(&self.states)
    }
}

fn options(states: &[StateChoice]) -> Vec<(String, String)> {
    states.iter().map(|state| (state.id.inner().to_owned(), state.name.clone())).collect()
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateChoice {
    id: cynic::Id,
    name: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Faction")]
struct FactionChoice {
    id: EveId,
    name: String,
    is_militia: bool,
}

impl FilterChoices {
    fn states(&self) -> Vec<(String, String)> {
        options(&self.states)
    }

    /// Those that one can fight for.
    fn militias(&self) -> Vec<(String, String)> {
        let militias = self.factions.iter().filter(|faction| faction.is_militia);
        militias.map(|faction| (faction.id.to_string(), faction.name.clone())).collect()
    }
}

/// Filters that a phone shows only when asked for.
const MORE: &[&str] = &["role", "group", "corporation", "alliance", "faction"];

/// The row of filters above the list.
#[component]
pub fn Filters(
    /// Where they stand.
    address: Address,
) -> impl IntoView {
    let choices = use_query(|| FilterChoices::build(()));
    let known = move |part: fn(&FilterChoices) -> Vec<(String, String)>| {
        Signal::derive(move || choices.state.with(|known| known.ready().map(part).unwrap_or_default()))
    };
    let (states, militias) = (known(FilterChoices::states), known(FilterChoices::militias));
    let active = filter::choices(&[("yes", text::active_yes()), ("no", text::active_no())]);
    let roles = filter::choices(&[("staff", rules::staff()), ("superuser", text::superuser())]);
    view! {
        <search class="filters">
            <SearchField address=address label=text::search_placeholder() />
            <Choice address=address name="state" label=text::filter_state() any=text::any_state() options=states />
            <Choice address=address name="active" label=text::filter_active() any=text::active_any() options=active />
            <MoreFilters address=address names=MORE>
                <Choice address=address name="role" label=rules::role() any=rules::any_role() options=roles />
                <PickFilter address=address name="group" label=rules::group() source=GROUPS />
                <PickFilter address=address name="corporation" label=text::col_corporation() source=CORPORATIONS />
                <PickFilter address=address name="alliance" label=text::alliance() source=ALLIANCES />
                <Choice address=address name="faction" label=text::faction() any=text::any_faction() options=militias />
            </MoreFilters>
            <ClearFilters address=address names=&["q", "state", "active", "role", "group", "corporation", "alliance", "faction"] />
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
            "role" => Some("staff".to_owned()),
            "corporation" => Some("98000001".to_owned()),
            "alliance" => Some("no id".to_owned()),
            _ => None,
        });
        assert_eq!(
            filter,
            UserFilter {
                search: Some("ayla".to_owned()),
                is_active: Some(false),
                is_staff: Some(true),
                corporation_id: Some(EveId(98_000_001)),
                ..UserFilter::default()
            }
        );
    }

    #[test]
    fn an_order_that_is_none_is_by_the_main() {
        assert_eq!(UserOrderField::of("nonsense"), UserOrderField::Main);
    }
}
