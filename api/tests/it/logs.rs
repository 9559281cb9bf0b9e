//! What the programs write.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::support::{World, config_text};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_watches_has_no_colours() {
    let world = World::empty("").await;
    let (url, folder) = (world.app.config.database.url.expose(), world.outbox.path());
    let path = folder.join("fealty.toml");
    std::fs::write(&path, config_text(url, "http://127.0.0.1:9", folder)).unwrap();
    let first = move || {
        let mut server = Command::new(env!("CARGO_BIN_EXE_server"))
            .arg("--config")
            .arg(path)
            .env("FEALTY_HTTP__LISTEN", "127.0.0.1:0")
            .env_remove("NO_COLOR")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        line
    };
    let line = tokio::task::spawn_blocking(first).await.unwrap();
    assert!(line.contains("INFO") && !line.contains('\u{1b}'), "{line:?}");
}
