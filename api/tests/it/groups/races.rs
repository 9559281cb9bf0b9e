//! What happens at the same moment: exactly one wins, and nothing is done twice.

use fealty_simulator::demo;

use super::{CLOSED, decide, edit, group, is_member, join, lead, leave, log, put, request_of, retract};
use crate::support::World;

/// Enough tries to meet in different places.
const ROUNDS: usize = 8;

fn sorted(mut both: [String; 2]) -> [String; 2] {
    both.sort();
    both
}

#[tokio::test(flavor = "multi_thread")]
async fn two_leaders_decide_the_same_request() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let (one, two) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[one.user_id().await, two.user_id().await], &[]).await;
    for round in 0..ROUNDS {
        assert_eq!(join(&mirel, scouts).await, "REQUESTED");
        let ids = [request_of(&world, scouts, member).await];
        let second = round % 2 == 0;
        let (a, b) = tokio::join!(decide(&one, &ids, true), decide(&two, &ids, second));
        let outcomes = sorted([a[0].clone(), b[0].clone()]);
        assert!(
            matches!((&*outcomes[0], &*outcomes[1]), ("ACCEPTED" | "NOT_FOUND", "NOT_FOUND" | "REJECTED")),
            "{outcomes:?}"
        );
        assert!(outcomes.contains(&"NOT_FOUND".to_owned()), "{outcomes:?}");
        assert_eq!(is_member(&world, scouts, member).await, outcomes[0] == "ACCEPTED");
        assert_eq!(log(&world, scouts).await.len() % 2, usize::from(true), "one entry for one decision");
        if outcomes[0] == "ACCEPTED" {
            edit(&one, "removeGroupMembers", scouts, &[member]).await;
        } else {
            // Keeps the number of entries even.
            join(&mirel, scouts).await;
            retract(&mirel, scouts).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_twice_is_one_request() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    let open = group(&world, "Open", super::OPEN).await;
    for _ in 0..ROUNDS {
        let (a, b) = tokio::join!(join(&mirel, scouts), join(&mirel, scouts));
        assert_eq!(sorted([a, b]), ["ALREADY_REQUESTED", "REQUESTED"]);
        assert_eq!(world.number("select count(*) from group_requests").await, 1);
        let (a, b) = tokio::join!(retract(&mirel, scouts), retract(&mirel, scouts));
        assert_eq!(sorted([a, b]), ["NOT_FOUND", "RETRACTED"]);
        let (a, b) = tokio::join!(join(&mirel, open), join(&mirel, open));
        assert_eq!(sorted([a, b]), ["ALREADY_MEMBER", "JOINED"]);
        let (a, b) = tokio::join!(leave(&mirel, open), leave(&mirel, open));
        assert_eq!(sorted([a, b]), ["LEFT", "NOT_MEMBER"]);
    }
    assert_eq!(log(&world, open).await.len(), 2 * ROUNDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_while_it_is_taken_back() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    for _ in 0..ROUNDS {
        assert_eq!(join(&mirel, scouts).await, "REQUESTED");
        let ids = [request_of(&world, scouts, member).await];
        let (decided, retracted) = tokio::join!(decide(&leader, &ids, true), retract(&mirel, scouts));
        match (&*decided[0], &*retracted) {
            ("ACCEPTED", "NOT_FOUND") => {
                assert!(is_member(&world, scouts, member).await);
                edit(&leader, "removeGroupMembers", scouts, &[member]).await;
            }
            ("NOT_FOUND", "RETRACTED") => assert!(!is_member(&world, scouts, member).await),
            both => panic!("{both:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_while_leaving() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let open = group(&world, "Open", super::OPEN).await;
    lead(&world, open, &[leader.user_id().await], &[]).await;
    for _ in 0..ROUNDS {
        put(&world, open, &[member]).await;
        let ids = [member];
        let (removed, left) =
            tokio::join!(edit(&leader, "removeGroupMembers", open, &ids), leave(&mirel, open));
        match (&*removed.1[0], &*left) {
            ("REMOVED", "NOT_MEMBER") | ("NOT_MEMBER", "LEFT") => {}
            both => panic!("{both:?}"),
        }
        assert!(!is_member(&world, open, member).await);
    }
    assert_eq!(log(&world, open).await.len(), 2 * ROUNDS, "one entry for each end");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_decide_many_in_opposite_orders() {
    let world = World::new().await;
    let (one, two) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    let eyes = group(&world, "Eyes", CLOSED).await;
    for id in [scouts, eyes] {
        lead(&world, id, &[one.user_id().await, two.user_id().await], &[]).await;
    }
    let mut people = Vec::new();
    for pilot in [demo::MIREL, demo::BRAM, demo::NIMUE] {
        people.push(world.pilot(pilot).await);
    }
    let mut ids = Vec::new();
    for browser in &people {
        for id in [scouts, eyes] {
            assert_eq!(join(browser, id).await, "REQUESTED");
            ids.push(request_of(&world, id, browser.user_id().await).await);
        }
    }
    let back: Vec<i64> = ids.iter().rev().copied().collect();
    let (a, b) = tokio::join!(decide(&one, &ids, true), decide(&two, &back, true));
    let accepted = a.iter().chain(&b).filter(|outcome| *outcome == "ACCEPTED").count();
    assert_eq!(accepted, ids.len(), "{a:?} {b:?}");
    assert_eq!(world.number("select count(*) from group_members").await, 6);
    assert_eq!(world.number("select count(*) from group_log").await, 6);
}
