//! What groups look like, kept in memory, and how one user stands to them.
//!
//! Every page with groups shows the same: names, flags, states, who leads. A number in the database rises with whatever
//! changes of it (triggers of the migration `group_catalogue`). The statement that reads somebody's own memberships and
//! requests reads that number, too; only when it is another one than ours, everything is loaded anew. So nothing shown is
//! ever older than the request that asks.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{
    asker::Asker,
    model::{Group, Membership, OwnRequest, RequestKind, Seen},
    store,
};
use crate::{app::App, db::Conn, error::Result};

/// Somebody who leads a group directly.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Leader {
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub main_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub main_name: Option<String>,
}

/// All groups, and those who lead them.
#[derive(Debug, Default)]
pub struct Catalogue {
    version: i64,
    /// By name.
    groups: Vec<Arc<Group>>,
    by_id: HashMap<i64, Arc<Group>>,
    leaders: HashMap<i64, Arc<Leader>>,
}

/// The catalogue as this process knows it.
#[derive(Debug, Default)]
pub struct Kept(RwLock<Arc<Catalogue>>);

/// All groups as one user stands to them.
#[derive(Debug)]
pub struct Overview {
    catalogue: Arc<Catalogue>,
    own: HashMap<i64, (Option<Membership>, Option<OwnRequest>)>,
}

impl Overview {
    /// A group, whether or not the user may know of it.
    #[must_use]
    pub fn seen(&self, group_id: i64) -> Option<Seen> {
        self.catalogue.by_id.get(&group_id).map(|group| self.stand(group))
    }

    /// What the page of groups shows, by name.
    #[must_use]
    pub fn listed(&self, asker: &Asker) -> Vec<Seen> {
        let seen = self.catalogue.groups.iter().map(|group| self.stand(group));
        seen.filter(|seen| asker.lists(seen)).collect()
    }

    /// The direct leaders of a group, by user name.
    #[must_use]
    pub fn leaders(&self, group: &Group) -> Vec<Arc<Leader>> {
        group.leaders.iter().filter_map(|id| self.catalogue.leaders.get(id)).map(Arc::clone).collect()
    }

    fn stand(&self, group: &Arc<Group>) -> Seen {
        let (membership, request) = self.own.get(&group.id).cloned().unwrap_or_default();
        Seen { group: Arc::clone(group), membership, request }
    }
}

/// All groups as a user stands to them: one statement, unless a group changed since.
///
/// # Errors
/// When the database fails.
pub async fn overview(app: &App, user_id: i64) -> Result<Overview> {
    let mut conn = app.db.conn().await?;
    let rows: Vec<OwnRow> = Own { user_id }.load(&mut conn).await?;
    let version = rows.as_slice().first().map_or(0, |row| row.0);
    let mut own: HashMap<i64, (Option<Membership>, Option<OwnRequest>)> = HashMap::new();
    for row in rows {
        let Some(group_id) = row.1 else { continue };
        let entry = own.entry(group_id).or_default();
        if let Some(since) = row.2 {
            let (starts_at, ends_at) = (row.3, row.4);
            let is_started = row.5.unwrap_or_default();
            entry.0 = Some(Membership { since, starts_at, ends_at, is_started });
        }
        if let (Some(id), Some(kind), Some(reason), Some(created_at)) = (row.6, row.7, row.8, row.9) {
            entry.1 = Some(OwnRequest { id, kind: RequestKind::parse(&kind), reason, created_at });
        }
    }
    let kept = Arc::clone(&app.groups.0.read().unwrap_or_else(PoisonError::into_inner));
    let catalogue = if kept.version == version {
        kept
    } else {
        // Read after the number: at least as new as it says.
        let fresh = Arc::new(load(&mut conn, version).await?);
        *app.groups.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    };
    Ok(Overview { catalogue, own })
}

async fn load(conn: &mut Conn, version: i64) -> Result<Catalogue> {
    let mut groups = store::all(conn).await?;
    let leaders: Vec<Leader> = sql_query(
        "select u.id as user_id, u.username, c.id as main_id, c.name as main_name
         from users u left join characters c on c.id = u.main_character_id
         where u.id in (select user_id from group_leaders)",
    )
    .load(conn)
    .await?;
    let leaders: HashMap<i64, Arc<Leader>> =
        leaders.into_iter().map(|leader| (leader.user_id, Arc::new(leader))).collect();
    for group in &mut groups {
        group.leaders.sort_by_cached_key(|id| leaders.get(id).map(|leader| leader.username.to_lowercase()));
    }
    let groups: Vec<Arc<Group>> = groups.into_iter().map(Arc::new).collect();
    let by_id = groups.iter().map(|group| (group.id, Arc::clone(group))).collect();
    Ok(Catalogue { version, groups, by_id, leaders })
}

/// The catalogue's version, and a user's memberships and requests: a statement of constant text, so that it stays
/// prepared.
#[derive(Debug, Clone, Copy, QueryId)]
struct Own {
    user_id: i64,
}

/// Version; group; since, start, end and whether begun of a membership; id, kind, reason and time of a request.
type OwnRow = (
    i64,
    Option<i64>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<bool>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
);

impl Query for Own {
    type SqlType = (
        BigInt,
        Nullable<BigInt>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Nullable<Bool>,
        Nullable<BigInt>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
    );
}

impl QueryFragment<Pg> for Own {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select v.version, x.* from group_catalogue v left join lateral (
                 select m.group_id, m.since, m.starts_at, m.ends_at, m.is_started, null::bigint as request_id,
                        null::text as kind, null::text as reason, null::timestamptz as created_at
                 from group_members m where m.user_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.user_id)?;
        out.push_sql(
            " union all select r.group_id, null, null, null, null, r.id, r.kind, r.reason, r.created_at
                 from group_requests r where r.user_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.user_id)?;
        out.push_sql(") x on true");
        Ok(())
    }
}
