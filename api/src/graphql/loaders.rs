//! Loads nested objects of many rows with one statement each, and caches them for the rest of the request.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use chrono::{DateTime, Utc};

use crate::{
    access::StateMembers,
    app::App,
    audit,
    error::Error,
    eve::shown::{self, AllianceRow, CharacterRow, CorporationRow, FactionRow},
    identity::users::{self, User},
    permissions::{
        granted::{self, Granted},
        usage,
    },
    services::status::{AccountRow, accounts_of},
    states::{self, State},
};

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
    /// Who a state lists.
    StateLists;
    /// How many users' access an entry of the audit log changed.
    AffectedBy;
    /// The permissions granted to a user directly.
    GrantsOf;
    /// The paths to a permission.
    PermissionPaths;
}

/// A loader's errors must be shareable; the cause is in the log.
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
    ($key:ident => $row:ident, $load:path) => {
        impl Loader<$key> for Batches {
            type Value = $row;
            type Error = LoadFailed;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $row>, LoadFailed> {
                let mut conn = self.0.db.conn().await.map_err(failed)?;
                let rows = $load(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
                Ok(rows.into_iter().map(|row| ($key(row.id), row)).collect())
            }
        }
    };
}

by_id!(CharacterKey => CharacterRow, shown::characters);
by_id!(CorporationKey => CorporationRow, shown::corporations);
by_id!(AllianceKey => AllianceRow, shown::alliances);
by_id!(FactionKey => FactionRow, shown::factions);
by_id!(StateKey => State, states::find_all);
by_id!(UserKey => User, users::find_all);

impl Loader<CharactersOf> for Batches {
    type Value = Vec<CharacterRow>;
    type Error = LoadFailed;

    async fn load(
        &self,
        keys: &[CharactersOf],
    ) -> Result<HashMap<CharactersOf, Vec<CharacterRow>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = shown::characters_of(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
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
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = granted::sets(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
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
    type Value = Vec<Granted>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[GrantsOf]) -> Result<HashMap<GrantsOf, Vec<Granted>>, LoadFailed> {
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = granted::to(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        let mut by_user: HashMap<GrantsOf, Vec<Granted>> = HashMap::new();
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
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = audit::affected(&mut conn, &ids(keys, |key| key.0)).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(entry, users)| (AffectedBy(entry), users)).collect())
    }
}

/// Loads what nearly every page asks about the viewer (their characters, where they fly, their state) with one
/// statement, and feeds it to the request's loader.
pub async fn feed_viewer(app: &App, rows: &Rows, viewer: &super::Viewer) -> Result<(), Error> {
    let user = &viewer.user;
    let loaded = shown::flown_by(&mut *app.db.conn().await?, user.id).await?;
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
