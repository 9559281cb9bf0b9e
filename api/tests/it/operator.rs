//! `fealtyctl`, the program itself.

use std::process::Output;

use diesel_async::SimpleAsyncConnection;
use fealty_simulator::demo;

use crate::support::{World, fealtyctl};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One command, off the threads that serve the test.
async fn run(world: &World, settings: &'static str, arguments: &'static [&'static str]) -> Output {
    let (url, folder) =
        (world.app.config.database.url.expose().to_owned(), world.outbox.path().to_path_buf());
    tokio::task::spawn_blocking(move || fealtyctl(&url, &folder, settings, arguments)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_outlast_the_time_limits_of_the_server() {
    let world = World::new().await;
    let mut other = world.conn().await;
    other.batch_execute("begin; lock table audit_entries in access exclusive mode").await.unwrap();
    let verifying = run(&world, "statement_timeout_seconds = 1", &["audit", "verify"]);
    let verifying = async move {
        let output = verifying.await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    };
    let letting_go = async {
        let late = "select count(*) from pg_stat_activity where datname = current_database()
                    and wait_event_type = 'Lock' and now() - query_start > interval '1.2 seconds'";
        while world.number(late).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        other.batch_execute("commit").await.unwrap();
    };
    // A command that is cut off never waits that long.
    tokio::time::timeout(std::time::Duration::from_secs(30), async { tokio::join!(verifying, letting_go) })
        .await
        .expect("it waits longer than the server may");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_what_it_may_and_ends_some_day() {
    let world = World::new().await;
    world.superuser().await;
    for wrong in [
        &["token", "create", "--username", "admin", "--name", "x"][..],
        &[
            "token",
            "create",
            "--username",
            "admin",
            "--name",
            "x",
            "--all-permissions",
            "--permission",
            "auth.view_user",
        ],
        &["token", "create", "--username", "admin", "--name", "x", "--all-permissions", "--days", "0"],
        &[
            "token",
            "create",
            "--username",
            "admin",
            "--name",
            "x",
            "--all-permissions",
            "--days",
            "1",
            "--never-expires",
        ],
        &["token", "create", "--username", "admin", "--name", "x", "--permission", "auth.fly"],
    ] {
        assert_eq!(run(&world, "", wrong).await.status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(world.number("select count(*) from api_tokens").await, 0);
    let made = "select count(*) from api_tokens where expires_at::date - created_at::date";
    let limited =
        &["token", "create", "--username", "admin", "--name", "x", "--permission", "auth.view_user"];
    let output = run(&world, "", limited).await;
    assert!(text(&output.stdout).starts_with("fealty_"), "{output:?}");
    assert!(text(&output.stderr).contains("good for 90 days"), "{}", text(&output.stderr));
    assert_eq!(world.number(&format!("{made} = 90 and scopes = '{{auth.view_user}}'")).await, 1);
    let all = &["token", "create", "--username", "admin", "--name", "y", "--all-permissions", "--days", "7"];
    assert!(run(&world, "", all).await.status.success());
    assert_eq!(world.number(&format!("{made} = 7 and scopes is null")).await, 1);
    let lasting =
        &["token", "create", "--username", "admin", "--name", "z", "--all-permissions", "--never-expires"];
    assert!(text(&run(&world, "", lasting).await.stderr).contains("until it is revoked"));
    assert_eq!(world.number("select count(*) from api_tokens where expires_at is null").await, 1);
    world.sql("update api_tokens set revoked_at = now() where name = 'y'").await;
    world.sql("update api_tokens set expires_at = now() where name = 'x'").await;
    let listed = text(&run(&world, "", &["token", "list"]).await.stdout);
    let ends: Vec<&str> = listed.lines().map(|line| line.rsplit('\t').next().unwrap()).collect();
    assert_eq!(ends, ["expired", "revoked", "never expires"], "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_may_but_its_user_may_not_is_told() {
    let world = World::new().await;
    world.superuser().await;
    world.pilot(demo::MIREL).await;
    let told = async |arguments: &'static [&'static str]| text(&run(&world, "", arguments).await.stderr);
    let hers = &[
        "token",
        "create",
        "--username",
        "mirel_ostavane",
        "--name",
        "x",
        "--permission",
        "auth.view_user",
        "--permission",
        "discord.access_discord",
        "--permission",
        "admin.view_logentry",
    ];
    let lines = told(hers).await;
    assert!(
        lines.contains("\nWarning: Mirel_Ostavane does not have auth.view_user, admin.view_logentry now."),
        "{lines}"
    );
    assert_eq!(world.number("select count(*) from api_tokens").await, 1, "created all the same");
    let chiefs =
        &["token", "create", "--username", "admin", "--name", "x", "--permission", "admin.view_logentry"];
    assert!(!told(chiefs).await.contains("Warning"), "a superuser has them all");
    let wrong = &["token", "create", "--username", "admin", "--name", "x", "--permission", "auth.fly"];
    assert_eq!(told(wrong).await, "--permission: There is no permission auth.fly.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_named() {
    let world = World::new().await;
    let token = &["token", "create", "--username", "nobody", "--name", "x", "--all-permissions"];
    for (command, expected) in [
        (&token[..], "there is no user \"nobody\"\n"),
        (&["superuser", "promote", "--username", "nobody"], "there is no user \"nobody\"\n"),
        (&["audit", "export", "--person", "nobody"], "there is no user \"nobody\"\n"),
        (&["token", "revoke", "7"], "there is no token 7 that still works\n"),
        (&["state", "set", "Blu"], "there is no state \"Blu\"\n"),
    ] {
        let output = run(&world, "", command).await;
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(1), expected), "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_is_promoted() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    for told in ["Mirel_Ostavane is a superuser.\n", "Mirel_Ostavane is a superuser already.\n"] {
        let output = run(&world, "", &["superuser", "promote", "--username", "mirel_ostavane"]).await;
        assert_eq!(text(&output.stdout), told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_adopted_for_one_thing() {
    let world = World::new().await;
    for wrong in [
        &["role", "adopt", "discord", "1"][..],
        &["role", "adopt", "discord", "1", "--state", "Member", "--group", "Directors"],
    ] {
        assert_eq!(run(&world, "", wrong).await.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_database_that_is_down_is_told_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens there.
    let url = "postgres://fealty:secret@127.0.0.1:9/fealty";
    for command in [&["state", "list"][..], &["migrate"]] {
        let output = fealtyctl(url, folder.path(), "", command);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.starts_with("no connection to the database at 127.0.0.1:9/fealty: "), "{told}");
        assert!(told.contains("Is PostgreSQL running there") && !told.contains("secret"), "{told}");
    }
}

#[test]
fn whoever_gives_no_settings_is_told_how() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_fealtyctl"))
        .args(["state", "list"])
        .env_clear()
        .output()
        .unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("--config FILE"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_wrong_are_told_before_anything_is_done() {
    let world = World::new().await;
    let output = run(&world, "statement_timeout_seconds = 9999", &["audit", "verify"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("database.statement_timeout_seconds"), "{}", text(&output.stderr));
    assert!(text(&run(&world, "", &["config", "check"]).await.stdout).contains("is usable"));
    // The schema needs no settings at all.
    let schema = run(&world, "statement_timeout_seconds = 9999", &["schema"]).await;
    assert!(schema.status.success() && text(&schema.stdout).contains("type Query"));
}
