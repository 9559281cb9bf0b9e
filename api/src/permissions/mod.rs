//! The permission catalogue in the database, and the proof that somebody has a permission.
//!
//! The names live in `fealty_shared::permission`; this folder keeps the table in step with them. Permissions
//! that the code no longer knows stay in the table (somebody may have granted them; a downgrade must not lose
//! that) but have no meaning.

pub mod granted;
mod held;
mod names;
pub mod usage;

use std::marker::PhantomData;

use diesel::{
    OptionalExtension, sql_query,
    sql_types::{Array, BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;
pub use fealty_shared::permission::{CATALOGUE, Permission, model_of};
use fealty_shared::permission::{CHOOSES_STATES, SEES_USERS};
pub use held::Held;
pub use names::Names;

use crate::{
    access::Actor,
    db::Conn,
    error::{Error, Problem, Result},
};

/// Adds new permissions and corrects descriptions. Returns whether there were new ones:
/// superusers then have them, too.
///
/// # Errors
/// When the database fails.
pub async fn sync_catalogue(conn: &mut Conn) -> Result<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
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

/// Permissions any one of which allows the same thing.
pub trait AnyOf {
    /// Their names.
    const NAMES: &'static [&'static str];
}

/// Seeing other users.
#[derive(Debug)]
pub struct SeesUsers;

impl AnyOf for SeesUsers {
    const NAMES: &'static [&'static str] = SEES_USERS;
}

/// Seeing which states exist.
#[derive(Debug)]
pub struct ChoosesStates;

impl AnyOf for ChoosesStates {
    const NAMES: &'static [&'static str] = CHOOSES_STATES;
}

/// Proof that `actor` has the permission `P`, or [any of](AnyOf) those that `P` stands for. Code that requires it
/// takes a `&Grant<P>`, so a call without the check does not compile. `graphql::Viewer` creates one for viewers who
/// have the permission; operators have their own.
#[derive(Debug)]
pub struct Grant<P> {
    actor: Actor,
    permission: PhantomData<P>,
}

// Deriving it would require `P` to be `Clone`.
impl<P> Clone for Grant<P> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), permission: PhantomData }
    }
}

impl<P> Grant<P> {
    pub(crate) const fn new(actor: Actor) -> Self {
        Self { actor, permission: PhantomData }
    }

    /// Somebody with `fealtyctl` on the machine: they may do everything anyway.
    #[must_use]
    pub const fn operator() -> Self {
        Self::new(Actor::Operator)
    }

    /// Who has it, for the audit entry.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// Proof that `actor` may edit: they are staff and have the permission `P`. Some edits are for superusers only,
/// whatever permissions staff have; the actions ask [`StaffGrant::is_superuser`].
#[derive(Debug)]
pub struct StaffGrant<P> {
    grant: Grant<P>,
    is_superuser: bool,
}

impl<P> Clone for StaffGrant<P> {
    fn clone(&self) -> Self {
        Self { grant: self.grant.clone(), is_superuser: self.is_superuser }
    }
}

impl<P: Permission> StaffGrant<P> {
    pub(crate) const fn new(grant: Grant<P>, is_superuser: bool) -> Self {
        Self { grant, is_superuser }
    }

    /// Somebody with `fealtyctl` on the machine: they may do everything anyway.
    #[must_use]
    pub const fn operator() -> Self {
        Self { grant: Grant::operator(), is_superuser: true }
    }

    /// Who is editing, for the audit entry.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        self.grant.actor()
    }

    /// The same grant as recorded in the database at this moment: somebody who waited for their turn may have lost
    /// it. A limited token gains nothing by this.
    ///
    /// # Errors
    /// `Forbidden` when they may no longer edit.
    pub(crate) async fn as_of_now(&self, conn: &mut Conn) -> Result<Self> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Bool)]
            is_superuser: bool,
            #[diesel(sql_type = Bool)]
            may_edit: bool,
        }
        // Operators are not users.
        let Some(user_id) = self.actor().id() else { return Ok(self.clone()) };
        let row: Option<Row> = sql_query(
            "select u.is_superuser, u.is_superuser or u.is_staff and exists (
                 select from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
                 where ps.id = u.permission_set_id and p.name = $2) as may_edit
             from users u where u.id = $1 and u.is_active",
        )
        .bind::<BigInt, _>(user_id)
        .bind::<Text, _>(P::NAME)
        .get_result(conn)
        .await
        .optional()?;
        let row = row.filter(|row| row.may_edit).ok_or(Error::Forbidden)?;
        Ok(Self { is_superuser: self.is_superuser && row.is_superuser, ..self.clone() })
    }

    /// Whether they may edit permissions, restricted groups and other superusers.
    #[must_use]
    pub const fn is_superuser(&self) -> bool {
        self.is_superuser
    }
}

/// What is wrong with a list of names that replaces `old`: a new name that is not in the catalogue. Names that were
/// already there may stay, known or not: editing something else must not fail because of them.
#[must_use]
pub fn check(old: &[String], new: &[String]) -> Option<Problem> {
    let is_known = |name: &str| CATALOGUE.binary_search_by(|(known, _)| (*known).cmp(name)).is_ok();
    let unknown = new.iter().find(|name| !is_known(name) && !old.contains(name))?;
    Some(Problem::new("permissions", "unknown", format!("There is no permission {unknown}.")))
}
