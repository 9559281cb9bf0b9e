//! What a service holds, compared with what it should hold.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn roles_changed_by_hand_are_put_right() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.clear_requests();
    observe(&world).await;
    assert_eq!(calls(&world, "GET", "/members/"), 0, "nothing differs, nobody is looked at");
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER, scouts, true).unwrap();
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_set_member_role(USER, member, false).unwrap();
    let drift = services::drift(&world.app, "discord").await.unwrap();
    assert_eq!((drift.changed.len(), drift.returned.len(), drift.strangers.len()), (1, 0, 0));
    assert_eq!(held(&world, USER), json!([scouts.to_string()]), "looking changes nothing");
    observe(&world).await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
    // Whoever left by himself is not fetched back by that.
    world.sim.discord_kick(USER).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_back_after_his_removal_is_removed_again_and_strangers_stay() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    let with_role = |user: u64| {
        world.sim.discord_invite(user).unwrap();
        world.sim.discord_set_member_role(user, member, true).unwrap();
    };
    with_role(USER + 3);
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert!(world.sim.discord_member(USER).is_none());
    // The call of a worker that was cut off arrives late.
    with_role(USER);
    // Whoever is still on a list that was read at the moment of his removal is not back.
    assert_eq!(services::drift(&world.app, "discord").await.unwrap().returned, Vec::<String>::new());
    world.wait(Duration::seconds(1));
    let drift = services::drift(&world.app, "discord").await.unwrap();
    assert_eq!((drift.changed.len(), drift.returned), (0, vec![USER.to_string()]));
    assert_eq!(drift.strangers, [(USER + 3).to_string()], "told of, and left alone");
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_none(), "removed again");
    assert_eq!(
        world
            .number("select count(*) from audit_entries where summary like '%again after its removal%'")
            .await,
        1
    );
    // As a guest without roles of ours he is nobody's business.
    world.sim.discord_invite(USER).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_some());
    // A day later no call of ours can be on its way.
    world.wait(Duration::hours(25));
    world.sim.discord_set_member_role(USER, member, true).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_some());
    assert_eq!(held(&world, USER + 3), json!([member.to_string()]), "never ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_list_of_members_observing_fails_and_changes_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.discord_set_members_intent(false);
    assert!(world.run_job("observe", json!({"service": "discord"})).await.is_err());
    assert_eq!(browser.discord().await, "LINKED");
    world.run_job("observe", json!({"service": "icq"})).await.unwrap();
}
