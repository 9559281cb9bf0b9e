//! Names of permissions by id, cached in memory: the catalogue only grows, and only when the program is updated.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{Db, schema::permissions as p},
    error::Result,
};

/// Names by id.
#[derive(Debug, Default)]
pub struct Names(RwLock<HashMap<i32, Arc<str>>>);

impl Names {
    /// The names of `ids`, sorted; ids the catalogue does not have are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, db: &Db, ids: &[i32]) -> Result<Vec<Arc<str>>> {
        if let Some(names) = self.known(ids) {
            return Ok(names);
        }
        let mut conn = db.conn().await?;
        let rows: Vec<(i32, String)> = p::table.select((p::id, p::name)).load(&mut conn).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            rows.into_iter().map(|(id, name)| (id, name.into())).collect();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(sorted(ids.iter().filter_map(|id| known.get(id).cloned()).collect()))
    }

    /// All of them, if none are missing.
    fn known(&self, ids: &[i32]) -> Option<Vec<Arc<str>>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ids.iter().map(|id| known.get(id).cloned()).collect::<Option<Vec<_>>>().map(sorted)
    }
}

fn sorted(mut names: Vec<Arc<str>>) -> Vec<Arc<str>> {
    names.sort_unstable();
    names
}
