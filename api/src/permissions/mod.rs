//! The catalogue of permissions in the database, and the proof that somebody has one.
//!
//! The names live in `fealty_shared::permission`; this keeps the table in step with them. Permissions that the code no
//! longer knows stay in the table (somebody may have granted them; a downgrade must not lose that) but mean nothing.

mod names;
pub mod usage;

use std::marker::PhantomData;

use diesel::{
    sql_query,
    sql_types::{Array, Text},
};
use diesel_async::RunQueryDsl;
pub use fealty_shared::permission::{CATALOGUE, Permission};
pub use names::Names;

use crate::{access::Actor, db::Conn, error::Result};

/// Adds new permissions and corrects descriptions. Says whether there were new ones: superusers have them too then.
///
/// # Errors
/// When the database fails.
pub async fn sync_catalogue(conn: &mut Conn) -> Result<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_new: bool,
    }
    let (names, descriptions): (Vec<&str>, Vec<&str>) = CATALOGUE.iter().copied().unzip();
    let rows: Vec<Row> = sql_query(
        "insert into permissions (name, description) select * from unnest($1, $2)
         on conflict (name) do update set description = excluded.description
         where permissions.description <> excluded.description returning xmax = 0 as is_new",
    )
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Text>, _>(descriptions)
    .load(conn)
    .await?;
    Ok(rows.iter().any(|row| row.is_new))
}

/// Proof that `actor` has the permission `P`. Actions that need it take a `&Grant<P>`, so that a call without the check
/// does not compile. Only `graphql::Viewer::grant` makes one.
#[derive(Debug, Clone)]
pub struct Grant<P> {
    actor: Actor,
    permission: PhantomData<P>,
}

impl<P: Permission> Grant<P> {
    pub(crate) const fn new(actor: Actor) -> Self {
        Self { actor, permission: PhantomData }
    }

    /// Who has it: for the audit entry.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// Proof that `actor` may edit: he belongs to the staff and has the permission `P`. Some edits are for superusers only,
/// whatever permissions the staff has; the actions ask [`StaffGrant::is_superuser`].
#[derive(Debug, Clone)]
pub struct StaffGrant<P> {
    grant: Grant<P>,
    is_superuser: bool,
}

impl<P: Permission> StaffGrant<P> {
    pub(crate) const fn new(grant: Grant<P>, is_superuser: bool) -> Self {
        Self { grant, is_superuser }
    }

    /// Somebody with `fealtyctl` on the machine: he may do everything anyway.
    #[must_use]
    pub const fn operator() -> Self {
        Self { grant: Grant::new(Actor::Operator), is_superuser: true }
    }

    /// Who edits: for the audit entry.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        self.grant.actor()
    }

    /// Whether he may edit permissions, restricted groups and other superusers.
    #[must_use]
    pub const fn is_superuser(&self) -> bool {
        self.is_superuser
    }
}

/// The names that the catalogue does not have.
#[must_use]
pub fn unknown(names: &[String]) -> Vec<&str> {
    let is_known = |name: &str| CATALOGUE.binary_search_by(|(known, _)| (*known).cmp(name)).is_ok();
    names.iter().map(String::as_str).filter(|name| !is_known(name)).collect()
}
