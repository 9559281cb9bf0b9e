//! Which roles an account gets and loses, and which are none of Fealty's business.

use fealty_api::{
    error::Error,
    services::roles::{self, Bearer},
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn managed_roles_stay_and_foreign_ones_go() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER, scouts, true).unwrap();
    browser.add(demo::SUNNIVA).await;
    browser.set_main(demo::SUNNIVA).await;
    world.run_jobs().await;
    let member = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(member["roles"], json!([role(&world, "Member")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_deleted_behind_our_back_is_made_again() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_delete_role(member).unwrap();
    browser.add(demo::SUNNIVA).await;
    browser.set_main(demo::SUNNIVA).await;
    world.run_jobs().await;
    // What is due later is due now.
    world.wait(Duration::minutes(10));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    let after = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(after["roles"], json!([role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_made_keeps_nobody_in_the_old_one() {
    let world = World::new().await;
    blue_has_discord(&world).await;
    let browser = linked(&world, demo::MIREL).await;
    let fillers: Vec<u64> = (world.sim.discord_roles().len()..250)
        .map(|n| world.sim.discord_create_role(&format!("Filler {n}"), 1, 0))
        .collect();
    world.sim.move_character(demo::MIREL, demo::BLUE_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(browser.state().await, "Blue");
    assert_eq!(held(&world, USER), json!([]), "he is no Member any more");
    assert_eq!(browser.discord().await, "FAILED");
    let why = detail(&browser).await;
    assert!(why.contains("no role Blue") && why.contains("250"), "{why}");
    // Others do not ask again and again.
    world.sim.clear_requests();
    world.wait(Duration::minutes(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(calls(&world, "POST", "/roles"), 0);
    world.sim.discord_delete_role(fillers[0]).unwrap();
    world.wait(Duration::hours(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER), json!([role(&world, "Blue")]));
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_above_the_bot_does_not_keep_a_pilot_out() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_edit_role(member, None, Some(9), None).unwrap();
    let teodric = world.pilot(demo::TEODRIC).await;
    teodric.link_discord(USER + 1).await;
    world.run_jobs().await;
    assert_eq!(held(&world, USER + 1), json!([]), "he is in");
    assert_eq!(teodric.discord().await, "FAILED");
    assert!(detail(&teodric).await.contains("give the role Member"));
    assert_eq!(browser.discord().await, "LINKED", "nothing changed for him");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_made_by_hand_is_not_handed_out_by_its_name() {
    const KICK: u64 = 1 << 1;
    let world = World::new().await;
    let powerful = world.sim.discord_create_role("moderator", 1, KICK);
    // It allows nothing by itself, but a channel may be open to it: nothing that a role says tells.
    let directors = world.sim.discord_create_role("Directors", 1, 0);
    let browser = linked(&world, demo::MIREL).await;
    let user_id = browser.user_id().await;
    group_with(&world, 7001, "Moderator", user_id).await;
    group_with(&world, 7002, "Directors", user_id).await;
    group_with(&world, 7003, "@everyone", user_id).await;
    let roles = held(&world, USER);
    let roles = roles.as_array().unwrap();
    assert_eq!(roles.len(), 4, "{roles:?}");
    for other in [powerful, directors, demo::DISCORD_GUILD_ID] {
        assert!(!roles.contains(&json!(other.to_string())), "{other}");
    }
    let names: Vec<String> =
        world.sim.discord_roles().into_iter().map(|role| role.name.to_lowercase()).collect();
    for name in ["moderator", "directors"] {
        assert_eq!(names.iter().filter(|other| *other == name).count(), 2, "ours is made beside it");
    }
    // Ours stays so, whatever the guild's owner lets it do.
    let ours = world
        .sim
        .discord_roles()
        .into_iter()
        .find(|role| role.name == "Directors" && roles.contains(&json!(role.id.to_string())));
    world.sim.discord_edit_role(ours.expect("our own").id, None, None, Some(KICK)).unwrap();
    world.wait(Duration::minutes(10));
    world.sql("update service_accounts set marked_revision = marked_revision + 1").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER).as_array().unwrap().len(), 4);
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_says_which_role_made_by_hand_to_use() {
    let world = World::new().await;
    let directors = world.sim.discord_create_role("Leitung", 1, 0);
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Directors", browser.user_id().await).await;
    let ours = role(&world, "Directors");
    assert_eq!(roles_of(&held(&world, USER)), sorted([ours.clone(), role(&world, "Member")]));
    let group = Bearer::Group("directors".into());
    rested(&world);
    let adopted = roles::adopt(&world.app, "discord", &directors.to_string(), &group).await.unwrap();
    assert_eq!((adopted.name.as_str(), adopted.replaced.as_deref()), ("Leitung", Some(ours.as_str())));
    world.run_jobs().await;
    assert_eq!(roles_of(&held(&world, USER)), sorted([directors.to_string(), role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
    let renamed =
        world.sim.discord_roles().into_iter().find(|role| role.id.to_string() == directors.to_string());
    assert_eq!(renamed.unwrap().name, "Directors", "it is called like its group from now on");
    let entries =
        "select count(*) from audit_entries where kind = 'service_role_adopted' and actor_kind = 'operator'
                   and object_id = 'group:7001'";
    assert_eq!(world.number(entries).await, 1);
    // Twice is nothing.
    rested(&world);
    let again = roles::adopt(&world.app, "discord", &directors.to_string(), &group).await.unwrap();
    assert_eq!(again.replaced, None);
    assert_eq!(world.number(entries).await, 1);
    let listed = roles::list(&world.app, "discord").await.unwrap();
    let listed: Vec<(&str, &str)> = listed.iter().map(|role| (role.kind, role.name.as_str())).collect();
    assert_eq!(listed, [("state", "Member"), ("group", "Directors")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_given_or_stands_for_something_else_is_not_adopted() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Directors", browser.user_id().await).await;
    let member = role(&world, "Member");
    let guild = demo::DISCORD_GUILD_ID.to_string();
    let group = || Bearer::Group("Directors".into());
    for (id, bearer, field) in [
        ("1", group(), "role"),
        ("x", group(), "role"),
        (guild.as_str(), group(), "role"),
        (member.as_str(), group(), "role"),
        (member.as_str(), Bearer::Group("Nobody".into()), "group"),
        (member.as_str(), Bearer::State("Directors".into()), "state"),
    ] {
        rested(&world);
        match roles::adopt(&world.app, "discord", id, &bearer).await {
            Err(Error::Invalid(problems)) => assert_eq!(problems[0].field, field, "{id} {bearer:?}"),
            other => panic!("{id} {bearer:?}: {other:?}"),
        }
    }
    assert!(matches!(roles::adopt(&world.app, "icq", &member, &group()).await, Err(Error::NotFound)));
    assert_eq!(
        world.number("select count(*) from audit_entries where kind = 'service_role_adopted'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_whose_making_was_not_answered_is_not_made_twice() {
    let world = World::new().await;
    let lost = Fault::new(Upstream::Discord, FaultKind::Drop { applied: true });
    let roles = format!("/api/v10/guilds/{}/roles", demo::DISCORD_GUILD_ID);
    world.sim.add_fault(Fault { method: Some("POST".into()), ..lost.on(roles).times(1) });
    let browser = linked(&world, demo::MIREL).await;
    assert_eq!(browser.discord().await, "LINKED");
    assert_eq!(world.sim.discord_roles().into_iter().filter(|role| role.name == "Member").count(), 1);
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
}

/// Lets the limits of Discord's that were used up recover.
pub fn rested(world: &World) {
    world.wait(Duration::seconds(10));
    world.sim.reset_limits();
}

fn roles_of(held: &serde_json::Value) -> Vec<String> {
    sorted(held.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()))
}

fn sorted(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_group_keeps_its_role() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Scouts", browser.user_id().await).await;
    let scouts = role(&world, "Scouts");
    world.apply(Change::GroupEdited { group_id: 7001, settings: settings("Rangers") }).await.unwrap();
    world.run_jobs().await;
    assert_eq!(role(&world, "Rangers"), scouts);
    assert!(world.sim.discord_role("Scouts").is_none());
    // Long names that begin alike have roles of their own.
    let long = "x".repeat(120);
    group_with(&world, 7002, &format!("{long}a"), browser.user_id().await).await;
    group_with(&world, 7003, &format!("{long}b"), browser.user_id().await).await;
    assert_eq!(held(&world, USER).as_array().unwrap().len(), 4);
}

async fn superuser(world: &World) -> Browser<'_> {
    let admin = world.pilot(demo::KAELEN).await;
    let user_id = admin.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    admin
}

async fn reserved(world: &World, admin: &Browser<'_>, name: &str) -> String {
    let made =
        "mutation($n:String!){createReservedGroupName(input:{name:$n,reason:\"Another bot's.\"}){status}}";
    let made = admin.gql(made, json!({ "n": name })).await.data();
    assert_eq!(made["createReservedGroupName"]["status"], "CREATED", "{made}");
    let id = world.number("select max(id) from reserved_group_names").await;
    format!("reserved_group_name:{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_with_reserved_names_are_left_alone() {
    let world = World::new().await;
    let admin = superuser(&world).await;
    let browser = linked(&world, demo::MIREL).await;
    let id = reserved(&world, &admin, "recruiters").await;
    let recruiters = world.sim.discord_create_role("Recruiters", 1, 0);
    world.sim.discord_set_member_role(USER, recruiters, true).unwrap();
    world.sim.clear_requests();
    let drift = services::drift(&world.app, "discord").await.unwrap();
    assert_eq!(drift.changed, [""; 0], "it is no drift");
    observe(&world).await;
    assert_eq!(calls(&world, "PATCH", "/members/"), 0);
    let both = sorted([recruiters.to_string(), role(&world, "Member")]);
    assert_eq!(roles_of(&held(&world, USER)), both);
    // Other changes of the account leave it, too; other roles given by hand go.
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER, scouts, true).unwrap();
    group_with(&world, 7001, "Haulers", browser.user_id().await).await;
    assert_eq!(
        roles_of(&held(&world, USER)),
        sorted([recruiters.to_string(), role(&world, "Member"), role(&world, "Haulers")])
    );
    world.apply(Change::GroupDeleted { group_id: 7001 }).await.unwrap();
    world.run_jobs().await;
    assert_eq!(roles_of(&held(&world, USER)), both);
    // Once the name is released the role is like any other.
    let released =
        admin.gql("mutation($i:ID!){deleteReservedGroupName(input:{id:$i}){status}}", json!({ "i": id }));
    assert_eq!(released.await.data()["deleteReservedGroupName"]["status"], "DELETED");
    rested(&world);
    observe(&world).await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
    // Whoever leaves takes nothing along.
    reserved(&world, &admin, "recruiters").await;
    world.sim.discord_set_member_role(USER, recruiters, true).unwrap();
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert!(world.sim.discord_member(USER).is_none());
}

/// The name of a group that was just deleted is reserved, before anybody lost its role.
#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_name_keeps_nobody_in_a_role_of_ours() {
    let world = World::new().await;
    let admin = superuser(&world).await;
    let browser = linked(&world, demo::MIREL).await;
    let user_id = browser.user_id().await;
    group_with(&world, 7001, "Directors", user_id).await;
    let ours = role(&world, "Directors");
    world.apply(Change::GroupDeleted { group_id: 7001 }).await.unwrap();
    reserved(&world, &admin, "Directors").await;
    world.run_jobs().await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
    world.sim.discord_set_member_role(USER, ours.parse().unwrap(), true).unwrap();
    rested(&world);
    observe(&world).await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]), "nor later");
    let listed = roles::list(&world.app, "discord").await.unwrap();
    assert_eq!(listed.len(), 1, "it stands for nothing any more");
    // An operator can have it stand for another group.
    group_with(&world, 7002, "Board", user_id).await;
    rested(&world);
    roles::adopt(&world.app, "discord", &ours, &Bearer::Group("Board".into())).await.unwrap();
    world.run_jobs().await;
    assert_eq!(roles_of(&held(&world, USER)), sorted([ours, role(&world, "Member")]));
}
