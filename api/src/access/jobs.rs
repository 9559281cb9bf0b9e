//! Everybody's access computed anew.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};

use super::{Actor, Cause, Change, apply};
use crate::{
    app::App,
    error::{Error, Result},
    jobs::Job,
};

/// Computes everybody's access anew. It should find nothing to do: it runs every night so that a defect, or a program
/// that knows new permissions or services, does not leave anybody with what he should not have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecomputeAccess {}

impl Job for RecomputeAccess {
    const NAME: &'static str = "recompute_access";
    const PRIORITY: i32 = 7;
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some("recompute_access");

    async fn run(self, app: &App) -> Result<()> {
        let cause = Cause::new(
            Actor::System,
            "recomputed",
            ("users", String::new(), "everybody".into()),
            "Everybody's access was computed anew.",
        );
        let mut conn = app.db.conn().await?;
        let now = app.clock.now();
        let outcome: Result<usize, Outcome> = conn
            .transaction(async |conn| match apply(conn, now, &cause, Change::RecomputeAll).await?.users() {
                // Nothing to tell anybody: no audit entry either.
                0 => Err(Outcome::Nothing),
                moved => Ok(moved),
            })
            .await;
        match outcome {
            Ok(moved) => {
                tracing::warn!(users.moved = moved, "computing access anew changed something");
                Ok(())
            }
            Err(Outcome::Nothing) => Ok(()),
            Err(Outcome::Failed(error)) => Err(error),
        }
    }
}

/// Why the transaction is not committed.
enum Outcome {
    Nothing,
    Failed(Error),
}

impl From<diesel::result::Error> for Outcome {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
