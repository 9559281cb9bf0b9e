//! Restricted groups: only superusers add, remove or accept, everywhere.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::json;

use super::{
    CLOSED, Flags, OPEN, RESTRICTED, decide, edit, grant, group, is_member, join, lead, leave, look, put,
    request_of, superuser,
};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_superusers_lets_anybody_in_or_out() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let (leader, manager) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    let (admin, root) = (world.pilot(demo::BRAM).await, world.pilot(demo::KAELEN).await);
    let member = mirel.user_id().await;
    grant(&world, manager.user_id().await, &["auth.group_management", "auth.view_group"]).await;
    let staff = admin.user_id().await;
    grant(&world, staff, &["auth.change_group", "auth.view_group"]).await;
    world.apply(Change::StaffChanged { user_id: staff, is_staff: true }).await.unwrap();
    superuser(&world, root.user_id().await).await;
    let closed = group(&world, "Vault", RESTRICTED).await;
    let open = group(&world, "Open vault", Flags { restricted: true, ..OPEN }).await;
    for id in [closed, open] {
        lead(&world, id, &[leader.user_id().await], &[]).await;
        assert_eq!(join(&mirel, id).await, "REQUESTED", "never without a superuser");
        let request = request_of(&world, id, member).await;
        for browser in [&leader, &manager] {
            assert_eq!(decide(browser, &[request], true).await, ["NOT_ALLOWED"]);
            assert_eq!(decide(browser, &[request], false).await, ["NOT_ALLOWED"]);
            let management =
                look(browser, id, "management{canEditMembers requestCount}").await["management"].clone();
            assert_eq!(management, json!({"canEditMembers": false, "requestCount": 1}));
            let requests = browser.ask("{viewer{groupRequestCount} groupRequests{nodes{canDecide}}}").await;
            assert_eq!(requests["viewer"]["groupRequestCount"], 0);
            assert_eq!(requests["groupRequests"]["nodes"][0]["canDecide"], false);
        }
        for browser in [&leader, &manager, &admin] {
            for mutation in ["addGroupMembers", "removeGroupMembers"] {
                assert_eq!(edit(browser, mutation, id, &[member]).await, ("NOT_ALLOWED".into(), vec![]));
            }
        }
        assert_eq!(root.ask("{viewer{groupRequestCount}}").await["viewer"]["groupRequestCount"], 1);
        assert_eq!(decide(&root, &[request], true).await, ["ACCEPTED"]);
        assert!(is_member(&world, id, member).await);
        for browser in [&leader, &manager, &admin] {
            assert_eq!(edit(browser, "removeGroupMembers", id, &[member]).await.0, "NOT_ALLOWED");
        }
        assert_eq!(
            edit(&root, "removeGroupMembers", id, &[member]).await,
            ("DONE".into(), vec!["REMOVED".into()])
        );
        assert_eq!(
            edit(&root, "addGroupMembers", id, &[member]).await,
            ("DONE".into(), vec!["ADDED".into()])
        );
    }
    // Leaving is his own affair.
    assert_eq!(leave(&mirel, open).await, "LEFT");
    assert_eq!(leave(&mirel, closed).await, "REQUESTED");
    let request = request_of(&world, closed, member).await;
    assert_eq!(decide(&leader, &[request], true).await, ["NOT_ALLOWED"]);
    assert_eq!(decide(&root, &[request], true).await, ["ACCEPTED"]);
    assert_eq!(join(&root, open).await, "JOINED", "a superuser needs no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_decided_each_by_its_own_group() {
    let world = World::new().await;
    let (mirel, manager) = (world.pilot(demo::MIREL).await, world.pilot(demo::ORRIN).await);
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let member = mirel.user_id().await;
    let (vault, scouts, left) = (
        group(&world, "Vault", RESTRICTED).await,
        group(&world, "Scouts", CLOSED).await,
        group(&world, "Left", CLOSED).await,
    );
    put(&world, left, &[member]).await;
    join(&mirel, vault).await;
    join(&mirel, scouts).await;
    leave(&mirel, left).await;
    let mut ids = vec![999];
    for id in [vault, scouts, left] {
        ids.push(request_of(&world, id, member).await);
    }
    assert_eq!(decide(&manager, &ids, true).await, ["NOT_FOUND", "NOT_ALLOWED", "ACCEPTED", "ACCEPTED"]);
    assert!(is_member(&world, scouts, member).await);
    assert!(!is_member(&world, left, member).await && !is_member(&world, vault, member).await);
}
