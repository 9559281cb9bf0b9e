//! The audit log: a person's entries among a million, the check of the chain, and what the chain costs who writes.
//!
//! It has a database of its own. The million is written with sealing switched off and then sealed in one statement, as the
//! migration seals what it finds: written as the application writes, filling it would take hours of single commits.

use std::time::Instant;

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use fealty_api::{
    app::App,
    audit::verify::verify,
    error::{Error, Result},
    graphql::{self, Hub},
    http::routes,
    identity::session::{self, Beginning},
};
use poem::{Endpoint, http};
use tokio_util::sync::CancellationToken;

use super::median;
use crate::{
    progress, seed,
    settings::Settings,
    stack::Stack,
    table::{Budget, Table},
};

/// Entries of the log at full size.
const ENTRIES: f64 = 1_000_000.0;
/// Requests that are timed.
const REQUESTS: usize = 400;
/// People who ask by turns.
const READERS: i64 = 20;
/// The person who did one entry in a hundred and to whom one in fifty happened.
const BUSY: i64 = 7;
/// Commits of one entry that are timed.
const COMMITS: usize = 300;

/// Adds entries 40 seconds apart and seals all that are not sealed: a tenth by 5,000 people, a twentieth about states, the rest
/// about 20,000 users. Of those about states one in fifty moved 20 people, the busy one always among them.
fn fill(entries: i64) -> String {
    format!(
        "alter table audit_entries disable trigger audit_entries_seal;
         insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name, summary, before, after)
         select now() - ({entries} - n) * interval '40 seconds', case n % 10 when 0 then 'user' else 'system' end,
                case when n % 100 = 0 then {BUSY} when n % 10 = 0 then n % 5000 end, 'user_' || n % 5000,
                (array['affiliation_changed', 'main_changed', 'activated', 'state_edited', 'service_linked', 'recompute'])[1 + n % 6],
                case n % 20 when 3 then 'state' else 'user' end,
                case when n % 20 = 3 then 'state:' || n % 5 when n % 50 = 1 then 'user:{BUSY}' else 'user:' || n % 20000 end,
                'user_' || n % 20000, 'Pilot ' || n % 20000 || ' left Corporation ' || n % 77 || ' and flies for Corporation ' || n % 113 || '.',
                jsonb_build_object('corporationId', n), jsonb_build_object('corporationId', n + 1)
         from generate_series(1, {entries}) n order by n;
         insert into access_changes (user_id, kind, gained, lost, audit_id, at)
         select u, k, '{{Member}}', '{{Guest}}', e.id, e.at
         from audit_entries e, generate_series({BUSY}, 2000, 100) u, unnest('{{state,permission}}'::text[]) k
         where e.object_kind = 'state' and e.id % 1000 = 3;
         insert into audit_concerned (user_id, audit_id)
         select {BUSY}, id from audit_entries where id % 10000 = 5 on conflict do nothing;
         insert into audit_chain (position, audit_id, hash)
         select coalesce(h.position, 0) + row_number() over w, e.id, audit_running(convert_to(audit_canonical(e), 'UTF8'), h.hash) over w
         from audit_entries e left join (select * from audit_chain order by position desc limit 1) h on true
         where not exists (select from audit_chain c where c.audit_id = e.id)
         window w as (order by e.id rows unbounded preceding);
         alter table audit_entries enable trigger audit_entries_seal;"
    )
}

/// `count` entries in one transaction, as an affiliation sync writes them.
fn batch(count: usize) -> String {
    format!(
        "insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary, before, after)
         select now(), 'system', 'system', 'affiliation_changed', 'user', 'user:' || n, 'user_' || n,
                'Pilot ' || n || ' left Corporation 1 and flies for Corporation 2.', '{{\"corporationId\": 1}}', '{{\"corporationId\": 2}}'
         from generate_series(1, {count}) n"
    )
}

const FIRST: &str = "query($p:ID!){auditEntries(first:25,filter:{personId:$p}){nodes{id at actorName kind objectName summary affectedUserCount} pageInfo{hasNextPage endCursor}}}";
const NEXT: &str = "query($p:ID!,$a:String!){auditEntries(first:25,after:$a,filter:{personId:$p}){nodes{id at actorName kind objectName summary affectedUserCount} pageInfo{hasNextPage endCursor}}}";

/// Measures all of it.
///
/// # Errors
/// When the database fails.
pub async fn measure(settings: &Settings, stack: &Stack, table: &mut Table) -> Result<()> {
    #[expect(clippy::cast_possible_truncation, reason = "at most a million")]
    let entries = (ENTRIES * settings.scale) as i64;
    let app = stack.other("audit", 1_000).await?;
    let started = Instant::now();
    {
        let mut conn = app.db.conn().await?;
        conn.batch_execute(&fill(entries)).await?;
        conn.batch_execute("vacuum analyze").await?;
    }
    progress(format!("{entries} audit entries are there after {:.1} s", started.elapsed().as_secs_f64()));
    person(&app, entries, table).await?;
    check(&app, table).await?;
    writing(&app, table).await?;
    app.db.close();
    Ok(())
}

/// Pages of the busiest person and of others, the first and deeper ones, as a browser asks for them.
async fn person(app: &App, entries: i64, table: &mut Table) -> Result<()> {
    // Several who read, because one alone may not ask that often.
    let cookies = {
        let mut conn = app.db.conn().await?;
        let promoted = format!(
            "with u as (update users set is_superuser = true where id <= {READERS} returning 1) select count(*) from u"
        );
        seed::count(&mut conn, &promoted).await?;
        conn.transaction::<_, Error, _>(async |conn| {
            let mut cookies = Vec::new();
            for id in 1..=READERS {
                cookies.push(
                    session::start(conn, app, id, Beginning::Sso, "a benchmark").await?.expose().to_owned(),
                );
            }
            Ok(cookies)
        })
        .await?
    };
    let hub = Hub::new(CancellationToken::new());
    let endpoint = routes(app, graphql::schema(app.clone(), hub.clone()), hub);
    let mut times = Vec::with_capacity(REQUESTS);
    let mut after: Option<String> = None;
    for (number, cookie) in (0..REQUESTS + 20).zip(cookies.iter().cycle()) {
        // Every other request turns a page of the busy person; the rest look at somebody else.
        let is_busy = number % 2 == 0;
        let person = if is_busy { BUSY } else { i64::try_from(number).unwrap_or_default() * 10 };
        let place = after.as_ref().filter(|_| is_busy);
        let query = if place.is_some() { NEXT } else { FIRST };
        let body =
            serde_json::json!({"query": query, "variables": {"p": format!("user:{person}"), "a": place}});
        let request = poem::Request::builder()
            .method(http::Method::POST)
            .uri(http::Uri::from_static("/graphql"))
            .content_type("application/json")
            .header("cookie", format!("fealty_session={cookie}"))
            .body(body.to_string());
        let started = Instant::now();
        let response = endpoint.get_response(request).await;
        let text = response.into_body().into_string().await.map_err(Error::internal)?;
        // The first ones fill the pool.
        if number >= 20 {
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        let answer: serde_json::Value = serde_json::from_str(&text).map_err(Error::internal)?;
        let list = &answer["data"]["auditEntries"];
        if !list.is_object() {
            return Err(Error::internal(text));
        }
        if is_busy {
            after = list["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let figure = format!("audit log by person among {entries} entries, p99");
    let his = {
        let mut conn = app.db.conn().await?;
        let filter = fealty_api::audit::log::Filter { person: Some(BUSY), ..Default::default() };
        fealty_api::audit::log::count(&mut conn, &fealty_api::permissions::Grant::operator(), &filter).await?
    };
    let note = format!("p50 {:.2} ms, {REQUESTS} requests, the busiest person has {his} entries", at(50));
    table.add(&figure, at(99), "ms", Budget::AtMost(50.0), note);
    Ok(())
}

/// The whole chain.
async fn check(app: &App, table: &mut Table) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let started = Instant::now();
    let report = verify(&mut conn, None).await?;
    let seconds = started.elapsed().as_secs_f64();
    if let Some(broken) = report.first_break {
        return Err(Error::internal(broken.to_string()));
    }
    let figure = format!("audit verify, {} entries", report.entries);
    table.add(&figure, seconds, "s", Budget::None, "");
    Ok(())
}

/// Writing with and without the chain: many entries in one transaction, and commits of one.
async fn writing(app: &App, table: &mut Table) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let (many, one) = (batch(10_000), batch(1));
    let mut with_and_without = Vec::new();
    // Without it first; what that left unsealed is sealed in between.
    for is_sealed in [false, true] {
        let switch = if is_sealed { "enable" } else { "disable" };
        conn.batch_execute(&format!("alter table audit_entries {switch} trigger audit_entries_seal")).await?;
        let (mut batches, mut commits) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let started = Instant::now();
            conn.batch_execute(&many).await?;
            batches.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        for _ in 0..COMMITS {
            let started = Instant::now();
            conn.batch_execute(&one).await?;
            commits.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        with_and_without.push((median(batches), median(commits)));
        if !is_sealed {
            conn.batch_execute("vacuum analyze audit_entries").await?;
            conn.batch_execute(&fill(0)).await?;
        }
    }
    let [(bare_batch, bare_commit), (batch, commit)] = with_and_without[..] else { return Ok(()) };
    let note = format!("{bare_batch:.0} ms without the chain");
    table.add("10,000 audit entries in one transaction", batch, "ms", Budget::None, note);
    let note = format!("{bare_commit:.2} ms without the chain");
    table.add("one audit entry, committed", commit, "ms", Budget::None, note);
    Ok(())
}
