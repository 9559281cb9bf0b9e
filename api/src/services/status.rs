//! What users are told about their accounts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::permission;

use super::{Connectors, Spec};
use crate::{
    db::{Conn, schema::service_accounts as sa},
    error::Result,
};

/// The status of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    NotAllowed,
    Available,
    Linked,
    Pending,
    Revoking,
    Failed,
}

/// One service, as its user sees it.
#[derive(Debug, Clone)]
pub struct View {
    pub spec: &'static Spec,
    pub status: Status,
    pub account_name: Option<String>,
    pub detail: Option<String>,
    pub roles: Vec<String>,
    pub linked_at: Option<DateTime<Utc>>,
}

/// An account's row, as far as its status depends on it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sa)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AccountRow {
    pub user_id: i64,
    pub service: String,
    pub external_name: String,
    pub actual: Option<serde_json::Value>,
    pub marked_revision: i64,
    pub settled_revision: i64,
    pub is_revocation: bool,
    pub attempts: i32,
    pub last_error: Option<String>,
    /// As in [`Failure`].
    pub failure_kind: Option<String>,
    pub linked_at: DateTime<Utc>,
}

/// Those of the given services on which the user's account is waiting to be brought up to date.
///
/// # Errors
/// When the database fails.
pub async fn waiting(conn: &mut Conn, user_id: i64, services: &[&str]) -> Result<Vec<String>> {
    Ok(sa::table
        .filter(sa::user_id.eq(user_id).and(sa::service.eq_any(services.to_vec())))
        .filter(sa::marked_revision.gt(sa::settled_revision))
        .select(sa::service)
        .load(conn)
        .await?)
}

/// Accounts of many users at once.
///
/// # Errors
/// When the database fails.
pub async fn accounts_of(conn: &mut Conn, users: &[i64]) -> Result<Vec<AccountRow>> {
    Ok(sa::table
        .filter(sa::user_id.eq_any(users.to_vec()))
        .select(AccountRow::as_select())
        .load(conn)
        .await?)
}

/// All configured services as one user sees them.
#[must_use]
pub fn views(
    connectors: &Connectors,
    allowed: &[String],
    has_main: bool,
    accounts: &[AccountRow],
) -> Vec<View> {
    connectors
        .specs()
        .map(|spec| {
            let account = accounts.iter().find(|a| a.service == spec.key);
            let is_allowed = allowed.iter().any(|key| key == spec.key);
            view(spec, is_allowed, has_main, account)
        })
        .collect()
}

/// The kind of an account's most recent failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The service asks for a pause.
    RateLimited,
    /// It cannot be reached, or is failing.
    Unavailable,
    /// It refuses us: an operator has to act.
    Misconfigured,
    /// It refuses the account.
    Rejected,
    /// It refuses part of what is wanted.
    Partial,
}

impl Failure {
    /// As stored in `service_accounts.failure_kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Misconfigured => "misconfigured",
            Self::Rejected => "rejected",
            Self::Partial => "partial",
        }
    }
}

/// Whether the service cannot be asked right now, which says nothing about the account.
fn is_passing(account: &AccountRow) -> bool {
    let passes = [Failure::RateLimited, Failure::Unavailable];
    account.failure_kind.as_deref().is_some_and(|kind| passes.iter().any(|passing| passing.as_str() == kind))
}

fn view(spec: &'static Spec, is_allowed: bool, has_main: bool, account: Option<&AccountRow>) -> View {
    let Some(account) = account else {
        let (status, detail) = if is_allowed {
            (Status::Available, None)
        } else if has_main {
            let missing = format!("You do not have the permission {}.", permission::named(spec.permission));
            (Status::NotAllowed, Some(missing))
        } else {
            (Status::NotAllowed, Some("There is no main character yet.".to_owned()))
        };
        return View { spec, status, account_name: None, detail, roles: Vec::new(), linked_at: None };
    };
    let is_due = account.marked_revision > account.settled_revision;
    let status = match (is_due, account.is_revocation) {
        (false, _) => Status::Linked,
        (true, true) => Status::Revoking,
        (true, false) if account.attempts > 0 && !is_passing(account) => Status::Failed,
        (true, false) => Status::Pending,
    };
    let roles = account
        .actual
        .as_ref()
        .and_then(|actual| serde_json::from_value(actual.get("roles")?.clone()).ok())
        .unwrap_or_default();
    View {
        spec,
        status,
        account_name: Some(account.external_name.clone()),
        detail: account.last_error.clone().filter(|_| is_due),
        roles,
        linked_at: Some(account.linked_at),
    }
}
