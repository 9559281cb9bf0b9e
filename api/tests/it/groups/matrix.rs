//! Who sees and joins what: every combination of flags, states and permission against the table of the rules.

use fealty_simulator::demo;

use super::{Flags, group, join, limit, look, page, state};
use crate::support::World;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Limit {
    None,
    Fits,
    Other,
}

/// The table.
struct Expected {
    is_listed: bool,
    is_reachable: bool,
    action: &'static str,
    joined: &'static str,
}

fn expected(flags: Flags, limit: Limit, has_permission: bool) -> Expected {
    let is_reachable = !flags.internal && limit != Limit::Other && (flags.public || has_permission);
    let (action, joined) = match (is_reachable, flags.open && !flags.restricted) {
        (false, _) => ("NONE", "NOT_FOUND"),
        (true, true) => ("JOIN", "JOINED"),
        (true, false) => ("REQUEST_JOIN", "REQUESTED"),
    };
    Expected { is_listed: is_reachable && !flags.hidden, is_reachable, action, joined }
}

async fn check(pilot: i64, own: &str, has_permission: bool) {
    let world = World::new().await;
    let browser = world.pilot(pilot).await;
    assert_eq!(browser.state().await, own);
    let (fits, other) = (state(&world, own).await, state(&world, "Guest").await);
    let mut made = Vec::new();
    for bits in 0..32 {
        let flag = |bit: u32| bits & (1 << bit) != 0;
        let flags =
            Flags { internal: flag(0), hidden: flag(1), open: flag(2), public: flag(3), restricted: flag(4) };
        for limited in [Limit::None, Limit::Fits, Limit::Other] {
            let name = format!("{bits:02} {limited:?}");
            let id = group(&world, &name, flags).await;
            match limited {
                Limit::None => {}
                Limit::Fits => limit(&world, id, &[fits]).await,
                Limit::Other => limit(&world, id, &[other]).await,
            }
            made.push((id, name, flags, limited));
        }
    }
    let listed = page(&browser).await;
    for (id, name, flags, limited) in made {
        let expected = expected(flags, limited, has_permission);
        let case = format!("{flags:?} {limited:?}, request_groups: {has_permission}");
        assert_eq!(listed.contains(&name), expected.is_listed, "{case}");
        let seen =
            look(&browser, id, "membership{isMember action} management{memberCount} settings{memberCount}")
                .await;
        assert_eq!(!seen.is_null(), expected.is_reachable, "{case}");
        if expected.is_reachable {
            assert_eq!(seen["membership"]["action"], expected.action, "{case}");
            assert!(seen["management"].is_null() && seen["settings"].is_null(), "{case}");
        }
        assert_eq!(join(&browser, id).await, expected.joined, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_permission_to_request_groups() {
    check(demo::MIREL, "Member", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_to_request_groups() {
    check(demo::RHEA, "Blue", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_is_in_or_asked_for_stays_in_sight() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let hidden = group(&world, "Hidden", super::HIDDEN).await;
    let internal = group(&world, "Internal", super::INTERNAL).await;
    let asked = group(&world, "Asked", super::HIDDEN).await;
    super::put(&world, hidden, &[id]).await;
    super::put(&world, internal, &[id]).await;
    assert_eq!(join(&mirel, asked).await, "REQUESTED");
    assert_eq!(page(&mirel).await, ["Asked", "Hidden"], "internal groups are not shown");
    let seen = look(&mirel, internal, "isInternal membership{isMember action detail}").await;
    assert_eq!(seen["membership"]["isMember"], true, "but a member may know of them");
    assert_eq!(seen["membership"]["action"], "NONE");
    assert!(seen["membership"]["detail"].as_str().unwrap().contains("internal"));
    assert_eq!(look(&mirel, hidden, "membership{action}").await["membership"]["action"], "REQUEST_LEAVE");
    // One's own list has all of them.
    let own = mirel.ask("{viewer{user{groups{group{name} isInternal isStarted}}}}").await;
    let names: Vec<_> = own["viewer"]["user"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["group"]["name"].clone())
        .collect();
    assert_eq!(names, ["Hidden", "Internal"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_main_nothing_can_be_joined() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let public = group(&world, "Public", Flags { public: true, open: true, ..super::CLOSED }).await;
    assert_eq!(page(&mirel).await, ["Public"]);
    world.apply(fealty_api::access::Change::OwnershipLost { character_id: demo::MIREL }).await.unwrap();
    assert_eq!(
        world
            .number(&format!("select count(*) from users where id = {user_id} and main_character_id is null"))
            .await,
        1
    );
    assert_eq!(page(&mirel).await, [""; 0]);
    assert_eq!(join(&mirel, public).await, "NOT_FOUND");
}
