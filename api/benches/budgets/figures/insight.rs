//! Reading access: the permissions overview, an explanation, and the past, each as one request after another.

use std::time::Instant;

use diesel_async::SimpleAsyncConnection;
use fealty_api::error::{Error, Result};
use serde_json::Value;

use super::ask::Asker;
use crate::{
    progress,
    stack::Stack,
    table::{Budget, Table},
};

/// Requests of each kind.
const ROUNDS: usize = 200;

/// Groups and what they carry, two years of history (1,000,000 changes of 100,000 users), and one pilot who has 50
/// characters and is in 100 groups that all carry the same permission.
fn past(users: usize) -> String {
    let changes = users * 10;
    format!(
        "insert into groups (name, created_at) select 'Squad ' || n, now() from generate_series(1, 200) n;
         insert into group_members (group_id, user_id, since)
         select distinct g.id, u.id, now() - interval '90 days'
         from users u cross join generate_series(1, 3) n
         join groups g on g.name = 'Squad ' || 1 + floor(200 * power(abs(hashint8(u.id * 7 + n)::bigint) / 2147483648.0, 2))
         on conflict do nothing;
         insert into group_permissions (group_id, permission_id)
         select g.id, p.id from groups g join permissions p on g.name like 'Squad %' and (p.id + substr(g.name, 7)::bigint) % 14 = 0
         where substr(g.name, 7)::bigint <= 40
         union select g.id, p.id from groups g, permissions p
         where g.name like 'Squad %' and substr(g.name, 7)::bigint > 100 and p.name = 'auth.timer_view';
         insert into user_permissions (user_id, permission_id) select u.id, 1 + u.id % 40 from users u where u.id % 100 = 0;

         insert into characters (id, name, corporation_id, alliance_id, created_at)
         select 80000000 + n, 'Many ' || n, c.corporation_id, c.alliance_id, now()
         from generate_series(1, 47) n join lateral (select * from characters where id > n * 100 limit 1) c on true;
         insert into character_ownerships (character_id, user_id, owner_hash, created_at)
         select 80000000 + n, (select min(id) from users), 'many ' || n, now() from generate_series(1, 47) n;
         insert into group_members (group_id, user_id, since)
         select g.id, (select min(id) from users), now() from groups g where g.name like 'Squad %' and substr(g.name, 7)::bigint > 100
         on conflict do nothing;
         update users u set group_ids = m.ids
         from (select user_id, array_agg(group_id order by group_id) as ids from group_members group by user_id) m
         where m.user_id = u.id;

         insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary)
         select now() - interval '2 years' * (1 - n::float / {users}), 'system', 'system', 'affiliation_changed', 'user',
                'user:1', 'somebody', 'Somebody flies elsewhere.' from generate_series(1, {users}) n;
         analyze audit_entries;
         insert into access_changes (user_id, kind, gained, lost, gained_ids, lost_ids, audit_id, at)
         select (select min(id) from users) + n * 7919 % {users}, x.kind, case when x.up then x.names else '{{}}' end,
                case when x.up then '{{}}' else x.names end, case when x.up then x.ids else '{{}}' end,
                case when x.up then '{{}}' else x.ids end, e.id, e.at
         from (select n, n / {users} % 2 = 0 as up, (array['state', 'permission', 'service', 'group', 'permission'])[1 + n % 5] as kind,
                      case n % 5 when 0 then array['Member'] when 2 then array['discord'] when 3 then array['Squad ' || 1 + n % 200]
                           when 1 then array['discord.access_discord', 'groupmanagement.request_groups', 'srp.access_srp']
                           else array['mumble.access_mumble', 'srp.access_srp'] end as names,
                      case n % 5 when 0 then array[(select id from states where name = 'Member')]
                           when 3 then array[1 + n % 200] else '{{}}' end as ids
               from generate_series(1::bigint, {changes}) n) x
         join audit_entries e on e.id = (select max(id) from audit_entries) - {users} + 1 + (x.n - 1) / 10;
         vacuum analyze;"
    )
}

/// Times of requests in milliseconds: the middle, and what one in a hundred exceeds.
struct Times {
    p50: f64,
    p99: f64,
    statements: u64,
}

async fn run(asker: &Asker<'_>, query: &str) -> Result<Times> {
    let (mut times, mut statements) = (Vec::with_capacity(ROUNDS), 0);
    for round in 0..ROUNDS + 5 {
        let answer = asker.ask(query, &Value::Null).await?;
        if answer.data["explain"].is_null() && query.contains("explain(") {
            return Err(Error::internal(format!("{query} answers nothing")));
        }
        statements = answer.statements;
        // The first ones fill what is kept in memory.
        if round >= 5 {
            times.push(answer.seconds * 1_000.0);
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(Times { p50: at(50), p99: at(99), statements })
}

/// Where the last page of a hundred users begins, by main.
async fn late(asker: &Asker<'_>) -> Result<String> {
    let query = "{users(last:100,orderBy:{field:MAIN,direction:ASC}){pageInfo{startCursor}}}";
    let answer = asker.ask(query, &Value::Null).await?;
    let cursor = answer.data["users"]["pageInfo"]["startCursor"].as_str();
    cursor.map(str::to_owned).ok_or_else(|| Error::internal("there are no users"))
}

/// Measures each of the questions.
///
/// # Errors
/// When the database fails.
pub async fn measure(stack: &Stack, table: &mut Table) -> Result<()> {
    let app = &stack.app;
    let started = Instant::now();
    {
        let mut conn = app.db.conn().await?;
        for statement in past(stack.users).split(";\n") {
            conn.batch_execute(statement).await?;
        }
    }
    progress(format!(
        "{} changes of access are there after {:.1} s",
        stack.users * 10,
        started.elapsed().as_secs_f64()
    ));
    let asker = Asker::superuser(app).await?;
    let user = {
        let mut conn = app.db.conn().await?;
        crate::seed::count(&mut conn, "select min(id) as count from users").await?
    };
    let ago = |days: i64| (app.clock.now() - chrono::Duration::days(days)).to_rfc3339();
    let mut add = async |figure: &str, budget: Budget, query: &str| -> Result<()> {
        let Times { p50, p99, statements } = run(&asker, query).await?;
        table.add(figure, p99, "ms", budget, format!("p50 {p50:.2} ms, {statements} statements"));
        Ok(())
    };
    add(
        "permissions overview, a page, p99",
        Budget::AtMost(100.0),
        "{permissionUsages{totalCount pageInfo{hasNextPage} nodes{permission{name app codename description}
          directUserCount groupCount groupUserCount stateCount stateUserCount effectiveUserCount}}}",
    )
    .await?;
    add(
        "explain, 50 characters and 100 groups, p99",
        Budget::AtMost(20.0),
        &format!(
            "{{explain(input:{{userId:\"user:{user}\",subject:{{permission:\"auth.timer_view\"}}}}){{person{{username}}
              isGranted sentence reasons{{parent holds rule sentence subjectKind subjectId}} remedies{{by sentence href}}}}}}"
        ),
    )
    .await?;
    let holders = |days: i64| {
        format!(
            "{{accessHolders(subject:{{permission:\"discord.access_discord\"}},at:\"{}\"){{nodes{{username
              mainCharacter{{name}}}}}}}}",
            ago(days)
        )
    };
    add("holders of a permission a month ago, p99", Budget::None, &holders(30)).await?;
    add("  the same 18 months ago", Budget::None, &holders(540)).await?;
    let changes =
        "{accessChanges(filter:{name:\"discord.access_discord\"}){nodes{change{at gained lost cause{summary}}
                   person{username}}}}";
    add("changes of a permission, newest first, p99", Budget::None, changes).await?;
    let users = |after: &str| {
        format!(
            "{{users(first:50{after},orderBy:{{field:MAIN,direction:ASC}}){{totalCount pageInfo{{hasNextPage endCursor}}
              nodes{{id username isActive state{{name}} lastLoginAt mainCharacter{{id name corporation{{name ticker}}
              alliance{{name ticker}}}}}}}}}}"
        )
    };
    add("users by main, the first page, p99", Budget::None, &users("")).await?;
    let after = late(&asker).await?;
    add("  a page near the end", Budget::None, &users(&format!(",after:\"{after}\""))).await
}
