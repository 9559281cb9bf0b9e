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
    /// Good to know.
    Info,
    /// Something was gained.
    Success,
    /// Something was lost, or soon will be.
    Warning,
    /// Something is wrong and needs attention.
    Danger,
}

/// Something the viewer was notified of.
#[derive(Description)]
pub struct Notification(pub n::Notification);

#[Object(use_type_description, serial)]
impl Notification {
    /// An opaque id.
    async fn id(&self) -> ID {
        NotificationId(self.0.id).to_string().into()
    }

    /// How much it matters.
    async fn level(&self) -> NotificationLevel {
        match self.0.level {
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

    /// Where it leads: a path on this site, or null if there is nothing to see.
    async fn href(&self) -> Option<String> {
        self.0.href()
    }

    /// One line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The whole text; may be empty.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// When it was sent.
    async fn created_at(&self) -> Time {
        self.0.created_at
    }

    /// When it was read; null: not yet.
    async fn read_at(&self) -> Option<Time> {
        self.0.read_at
    }
}
