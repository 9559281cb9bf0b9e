//! Filter and order of lists of groups, between the address and the schema.

use crate::{
    api::schema,
    ui::table::{Order, OrderDirection},
};

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct GroupFilter {
    /// Part of the name or description.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Whether it is internal.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// Whether it is hidden.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_hidden: Option<bool>,
    /// Whether one joins without asking.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_open: Option<bool>,
    /// Whether it is public.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Whether it is restricted.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_restricted: Option<bool>,
    /// Whether the viewer manages it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_managed: Option<bool>,
    /// Whether anybody leads it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub has_leader: Option<bool>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum GroupOrderField {
    /// When it was made.
    CreatedAt,
    /// How many are in it.
    MemberCount,
    /// Its name.
    Name,
    /// How many ask to come in or go.
    RequestCount,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupOrder {
    field: GroupOrderField,
    direction: OrderDirection,
}

impl GroupOrder {
    /// Of a column.
    pub fn of(order: &Order) -> Self {
        let field = match order.key.as_str() {
            "created" => GroupOrderField::CreatedAt,
            "members" => GroupOrderField::MemberCount,
            "requests" => GroupOrderField::RequestCount,
            _ => GroupOrderField::Name,
        };
        Self { field, direction: OrderDirection::of(order) }
    }
}
