//! Superusers and their passwords.

use chrono::Duration;
use fealty_api::{
    access::Change,
    error::Error,
    identity::{password, superusers},
};
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
    superusers::create(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
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
    superusers::create(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
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
    superusers::create(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
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
async fn one_address_locks_nobody_out() {
    let world = World::empty("").await;
    let app = &world.app;
    superusers::create(app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
    let guess =
        async |address: &str, password: &str| password::login(app, "admin", password, address, "").await;
    let (mut tried, mut refused, mut cost) = (0, 0, Vec::new());
    for n in 0..70 {
        let before = app.db.statement_count();
        // One customer, each time from another of his addresses.
        match guess(&format!("2001:db8:1:2::{n}"), "a wrong password").await {
            Ok(None) => tried += 1,
            Err(Error::RateLimited(wait)) => {
                assert!(wait <= std::time::Duration::from_secs(15 * 60));
                refused += 1;
                cost.push(app.db.statement_count() - before);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((tried, refused), (5, 65));
    assert!(cost.iter().all(|n| *n == cost[0]), "{cost:?}");
    assert_eq!(
        world.number("select count(*) from login_failures").await,
        10,
        "refusals leave nothing behind"
    );
    // His neighbour, and the superuser himself, are not concerned.
    assert!(guess("2001:db8:1:3::1", PASSWORD).await.unwrap().is_some());
    // Guesses at the same moment count each other.
    let at_once = (0..20).map(|_| guess("192.0.2.1", "a wrong password"));
    let outcomes = futures_util::future::join_all(at_once).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5);
    world.wait(Duration::minutes(16));
    assert!(guess("192.0.2.1", PASSWORD).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_addresses_do_not_guess_one_name_for_ever() {
    let world = World::empty("").await;
    let now = "insert into login_failures (key, at) select 'user:admin', now() + interval '1 minute' from generate_series(1, 50)";
    world.sql(now).await;
    let outcome = password::login(&world.app, "Admin", PASSWORD, "192.0.2.1", "").await;
    assert!(matches!(outcome, Err(Error::RateLimited(_))));
    assert_eq!(world.number("select count(*) from login_failures").await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_waits_while_the_password_changes_is_refused() {
    use diesel_async::SimpleAsyncConnection;
    for change in [
        "update users set password_hash = 'another'",
        "update users set is_active = false, switched_off_at = now()",
        "update users set is_superuser = false",
    ] {
        let world = World::empty("").await;
        superusers::create(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
        let mut other = world.conn().await;
        other.batch_execute("begin; select from users for update").await.unwrap();
        let app = world.app.clone();
        let login =
            tokio::spawn(async move { password::login(&app, "admin", PASSWORD, "192.0.2.1", "").await });
        let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while world.number(waiting).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        other.batch_execute(change).await.unwrap();
        other.batch_execute("commit").await.unwrap();
        assert!(login.await.unwrap().unwrap().is_none(), "{change}");
        assert_eq!(world.number("select count(*) from sessions").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_superuser_no_more_keeps_no_password() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    superusers::create(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, true).await.unwrap();
    let (by_password, by_sso) = (world.browser(), world.browser());
    let status = async |browser: &Browser<'_>| {
        log_in(browser, "mirel_ostavane", PASSWORD).await["data"]["loginWithPassword"]["status"].clone()
    };
    assert_eq!(status(&by_password).await, "LOGGED_IN");
    assert_eq!(by_sso.log_in(demo::MIREL).await, "/");
    // An edit that does not touch the flag ends nothing.
    world.apply(Change::StaffChanged { user_id, is_staff: true }).await.unwrap();
    assert_eq!(by_password.user_id().await, user_id);
    world.apply(Change::SuperuserChanged { user_id, is_superuser: false }).await.unwrap();
    assert_eq!(by_password.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null));
    assert_eq!(by_sso.user_id().await, user_id, "they go on as the pilot they are");
    assert_eq!(status(&world.browser()).await, "INVALID");
    assert_eq!(
        world
            .number(
                "select count(*) from users where is_staff and not is_superuser and password_hash is null"
            )
            .await,
        1
    );
    // Who becomes superuser again gets a password again, not the old one.
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    assert_eq!(status(&world.browser()).await, "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_for_superusers_only() {
    let world = World::new().await;
    superusers::create(&world.app, "admin", "admin@example.com", PASSWORD, false).await.unwrap();
    world.sql("update users set is_superuser = false").await;
    let reply = log_in(&world.browser(), "admin", PASSWORD).await;
    assert_eq!(reply["data"]["loginWithPassword"]["status"], "INVALID");
    assert_eq!(world.number("select count(*) from sessions").await, 0);
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
            superusers::create(&world.app, username, email, password, false).await,
            Err(Error::Invalid(_))
        ));
    }
    // An existing pilot gets a password and the rights.
    let mirel = world.pilot(demo::MIREL).await;
    let taken = superusers::create(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, false).await;
    assert!(matches!(taken, Err(Error::Invalid(_))), "not by accident");
    assert_eq!(world.number("select count(*) from users where is_superuser").await, 0);
    let nobody = superusers::create(&world.app, "nobody", "m@example.com", PASSWORD, true).await;
    assert!(matches!(nobody, Err(Error::Invalid(_))));
    superusers::create(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, true).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_of_superusers_only_what_changed() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let promote = async || superusers::promote(&world.app, "mirel_ostavane").await.unwrap();
    let of = async |kind: &str| {
        world.number(&format!("select count(*) from audit_entries where kind = '{kind}'")).await
    };
    let activated = of("activated").await;
    assert_eq!(promote().await, ("Mirel_Ostavane".to_owned(), true));
    assert_eq!((of("superuser_created").await, of("activated").await), (1, activated));
    let told = "select count(*) from audit_entries where kind = 'superuser_created'
                and before = '{\"isActive\": true, \"isStaff\": false, \"isSuperuser\": false}'
                and after = '{\"isActive\": true, \"isStaff\": true, \"isSuperuser\": true}'";
    assert_eq!(world.number(told).await, 1);
    // Again: nothing happens, and nothing is written.
    assert_eq!(promote().await, ("Mirel_Ostavane".to_owned(), false));
    assert_eq!((of("superuser_created").await, of("activated").await), (1, activated));
    // A password is an event of its own, each time.
    for set in 1..=2 {
        superusers::create(&world.app, "mirel_ostavane", "m@example.com", PASSWORD, true).await.unwrap();
        assert_eq!((of("password_set").await, of("superuser_created").await), (set, 1));
    }
    // Who was switched off is switched on again, and that is all that is said.
    world.sql("update users set is_active = false, switched_off_at = now()").await;
    assert!(promote().await.1);
    assert_eq!((of("superuser_created").await, of("activated").await), (1, activated + 1));
}
