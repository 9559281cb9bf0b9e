//! ESI: routes that need a token.

use fealty_simulator::demo;

use crate::{
    client::{Answer, NEWEST, Sim, answer, start},
    spec,
};

const ONLINE: &str = "esi-location.read_online.v1";
const MEMBERS: &str = "esi-corporations.read_corporation_membership.v1";
const ROLES: &str = "esi-characters.read_corporation_roles.v1";

async fn with_token(sim: &Sim, path: &str, token: &str) -> Answer {
    let request = sim.http.get(sim.url(&format!("/esi{path}"))).header("X-Compatibility-Date", NEWEST);
    answer(request.bearer_auth(token)).await
}

#[tokio::test]
async fn tokens_and_scopes_are_needed() {
    let sim = start();
    let handle = sim.handle();
    let path = format!("/characters/{}/online", demo::KAELEN);
    let spec_path = "/characters/{character_id}/online";

    let none = sim.esi(&path).await;
    assert_eq!(
        (none.status.as_u16(), &none.body["error"]),
        (401, &"Unauthorized - No token provided".into())
    );
    spec::esi("get", spec_path, 401, &none.body);
    let expired = with_token(&sim, &path, &handle.mint_access_token(demo::KAELEN, &[ONLINE], -5)).await;
    assert_eq!(expired.status, 401);
    let garbage = with_token(&sim, &path, "not.a.token").await;
    assert_eq!(garbage.status, 401);
    let unscoped = with_token(&sim, &path, &handle.mint_access_token(demo::KAELEN, &[ROLES], 60)).await;
    assert_eq!(unscoped.status, 403);
    assert_eq!(unscoped.body["error"], format!("Token is not valid for scope(s): {ONLINE}"));
    let other = with_token(&sim, &path, &handle.mint_access_token(demo::MIREL, &[ONLINE], 60)).await;
    assert_eq!(other.status, 403);
    let good = with_token(&sim, &path, &handle.mint_access_token(demo::KAELEN, &[ONLINE], 60)).await;
    assert_eq!(good.status, 200);
    spec::esi("get", spec_path, 200, &good.body);
}

#[tokio::test]
async fn a_token_from_the_login_works() {
    let sim = start();
    let token = sim.login(demo::KAELEN, &format!("{ONLINE} {ROLES}")).await;
    let path = format!("/characters/{}/roles", demo::KAELEN);
    let roles = with_token(&sim, &path, token["access_token"].as_str().unwrap()).await;
    spec::esi("get", "/characters/{character_id}/roles", 200, &roles.body);
    assert_eq!(roles.body["roles"][0], "Director");
}

#[tokio::test]
async fn members_are_for_members() {
    let sim = start();
    let handle = sim.handle();
    let path = format!("/corporations/{}/members", demo::HOME_CORPORATION);
    let inside = with_token(&sim, &path, &handle.mint_access_token(demo::MIREL, &[MEMBERS], 60)).await;
    spec::esi("get", "/corporations/{corporation_id}/members", 200, &inside.body);
    let members = inside.body.as_array().unwrap();
    assert!(members.contains(&demo::KAELEN.into()));
    let count = handle.corporation(demo::HOME_CORPORATION).unwrap().member_count;
    assert_eq!(members.len(), count as usize);
    let outside = with_token(&sim, &path, &handle.mint_access_token(demo::VESPER, &[MEMBERS], 60)).await;
    assert_eq!(outside.status, 403);
    assert_eq!(outside.body["error"], "Character is not in the corporation");
}
