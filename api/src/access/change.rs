//! The changes access can follow from. Each performs its own writes and says whom it can touch.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::affected;
use crate::{
    db::Conn,
    error::{Error, Result},
};

/// Where a character flies, as ESI's affiliation call says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffiliationFact {
    pub character_id: i64,
    pub corporation_id: i64,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
}

/// Who owns a character, as a fresh SSO answer says.
#[derive(Debug, Clone, Copy)]
pub struct OwnershipFact<'a> {
    pub character_id: i64,
    pub user_id: i64,
    pub owner_hash: &'a str,
}

/// What a state lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateMembers {
    pub characters: Vec<i64>,
    pub corporations: Vec<i64>,
    pub alliances: Vec<i64>,
    pub factions: Vec<i64>,
}

/// One change of facts or of rules.
#[derive(Debug)]
pub enum Change<'a> {
    /// Characters fly elsewhere. Corporations, alliances and factions must exist as rows.
    Affiliations(&'a [AffiliationFact]),
    /// A user owns a character, whoever owned it before. A previous owner whose main it was is left without main.
    OwnershipGained(OwnershipFact<'a>),
    /// Nobody owns the character any more.
    OwnershipLost { character_id: i64 },
    /// The user flies under another of his characters.
    MainChanged { user_id: i64, character_id: i64 },
    /// An account is switched on or off.
    ActiveChanged { user_id: i64, is_active: bool },
    /// A user becomes superuser or stops being one.
    SuperuserChanged { user_id: i64, is_superuser: bool },
    /// The user's own permissions become exactly these.
    UserPermissions { user_id: i64, permissions: &'a [&'a str] },
    /// A state is made.
    StateCreated { name: &'a str, priority: i32, is_public: bool },
    /// A state's priority or public flag changes.
    StateEdited { state_id: i64, priority: i32, is_public: bool },
    /// A state lists exactly these.
    StateMembersSet { state_id: i64, members: &'a StateMembers },
    /// A state carries exactly these permissions.
    StatePermissionsSet { state_id: i64, permissions: &'a [&'a str] },
    /// A state is deleted; its members move to their next best.
    StateDeleted { state_id: i64 },
    /// Nothing changes; everybody's access is computed anew.
    RecomputeAll,
}

impl Change<'_> {
    /// Whether this edits rules (as opposed to facts about some users).
    #[must_use]
    pub const fn is_rule(&self) -> bool {
        matches!(
            self,
            Self::StateCreated { .. }
                | Self::StateEdited { .. }
                | Self::StateMembersSet { .. }
                | Self::StatePermissionsSet { .. }
                | Self::StateDeleted { .. }
                | Self::RecomputeAll
        )
    }
}

pub(super) async fn perform(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    change: Change<'_>,
) -> Result<()> {
    match change {
        Change::Affiliations(facts) => affiliations(conn, now, facts).await,
        Change::OwnershipGained(fact) => ownership_gained(conn, now, fact).await,
        Change::OwnershipLost { character_id } => ownership_lost(conn, character_id).await.map(|_| ()),
        Change::MainChanged { user_id, character_id } => {
            one_row(
                sql_query(
                    "update users u set main_character_id = $2 where u.id = $1
                     and exists (select from character_ownerships o where o.character_id = $2 and o.user_id = $1)",
                )
                .bind::<BigInt, _>(user_id)
                .bind::<BigInt, _>(character_id)
                .execute(conn)
                .await?,
            )?;
            affected::add(conn, &[user_id], true).await
        }
        Change::ActiveChanged { user_id, is_active } => {
            let rows = sql_query("update users set is_active = $2 where id = $1")
                .bind::<BigInt, _>(user_id)
                .bind::<Bool, _>(is_active)
                .execute(conn)
                .await?;
            one_row(rows)?;
            affected::add(conn, &[user_id], false).await
        }
        Change::SuperuserChanged { user_id, is_superuser } => {
            let rows =
                sql_query("update users set is_superuser = $2, is_staff = is_staff or $2 where id = $1")
                    .bind::<BigInt, _>(user_id)
                    .bind::<Bool, _>(is_superuser)
                    .execute(conn)
                    .await?;
            one_row(rows)?;
            affected::add(conn, &[user_id], false).await
        }
        Change::UserPermissions { user_id, permissions } => {
            set_permissions(conn, "user_permissions", "user_id", user_id, permissions).await?;
            affected::add(conn, &[user_id], false).await
        }
        Change::StateCreated { name, priority, is_public } => {
            #[derive(QueryableByName)]
            struct Row {
                #[diesel(sql_type = BigInt)]
                id: i64,
            }
            let row: Row = sql_query(
                "insert into states (name, priority, is_public, created_at) values ($1, $2, $3, $4) returning id",
            )
            .bind::<Text, _>(name)
            .bind::<Integer, _>(priority)
            .bind::<Bool, _>(is_public)
            .bind::<Timestamptz, _>(now)
            .get_result(conn)
            .await?;
            affected::add_by_state(conn, row.id).await
        }
        Change::StateEdited { state_id, priority, is_public } => {
            affected::add_by_state(conn, state_id).await?;
            let rows = sql_query("update states set priority = $2, is_public = $3 where id = $1")
                .bind::<BigInt, _>(state_id)
                .bind::<Integer, _>(priority)
                .bind::<Bool, _>(is_public)
                .execute(conn)
                .await?;
            one_row(rows)?;
            affected::add_by_state(conn, state_id).await
        }
        Change::StateMembersSet { state_id, members } => set_members(conn, state_id, members).await,
        Change::StatePermissionsSet { state_id, permissions } => {
            set_permissions(conn, "state_permissions", "state_id", state_id, permissions).await?;
            affected::add_in_state(conn, state_id).await
        }
        Change::StateDeleted { state_id } => delete_state(conn, audit_id, state_id).await,
        Change::RecomputeAll => affected::add_all(conn).await,
    }
}

fn one_row(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// Updates the characters that really differ. Each owner of such a main gets a cause of his own that says where he
/// flew and where he flies now.
async fn affiliations(conn: &mut Conn, now: DateTime<Utc>, facts: &[AffiliationFact]) -> Result<()> {
    conn.batch_execute(
        "create temp table if not exists access_flown (
             character_id bigint primary key, name text, corporation_id bigint, alliance_id bigint, faction_id bigint,
             new_corporation bigint, new_alliance bigint, new_faction bigint
         ) on commit delete rows;
         delete from access_flown;",
    )
    .await?;
    let ids: Vec<i64> = facts.iter().map(|f| f.character_id).collect();
    let corporations: Vec<i64> = facts.iter().map(|f| f.corporation_id).collect();
    let alliances: Vec<Option<i64>> = facts.iter().map(|f| f.alliance_id).collect();
    let factions: Vec<Option<i64>> = facts.iter().map(|f| f.faction_id).collect();
    sql_query(
        "with fact as (
             select * from unnest($1, $2, $3, $4) as f (character_id, corporation_id, alliance_id, faction_id)
         ), old as materialized (
             select c.* from characters c join fact f on f.character_id = c.id
             where (coalesce(c.corporation_id, 0), coalesce(c.alliance_id, 0), coalesce(c.faction_id, 0))
                <> (f.corporation_id, coalesce(f.alliance_id, 0), coalesce(f.faction_id, 0))
             order by c.id for no key update of c
         ), updated as (
             update characters c set corporation_id = f.corporation_id, alliance_id = f.alliance_id,
                    faction_id = f.faction_id, is_biomassed = f.corporation_id = 1000001
             from fact f, old where f.character_id = c.id and old.id = c.id
             returning c.id, c.name, old.corporation_id, old.alliance_id, old.faction_id, c.corporation_id as k,
                       c.alliance_id as a, c.faction_id as f
         )
         insert into access_flown select * from updated",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(corporations)
    .bind::<Array<Nullable<BigInt>>, _>(alliances)
    .bind::<Array<Nullable<BigInt>>, _>(factions)
    .execute(conn)
    .await?;
    // A statement of its own, on purpose: whoever made one of these characters his main while the update waited for its
    // row is seen only by a statement that begins after it.
    sql_query(
        "with pilot as (
             select m.*, u.id as user_id, u.username
             from access_flown m join users u on u.main_character_id = m.character_id
         ), entry as (
             insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary,
                                        before, after)
             select $1, 'system', 'system', 'affiliation_changed', 'user', 'user:' || p.user_id, p.username,
                    case when p.corporation_id is null
                         then p.name || ' flies for ' || coalesce(nc.name, 'corporation ' || p.new_corporation) || '.'
                         when p.corporation_id <> p.new_corporation
                         then p.name || ' left ' || coalesce(oc.name, 'corporation ' || p.corporation_id)
                              || ' and flies for ' || coalesce(nc.name, 'corporation ' || p.new_corporation) || '.'
                         when p.alliance_id is distinct from p.new_alliance
                         then coalesce(nc.name, 'corporation ' || p.new_corporation) || ' '
                              || coalesce('joined ' || coalesce(na.name, 'alliance ' || p.new_alliance),
                                          'left ' || coalesce(oa.name, 'alliance ' || p.alliance_id)) || '.'
                         else p.name || case when p.new_faction is null then ' left faction warfare.'
                              else ' fights for ' || coalesce(nf.name, 'faction ' || p.new_faction) || '.' end
                    end,
                    jsonb_build_object('corporationId', p.corporation_id, 'allianceId', p.alliance_id, 'factionId', p.faction_id),
                    jsonb_build_object('corporationId', p.new_corporation, 'allianceId', p.new_alliance, 'factionId', p.new_faction)
             from pilot p
             left join corporations oc on oc.id = p.corporation_id left join corporations nc on nc.id = p.new_corporation
             left join alliances oa on oa.id = p.alliance_id left join alliances na on na.id = p.new_alliance
             left join factions nf on nf.id = p.new_faction
             returning id, object_id
         )
         insert into access_affected (user_id, audit_id, is_renamed)
         select substr(object_id, 6)::bigint, id, true from entry
         on conflict (user_id) do update set audit_id = excluded.audit_id, is_renamed = true",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

async fn ownership_gained(conn: &mut Conn, now: DateTime<Utc>, fact: OwnershipFact<'_>) -> Result<()> {
    let kept = sql_query(
        "select from character_ownerships where character_id = $1 and user_id = $2 and owner_hash = $3",
    )
    .bind::<BigInt, _>(fact.character_id)
    .bind::<BigInt, _>(fact.user_id)
    .bind::<Text, _>(fact.owner_hash)
    .execute(conn)
    .await?;
    if kept == 0 {
        let previous = ownership_lost(conn, fact.character_id).await?;
        sql_query("insert into character_ownerships (character_id, user_id, owner_hash, created_at) values ($1, $2, $3, $4)")
            .bind::<BigInt, _>(fact.character_id)
            .bind::<BigInt, _>(fact.user_id)
            .bind::<Text, _>(fact.owner_hash)
            .bind::<Timestamptz, _>(now)
            .execute(conn)
            .await?;
        // The same user under a new hash (the character came back from another EVE account): his main stays his main.
        if let Some((owner, true)) = previous
            && owner == fact.user_id
        {
            sql_query("update users set main_character_id = $2 where id = $1 and main_character_id is null")
                .bind::<BigInt, _>(fact.user_id)
                .bind::<BigInt, _>(fact.character_id)
                .execute(conn)
                .await?;
        }
        sql_query(
            "insert into ownership_records (character_id, user_id, owner_hash, created_at)
             select $1, $2, $3, $4 where not exists (
                 select from (select user_id from ownership_records where character_id = $1 and owner_hash = $3
                              order by id desc limit 1) newest where newest.user_id = $2)",
        )
        .bind::<BigInt, _>(fact.character_id)
        .bind::<BigInt, _>(fact.user_id)
        .bind::<Text, _>(fact.owner_hash)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
    }
    affected::add(conn, &[fact.user_id], false).await
}

/// Ends the ownership of a character; the foreign key clears the main. Returns who owned it and whether it was his main.
async fn ownership_lost(conn: &mut Conn, character_id: i64) -> Result<Option<(i64, bool)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        user_id: i64,
        #[diesel(sql_type = Bool)]
        was_main: bool,
    }
    // The user's row first, as everywhere, so that two changes cannot wait for each other.
    sql_query("select id from users where id = (select user_id from character_ownerships where character_id = $1) for no key update")
        .bind::<BigInt, _>(character_id)
        .execute(conn)
        .await?;
    let row: Option<Row> = sql_query(
        "with gone as (delete from character_ownerships where character_id = $1 returning user_id)
         select g.user_id, u.main_character_id is not distinct from $1 as was_main from gone g join users u on u.id = g.user_id",
    )
    .bind::<BigInt, _>(character_id)
    .get_result(conn)
    .await
    .optional()?;
    if let Some(row) = &row {
        affected::add(conn, &[row.user_id], row.was_main).await?;
    }
    Ok(row.map(|row| (row.user_id, row.was_main)))
}

/// `table` and `column` are literals of this file.
async fn set_permissions(
    conn: &mut Conn,
    table: &str,
    column: &str,
    id: i64,
    permissions: &[&str],
) -> Result<()> {
    sql_query(format!(
        "delete from {table} where {column} = $1 and permission_id not in (select id from permissions where name = any ($2))"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    sql_query(format!(
        "insert into {table} ({column}, permission_id) select $1, id from permissions where name = any ($2)
         on conflict do nothing"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    Ok(())
}

/// Only mains that what is added or removed speaks of can move: nobody else is looked at.
async fn set_members(conn: &mut Conn, state_id: i64, members: &StateMembers) -> Result<()> {
    for (table, column, character_column, ids) in [
        ("state_characters", "character_id", "id", &members.characters),
        ("state_corporations", "corporation_id", "corporation_id", &members.corporations),
        ("state_alliances", "alliance_id", "alliance_id", &members.alliances),
        ("state_factions", "faction_id", "faction_id", &members.factions),
    ] {
        sql_query(format!(
            "with removed as (
                 delete from {table} where state_id = $1 and {column} <> all ($2) returning {column} as id
             ), added as (
                 insert into {table} (state_id, {column}) select $1, unnest($2) on conflict do nothing
                 returning {column} as id
             )
             insert into access_affected (user_id)
             select u.id from (select id from removed union select id from added) m
             join characters c on c.{character_column} = m.id join users u on u.main_character_id = c.id
             on conflict do nothing"
        ))
        .bind::<BigInt, _>(state_id)
        .bind::<Array<BigInt>, _>(ids)
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Its members must be somewhere else before the row can go: they are parked in Guest, which the rules then correct.
/// The snapshot has to show the old state, so it is taken here, before the move.
async fn delete_state(conn: &mut Conn, audit_id: i64, state_id: i64) -> Result<()> {
    affected::add_by_state(conn, state_id).await?;
    affected::snapshot(conn, audit_id).await?;
    sql_query(
        "update users set state_id = (select id from states where is_guest)
         where state_id = $1 and exists (select from states where id = $1 and not is_guest)",
    )
    .bind::<BigInt, _>(state_id)
    .execute(conn)
    .await?;
    one_row(
        sql_query("delete from states where id = $1 and not is_guest")
            .bind::<BigInt, _>(state_id)
            .execute(conn)
            .await?,
    )
}
