use chrono::Duration;
use diesel_async::SimpleAsyncConnection;
use fealty_api::{
    access::{Change, EndTimed, PermissionGrant},
    clock::Clock,
    identity::api_token,
    jobs::Job,
};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{codes, edit, refused, save, staff, superuser, with_token};
use crate::support::{Browser, World};

fn id(user_id: i64) -> String {
    format!("user:{user_id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_switched_off_and_on() {
    let world = World::new().await;
    let clerk = staff(&world, demo::KAELEN, &["auth.change_user"]).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user = id(pilot.user_id().await);
    let off = json!({"id": user, "isActive": false, "reason": "Spy"});
    let preview = save(&clerk, "UpdateUser", off.clone()).await;
    assert!(preview["preview"]["summary"].as_str().unwrap().contains("state Member from 1 pilot"));
    assert_eq!(pilot.ask("{viewer{user{id}}}").await["viewer"], Value::Null, "his session is worth nothing");
    assert_eq!(
        world
            .number(
                "select count(*) from audit_entries where kind = 'deactivated' and after ->> 'reason' = 'Spy'
                 and summary not like '%Spy%'"
            )
            .await,
        1,
        "for those who read the log, not for him"
    );
    assert_eq!(refused(&clerk, "UpdateUser", with_token(&off, &preview)).await, "CONFLICT", "used up");
    save(&clerk, "UpdateUser", json!({"id": user, "isActive": true})).await;
    assert_eq!(pilot.ask("{viewer{user{id}}}").await["viewer"], Value::Null, "his old session stays ended");
    pilot.log_in(demo::MIREL).await;
    assert_eq!(pilot.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn being_switched_off_ends_sessions_tokens_and_logins() {
    let world = World::new().await;
    let clerk = staff(&world, demo::KAELEN, &["auth.change_user"]).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user_id = pilot.user_id().await;
    let token = {
        let mut conn = world.conn().await;
        api_token::create(&mut conn, &world.app, user_id, "A bot", None, None).await.unwrap().1
    };
    pilot.get("/sso/login?purpose=add_character").await;
    save(&clerk, "UpdateUser", json!({"id": id(user_id), "isActive": false})).await;
    save(&clerk, "UpdateUser", json!({"id": id(user_id), "isActive": true})).await;
    let found = api_token::find(&mut *world.conn().await, world.clock.now(), token.expose()).await.unwrap();
    assert!(found.is_none(), "whoever has stolen the token has nothing");
    for table in ["sessions", "oauth_attempts"] {
        let left = format!("select count(*) from {table} where user_id = {user_id}");
        assert_eq!(world.number(&left).await, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn off_stays_off_for_who_is_not_registered_yet() {
    let world = World::new().await;
    let clerk = staff(&world, demo::KAELEN, &["auth.change_user"]).await;
    let visitor = world.browser();
    visitor.log_in(demo::MIREL).await;
    let user_id = world.number("select max(id) from users").await;
    let user = id(user_id);
    let on = json!({"id": user, "isActive": true});
    assert_eq!(codes(&edit(&clerk, "UpdateUser", on.clone()).await), ["isActive unregistered"]);
    let register = "mutation{register(input:{email:\"m@example.com\"}){status}}";
    assert_eq!(visitor.ask(register).await["register"]["status"], "MAIL_SENT");
    world.run_jobs().await;
    let confirm = format!("mutation{{confirmEmail(input:{{token:\"{}\"}}){{status}}}}", world.mailed_token());
    save(&clerk, "UpdateUser", json!({"id": user, "isActive": false, "reason": "Spy"})).await;
    assert_eq!(visitor.gql(register, json!({})).await.code(), "UNAUTHENTICATED", "his session has ended");
    assert_eq!(visitor.ask(&confirm).await["confirmEmail"]["status"], "INVALID");
    assert!(visitor.log_in(demo::MIREL).await.contains("error=disabled"));
    let is_active = format!("select count(*) from users where id = {user_id} and is_active");
    assert_eq!(world.number(&is_active).await, 0);
    // Switched on again, he may finish what only he can.
    save(&clerk, "UpdateUser", on).await;
    assert_eq!(world.number(&is_active).await, 0);
    visitor.log_in(demo::MIREL).await;
    world.wait(Duration::minutes(1));
    assert_eq!(visitor.ask(register).await["register"]["status"], "MAIL_SENT");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_demoted_while_he_waited_edits_nothing() {
    let world = World::new().await;
    let (one, two) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    let demote = async |by: &Browser<'_>, whom: &Browser<'_>| {
        let input = json!({"id": id(whom.user_id().await), "isSuperuser": false, "isStaff": false});
        let preview = edit(by, "UpdateUser", input.clone()).await;
        with_token(&input, &preview)
    };
    let (first, second) = (demote(&one, &two).await, demote(&two, &one).await);
    // Both stand in line behind somebody else's edit, with sessions that are still good.
    let mut other = world.conn().await;
    other.batch_execute("begin; select pg_advisory_xact_lock(hashtext('fealty.access'))").await.unwrap();
    let document = "mutation($i:UpdateUserInput!){updateUser(input:$i){status}}";
    let release = async {
        world.until_waiting(2).await;
        other.batch_execute("commit").await.unwrap();
    };
    let (a, b, ()) = tokio::join!(
        one.gql(document, json!({"i": first})),
        two.gql(document, json!({"i": second})),
        release
    );
    let (a, b) = (a.json(), b.json());
    let saved = [&a, &b].into_iter().filter(|reply| reply["data"]["updateUser"]["status"] == "SAVED").count();
    let refused =
        [&a, &b].into_iter().filter(|reply| reply["errors"][0]["extensions"]["code"] == "FORBIDDEN").count();
    assert_eq!((saved, refused), (1, 1), "{a} {b}");
    assert_eq!(world.number("select count(*) from users where is_superuser").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_the_code_forgot_is_in_nobodys_way() {
    let world = World::new().await;
    let clerk = staff(&world, demo::KAELEN, &["auth.change_user"]).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user_id = pilot.user_id().await;
    world
        .sql("insert into permissions (name, description) values ('old.forgotten', 'Of an older version')")
        .await;
    let forgotten = PermissionGrant::lasting("old.forgotten");
    world.apply(Change::UserPermissions { user_id, grants: &[forgotten] }).await.unwrap();
    save(&clerk, "UpdateUser", json!({"id": id(user_id), "isActive": false})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_ended_and_is_sent_back_is_no_harm() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let user = id(world.pilot(demo::MIREL).await.user_id().await);
    let ends = (world.clock.now() + Duration::minutes(5)).to_rfc3339();
    let timed = json!({"permission": "auth.timer_view", "endsAt": ends});
    save(&admin, "UpdateUser", json!({"id": user, "permissions": [timed]})).await;
    // The worker is down: it has ended, and is still there.
    world.wait(Duration::minutes(10));
    let more = json!([timed, {"permission": "auth.optimer_view"}]);
    save(&admin, "UpdateUser", json!({"id": user, "permissions": more})).await;
    assert_eq!(world.number("select count(*) from user_permissions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_ended_is_in_nobodys_way() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let clerk = staff(&world, demo::TEODRIC, &["auth.change_user"]).await;
    let user = id(world.pilot(demo::MIREL).await.user_id().await);
    let ends = (world.clock.now() + Duration::minutes(5)).to_rfc3339();
    let lasting = json!({"permission": "auth.optimer_view"});
    let timed = json!({"permission": "auth.timer_view", "endsAt": ends});
    save(&admin, "UpdateUser", json!({"id": user, "permissions": [timed, lasting]})).await;
    world.wait(Duration::minutes(10));
    save(&clerk, "UpdateUser", json!({"id": user, "isActive": false})).await;
    // Nor when they are named as he sees them, with it or without it.
    let named = json!({"id": user, "isActive": true, "permissions": [lasting, timed]});
    save(&clerk, "UpdateUser", named).await;
    save(&clerk, "UpdateUser", json!({"id": user, "isActive": false, "permissions": [lasting]})).await;
    let fewer = json!({"id": user, "permissions": [timed]});
    assert_eq!(codes(&edit(&clerk, "UpdateUser", fewer).await), ["permissions forbidden"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_promotes_nobody_and_leaves_superusers_alone() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let clerk = staff(&world, demo::MIREL, &["auth.change_user"]).await;
    let pilot = id(world.pilot(demo::RHEA).await.user_id().await);
    let (admin_id, clerk_id) = (id(admin.user_id().await), id(clerk.user_id().await));
    for (input, expected) in [
        (json!({"id": pilot, "isStaff": true}), vec!["isStaff forbidden"]),
        (json!({"id": clerk_id, "isSuperuser": true}), vec!["isSuperuser forbidden"]),
        (
            json!({"id": pilot, "permissions": [{"permission": "auth.timer_view"}]}),
            vec!["permissions forbidden"],
        ),
        (json!({"id": clerk_id, "permissions": []}), vec!["permissions forbidden"]),
        (json!({"id": admin_id, "isActive": false}), vec!["id forbidden"]),
        (json!({"id": clerk_id, "isActive": false}), vec!["isActive forbidden"]),
    ] {
        assert_eq!(codes(&edit(&clerk, "UpdateUser", input.clone()).await), expected, "{input}");
    }
    assert_eq!(
        codes(&edit(&admin, "UpdateUser", json!({"id": admin_id, "isSuperuser": false})).await),
        ["isSuperuser forbidden"]
    );
    assert_eq!(
        codes(&edit(&admin, "UpdateUser", json!({"id": admin_id, "isActive": false})).await),
        ["isActive forbidden"]
    );
    save(&admin, "UpdateUser", json!({"id": clerk_id, "isStaff": false})).await;
    assert_eq!(refused(&clerk, "UpdateUser", json!({"id": pilot, "isActive": false})).await, "FORBIDDEN");
    assert_eq!(
        edit(&admin, "UpdateUser", json!({"id": "user:999999", "isActive": false})).await["status"],
        "NOT_FOUND"
    );
    assert_eq!(refused(&admin, "UpdateUser", json!({"id": "state:1", "isActive": false})).await, "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_begin_and_end_by_themselves_even_after_a_night_without_worker() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user = id(pilot.user_id().await);
    let at = |minutes: i64| (world.clock.now() + Duration::minutes(minutes)).to_rfc3339();
    let grants = json!([
        {"permission": "auth.timer_view", "endsAt": at(10), "reason": "Guest commander"},
        {"permission": "auth.optimer_view", "startsAt": at(5), "endsAt": at(600)},
    ]);
    let preview = save(&admin, "UpdateUser", json!({"id": user, "permissions": grants})).await;
    assert_eq!(
        preview["preview"]["summary"],
        "Gives permission “Can see structure timers” (auth.timer_view) to 1 pilot.",
        "the other lies ahead"
    );
    let has = async |name: &str| {
        let permissions = pilot.ask("{viewer{permissions}}").await["viewer"]["permissions"].clone();
        permissions.as_array().unwrap().contains(&json!(name))
    };
    assert!(has("auth.timer_view").await && !has("auth.optimer_view").await);
    let tick = async || EndTimed {}.run(&world.app).await.unwrap();
    world.wait(Duration::minutes(6));
    tick().await;
    assert!(has("auth.timer_view").await && has("auth.optimer_view").await);
    world.wait(Duration::hours(9));
    tick().await;
    assert!(!has("auth.timer_view").await && has("auth.optimer_view").await);
    world.wait(Duration::hours(9));
    tick().await;
    assert!(!has("auth.optimer_view").await);
    assert_eq!(world.number("select count(*) from user_permissions").await, 0);
    let entries = "select count(*) from audit_entries where kind = 'time_passed'";
    assert_eq!(world.number(entries).await, 3);
    tick().await;
    assert_eq!(world.number(entries).await, 3, "nothing due, nothing written");
    for (grant, expected) in [
        (json!([{"permission": "auth.timer_view", "endsAt": at(-1)}]), "permissions invalid"),
        (
            json!([{"permission": "auth.timer_view", "startsAt": at(9), "endsAt": at(8)}]),
            "permissions invalid",
        ),
        (json!([{"permission": "no.such"}]), "permissions unknown"),
        (json!([{"permission": "auth.timer_view"}, {"permission": "auth.timer_view"}]), "permissions twice"),
        (json!([{"permission": "auth.timer_view", "reason": "x".repeat(1001)}]), "permissions too_long"),
    ] {
        let answer = edit(&admin, "UpdateUser", json!({"id": user, "permissions": grant})).await;
        assert_eq!(codes(&answer), [expected], "{grant}");
    }
}
