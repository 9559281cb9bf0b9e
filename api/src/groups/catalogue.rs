//! All groups, cached in memory, and where one user stands with them.
//!
//! Every page with groups shows the same things: names, flags, states, leaders. A number in the database identifies
//! the last transaction that changed any of these (triggers of the migration `group_catalogue`). The statement that
//! reads somebody's own memberships and requests reads that number, too; only when it differs from the cached one is
//! everything loaded again. So nothing shown is ever older than the request that asks for it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use diesel::{
    QueryDsl, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{
    asker::Asker,
    model::{Group, Membership, OwnRequest, RequestKind, Seen},
    store,
};
use crate::{
    app::App,
    db::{
        Conn,
        part::{Part, record},
        schema::users,
    },
    error::{Error, Result},
};

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

/// All groups, and who leads them.
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

/// All groups, and where one user stands with them.
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

    /// What they find by name: what the page of groups shows, what they manage, and everything if
    /// they may see all groups.
    #[must_use]
    pub fn known(&self, asker: &Asker) -> Vec<Seen> {
        let seen = self.catalogue.groups.iter().map(|group| self.stand(group));
        seen.filter(|seen| asker.sees_all || asker.manages(&seen.group) || asker.lists(seen)).collect()
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

/// All groups, and where a user stands with them: one statement, unless a group has changed.
///
/// # Errors
/// `NotFound` when there is no such user.
pub async fn overview(app: &App, user_id: i64) -> Result<Overview> {
    let row: StandingRow = {
        let mut conn = app.db.conn().await?;
        users::table.find(user_id).select(standing_columns(true)).first(&mut conn).await?
    };
    let standing = Standing::from_row(row).ok_or_else(|| Error::internal("the catalogue has no version"))?;
    overview_of(app, standing).await
}

/// [`overview`], for what has already been read.
///
/// # Errors
/// When the database fails.
pub async fn overview_of(app: &App, standing: Standing) -> Result<Overview> {
    let Standing { version, own } = standing;
    let kept = Arc::clone(&app.groups.0.read().unwrap_or_else(PoisonError::into_inner));
    let catalogue = if kept.version == version {
        kept
    } else {
        // Read after the number, so it is at least as new.
        let fresh = Arc::new(load(&mut *app.db.conn().await?, version).await?);
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

/// Where a user stands with groups, and the catalogue's version that this goes with.
#[derive(Debug, Clone)]
pub struct Standing {
    version: i64,
    own: HashMap<i64, (Option<Membership>, Option<OwnRequest>)>,
}

impl Standing {
    /// How many groups they have something to do with.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.own.len()
    }

    /// Converts what [`standing_columns`] return; `None` if they were not asked for.
    #[must_use]
    pub fn from_row(row: StandingRow) -> Option<Self> {
        let (version, memberships, requests) = row;
        let mut own: HashMap<i64, (Option<Membership>, Option<OwnRequest>)> = HashMap::new();
        for record in memberships? {
            let MembershipRecord { group_id, since, starts_at, ends_at, is_started } = record;
            own.entry(group_id).or_default().0 = Some(Membership { since, starts_at, ends_at, is_started });
        }
        for record in requests? {
            let RequestRecord { group_id, id, kind, reason, created_at } = record;
            own.entry(group_id).or_default().1 = Some(OwnRequest { id, kind, reason, created_at });
        }
        Some(Self { version: version?, own })
    }
}

/// One membership.
#[derive(Debug)]
pub struct MembershipRecord {
    group_id: i64,
    since: DateTime<Utc>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    is_started: bool,
}

record! {
    pub MembershipType = MembershipRecord {
        group_id: BigInt,
        since: Timestamptz,
        starts_at: Nullable<Timestamptz>,
        ends_at: Nullable<Timestamptz>,
        is_started: Bool,
    }
}

/// One request.
#[derive(Debug)]
pub struct RequestRecord {
    group_id: i64,
    id: i64,
    kind: RequestKind,
    reason: String,
    created_at: DateTime<Utc>,
}

record! {
    pub RequestType = RequestRecord {
        group_id: BigInt,
        id: BigInt,
        kind: Text,
        reason: Text,
        created_at: Timestamptz,
    }
}

/// The catalogue's version, the user's memberships, and their requests.
pub type StandingColumns = (Part<BigInt>, Part<Array<MembershipType>>, Part<Array<RequestType>>);

/// What [`StandingColumns`] return.
pub type StandingRow = (Option<i64>, Option<Vec<MembershipRecord>>, Option<Vec<RequestRecord>>);

/// The columns that tell where a user stands with groups, to be selected with the user's row.
#[must_use]
pub fn standing_columns(is_asked: bool) -> StandingColumns {
    (
        Part::all("(select version from group_catalogue)", is_asked),
        Part::all(
            "array(select row(group_id, since, starts_at, ends_at, is_started) from group_members where user_id = users.id)",
            is_asked,
        ),
        Part::all(
            "array(select row(group_id, id, kind, reason, created_at) from group_requests where user_id = users.id)",
            is_asked,
        ),
    )
}
