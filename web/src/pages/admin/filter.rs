//! Filters and order of the user list, between the address and the schema.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{schema, use_query},
    i18n::texts::{admin as text, rules},
    ui::{
        filter::{self, Choice, ClearFilters, SearchField},
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
}

impl UserFilter {
    /// What the address asks for.
    pub fn of(params: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key: &str| params(key).filter(|value| !value.is_empty());
        Self {
            search: given("q"),
            state_id: given("state").map(cynic::Id::new),
            is_active: given("active").map(|value| value == "yes"),
            group_id: given("group").map(cynic::Id::new),
            is_staff: given("role").filter(|role| role == "staff").map(|_| true),
            is_superuser: given("role").filter(|role| role == "superuser").map(|_| true),
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
    #[arguments(first: 100)]
    groups: GroupChoices,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateChoice {
    id: cynic::Id,
    name: String,
}

impl StateChoice {
    fn option(&self) -> (String, String) {
        (self.id.inner().to_owned(), self.name.clone())
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupConnection")]
struct GroupChoices {
    nodes: Vec<GroupChoice>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct GroupChoice {
    id: cynic::Id,
    name: String,
}

impl GroupChoice {
    fn option(&self) -> (String, String) {
        (self.id.inner().to_owned(), self.name.clone())
    }
}

/// The row of filters above the list.
#[component]
pub fn Filters(
    /// Where they stand.
    address: Address,
) -> impl IntoView {
    let choices = use_query(|| FilterChoices::build(()));
    let states: Signal<Vec<(String, String)>> = Signal::derive(move || {
        choices.state.with(|known| {
            known.ready().map(|all| all.states.iter().map(StateChoice::option).collect()).unwrap_or_default()
        })
    });
    let groups: Signal<Vec<(String, String)>> = Signal::derive(move || {
        choices.state.with(|known| {
            known
                .ready()
                .map(|all| all.groups.nodes.iter().map(GroupChoice::option).collect())
                .unwrap_or_default()
        })
    });
    let active = filter::choices(&[("yes", text::active_yes()), ("no", text::active_no())]);
    let roles = filter::choices(&[("staff", rules::staff()), ("superuser", text::superuser())]);
    view! {
        <search class="filters">
            <SearchField address=address label=text::search_placeholder() />
            <Choice address=address name="state" label=text::filter_state() any=text::any_state() options=states />
            <Show when=move || !groups.read().is_empty()>
                <Choice address=address name="group" label=rules::group() any=rules::any_group() options=groups />
            </Show>
            <Choice address=address name="active" label=text::filter_active() any=text::active_any() options=active />
            <Choice address=address name="role" label=rules::role() any=rules::any_role() options=roles />
            <ClearFilters address=address names=&["q", "state", "group", "active", "role"] />
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
            _ => None,
        });
        assert_eq!(
            filter,
            UserFilter {
                search: Some("ayla".to_owned()),
                is_active: Some(false),
                is_staff: Some(true),
                ..UserFilter::default()
            }
        );
    }

    #[test]
    fn an_order_that_is_none_is_by_the_main() {
        assert_eq!(UserOrderField::of("nonsense"), UserOrderField::Main);
    }
}
