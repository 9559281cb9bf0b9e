//! Brings a database to the shape this program expects.

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Unreachable;
use crate::error::Error;

/// The migrations from the folder `migrations`, compiled in.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

async fn harness(url: &str) -> Result<AsyncMigrationHarness<AsyncPgConnection>, Error> {
    use diesel_async::SimpleAsyncConnection;
    let mut conn = AsyncPgConnection::establish(url)
        .await
        .map_err(|error| Error::internal(Unreachable::new(url, error)))?;
    // Several processes may start at once: one migrates, the others wait and find nothing to do.
    conn.batch_execute("select pg_advisory_lock(hashtext('fealty.migrate'))").await?;
    Ok(AsyncMigrationHarness::new(conn))
}

/// Applies missing migrations and brings the permission catalogue and the job queue's tables up to date. Needs
/// tokio's multi-thread runtime.
///
/// Returns the names of the migrations that ran.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(url: &str) -> Result<Vec<String>, Error> {
    use diesel::QueryDsl;
    use diesel_async::RunQueryDsl;

    use super::schema::users;
    let mut harness = harness(url).await?;
    let done = harness
        .run_pending_migrations(MIGRATIONS)
        .map_err(Error::internal)?
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut conn = harness.into_inner();
    let is_extended = crate::permissions::sync_catalogue(&mut conn).await?;
    crate::jobs::migrate(url).await?;
    let has_users =
        diesel::select(diesel::dsl::exists(users::table.select(users::id))).get_result(&mut conn).await?;
    if is_extended && has_users {
        crate::jobs::enqueue(&mut conn, &crate::access::RecomputeAccess::default()).await?;
    }
    Ok(done)
}

/// Reverts every migration: for tests of the `down.sql` files.
///
/// # Errors
/// When one of them fails.
pub async fn revert_all(url: &str) -> Result<(), Error> {
    harness(url).await?.revert_all_migrations(MIGRATIONS).map(|_| ()).map_err(Error::internal)
}
