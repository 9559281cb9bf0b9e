//! A database per test, copied from a migrated template.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use fealty_api::db;

/// A database of one test. It stays until the cluster is destroyed: dropping costs more than it frees.
pub struct TestDatabase {
    pub url: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let base = base();
        let template = template(&base).await;
        let name = format!("t_{}", hex::encode(fealty_api::crypto::random_bytes::<8>()));
        let mut admin = connect(&base).await;
        admin
            .batch_execute(&format!("create database {name} template {template} strategy file_copy"))
            .await
            .expect("a database");
        Self { url: with_name(&base, &name) }
    }

    /// An empty one, not migrated.
    pub async fn bare() -> Self {
        let base = base();
        let name = format!("t_{}", hex::encode(fealty_api::crypto::random_bytes::<8>()));
        connect(&base).await.batch_execute(&format!("create database {name}")).await.expect("a database");
        Self { url: with_name(&base, &name) }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the cluster is")]
fn base() -> String {
    std::env::var("FEALTY_TEST_DATABASE_URL")
        .expect("FEALTY_TEST_DATABASE_URL is not set: run `make test`, or `eval $(scripts/pg.sh test start)` and export it")
}

fn with_name(base: &str, name: &str) -> String {
    let mut url = url::Url::parse(base).expect("a database address");
    url.set_path(name);
    url.to_string()
}

async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.expect("the test cluster answers")
}

/// Made once per set of migrations, under a lock: tests run in many processes.
async fn template(base: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let name = format!("template_{:016x}", fingerprint());
    let mut admin = connect(base).await;
    admin.batch_execute("select pg_advisory_lock(4711)").await.expect("the lock");
    let row: Row = sql_query(format!(
        "select count(*) as n from pg_database where datname = '{name}' and datistemplate"
    ))
    .get_result(&mut admin)
    .await
    .expect("the catalogue");
    if row.n == 0 {
        admin.batch_execute(&format!("drop database if exists {name}")).await.expect("no old one");
        admin.batch_execute(&format!("create database {name}")).await.expect("a template");
        db::migrate(&with_name(base, &name)).await.unwrap_or_else(|e| panic!("{}", e.for_operators()));
        admin
            .batch_execute(&format!("alter database {name} is_template true allow_connections false"))
            .await
            .expect("a template");
    }
    admin.batch_execute("select pg_advisory_unlock(4711)").await.expect("the lock");
    name
}

/// Of the migrations and of the catalogue of permissions, which is part of a migrated database.
fn fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    fealty_shared::permission::CATALOGUE.hash(&mut hasher);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut files: Vec<_> = std::fs::read_dir(root)
        .expect("the migrations")
        .flatten()
        .flat_map(|dir| std::fs::read_dir(dir.path()).into_iter().flatten().flatten())
        .map(|file| file.path())
        .collect();
    files.sort();
    for file in files {
        file.to_string_lossy().hash(&mut hasher);
        std::fs::read(file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}
