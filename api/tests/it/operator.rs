//! `fealtyctl`, the program itself.

use std::process::Output;

use diesel_async::SimpleAsyncConnection;

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
