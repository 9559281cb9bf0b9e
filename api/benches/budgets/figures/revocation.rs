//! How long a pilot who left may still read along: from the change of facts to the first call on the service.

use std::time::{Duration, Instant};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    access::{self, Actor, AffiliationFact, Cause, Change},
    error::{Error, Result},
};
use fealty_simulator::{Upstream, demo};

use super::{median, sync::wait_until_idle};
use crate::{
    stack::Stack,
    table::{Budget, Table},
};

/// How many pilots leave, one after another.
const LEAVERS: i64 = 15;

#[derive(QueryableByName)]
struct Leaver {
    #[diesel(sql_type = BigInt)]
    main_character_id: i64,
    #[diesel(sql_type = Text)]
    external_id: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    faction_id: Option<i64>,
}

/// Mains leave their alliance; a running worker revokes.
///
/// # Errors
/// When a revocation does not come within ten seconds.
pub async fn measure(stack: &Stack, table: &mut Table) -> Result<()> {
    let mut conn = stack.app.db.conn().await?;
    let leavers: Vec<Leaver> = sql_query(
        "select u.main_character_id, sa.external_id, c.faction_id
         from service_accounts sa join users u on u.id = sa.user_id join characters c on c.id = u.main_character_id
         join states s on s.id = u.state_id
         where s.name = 'Member' and sa.marked_revision = sa.settled_revision order by hashint8(u.id) limit $1",
    )
    .bind::<BigInt, _>(LEAVERS)
    .load(&mut conn)
    .await?;
    let mut waits = Vec::new();
    for leaver in &leavers {
        stack.handle.clear_requests();
        let fact = AffiliationFact {
            character_id: leaver.main_character_id,
            corporation_id: demo::NPC_CORPORATION,
            alliance_id: None,
            faction_id: leaver.faction_id,
        };
        let cause = Cause::new(
            Actor::System,
            "affiliations_changed",
            ("characters", String::new(), "1 character".into()),
            "ESI says that a character flies elsewhere.",
        );
        let began = stack.app.clock.now();
        conn.transaction::<_, Error, _>(async |conn| {
            access::apply(conn, stack.app.clock.now(), &cause, Change::Affiliations(&[fact])).await
        })
        .await?;
        let at = first_call(stack, &leaver.external_id).await?;
        #[expect(clippy::cast_precision_loss, reason = "some milliseconds")]
        waits.push((at - began).num_microseconds().unwrap_or_default() as f64 / 1_000_000.0);
        wait_until_idle(stack).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let worst = waits.iter().copied().fold(0.0, f64::max);
    let note =
        format!("slowest of {}; in the middle {:.3} s; the transaction included", waits.len(), median(waits));
    table.add(
        "revocation: a main leaves, to the first call on Discord",
        worst,
        "s",
        Budget::AtMost(1.0),
        note,
    );
    Ok(())
}

async fn first_call(stack: &Stack, external_id: &str) -> Result<chrono::DateTime<chrono::Utc>> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        let found = stack
            .handle
            .requests(Upstream::Discord)
            .into_iter()
            .find(|request| request.method == "DELETE" && request.path.ends_with(external_id));
        if let Some(request) = found {
            return Ok(request.at);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err(Error::internal("a revocation did not come"))
}
