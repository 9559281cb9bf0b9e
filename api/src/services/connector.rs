//! What every service's connector can do.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::{RoleRegistry, StandsFor, Wanted};

/// What is known about a service without asking it.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// Stable key, in the database and the API.
    pub key: &'static str,
    /// The name people know it by.
    pub title: &'static str,
    /// Name of the permission that allows an account.
    pub permission: &'static str,
}

/// An account, as a connector sees it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's id on the service.
    pub external_id: String,
    /// What the connector stored to add the account again, sealed.
    pub credentials: Option<Vec<u8>>,
    /// For the service's own log.
    pub username: String,
}

/// What the service confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    /// Kept as `service_accounts.actual`: `roles`, the names of the wanted roles held, and `roleIds`, the ids of all
    /// roles held, sorted, without those that are left alone.
    pub actual: Value,
    /// What could not be done of what is wanted and why, in words for the account's owner. It stays due.
    pub left: Option<String>,
}

/// An account that exists on the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The account's id on the service.
    pub external_id: String,
    /// Ids of the roles it holds, sorted, without those that are left alone: as `roleIds` of [`Confirmed::actual`].
    pub roles: Vec<String>,
}

/// A role or group on the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRole {
    /// Its id on the service.
    pub external_id: String,
    /// What it is called there; not unique.
    pub name: String,
}

/// What a connector stores right away, whatever comes of the call.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Stores fresh credentials for the account, sealed: the old ones may be dead already.
    async fn keep(&self, credentials: &[u8]) -> Result<(), ConnectorError>;

    /// The service's roles that are ours, and the names of those that are left alone.
    async fn registry(&self) -> Result<RoleRegistry, ConnectorError>;

    /// Records that this role is ours from now on.
    async fn keep_role(&self, stands_for: StandsFor, external_id: &str) -> Result<(), ConnectorError>;
}

/// An account whose owner has just proven that it is theirs.
#[derive(Debug)]
pub struct Identity {
    /// The account's id on the service.
    pub external_id: String,
    /// What the service calls it.
    pub name: String,
    /// As [`Account::credentials`].
    pub credentials: Option<Vec<u8>>,
}

/// How an account gets linked to its owner: by OAuth 2.0, at the service, which sends the browser back to
/// `/services/<key>/callback`.
#[async_trait]
pub trait OauthLink: Send + Sync {
    /// Where to send a user's browser. `state` ties the answer to the attempt.
    fn authorize_url(&self, state: &str) -> String;

    /// Who granted `code`; checks that everything else needed was granted, too.
    async fn identify(&self, code: &str) -> Result<Identity, ConnectorError>;
}

/// Why a call did not do what was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectorError {
    /// The service asks for a pause.
    RateLimited { retry_after: Duration },
    /// The service cannot be reached or is failing. Says nothing about the account.
    Unavailable { retry_after: Option<Duration>, detail: String },
    /// The account left by itself and cannot be added again without its owner.
    Gone,
    /// The service refuses this account; `reason` may be shown to its owner.
    Rejected { reason: String },
    /// The service refuses us: an operator has to act.
    Misconfigured { detail: String },
    /// What is stored of this account cannot be used here: an operator has to act. Says nothing about the account on the
    /// service, nor about the service.
    Unusable { detail: String },
}

/// A service's connector. All calls are idempotent.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What is known about it.
    fn spec(&self) -> &'static Spec;

    /// How its accounts are linked.
    fn link(&self) -> &dyn OauthLink;

    /// Makes the account be what is wanted; calls the service for differences only. Of the roles that are not wanted it
    /// keeps those that are left alone ([`RoleRegistry::is_left_alone`]). What cannot be done does not stop the rest: it
    /// is told in [`Confirmed::left`].
    async fn ensure(
        &self,
        account: &Account,
        wanted: &Wanted,
        keeper: &dyn Keeper,
    ) -> Result<Confirmed, ConnectorError>;

    /// Removes the account. An account that does not exist is a success.
    async fn remove(&self, account: &Account) -> Result<(), ConnectorError>;

    /// The service's roles that could stand for a state or group.
    async fn roles(&self) -> Result<Vec<ServiceRole>, ConnectorError>;

    /// All accounts the service holds, to be compared with what it should hold.
    async fn observe(&self, registry: &RoleRegistry) -> Result<Vec<Observed>, ConnectorError>;
}
