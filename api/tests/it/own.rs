//! What people see of themselves comes in one statement, and is what everybody else's way of reading it gives.

use fealty_api::{
    access::{Change, PermissionGrant},
    identity::api_token,
};
use fealty_simulator::demo;
use poem::http::header;
use serde_json::{Value, json};

use crate::{
    groups::{Flags, group},
    support::{World, endpoint, graphql, send, send_to},
};

/// The operations of the SPA, as it sends them.
const OPERATIONS: &str = include_str!("../../../web/operations.graphql");

fn dashboard() -> &'static str {
    let text = &OPERATIONS[OPERATIONS.find("query Dashboard ").unwrap()..];
    &text[..text.find("\n}").unwrap() + 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_is_one_statement_and_another_one_after_a_change() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    let cost = async |query: &str| {
        let before = world.app.db.statement_count();
        mirel.ask(query).await;
        world.app.db.statement_count() - before
    };
    mirel.ask(dashboard()).await;
    assert_eq!(cost(dashboard()).await, 1);
    world.sql("update characters set name = name || ' II' where name like 'Mirel%'").await;
    assert_eq!(cost(dashboard()).await, 2);
    assert_eq!(cost(dashboard()).await, 1);
    assert_eq!(cost("{viewer{user{username state{name} email}}}").await, 1);
    // More than is kept is read, and kept from then on.
    assert_eq!(cost("{viewer{user{history(first:100){nodes{id}}}}}").await, 2);
    assert_eq!(cost("{viewer{user{history(first:100){nodes{id}}}}}").await, 1);
    assert_eq!(cost(dashboard()).await, 1);
    // What is further down the list is asked for by itself.
    assert_eq!(cost("{viewer{user{history(last:3){nodes{id}}}}}").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_way_gives_the_same_answers() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let user_id = mirel.user_id().await;
    world
        .apply(Change::UserPermissions { user_id, grants: &[PermissionGrant::lasting("auth.view_user")] })
        .await
        .unwrap();
    let token = {
        let mut conn = world.conn().await;
        let made = api_token::create(&mut conn, &world.app, user_id, "A bot", None, None).await.unwrap();
        made.1.expose().to_owned()
    };
    let as_bot = async |query: &str| -> Value {
        let mut request = graphql(query, &json!({}));
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        send(&world, request).await.data()
    };
    let page =
        "nodes{id} edges{cursor} pageInfo{hasPreviousPage hasNextPage startCursor endCursor} totalCount";
    let mut queries = vec![
        dashboard().to_owned(),
        "{viewer{user{...U}}} fragment U on User{characters{name user{username} faction{name} corporation{memberCount isClosed alliance{name executorCorporationId}}}}".to_owned(),
        "{viewer{user{a:history(first:1){nodes{id}} history{nodes{id gained lost cause{kind}}}}}}".to_owned(),
        "{viewer{user{mainCharacter{isMain} services{key}} unreadNotifications}}".to_owned(),
    ];
    for arguments in ["", "(first:0)", "(first:1)", "(first:2)", "(first:100)", "(last:1)", "(last:100)"] {
        queries.push(format!(
            "{{viewer{{notifications{arguments}{{{page}}} user{{history{arguments}{{{page}}}}}}}}}"
        ));
    }
    world
        .sql(&format!(
            "insert into notifications (user_id, level, kind, title, created_at, read_at)
             select {user_id}, 'info', 'test', title, now(), read_at
             from (values ('Unread', null::timestamptz), ('Read', now()), ('Unread, too', null)) n (title, read_at)"
        ))
        .await;
    for arguments in
        ["(unread:true)", "(first:1,unread:true)", "(first:100,unread:true)", "(last:1,unread:true)"]
    {
        queries.push(format!("{{viewer{{unreadNotifications notifications{arguments}{{{page}}}}}}}"));
        queries.push(format!("{{viewer{{all:notifications{{{page}}} notifications{arguments}{{{page}}}}}}}"));
    }
    for query in &queries {
        let seen = mirel.ask(query).await;
        assert_eq!(seen, as_bot(query).await, "{query}");
        assert_eq!(seen, mirel.ask(query).await, "again: {query}");
    }
    assert_eq!(mirel.ask(dashboard()).await["viewer"]["user"]["characters"].as_array().unwrap().len(), 2);
    // Too many are refused as ever, and what changed is seen at once.
    assert_eq!(mirel.gql("{viewer{notifications(first:101){nodes{id}}}}", json!({})).await.code(), "INVALID");
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let seen = mirel.ask(dashboard()).await;
    assert_eq!(seen["viewer"]["user"]["state"]["name"], "Guest");
    assert_eq!(seen, as_bot(dashboard()).await);
}

/// Everything that a page about oneself shows, changed behind the program's back: the next request shows it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_kept_is_older_than_the_request() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let other = world.pilot(demo::ORRIN).await.user_id().await;
    let user = mirel.user_id().await;
    let open = Flags { open: true, public: true, ..Flags::default() };
    let (first, second) = (group(&world, "First", open).await, group(&world, "Second", open).await);
    let query = "{viewer{unreadNotifications notifications(first:5){nodes{id title readAt}} fresh:notifications(first:5,unread:true){nodes{id title}}
        groups{name membership{isMember endsAt request{kind}}}
        user{mainCharacter{name} history(first:5){nodes{id gained}} services{accountName status}
             characters{name isBiomassed faction{id} corporation{name ticker memberCount isClosed} alliance{name ticker executorCorporationId}}}}}";
    let character =
        "where id = (select o.character_id from character_ownerships o join users u on u.id = o.user_id
                                 where u.id = $U and o.character_id <> u.main_character_id)";
    let corporation = "where id = (select c.corporation_id from users u join characters c on c.id = u.main_character_id where u.id = $U)";
    let alliance = "where id = (select c.alliance_id from users u join characters c on c.id = u.main_character_id where u.id = $U)";
    let steps = [
        format!("update characters set name = 'Another Name' {character}"),
        format!("update characters set is_biomassed = true {character}"),
        format!("update characters set faction_id = (select min(id) from factions) {character}"),
        format!("update characters set corporation_id = null {character}"),
        format!("update characters set alliance_id = null {character}"),
        format!("update corporations set name = 'Another Corporation' {corporation}"),
        format!("update corporations set ticker = 'OTHER' {corporation}"),
        format!("update corporations set member_count = 7 {corporation}"),
        format!("update corporations set is_closed = true {corporation}"),
        format!("update alliances set name = 'Another Alliance', ticker = 'ANOTH' {alliance}"),
        format!("update alliances set executor_corporation_id = null {alliance}"),
        "insert into notifications (user_id, level, kind, title, created_at) values ($U, 'info', 'test', 'New', now())".into(),
        "update notifications set read_at = now() where user_id = $U and title = 'New'".into(),
        "update notifications set user_id = $O where user_id = $U and title = 'New'".into(),
        "update notifications set user_id = $U where user_id = $O and title = 'New'".into(),
        "delete from notifications where user_id = $U and title = 'New'".into(),
        "update service_accounts set external_name = 'somebody' where user_id = $U".into(),
        "update service_accounts set marked_revision = settled_revision + 1 where user_id = $U".into(),
        "delete from service_accounts where user_id = $U".into(),
        "insert into group_members (group_id, user_id, since, reason) values ($1, $U, now(), '')".into(),
        "update group_members set ends_at = now() + interval '1 day' where user_id = $U".into(),
        "delete from group_members where user_id = $U".into(),
        "insert into group_requests (group_id, user_id, kind, reason, created_at) values ($2, $U, 'join', '', now())".into(),
        "delete from group_requests where user_id = $U".into(),
        "update groups set name = 'Third' where id = $1".into(),
        "with e as (insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary)
                    values (now(), 'system', 'system', 'test', 'user', 'user:0', '', '') returning id)
         insert into access_changes (user_id, kind, gained, lost, audit_id, at)
         select $U, 'permission', '{a.b}', '{}', id, now() from e".into(),
        "delete from character_ownerships where user_id = $U and character_id <> (select main_character_id from users where id = $U)".into(),
        "delete from character_ownerships where user_id = $U".into(),
    ];
    let mut before = mirel.ask(query).await;
    for step in steps {
        let sql = step
            .replace("$U", &user.to_string())
            .replace("$O", &other.to_string())
            .replace("$1", &first.to_string())
            .replace("$2", &second.to_string());
        world.sql(&sql).await;
        let after = mirel.ask(query).await;
        assert_ne!(before, after, "{sql}");
        assert_eq!(after, mirel.ask(query).await, "{sql}");
        before = after;
    }
}

/// A document that was answered before is not validated again, but limited and answered as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_document_is_answered_as_a_new_one() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let server = endpoint(&world);
    let cookie = {
        let cookies = mirel.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    };
    let ask = async |body: Value| -> Value {
        let mut request = graphql("", &json!({}));
        request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        request.set_body(body.to_string());
        send_to(&server, request).await.json()
    };
    let named = json!({"query": dashboard(), "operationName": "Dashboard"});
    let first = ask(named.clone()).await;
    assert!(first["data"]["viewer"]["user"].is_object(), "{first}");
    for _ in 0..3 {
        assert_eq!(first, ask(named.clone()).await);
    }
    let other = ask(json!({"query": dashboard(), "operationName": "Other"})).await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "INVALID", "{other}");
    let wrong =
        json!({"query": "query($n: Int){viewer{notifications(first:$n){nodes{id}}}}", "variables": {"n": 2}});
    assert!(ask(wrong.clone()).await["errors"].is_null());
    let wrong = json!({"query": wrong["query"], "variables": {"n": "two"}});
    assert_eq!(ask(wrong).await["errors"][0]["extensions"]["code"], "INVALID");
    let nothing = json!({"query": "{nothing}"});
    assert_eq!(ask(nothing.clone()).await, ask(nothing).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_way_lets_nobody_in() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    assert!(mirel.ask(dashboard()).await["viewer"].is_object());
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert!(mirel.ask(dashboard()).await["viewer"].is_null(), "switched off");
    let orrin = world.pilot(demo::ORRIN).await;
    assert!(orrin.ask(dashboard()).await["viewer"].is_object());
    world.clock.advance(chrono::Duration::days(31));
    assert!(orrin.ask(dashboard()).await["viewer"].is_null(), "expired");
}
