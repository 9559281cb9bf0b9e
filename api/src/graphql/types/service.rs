//! Service accounts, as their user sees them.

use async_graphql::{Description, Enum, Object};

use crate::{
    graphql::loaders::Time,
    services::status::{Status, View},
};

/// The status of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ServiceStatus {
    /// Not allowed with the current state and permissions; `detail` says what is missing.
    NotAllowed,
    /// Allowed, but no account is linked yet.
    Available,
    /// Linked and confirmed by the service.
    Linked,
    /// Linked; the service has not confirmed the latest change yet.
    Pending,
    /// Being removed; the service has not confirmed it yet.
    Revoking,
    /// The service refuses; `detail` says what to do.
    Failed,
}

/// The user's account on one service, or the possibility of linking one.
#[derive(Description)]
pub struct Service(pub View);

#[Object(use_type_description, serial)]
impl Service {
    /// Stable key, for example `discord`.
    async fn key(&self) -> &str {
        self.0.spec.key
    }

    /// What people call it.
    async fn title(&self) -> &str {
        self.0.spec.title
    }

    /// The status of the account.
    async fn status(&self) -> ServiceStatus {
        match self.0.status {
            Status::NotAllowed => ServiceStatus::NotAllowed,
            Status::Available => ServiceStatus::Available,
            Status::Linked => ServiceStatus::Linked,
            Status::Pending => ServiceStatus::Pending,
            Status::Revoking => ServiceStatus::Revoking,
            Status::Failed => ServiceStatus::Failed,
        }
    }

    /// The account's name on the service.
    async fn account_name(&self) -> Option<&str> {
        self.0.account_name.as_deref()
    }

    /// For people: why it has this status, if that is not obvious.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Names of the roles or groups the account has there.
    async fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// When the account was linked; null: there is none.
    async fn linked_at(&self) -> Option<Time> {
        self.0.linked_at
    }
}
