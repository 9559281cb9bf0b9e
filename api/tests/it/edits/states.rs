use chrono::Duration;
use fealty_api::clock::Clock as _;
use fealty_simulator::demo;
use serde_json::json;

use super::{codes, edit, refused, save, staff, state_id, superuser, with_token};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_looked_at_then_saved_and_its_token_works_once() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    assert_eq!(pilot.state().await, "Member");
    let id = state_id(&world, "Member").await;
    let nobody = json!({"characterIds": [], "corporationIds": [], "allianceIds": [], "factionIds": []});
    let input = json!({"id": id, "members": nobody});
    let audits = "select count(*) from audit_entries";
    let before = world.number(audits).await;
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    assert_eq!(preview["status"], "PREVIEW");
    assert_eq!(world.number(audits).await, before, "nothing was written");
    assert_eq!(pilot.state().await, "Member");
    let shown = &preview["preview"];
    assert_eq!(shown["loserCount"], shown["userCount"]);
    let count = |kind: &str, name: &str| {
        shown["counts"].as_array().unwrap().iter().find(|c| c["kind"] == kind && c["name"] == name).cloned()
    };
    let service = count("SERVICE", "discord").unwrap();
    assert_eq!(
        (&service["title"], &service["lost"]),
        (&json!("Discord"), &json!(1)),
        "the superuser keeps it"
    );
    assert!(shown["summary"].as_str().unwrap().contains("Discord from 1 pilot"), "{}", shown["summary"]);
    let names: Vec<&str> = shown["changes"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["kind"] == "STATE")
        .map(|c| c["person"]["username"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"Mirel_Ostavane") || names.len() == 2, "{names:?}");
    // Another token, another input: refused, and nothing happens.
    let mut wrong = input.clone();
    wrong["previewToken"] = json!("x");
    assert_eq!(refused(&admin, "UpdateState", wrong).await, "CONFLICT");
    let mut other = with_token(&input, &preview);
    other["isPublic"] = json!(true);
    assert_eq!(refused(&admin, "UpdateState", other).await, "CONFLICT");
    assert_eq!(pilot.state().await, "Member");
    // Saved.
    let saved = edit(&admin, "UpdateState", with_token(&input, &preview)).await;
    assert_eq!(saved["status"], "SAVED");
    assert_eq!(pilot.state().await, "Guest");
    assert_eq!(pilot.discord().await, "NOT_ALLOWED");
    // Again: the token is used up.
    assert_eq!(refused(&admin, "UpdateState", with_token(&input, &preview)).await, "CONFLICT");
    let entry = "select count(*) from audit_entries where kind = 'state_edited' and actor_kind = 'user'
                 and before is not null and after is not null";
    assert_eq!(world.number(entry).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_moved_refuses_the_save() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let other = superuser(&world, demo::RHEA).await;
    let id = state_id(&world, "Member").await;
    let input = json!({"id": id, "permissions": ["discord.access_discord", "auth.timer_view"]});
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    // Somebody becomes Member in between: one more would gain it than was shown.
    let late = world.pilot(demo::MIREL).await;
    assert_eq!(late.state().await, "Member");
    assert_eq!(refused(&admin, "UpdateState", with_token(&input, &preview)).await, "CONFLICT");
    // Two edit the same state: the second has to look again, even if it does not touch what the first did.
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    save(&other, "UpdateState", json!({"id": id, "name": "Capsuleer"})).await;
    assert_eq!(refused(&admin, "UpdateState", with_token(&input, &preview)).await, "CONFLICT");
    // A preview is its viewer's own.
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    assert_eq!(refused(&other, "UpdateState", with_token(&input, &preview)).await, "CONFLICT");
    let saved = edit(&admin, "UpdateState", with_token(&input, &preview)).await;
    assert_eq!(saved["status"], "SAVED");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_saves_of_the_same_preview_at_once_happen_once() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let id = state_id(&world, "Blue").await;
    let input = json!({"id": id, "priority": 60});
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    let document = "mutation($i:UpdateStateInput!){updateState(input:$i){status}}";
    let variables = json!({"i": with_token(&input, &preview)});
    let (a, b) = tokio::join!(admin.gql(document, variables.clone()), admin.gql(document, variables.clone()));
    let outcomes = [a.json(), b.json()];
    let saved = outcomes.iter().filter(|o| o["data"]["updateState"]["status"] == "SAVED").count();
    let refused = outcomes.iter().filter(|o| o["errors"][0]["extensions"]["code"] == "CONFLICT").count();
    assert_eq!((saved, refused), (1, 1), "{outcomes:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn states_are_made_and_deleted() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    let input = json!({"name": " Elite ", "priority": 500, "isPublic": false, "permissions": ["auth.timer_view"],
        "members": {"characterIds": [demo::MIREL], "corporationIds": [], "allianceIds": [], "factionIds": [500_001]}});
    let preview = save(&admin, "CreateState", input.clone()).await;
    assert_eq!(preview["preview"]["userCount"], 1);
    assert_eq!(pilot.state().await, "Elite");
    let id = state_id(&world, "Elite").await;
    let object =
        format!("select count(*) from audit_entries where kind = 'state_created' and object_id = '{id}'");
    assert_eq!(world.number(&object).await, 1, "the entry names what it made");
    assert_eq!(codes(&edit(&admin, "CreateState", input).await), ["name taken"], "twice");
    let data = admin
        .gql(
            "query($id:ID!){state(id:$id){name permissions members{characters{name} factions{name}}}}",
            json!({"id": id}),
        )
        .await
        .data();
    assert_eq!(data["state"]["members"]["characters"][0]["name"], "Mirel Ostavane");
    save(&admin, "DeleteState", json!({"id": id})).await;
    assert_eq!(pilot.state().await, "Member");
    let gone = edit(&admin, "DeleteState", json!({"id": id})).await;
    assert_eq!(gone["status"], "NOT_FOUND");
    assert_eq!(edit(&admin, "UpdateState", json!({"id": id, "priority": 3})).await["status"], "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_state_is_deleted_is_in_the_next_one_from_then_on() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    world.pilot(demo::VESPER).await;
    let input = json!({"name": "Visitors", "priority": 5, "isPublic": false, "permissions": [],
        "members": {"characterIds": [demo::VESPER], "corporationIds": [], "allianceIds": [], "factionIds": []}});
    save(&admin, "CreateState", input).await;
    world.wait(Duration::hours(1));
    // Nothing else moves: neither state gives anything.
    save(&admin, "DeleteState", json!({"id": state_id(&world, "Visitors").await})).await;
    let ago = format!(
        "select extract(epoch from '{}'::timestamptz - u.state_since)::bigint from users u join states s on s.id = u.state_id
         where u.main_character_id = {} and s.is_guest",
        world.clock.now().to_rfc3339(),
        demo::VESPER
    );
    assert_eq!(world.number(&ago).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_the_field_and_changes_nothing() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    save(&admin, "CreateGroup", json!({"name": "Scouts"})).await;
    let guest = state_id(&world, "Guest").await;
    let blue = state_id(&world, "Blue").await;
    let state = |name: &str, priority: i32| json!({"name": name, "priority": priority, "isPublic": false});
    for (input, expected) in [
        (state("  ", 7), "name required"),
        (state(&"x".repeat(33), 7), "name too_long"),
        (state("a\u{7}b", 7), "name invalid"),
        (state("blue", 7), "name taken"),
        (state("scouts", 7), "name taken"),
        (state("New", 100), "priority taken"),
        (state("New", -1), "priority invalid"),
        (
            json!({"name": "New", "priority": 7, "isPublic": false, "permissions": ["no.such"]}),
            "permissions unknown",
        ),
        (
            json!({"name": "New", "priority": 7, "isPublic": false, "members":
            {"characterIds": [5], "corporationIds": [], "allianceIds": [], "factionIds": []}}),
            "members unknown",
        ),
        (
            json!({"name": "New", "priority": 7, "isPublic": false, "members":
            {"characterIds": [], "corporationIds": [98_999_999], "allianceIds": [], "factionIds": []}}),
            "members unknown",
        ),
        (
            json!({"name": "New", "priority": 7, "isPublic": false, "members":
            {"characterIds": [], "corporationIds": [], "allianceIds": [], "factionIds": [500_005]}}),
            "members unknown",
        ),
    ] {
        assert_eq!(codes(&edit(&admin, "CreateState", input.clone()).await), [expected], "{input}");
    }
    for (input, expected) in [
        (json!({"id": guest, "name": "Visitor"}), "name protected"),
        (json!({"id": guest, "priority": 3}), "priority protected"),
        (json!({"id": guest, "isPublic": false}), "isPublic protected"),
        (json!({"id": blue, "priority": 0}), "priority taken"),
        (json!({"id": blue, "name": "SCOUTS"}), "name taken"),
    ] {
        assert_eq!(codes(&edit(&admin, "UpdateState", input.clone()).await), [expected], "{input}");
    }
    assert_eq!(codes(&edit(&admin, "DeleteState", json!({"id": guest})).await), ["id protected"]);
    assert_eq!(refused(&admin, "UpdateState", json!({"id": "user:1"})).await, "INVALID");
    save(&admin, "UpdateState", json!({"id": guest, "permissions": ["auth.timer_view"]})).await;
    assert_eq!(world.number("select count(*) from states").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_edits_states_but_not_permissions() {
    let world = World::new().await;
    let clerk = staff(&world, demo::KAELEN, &["authentication.change_state"]).await;
    let blue = state_id(&world, "Blue").await;
    save(&clerk, "UpdateState", json!({"id": blue, "priority": 60})).await;
    let input = json!({"id": blue, "permissions": ["auth.timer_view"]});
    assert_eq!(codes(&edit(&clerk, "UpdateState", input).await), ["permissions forbidden"]);
    assert_eq!(refused(&clerk, "DeleteState", json!({"id": blue})).await, "FORBIDDEN", "another permission");
    // The permission alone is not enough.
    let user_id = clerk.user_id().await;
    let change = fealty_api::access::Change::StaffChanged { user_id, is_staff: false };
    world.apply(change).await.unwrap();
    assert_eq!(refused(&clerk, "UpdateState", json!({"id": blue, "priority": 61})).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_gains_nothing_by_its_own_edits() {
    let world = World::new().await;
    let may = ["authentication.add_state", "authentication.change_state", "authentication.delete_state"];
    let admin = superuser(&world, demo::KAELEN).await;
    let clerk = staff(&world, demo::VESPER, &may).await;
    let member = state_id(&world, "Member").await;
    let members = |characters: &[i64]| json!({"characterIds": characters, "corporationIds": [], "allianceIds": [demo::HOME_ALLIANCE], "factionIds": []});
    assert_eq!(clerk.state().await, "Guest");
    let listed = json!({"id": member, "members": members(&[demo::VESPER])});
    let refusal = edit(&clerk, "UpdateState", listed.clone()).await;
    assert_eq!(codes(&refusal), ["id forbidden"]);
    let public = json!({"id": member, "isPublic": true});
    assert_eq!(codes(&edit(&clerk, "UpdateState", public.clone()).await), ["id forbidden"]);
    // By the token of another's preview, either.
    let preview = edit(&admin, "UpdateState", listed.clone()).await;
    assert_eq!(codes(&edit(&clerk, "UpdateState", with_token(&listed, &preview)).await), ["id forbidden"]);
    assert_eq!(clerk.state().await, "Guest");
    // A state that keeps him from a better one is not his to delete.
    let penal = json!({"name": "Penal", "priority": 900, "isPublic": false, "members":
        {"characterIds": [demo::MIREL], "corporationIds": [], "allianceIds": [], "factionIds": []}});
    let mirel = staff(&world, demo::MIREL, &may).await;
    save(&admin, "CreateState", penal).await;
    let penal = json!({"id": state_id(&world, "Penal").await});
    assert_eq!(codes(&edit(&mirel, "DeleteState", penal.clone()).await), ["id forbidden"]);
    // Others may gain by it, and so may he what he has already.
    save(&clerk, "UpdateState", json!({"id": member, "members": members(&[demo::ANSGAR])})).await;
    save(&clerk, "DeleteState", penal).await;
    assert_eq!(mirel.state().await, "Member");
    let all = [&may[..], &["discord.access_discord", "groupmanagement.request_groups"]].concat();
    let rich = staff(&world, demo::RHEA, &all).await;
    save(&rich, "UpdateState", json!({"id": member, "members": members(&[demo::ANSGAR, demo::RHEA])})).await;
    assert_eq!(rich.state().await, "Member");
    // A new state that carries nothing gives him nothing.
    let new = json!({"name": "Clerks", "priority": 901, "isPublic": false, "members":
        {"characterIds": [demo::VESPER], "corporationIds": [], "allianceIds": [], "factionIds": []}});
    save(&clerk, "CreateState", new).await;
    assert_eq!(clerk.state().await, "Clerks");
    // Superusers do what they like.
    save(&admin, "UpdateState", public).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_that_never_logged_in_can_be_listed() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let blue = state_id(&world, "Blue").await;
    let list = |ids: &[i64]| {
        let members = json!({"characterIds": ids, "corporationIds": [], "allianceIds": [demo::BLUE_ALLIANCE],
            "factionIds": []});
        json!({"id": blue, "members": members})
    };
    let known = "select count(*) from characters";
    let before = world.number(known).await;
    // Ids of something else, and such as nothing has: not stored, and not asked for without end.
    let wrong = [5, demo::HOME_ALLIANCE, demo::HOME_CORPORATION, 2_119_999_999, 6, 7, 8];
    world.sim.clear_requests();
    assert_eq!(codes(&edit(&admin, "UpdateState", list(&wrong)).await), ["members unknown"; 5]);
    assert_eq!(world.sim.requests(fealty_simulator::Upstream::Esi).len(), 5);
    let many: Vec<i64> = (1..=51).collect();
    world.sim.clear_requests();
    assert_eq!(codes(&edit(&admin, "UpdateState", list(&many)).await), ["members unknown"]);
    assert_eq!(world.sim.requests(fealty_simulator::Upstream::Esi).len(), 0);
    assert_eq!(world.number(known).await, before);
    // While ESI is down nobody knows.
    let down = fealty_simulator::Fault::new(
        fealty_simulator::Upstream::Esi,
        fealty_simulator::FaultKind::Status { status: 502 },
    );
    world.sim.add_fault(down);
    assert_eq!(refused(&admin, "UpdateState", list(&[demo::VESPER])).await, "UPSTREAM");
    world.sim.clear_faults(None);
    world.wait(Duration::minutes(5));
    save(&admin, "UpdateState", list(&[demo::VESPER, demo::ANSGAR])).await;
    let query = "{states{name members{characters{name corporation{name}}}}}";
    let data = admin.ask(query).await;
    let listed = data["states"].as_array().unwrap().iter().find(|s| s["name"] == "Blue").unwrap();
    let characters = listed["members"]["characters"].as_array().unwrap();
    assert_eq!(characters.len(), 2);
    assert!(characters.iter().all(|c| c["name"] != "" && c["corporation"]["name"] != json!(null)), "{data}");
    assert_eq!(world.pilot(demo::VESPER).await.state().await, "Blue");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_longer_listed_goes_even_after_a_refused_save() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    let members =
        |ids: &[i64]| json!({"characterIds": ids, "corporationIds": [], "allianceIds": [], "factionIds": []});
    let new =
        json!({"name": "Elite", "priority": 500, "isPublic": false, "members": members(&[demo::MIREL])});
    save(&admin, "CreateState", new).await;
    assert_eq!(pilot.state().await, "Elite");
    let id = state_id(&world, "Elite").await;
    let input = json!({"id": id, "members": members(&[])});
    let preview = edit(&admin, "UpdateState", input.clone()).await;
    save(&admin, "UpdateState", json!({"id": id, "priority": 501})).await;
    assert_eq!(refused(&admin, "UpdateState", with_token(&input, &preview)).await, "CONFLICT");
    save(&admin, "UpdateState", input).await;
    assert_eq!(pilot.state().await, "Member");
    assert_eq!(
        admin.ask("{states{name userCount}}").await["states"][0],
        json!({"name": "Elite", "userCount": 0})
    );
}
