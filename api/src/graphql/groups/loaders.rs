//! Loads groups and what belongs to them in batches.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;

use crate::{
    graphql::loaders::{Batches, LoadFailed, failed},
    groups::{self, Overview},
};

/// All groups, as a user stands with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OverviewOf(pub i64);

/// How many members and requests a group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountsOf(pub i64);

/// Names of the permissions a group carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PermissionsOf(pub i64);

/// The memberships of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupsOf(pub i64);

impl Loader<OverviewOf> for Batches {
    type Value = Arc<Overview>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[OverviewOf]) -> Result<HashMap<OverviewOf, Arc<Overview>>, LoadFailed> {
        // There is one viewer per request.
        let mut found = HashMap::new();
        for key in keys {
            found.insert(*key, Arc::new(groups::overview(&self.0, key.0).await.map_err(failed)?));
        }
        Ok(found)
    }
}

impl Loader<CountsOf> for Batches {
    type Value = (i64, i64);
    type Error = LoadFailed;

    async fn load(&self, keys: &[CountsOf]) -> Result<HashMap<CountsOf, (i64, i64)>, LoadFailed> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let rows = groups::counts(&mut conn, &ids).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(id, members, requests)| (CountsOf(id), (members, requests))).collect())
    }
}

impl Loader<PermissionsOf> for Batches {
    type Value = Vec<String>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[PermissionsOf]) -> Result<HashMap<PermissionsOf, Vec<String>>, LoadFailed> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let mut by_group: HashMap<PermissionsOf, Vec<String>> = HashMap::new();
        for (id, name) in groups::permissions_of(&mut conn, &ids).await.map_err(failed)? {
            by_group.entry(PermissionsOf(id)).or_default().push(name);
        }
        Ok(by_group)
    }
}

impl Loader<GroupsOf> for Batches {
    type Value = Vec<groups::UserGroup>;
    type Error = LoadFailed;

    async fn load(&self, keys: &[GroupsOf]) -> Result<HashMap<GroupsOf, Vec<groups::UserGroup>>, LoadFailed> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.0.db.conn().await.map_err(failed)?;
        let mut by_user: HashMap<GroupsOf, Vec<groups::UserGroup>> = HashMap::new();
        for row in groups::groups_of_users(&mut conn, &ids).await.map_err(failed)? {
            by_user.entry(GroupsOf(row.user_id)).or_default().push(row);
        }
        Ok(by_user)
    }
}
