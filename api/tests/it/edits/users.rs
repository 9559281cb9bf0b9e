use chrono::Duration;
use fealty_api::{access::EndTimed, clock::Clock, jobs::Job};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{codes, edit, refused, save, staff, superuser, with_token};
use crate::support::World;

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
            .number("select count(*) from audit_entries where kind = 'deactivated' and summary like '%: Spy'")
            .await,
        1
    );
    assert_eq!(refused(&clerk, "UpdateUser", with_token(&off, &preview)).await, "CONFLICT", "used up");
    save(&clerk, "UpdateUser", json!({"id": user, "isActive": true})).await;
    assert_eq!(pilot.state().await, "Member");
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
        preview["preview"]["summary"], "Gives permission auth.timer_view to 1 pilot.",
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
