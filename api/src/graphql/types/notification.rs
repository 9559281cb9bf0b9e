//! Notifications.

use async_graphql::{Description, Enum, ID, Object};
use fealty_shared::id::NotificationId;

use crate::{
    graphql::loaders::Time,
    notifications::{self as n, Level},
};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum NotificationLevel {
    Info,
    Success,
    Warning,
    Danger,
}

/// Something the viewer was told.
#[derive(Description)]
pub struct Notification(pub n::Notification);

#[Object(use_type_description, serial)]
impl Notification {
    async fn id(&self) -> ID {
        NotificationId(self.0.id).to_string().into()
    }

    async fn level(&self) -> NotificationLevel {
        match Level::parse(&self.0.level) {
            Level::Info => NotificationLevel::Info,
            Level::Success => NotificationLevel::Success,
            Level::Warning => NotificationLevel::Warning,
            Level::Danger => NotificationLevel::Danger,
        }
    }

    /// Machine-readable kind, for example `state_changed`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    async fn title(&self) -> &str {
        &self.0.title
    }

    async fn body(&self) -> &str {
        &self.0.body
    }

    async fn created_at(&self) -> Time {
        self.0.created_at
    }

    async fn read_at(&self) -> Option<Time> {
        self.0.read_at
    }
}
