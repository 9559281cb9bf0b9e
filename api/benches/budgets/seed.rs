//! Fills a database as an installation that has been used for a while: organisations, pilots, users, rules, history;
//! and, once the users have their access, accounts. All of it set-based.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Nullable, Text},
};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fealty_api::{
    app::App,
    db::Conn,
    error::{Error, Result},
};
use fealty_shared::permission::CATALOGUE;
use fealty_simulator::Handle;

use crate::{
    progress,
    world::{self, HOME, Pilot},
};

/// Users per 100 that have a Discord account, of those who may.
const LINKED: i32 = 30;

/// What one number of a query says.
#[derive(QueryableByName)]
pub struct Count {
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// Counts something.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, query: &str) -> Result<i64> {
    let row: Count = sql_query(query).get_result(conn).await?;
    Ok(row.count)
}

/// Fills an empty database with `users` users of three characters each, everybody a guest as yet: the first full
/// recompute gives them their access.
///
/// # Errors
/// When the database fails.
pub async fn facts_and_rules(app: &App, handle: &Handle, users: usize) -> Result<()> {
    let pilots = world::pilots(handle, users * 3);
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        organisations(conn, handle, &pilots).await?;
        characters(conn, &pilots).await?;
        conn.batch_execute(&user_rows(users)).await?;
        conn.batch_execute(PAST).await?;
        rules(conn).await
    })
    .await?;
    conn.batch_execute("vacuum analyze").await?;
    Ok(())
}

async fn organisations(conn: &mut Conn, handle: &Handle, pilots: &[Pilot]) -> Result<()> {
    let alliances = handle.alliances();
    let corporations = handle.corporations(true);
    let mut factions: Vec<i64> = pilots
        .iter()
        .filter_map(|p| p.faction_id)
        .chain(corporations.iter().filter_map(|c| c.faction_id))
        .collect();
    factions.sort_unstable();
    factions.dedup();
    sql_query(
        "insert into factions (id, name, refreshed_at) select id, 'Faction ' || id, now() from unnest($1) id",
    )
    .bind::<Array<BigInt>, _>(factions)
    .execute(conn)
    .await?;
    sql_query(
        "insert into alliances (id, name, ticker, refreshed_at) select *, now() from unnest($1, $2, $3)
         union all select 99000000 + n, 'Alliance ' || n, 'A' || n, now() from generate_series(1, 300) n
         on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(alliances.iter().map(|a| a.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(alliances.iter().map(|a| a.name.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(alliances.iter().map(|a| a.ticker.clone()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    sql_query(
        "insert into corporations (id, name, ticker, alliance_id, faction_id, refreshed_at)
         select *, now() from unnest($1, $2, $3, $4, $5)
         union all select 98000000 + n, 'Corporation ' || n, 'C' || n, 99000001 + n % 300, null, now()
                   from generate_series(1, 4500) n
         on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(corporations.iter().map(|c| c.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(corporations.iter().map(|c| c.name.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(corporations.iter().map(|c| c.ticker.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(corporations.iter().map(|c| c.alliance_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(corporations.iter().map(|c| c.faction_id).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// The place in the list becomes the owner: every user has one pilot of each third.
async fn characters(conn: &mut Conn, pilots: &[Pilot]) -> Result<()> {
    conn.batch_execute(
        "create temp table seed_owners (place bigint, character_id bigint, owner_hash text) on commit drop",
    )
    .await?;
    for (number, chunk) in pilots.chunks(50_000).enumerate() {
        let ids: Vec<i64> = chunk.iter().map(|p| p.id).collect();
        sql_query(
            "insert into characters (id, name, corporation_id, alliance_id, faction_id, created_at)
             select *, now() - interval '90 days' from unnest($1, $2, $3, $4, $5)",
        )
        .bind::<Array<BigInt>, _>(&ids)
        .bind::<Array<Text>, _>(chunk.iter().map(|p| p.name.clone()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(chunk.iter().map(|p| p.corporation_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(chunk.iter().map(|p| p.alliance_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(chunk.iter().map(|p| p.faction_id).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        sql_query(
            "insert into seed_owners select $1 + place - 1, id, hash
             from unnest($2, $3) with ordinality as s (id, hash, place)",
        )
        .bind::<BigInt, _>(i64::try_from(number * 50_000).unwrap_or_default())
        .bind::<Array<BigInt>, _>(&ids)
        .bind::<Array<Text>, _>(chunk.iter().map(|p| p.owner_hash.clone()).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Users, ownerships, mains. Which of his pilots is the main differs from user to user.
fn user_rows(users: usize) -> String {
    format!(
        "insert into users (username, email, is_active, state_id, state_since, permission_set_id, created_at, last_login_at)
         select 'user_' || n, 'user_' || n || '@example.com', true, (select id from states where is_guest),
                now() - interval '60 days', (select id from permission_sets where permission_ids = '{{}}'),
                now() - interval '60 days', now() - interval '1 day'
         from generate_series(1, {users}) n;
         analyze seed_owners;
         insert into character_ownerships (character_id, user_id, owner_hash, created_at)
         select character_id, place % {users} + 1, owner_hash, now() - interval '60 days' from seed_owners;
         insert into ownership_records (character_id, user_id, owner_hash, created_at)
         select character_id, user_id, owner_hash, created_at from character_ownerships;
         analyze character_ownerships;
         update users u set main_character_id = s.character_id
         from seed_owners s where s.place % {users} + 1 = u.id and s.place / {users} = u.id % 3;"
    )
}

/// Half of the alliances are members with 20 permissions, half of the rest and the home alliance are blue with three.
async fn rules(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(&format!(
        "with ranked as (
             select a.id, row_number() over (order by a.id) as n from alliances a
             where a.id <> {HOME} and exists (select from characters c where c.alliance_id = a.id)
         )
         insert into state_alliances (state_id, alliance_id)
         select s.id, r.id from ranked r join states s on s.name = case r.n % 4 when 0 then 'Member' when 1 then 'Member' when 2 then 'Blue' end
         union all select id, {HOME} from states where name = 'Blue'"
    ))
    .await?;
    // The service's own permission and every other one that names a service or a view.
    let member: Vec<&str> = ["discord.access_discord"]
        .into_iter()
        .chain(
            CATALOGUE
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| !name.starts_with("auth") && !name.starts_with("discord.")),
        )
        .take(20)
        .collect();
    let blue = &member[..3];
    for (state, names) in [("Member", member.as_slice()), ("Blue", blue)] {
        sql_query(
            "insert into state_permissions (state_id, permission_id)
             select s.id, p.id from states s, permissions p where s.name = $1 and p.name = any ($2) on conflict do nothing",
        )
        .bind::<Text, _>(state)
        .bind::<Array<Text>, _>(names)
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// What an installation gathers: causes and history, notifications. The causes are analysed before anything refers to
/// them: a plan made while their table was empty would read all of it for each reference.
const PAST: &str = "
    insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary)
    select now() - interval '40 days', 'system', 'system', 'main_changed', 'user', 'user:' || u.id, u.username,
           u.username || ' flies under another main.'
    from users u;
    analyze audit_entries;
    insert into access_changes (user_id, kind, gained, lost, audit_id, at)
    select substr(e.object_id, 6)::bigint, 'state', '{Blue}', '{Guest}', e.id, e.at from audit_entries e;
    insert into notifications (user_id, level, kind, title, body, created_at, read_at)
    select u.id, 'info', 'service_linked', 'Discord linked', 'Your Discord account is linked.',
           now() - n * interval '5 days', case when n > 2 then now() end
    from users u, generate_series(1, 4) n;";

/// Links and settles the accounts of some of those who may have one.
///
/// # Errors
/// When the database fails.
pub async fn accounts(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    conn.batch_execute(&format!(
        "insert into service_accounts (user_id, service, external_id, external_name, wanted, actual, marked_revision,
                settled_revision, marked_at, next_attempt_at, linked_at, confirmed_at)
         select u.id, 'discord', (1200000000000000000 + u.id)::text, u.username,
                jsonb_build_object('name', c.name, 'groups', jsonb_build_array(s.name)),
                jsonb_build_object('nick', c.name, 'roles', jsonb_build_array(s.name)), 1, 1, now(), now(),
                now() - interval '50 days', now() - interval '50 days'
         from users u join states s on s.id = u.state_id join characters c on c.id = u.main_character_id
         where 'discord' = any (u.services) and abs(hashint8(u.id)::bigint) % 100 < {LINKED}"
    ))
    .await?;
    settle(&mut conn).await?;
    conn.batch_execute("vacuum analyze").await?;
    let accounts = count(&mut conn, "select count(*) from service_accounts").await?;
    progress(format!("{accounts} Discord accounts are linked"));
    Ok(())
}

/// Nothing is due: as if the worker had done all that was marked.
///
/// # Errors
/// When the database fails.
pub async fn settle(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "update service_accounts set settled_revision = marked_revision, is_revocation = false
         where settled_revision < marked_revision;
         delete from graphile_worker._private_jobs;",
    )
    .await?;
    Ok(())
}

/// A hundred groups as a big organisation has them: 40 internal ones that mirror its structure, 15 hidden ones, 15 for
/// friends, 30 that members see; everybody in five, most of them led by two people and some by another group.
const GROUPS: &str = "
    insert into groups (name, description, is_internal, is_hidden, is_open, is_public, is_restricted, is_state_limited, created_at)
    select 'Group ' || n, 'What the group number ' || n || ' is for, in a sentence of the usual length.', n <= 40,
           n between 41 and 55, n % 3 = 0, n % 10 = 0, n % 20 = 0, n between 56 and 80, now()
    from generate_series(1, 100) n order by n;
    insert into group_states (group_id, state_id)
    select g.id, s.id from groups g join states s on s.name = case when substr(g.name, 7)::int <= 70 then 'Blue' else 'Member' end
    where g.is_state_limited;
    insert into group_members (group_id, user_id, since)
    select distinct g.id, u.id, now() - interval '9 days' from users u
    cross join lateral (values (u.id % 40), (u.id * 7 % 40), (40 + u.id % 15), (80 + u.id % 20), (80 + u.id * 11 % 20)) as t (n)
    join groups g on g.name = 'Group ' || (t.n + 1);
    insert into group_leaders (group_id, user_id)
    select g.id, u.id from groups g join users u on u.id in (g.id * 17 % 90 + 1, g.id * 29 % 90 + 1) where not g.is_internal;
    insert into group_leader_groups (group_id, leader_group_id)
    select g.id, l.id from groups g join groups l on l.name = 'Group ' || (g.id % 40 + 1) where not g.is_internal and g.id % 3 = 0;
    insert into group_requests (group_id, user_id, kind, created_at)
    select g.id, u.id, 'join', now() from users u join groups g on g.name = 'Group ' || (71 + u.id % 10) where u.id % 20 = 0;
    update users u set group_ids = m.ids
    from (select user_id, array_agg(group_id order by group_id) as ids from group_members group by user_id) m where m.user_id = u.id;
    update users u set leads = l.ids
    from (select user_id, array_agg(group_id order by group_id) as ids from (
              select user_id, group_id from group_leaders
              union select m.user_id, l.group_id from group_leader_groups l join group_members m on m.group_id = l.leader_group_id
          ) x group by user_id) l where l.user_id = u.id;";

/// Makes groups, members, leaders and requests, unless they are there.
///
/// # Errors
/// When the database fails.
pub async fn groups(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    if count(&mut conn, "select count(*) from groups").await? > 0 {
        return Ok(());
    }
    conn.batch_execute(GROUPS).await?;
    settle(&mut conn).await?;
    conn.batch_execute("vacuum analyze").await?;
    let members = count(&mut conn, "select count(*) from group_members").await?;
    progress(format!("100 groups have {members} members"));
    Ok(())
}
