//! The access engine: the full recompute, and edits of a state that move many users, as the page of a state makes them,
//! among the groups of a big organisation.

use std::time::Instant;

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    access::{self, AccessDiff, Actor, Cause, Change, StateMembers},
    app::App,
    error::{Error, Result},
};
use fealty_shared::id::StateId;
use serde_json::{Value, json};

use super::{
    ask::{Answer, Asker},
    median,
};
use crate::{
    seed,
    stack::Stack,
    table::{Budget, Table},
    world::HOME,
};

/// Every edit is measured this often; the middle counts.
const ROUNDS: usize = 3;

fn cause(text: &str) -> Cause {
    Cause::new(Actor::Operator, "state_edited", ("state", "state:3".into(), "Member".into()), text)
}

async fn apply(app: &App, change: Change<'_>) -> Result<(AccessDiff, f64)> {
    let mut conn = app.db.conn().await?;
    let started = Instant::now();
    let cause = cause("The benchmark edits a rule.");
    let diff = conn
        .transaction::<_, Error, _>(async |conn| access::apply(conn, app.clock.now(), &cause, change).await)
        .await?;
    Ok((diff, started.elapsed().as_secs_f64()))
}

/// Everybody's access from nothing, and again when nothing is to be moved.
///
/// # Errors
/// When the database fails.
pub async fn full_recompute(stack: &Stack, table: &mut Table) -> Result<()> {
    let (diff, seconds) = apply(&stack.app, Change::RecomputeAll).await?;
    let note = format!("{} users moved, {} changes of access written", diff.users(), diff.entries.len());
    table.add("full recompute, first access of everybody", seconds, "s", Budget::AtMost(3.0), note);
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        runs.push(apply(&stack.app, Change::RecomputeAll).await?.1);
    }
    table.add("full recompute, nothing changes", median(runs), "s", Budget::AtMost(3.0), "");
    Ok(())
}

/// The members of state Member, and the same with the home alliance.
async fn members(app: &App) -> Result<(i64, StateMembers, StateMembers)> {
    #[derive(QueryableByName)]
    struct Listed {
        #[diesel(sql_type = BigInt)]
        state_id: i64,
        #[diesel(sql_type = BigInt)]
        alliance_id: i64,
    }
    let mut conn = app.db.conn().await?;
    let rows: Vec<Listed> = sql_query(
        "select state_id, alliance_id from state_alliances m join states s on s.id = m.state_id where s.name = 'Member'",
    )
    .load(&mut conn)
    .await?;
    let [Listed { state_id, .. }, ..] = rows.as_slice() else { return Err(Error::NotFound) };
    let before = StateMembers {
        alliances: rows.iter().map(|row| row.alliance_id).collect(),
        ..StateMembers::default()
    };
    let mut after = before.clone();
    after.alliances.push(HOME);
    Ok((*state_id, before, after))
}

/// An edit as the page of a state sends it: with the payload that it shows.
const EDIT: &str = "mutation Edit($input:UpdateStateInput!){updateState(input:$input){status problems{field message}
    preview{token summary userCount loserCount counts{kind name title gained lost}
    changes(first:10){totalCount pageInfo{hasNextPage endCursor} nodes{person{id username mainCharacter{name}} kind gained lost}}}
    state{id name userCount}}}";

/// What an edit costs.
struct Edit {
    moved: i64,
    marked: i64,
    preview: f64,
    commit: f64,
    statements: u64,
}

/// The edit that has a state list these alliances.
fn input(state_id: i64, members: &StateMembers, token: Option<&str>) -> Value {
    let members = json!({
        "characterIds": [], "corporationIds": [], "factionIds": [],
        "allianceIds": members.alliances,
    });
    json!({ "input": { "id": StateId(state_id).to_string(), "members": members, "previewToken": token } })
}

/// Looks at an edit, then saves it: both answers.
async fn save(asker: &Asker<'_>, state_id: i64, members: &StateMembers) -> Result<(Answer, Answer)> {
    let expect = |answer: &Answer, status: &str| {
        let is = &answer.data["updateState"]["status"];
        if is == status {
            Ok(())
        } else {
            Err(Error::internal(format!("{status} expected, not {}", answer.data)))
        }
    };
    let looked = asker.ask(EDIT, &input(state_id, members, None)).await?;
    expect(&looked, "PREVIEW")?;
    let token = looked.data["updateState"]["preview"]["token"].as_str();
    let saved = asker.ask(EDIT, &input(state_id, members, token)).await?;
    expect(&saved, "SAVED")?;
    Ok((looked, saved))
}

/// Adds the home alliance, whose pilots are Blue, to Member: first as a preview, then for good with its token, and back.
async fn edit(app: &App) -> Result<Edit> {
    let (state_id, before, after) = members(app).await?;
    let asker = Asker::superuser(app).await?;
    let (mut previews, mut commits) = (Vec::new(), Vec::new());
    let (mut moved, mut marked, mut statements) = (0, 0, 0);
    for _ in 0..ROUNDS {
        seed::settle(&mut *app.db.conn().await?).await?;
        let (looked, saved) = save(&asker, state_id, &after).await?;
        previews.push(looked.seconds);
        commits.push(saved.seconds);
        statements = saved.statements;
        moved = saved.data["updateState"]["preview"]["userCount"].as_i64().unwrap_or_default();
        marked = seed::count(
            &mut *app.db.conn().await?,
            "select count(*) from service_accounts where marked_revision > settled_revision",
        )
        .await?;
        save(&asker, state_id, &before).await?;
    }
    seed::settle(&mut *app.db.conn().await?).await?;
    Ok(Edit { moved, marked, preview: median(previews), commit: median(commits), statements })
}

/// Moves 5 in 100 of all users.
///
/// # Errors
/// When the database fails.
pub async fn state_edit(stack: &Stack, table: &mut Table) -> Result<()> {
    seed::groups(&stack.app).await?;
    let found = edit(&stack.app).await?;
    let figure = format!("state edit that moves {} of {} users", found.moved, stack.users);
    let note = format!("{} statements, {} accounts marked", found.statements, found.marked);
    table.add(&figure, found.commit, "s", Budget::AtMost(1.0), note);
    table.add("  the same as a preview", found.preview, "s", Budget::AtMost(0.5), "rolled back");
    Ok(())
}

/// The same on a site of 5,000 users.
///
/// # Errors
/// When the database fails.
pub async fn small_state_edit(stack: &Stack, table: &mut Table) -> Result<()> {
    let users = stack.users.min(5_000);
    let app = stack.other("small", users).await?;
    apply(&app, Change::RecomputeAll).await?;
    seed::accounts(&app).await?;
    seed::groups(&app).await?;
    let found = edit(&app).await?;
    let figure = format!("state edit that moves {} of {users} users", found.moved);
    let note = format!("{} statements, {} accounts marked", found.statements, found.marked);
    table.add(&figure, found.commit, "s", Budget::AtMost(0.1), note);
    table.add("  the same as a preview", found.preview, "s", Budget::AtMost(0.1), "rolled back");
    app.db.close();
    Ok(())
}
