//! Statements do not follow rows: 3 or 30, it is the same number.

use fealty_simulator::demo;

use super::{CLOSED, Flags, HIDDEN, decide, group, lead, put, superuser};
use crate::support::World;

/// Users with mains, in one statement each: ids from `from` on.
async fn crowd(world: &World, from: i64, to: i64) {
    world.sql("insert into corporations (id, name) values (98000777, 'Crowd') on conflict do nothing").await;
    for sql in [
        "insert into characters (id, name, corporation_id, created_at) select 90000000 + n, 'Crowd ' || n, 98000777, now() from n",
        "insert into users (username, email, is_active, state_id, state_since, permission_set_id, created_at) select 'crowd' || n, 'c@example.com', true, (select id from states where is_guest), now(), (select id from permission_sets where permission_ids = '{}'), now() from n",
        "insert into character_ownerships (character_id, user_id, owner_hash, created_at) select 90000000 + n, (select id from users where username = 'crowd' || n), n, now() from n",
        "update users set main_character_id = 90000000 + n from n where username = 'crowd' || n",
    ] {
        world.sql(&format!("with n as (select generate_series({from}, {to}) as n) {sql}")).await;
    }
}

async fn crowd_ids(world: &World, to: i64) -> Vec<i64> {
    let mut ids = Vec::new();
    for n in 1..=to {
        ids.push(world.number(&format!("select id from users where username = 'crowd{n}'")).await);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_cost_the_same_for_3_and_30_rows() {
    let world = World::counting().await;
    let admin = world.pilot(demo::KAELEN).await;
    let admin_id = admin.user_id().await;
    superuser(&world, admin_id).await;
    crowd(&world, 1, 30).await;
    let everybody = crowd_ids(&world, 30).await;
    let member = super::state(&world, "Member").await;
    let main = group(&world, "A main one", CLOSED).await;
    let own = "{viewer{groups{id name description isOpen isHidden states{name} leaders{username mainCharacter{name portraitUrl}} leaderGroups{id name} membership{isMember since endsAt action detail request{id kind reason createdAt}}}}}";
    let groups = "{groups(first:100){totalCount nodes{name states{name} leaders{username state{name} mainCharacter{name}} leaderGroups{name} membership{action request{id}} management{memberCount requestCount canEditMembers joinPath} settings{permissions memberCount createdAt}}}}";
    let requests = "{groupRequests(first:100){totalCount nodes{id canDecide group{name leaders{username}} person{username state{name} mainCharacter{name corporation{name}}}}}}";
    let members = format!(
        "{{group(id:\"group:{main}\"){{management{{memberCount members(first:100){{totalCount nodes{{since isLeader person{{username state{{name}} mainCharacter{{name corporation{{name}}}}}}}}}} log(first:100){{totalCount nodes{{username note}}}}}}}}}}"
    );
    let queries = [own, groups, requests, &members];
    let mut few = Vec::new();
    for (from, to) in [(0, 3), (3, 30)] {
        for (n, user) in everybody.iter().copied().enumerate().take(to).skip(from) {
            let id = group(&world, &format!("Group {n:02}"), Flags { public: true, ..CLOSED }).await;
            let hidden = group(&world, &format!("Leaders {n:02}"), HIDDEN).await;
            super::limit(&world, id, &[member]).await;
            lead(&world, id, &[user], &[main, hidden]).await;
            put(&world, main, &[user]).await;
            world.sql(&format!("insert into group_requests (group_id, user_id, kind, created_at) values ({id}, {user}, 'join', now()), ({id}, {admin_id}, 'join', now())")).await;
        }
        for (n, query) in queries.iter().enumerate() {
            let cost = world.cost(&admin, query).await;
            if from == 0 {
                few.push(cost);
            } else {
                assert_eq!(cost, few[n], "for 3 rows and for 30: {query}");
            }
        }
    }
    assert!(few.iter().all(|cost| *cost <= 14), "{few:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deciding_30_requests_of_one_group_costs_what_3_do() {
    let world = World::counting().await;
    let admin = world.pilot(demo::KAELEN).await;
    superuser(&world, admin.user_id().await).await;
    crowd(&world, 1, 60).await;
    let scouts = group(&world, "Scouts", Flags { public: true, ..CLOSED }).await;
    let mut costs = Vec::new();
    for (accept, from, to) in [(true, 1, 3), (true, 4, 30), (false, 31, 33), (false, 34, 60)] {
        world.sql(&format!("insert into group_requests (group_id, user_id, kind, created_at) select {scouts}, u.id, 'join', now() from users u where u.username in (select 'crowd' || n from generate_series({from}, {to}) n)")).await;
        let ids: Vec<i64> = {
            let texts = super::texts(&world, "select id::text as text from group_requests order by id").await;
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        assert_eq!(ids.len(), to - from + 1);
        // The first change of a connection makes its temporary tables.
        if from == 1 {
            decide(&admin, &ids[..1], false).await;
        }
        let before = world.app.db.statement_count();
        decide(&admin, &ids, accept).await;
        costs.push(world.app.db.statement_count() - before);
    }
    assert!(costs[1] <= costs[0] + 2, "accepting: {costs:?}");
    assert!(costs[3] <= costs[2] + 2, "rejecting: {costs:?}");
    assert_eq!(world.number("select count(*) from group_members").await, 29);
    assert_eq!(
        world.number("select count(*) from notifications where kind = 'group_request_rejected'").await,
        31
    );
}
