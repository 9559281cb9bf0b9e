//! Superusers and their passwords.

use chrono::Duration;
use fealty_api::{error::Error, identity::password};
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World};

const PASSWORD: &str = "correct horse battery";

async fn log_in(browser: &Browser<'_>, username: &str, password: &str) -> Value {
    browser
        .gql(
            "mutation($u:String!,$p:String!){loginWithPassword(input:{username:$u,password:$p}){status problems{field code}}}",
            json!({"u": username, "p": password}),
        )
        .await
        .json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_logs_in_and_sees_everybody() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.pilot(demo::RHEA).await;
    password::create_superuser(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
    let browser = world.browser();
    assert_eq!(log_in(&browser, "Admin", PASSWORD).await["data"]["loginWithPassword"]["status"], "LOGGED_IN");
    let data = browser.ask("{viewer{permissions} users(first:2,orderBy:{field:MAIN,direction:DESC}){totalCount pageInfo{hasNextPage endCursor} nodes{username state{name} mainCharacter{name corporation{name}}}}}").await;
    assert_eq!(data["users"]["totalCount"], 3);
    assert_eq!(
        data["users"]["nodes"][0]["mainCharacter"],
        json!({"name": "Rhea Solvane", "corporation": {"name": "Lumen Survey Group"}})
    );
    assert_eq!(data["users"]["nodes"][0]["state"]["name"], "Blue");
    assert_eq!(
        data["viewer"]["permissions"].as_array().unwrap().len(),
        fealty_shared::permission::CATALOGUE.len()
    );
    let cursor = data["users"]["pageInfo"]["endCursor"].clone();
    let next = browser.gql("query($a:String){users(first:2,after:$a,orderBy:{field:MAIN,direction:DESC}){pageInfo{hasNextPage hasPreviousPage} nodes{username}}}", json!({"a": cursor})).await.data();
    assert_eq!(
        next["users"],
        json!({"pageInfo": {"hasNextPage": false, "hasPreviousPage": true}, "nodes": [{"username": "admin"}]})
    );
    // Backwards gives the same rows in the same order.
    let back = browser.ask("{users(last:2,orderBy:{field:MAIN,direction:DESC}){nodes{username}}}").await;
    assert_eq!(back["users"]["nodes"], json!([{"username": "Mirel_Ostavane"}, {"username": "admin"}]));
    let found = browser.ask("{users(filter:{search:\"ostav\"}){nodes{username}}}").await;
    assert_eq!(found["users"]["nodes"], json!([{"username": "Mirel_Ostavane"}]));
    for field in ["USERNAME", "MAIN", "CORPORATION", "STATE", "CREATED_AT", "LAST_LOGIN_AT"] {
        for direction in ["ASC", "DESC"] {
            let mut seen: Vec<String> = Vec::new();
            let mut after = json!(null);
            loop {
                let page = browser.gql(&format!("query($a:String){{users(first:1,after:$a,orderBy:{{field:{field},direction:{direction}}}){{pageInfo{{hasNextPage endCursor}} nodes{{username}}}}}}"), json!({"a": after})).await.data();
                seen.push(page["users"]["nodes"][0]["username"].as_str().unwrap().to_owned());
                after = page["users"]["pageInfo"]["endCursor"].clone();
                if page["users"]["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            seen.sort();
            assert_eq!(seen, ["Mirel_Ostavane", "Rhea_Solvane", "admin"], "{field} {direction}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    world.pilot(demo::RHEA).await;
    world.pilot(demo::ANSGAR).await;
    world.browser().log_in(demo::YELENA).await;
    password::create_superuser(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
    let browser = world.browser();
    log_in(&browser, "admin", PASSWORD).await;
    let states = browser.ask("{states{id name priority isPublic isGuest userCount permissions}}").await;
    assert_eq!(states["states"][0]["name"], "Member");
    assert_eq!(states["states"][0]["userCount"], 1);
    assert_eq!(
        states["states"][0]["permissions"],
        json!(["discord.access_discord", "groupmanagement.request_groups"])
    );
    let member = states["states"][0]["id"].clone();
    let count = async |filter: Value| {
        let data = browser
            .gql("query($f:UserFilter){users(filter:$f){totalCount nodes{username}}}", json!({"f": filter}))
            .await
            .data();
        assert_eq!(data["users"]["totalCount"], data["users"]["nodes"].as_array().unwrap().len());
        data["users"]["totalCount"].as_i64().unwrap()
    };
    assert_eq!(count(json!({})).await, 5);
    assert_eq!(count(json!({"stateId": member})).await, 1);
    assert_eq!(count(json!({"search": "sunniva"})).await, 1, "by an alt");
    assert_eq!(count(json!({"search": "100%"})).await, 0, "wildcards are literal");
    assert_eq!(count(json!({"search": "_"})).await, 4);
    assert_eq!(count(json!({"search": "'; drop table users; --"})).await, 0);
    assert_eq!(count(json!({"corporationId": demo::NEUTRAL_CORPORATION})).await, 1);
    assert_eq!(count(json!({"allianceId": demo::BLUE_ALLIANCE})).await, 1);
    assert_eq!(count(json!({"factionId": demo::CALDARI_STATE})).await, 1);
    assert_eq!(count(json!({"isActive": false})).await, 1);
    assert_eq!(count(json!({"isSuperuser": true})).await, 1);
    assert_eq!(count(json!({"isActive": true, "search": "o", "allianceId": demo::HOME_ALLIANCE})).await, 1);
    assert_eq!(
        browser.gql("{users(filter:{stateId:\"user:1\"}){totalCount}}", json!({})).await.code(),
        "INVALID"
    );
    // Organisations and characters are found too.
    let data = browser.ask("{corporations(filter:{search:\"ashv\"}){nodes{name}} alliances(filter:{search:\"lumen\"}){totalCount nodes{ticker}} characters(filter:{search:\"hald\"}){nodes{name user{username}}} factions{name isMilitia}}").await;
    assert_eq!(data["corporations"]["nodes"], json!([{"name": "Ashen Vanguard"}]), "by ticker");
    assert_eq!(data["alliances"]["totalCount"], 1);
    assert_eq!(
        data["characters"]["nodes"],
        json!([{"name": "Sunniva Hald", "user": {"username": "Mirel_Ostavane"}}])
    );
    assert!(data["factions"].as_array().unwrap().iter().any(|f| f["isMilitia"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let world = World::empty("").await;
    password::create_superuser(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
    let browser = world.browser();
    for n in 0..5 {
        let reply = log_in(&browser, "admin", &format!("wrong password {n}")).await;
        assert_eq!(
            reply["data"]["loginWithPassword"],
            json!({"status": "INVALID", "problems": [{"field": "password", "code": "invalid"}]})
        );
    }
    let reply = log_in(&browser, "admin", PASSWORD).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "RATE_LIMITED", "even the right one waits");
    world.wait(Duration::minutes(16));
    assert_eq!(log_in(&browser, "admin", PASSWORD).await["data"]["loginWithPassword"]["status"], "LOGGED_IN");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_password_does_not_log_in_by_one() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let browser = world.browser();
    for (username, password) in
        [("Mirel_Ostavane", ""), ("Mirel_Ostavane", "x"), ("nobody", "x"), ("", ""), ("\u{0}", "\u{0}")]
    {
        let reply = log_in(&browser, username, password).await;
        let invalid = reply["data"]["loginWithPassword"]["status"] == "INVALID";
        let limited = reply["errors"][0]["extensions"]["code"] == "RATE_LIMITED";
        assert!(invalid || limited, "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_are_made_with_care() {
    let world = World::new().await;
    for (username, email, password) in [
        ("", "a@b.cc", PASSWORD),
        ("admin", "nobody", PASSWORD),
        ("admin", "a@b.cc", "short"),
        ("a\u{7}b", "a@b.cc", PASSWORD),
    ] {
        assert!(matches!(
            password::create_superuser(&world.app, username, email, password, false).await,
            Err(Error::Invalid(_))
        ));
    }
    // An existing pilot gets a password and the rights.
    let mirel = world.pilot(demo::MIREL).await;
    let taken =
        password::create_superuser(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, false).await;
    assert!(matches!(taken, Err(Error::Invalid(_))), "not by accident");
    assert_eq!(world.number("select count(*) from users where is_superuser").await, 0);
    let nobody = password::create_superuser(&world.app, "nobody", "m@example.com", PASSWORD, true).await;
    assert!(matches!(nobody, Err(Error::Invalid(_))));
    password::create_superuser(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, true).await.unwrap();
    assert_eq!(world.number("select count(*) from users").await, 1);
    assert_eq!(mirel.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null), "old sessions end");
    assert_eq!(
        log_in(&mirel, "mirel_ostavane", PASSWORD).await["data"]["loginWithPassword"]["status"],
        "LOGGED_IN"
    );
    assert!(mirel.ask("{users{totalCount}}").await["users"]["totalCount"] == 1);
    let hash = world.number("select count(*) from users where password_hash like '$argon2id$%'").await;
    assert_eq!(hash, 1);
}
