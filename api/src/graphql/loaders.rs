//! Loads nested objects of many rows with one statement each, and keeps them for the rest of the request.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    access::StateMembers,
    app::App,
    db::schema::{
        alliances as a, character_ownerships as o, characters as c, corporations as k, factions as f,
        states as s,
    },
    error::Error,
    eve::directory::FactionRow,
    identity::users::User,
    permissions::usage,
    services::status::{AccountRow, accounts_of},
    states::{self, State},
};

/// A character with its owner.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct CharacterRow {
    pub id: i64,
    pub name: String,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub is_biomassed: bool,
    pub owner_id: Option<i64>,
}

/// A corporation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = k)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct CorporationRow {
    pub id: i64,
    pub name: Option<String>,
    pub ticker: Option<String>,
    pub alliance_id: Option<i64>,
    pub member_count: Option<i32>,
    pub is_closed: bool,
}

/// An alliance.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = a)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AllianceRow {
    pub id: i64,
    pub name: Option<String>,
    pub ticker: Option<String>,
    pub executor_corporation_id: Option<i64>,
}

/// A permission granted to a user directly.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct GrantRow {
    pub user_id: i64,
    pub permission: String,
    pub starts_at: Option<Time>,
    pub is_started: bool,
    pub ends_at: Option<Time>,
    pub reason: String,
    pub granted_at: Time,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub i64);
    )*};
}

keys! {
    /// A character by id.
    CharacterKey;
    /// All characters of a user.
    CharactersOf;
    /// A corporation by id.
    CorporationKey;
    /// An alliance by id.
    AllianceKey;
    /// A faction by id.
    FactionKey;
    /// A state by id.
    StateKey;
    /// A user by id.
    UserKey;
    /// All service accounts of a user.
    AccountsOf;
    /// Names of the permissions in a set.
    PermissionSet;
    /// Names of the permissions a state carries.
    StatePermissions;
    /// How many users have a state.
    StateUsers;
    /// Whom a state lists.
    StateLists;
    /// How many users' access an entry of the audit log changed.
    AffectedBy;
    /// The permissions granted to a user directly.
    GrantsOf;
    /// The paths to a permission.
    PermissionPaths;
}

/// The loader's errors must be shareable; the cause is in the log.
#[derive(Debug, Clone, Copy)]
pub struct LoadFailed;

impl From<LoadFailed> for Error {
    fn from(_: LoadFailed) -> Self {
        Self::internal("a batch could not be loaded")
    }
}

pub(super) fn failed<E: std::fmt::Debug>(error: E) -> LoadFailed {
    tracing::error!(?error, "a batch could not be loaded");
    LoadFailed
}

/// Loads batches from the database.
pub struct Batches(pub(super) App);

/// One request's loader.
pub type Rows = DataLoader<Batches, HashMapCache>;

/// A loader for one request.
#[must_use]
pub fn new(app: &App) -> Rows {
    DataLoader::with_cache(Batches(app.clone()), tokio::spawn, HashMapCache::default()).delay(app.gathering)
}

fn ids<K: Copy>(keys: &[K], id: impl Fn(K) -> i64) -> Vec<i64> {
    keys.iter().map(|key| id(*key)).collect()
}

macro_rules! by_id {
    ($key:ident => $row:ident, $table:ident) => {
        impl Loader<$key> for Batches {
            type Value = $row;
            type Error = LoadFailed;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $row>, LoadFailed> {
                let mut conn = self.0.db.conn().await.map_err(failed)?;
                let rows: Vec<$row> = $table::table
                    .filter($table::id.eq_any(ids(keys, |key| key.0)))
                    .select($row::as_select())
                    .load(&mut conn)
                    .await
                    .map_err(failed)?;
                Ok(rows.into_iter().map(|row| ($key(row.id), row)).collect())
            }
        }
    };
}

by_id!(CorporationKey => CorporationRow, k);
by_id!(AllianceKey => AllianceRow, a);
by_id!(FactionKey => FactionRow, f);
by_id!(StateKey => State, s);

impl Loader<UserKey> for Batches {
    type Value = User;
    type Error = LoadFailed;

    async fn load(&self, keys: &[UserKey]) -> Result<HashMap<UserKey, User>, LoadFailed> {
        use crate::db::schema::users as u;
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<User> = u::table
            .filter(u::id.eq_any(ids(keys, |key| key.0)))
            .select(User::as_select())
            .load(&mut conn)
            .await
            .map_err(failed)?;
        Ok(rows.into_iter().map(|row| (UserKey(row.id), row)).collect())
    }
}

/// Columns of a [`CharacterRow`]; needs `characters left join character_ownerships`.
#[must_use]
pub fn character_columns() -> (
    c::id,
    c::name,
    c::corporation_id,
    c::alliance_id,
    c::faction_id,
    c::is_biomassed,
    diesel::dsl::Nullable<o::user_id>,
) {
    (c::id, c::name, c::corporation_id, c::alliance_id, c::faction_id, c::is_biomassed, o::user_id.nullable())
}

impl Loader<CharacterKey> for Batches {
    type Value = CharacterRow;
    type Error = LoadFailed;

    async fn load(&self, keys: &[CharacterKey]) -> Result<HashMap<CharacterKey, CharacterRow>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<CharacterRow> = c::table
            .left_join(o::table)
            .filter(c::id.eq_any(ids(keys, |key| key.0)))
            .select(character_columns())
            .load(&mut conn)
            .await
            .map_err(failed)?;
        Ok(rows.into_iter().map(|row| (CharacterKey(row.id), row)).collect())
    }
}

impl Loader<CharactersOf> for Batches {
    type Value = Vec<CharacterRow>;
    type Error = LoadFailed;

    async fn load(
        &self,
        keys: &[CharactersOf],
    ) -> Result<HashMap<CharactersOf, Vec<CharacterRow>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<CharacterRow> = c::table
            .left_join(o::table)
            .filter(o::user_id.eq_any(ids(keys, |key| key.0)))
            .order((c::name, c::id))
            .select(character_columns())
            .load(&mut conn)
            .await
            .map_err(failed)?;
        let mut by_user: HashMap<CharactersOf, Vec<CharacterRow>> = HashMap::new();
        for row in rows {
            if let Some(owner) = row.owner_id {
                by_user.entry(CharactersOf(owner)).or_default().push(row);
            }
        }
        Ok(by_user)
    }
}

impl Loader<AccountsOf> for Batches {
    type Value = Vec<AccountRow>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[AccountsOf]) -> Result<HashMap<AccountsOf, Vec<AccountRow>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = accounts_of(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        let mut by_user: HashMap<AccountsOf, Vec<AccountRow>> = HashMap::new();
        for row in rows {
            by_user.entry(AccountsOf(row.user_id)).or_default().push(row);
        }
        Ok(by_user)
    }
}

impl Loader<PermissionSet> for Batches {
    type Value = Vec<i32>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[PermissionSet]) -> Result<HashMap<PermissionSet, Vec<i32>>, LoadFailed> {
        use crate::db::schema::permission_sets as ps;
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<(i64, Vec<i32>)> =
            ps::table.filter(ps::id.eq_any(ids(keys, |key| key.0))).load(&mut conn).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(id, permissions)| (PermissionSet(id), permissions)).collect())
    }
}

impl Loader<StatePermissions> for Batches {
    type Value = Vec<String>;
    type Error = LoadFailed;

    async fn load(
        &self,
        keys: &[StatePermissions],
    ) -> Result<HashMap<StatePermissions, Vec<String>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = states::permissions_of(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        let mut by_state: HashMap<StatePermissions, Vec<String>> = HashMap::new();
        for (state, name) in rows {
            by_state.entry(StatePermissions(state)).or_default().push(name);
        }
        Ok(by_state)
    }
}

impl Loader<StateLists> for Batches {
    type Value = StateMembers;
    type Error = LoadFailed;

    async fn load(&self, keys: &[StateLists]) -> Result<HashMap<StateLists, StateMembers>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = states::lists_of(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(state, members)| (StateLists(state), members)).collect())
    }
}

impl Loader<StateUsers> for Batches {
    type Value = i64;
    type Error = LoadFailed;

    async fn load(&self, keys: &[StateUsers]) -> Result<HashMap<StateUsers, i64>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = states::user_counts(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(state, count)| (StateUsers(state), count)).collect())
    }
}

impl Loader<GrantsOf> for Batches {
    type Value = Vec<GrantRow>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[GrantsOf]) -> Result<HashMap<GrantsOf, Vec<GrantRow>>, LoadFailed> {
        use crate::db::schema::{permissions as p, user_permissions as up};
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<GrantRow> = up::table
            .inner_join(p::table.on(p::id.eq(up::permission_id)))
            .filter(up::user_id.eq_any(ids(keys, |key| key.0)))
            .order((up::user_id, p::name))
            .select((
                up::user_id,
                p::name,
                up::starts_at,
                up::is_started,
                up::ends_at,
                up::reason,
                up::granted_at,
            ))
            .load(&mut conn)
            .await
            .map_err(failed)?;
        let mut by_user: HashMap<GrantsOf, Vec<GrantRow>> = HashMap::new();
        for row in rows {
            by_user.entry(GrantsOf(row.user_id)).or_default().push(row);
        }
        Ok(by_user)
    }
}

impl Loader<PermissionPaths> for Batches {
    type Value = Vec<usage::Path>;
    type Error = LoadFailed;

    async fn load(
        &self,
        keys: &[PermissionPaths],
    ) -> Result<HashMap<PermissionPaths, Vec<usage::Path>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let wanted: Vec<i32> = keys.iter().filter_map(|key| i32::try_from(key.0).ok()).collect();
        let rows = usage::paths(&mut conn, &wanted).await.map_err(failed)?;
        let mut by_permission: HashMap<PermissionPaths, Vec<usage::Path>> = HashMap::new();
        for (id, path) in rows {
            by_permission.entry(PermissionPaths(i64::from(id))).or_default().push(path);
        }
        Ok(by_permission)
    }
}

impl Loader<AffectedBy> for Batches {
    type Value = i64;
    type Error = LoadFailed;

    async fn load(&self, keys: &[AffectedBy]) -> Result<HashMap<AffectedBy, i64>, LoadFailed> {
        use crate::db::schema::access_changes as h;
        use diesel::dsl::count;
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows: Vec<(i64, i64)> = h::table
            .filter(h::audit_id.eq_any(ids(keys, |key| key.0)))
            .group_by(h::audit_id)
            .select((h::audit_id, count(h::user_id).aggregate_distinct()))
            .load(&mut conn)
            .await
            .map_err(failed)?;
        Ok(rows.into_iter().map(|(entry, users)| (AffectedBy(entry), users)).collect())
    }
}

/// Loads what nearly every page asks about the viewer (his characters, where they fly, his state) with one statement,
/// and feeds it to the request's loader.
pub async fn feed_viewer(app: &App, rows: &Rows, viewer: &super::Viewer) -> Result<(), Error> {
    type Loaded = (CharacterRow, Option<CorporationRow>, Option<AllianceRow>);
    let user = &viewer.user;
    let loaded: Vec<Loaded> = {
        let mut conn = app.db.conn().await?;
        c::table
            .inner_join(o::table)
            .left_join(k::table)
            .left_join(a::table.on(c::alliance_id.eq(a::id.nullable())))
            .filter(o::user_id.eq(user.id))
            .order((c::name, c::id))
            .select((
                (
                    c::id,
                    c::name,
                    c::corporation_id,
                    c::alliance_id,
                    c::faction_id,
                    c::is_biomassed,
                    o::user_id.nullable(),
                ),
                Option::<CorporationRow>::as_select(),
                Option::<AllianceRow>::as_select(),
            ))
            .load(&mut conn)
            .await?
    };
    let mut characters = Vec::with_capacity(loaded.len());
    for (character, corporation, alliance) in loaded {
        if let Some(row) = corporation {
            rows.feed_one(CorporationKey(row.id), row).await;
        }
        if let Some(row) = alliance {
            rows.feed_one(AllianceKey(row.id), row).await;
        }
        rows.feed_one(CharacterKey(character.id), character.clone()).await;
        characters.push(character);
    }
    rows.feed_one(CharactersOf(user.id), characters).await;
    rows.feed_one(UserKey(user.id), user.clone()).await;
    if let Some(state) = &viewer.state {
        rows.feed_one(StateKey(state.id), state.clone()).await;
    }
    Ok(())
}

/// A moment as the API shows it.
pub type Time = DateTime<Utc>;
