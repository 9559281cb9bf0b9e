//! `fealtyctl state`.

use clap::{Args, Subcommand};
use fealty_api::{
    access::StateMembers,
    app::App,
    error::Result,
    permissions::{Grant, StaffGrant},
    states,
};

use crate::{Done, Failure};

#[derive(Subcommand)]
pub enum Command {
    /// Lists them, highest priority first.
    List,
    /// Sets exactly who a state lists and what it carries. First says who would gain and lose what.
    Set(Set),
}

#[derive(Args)]
pub struct Set {
    /// Its name, for example Member.
    name: String,
    /// EVE id of an alliance it lists; may be repeated.
    #[arg(long = "alliance")]
    alliances: Vec<i64>,
    /// EVE id of a corporation it lists; may be repeated.
    #[arg(long = "corporation")]
    corporations: Vec<i64>,
    /// A permission it carries; may be repeated.
    #[arg(long = "permission")]
    permissions: Vec<String>,
    /// Do it. Without this, it is only previewed.
    #[arg(long)]
    apply: bool,
}

pub async fn run(app: &App, command: Command) -> Done {
    match command {
        Command::List => Ok(list(app).await?),
        Command::Set(new) => set(app, new).await,
    }
}

async fn list(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let all = states::list(&mut conn, &Grant::operator()).await?;
    let ids: Vec<i64> = all.iter().map(|state| state.id).collect();
    let counts = states::user_counts(&mut conn, &ids).await?;
    let permissions = states::permissions_of(&mut conn, &ids).await?;
    let members = states::members_of(&mut conn).await?;
    for state in all {
        let users = counts.iter().find(|(id, _)| *id == state.id).map_or(0, |(_, n)| *n);
        let users = if users == 1 { "1 user".to_owned() } else { format!("{users} users") };
        println!("{} (priority {}, {users})", state.name, state.priority);
        for (_, what) in members.iter().filter(|(id, _)| *id == state.id) {
            println!("    lists {what}");
        }
        for (_, name) in permissions.iter().filter(|(id, _)| *id == state.id) {
            println!("    carries {name}");
        }
    }
    Ok(())
}

async fn set(app: &App, new: Set) -> Done {
    let id = {
        let mut conn = app.db.conn().await?;
        let found = states::find_by_name(&mut conn, &new.name).await?;
        found.ok_or_else(|| Failure::Unknown(format!("state \"{}\"", new.name)))?
    };
    let update = || states::edit::Update {
        members: Some(StateMembers {
            alliances: new.alliances.clone(),
            corporations: new.corporations.clone(),
            ..StateMembers::default()
        }),
        permissions: Some(new.permissions.clone()),
        ..states::edit::Update::default()
    };
    let operator = StaffGrant::operator();
    let mut edited = states::edit::update(app, &operator, id, &update(), None).await?;
    if new.apply {
        let token = edited.token;
        edited = states::edit::update(app, &operator, id, &update(), Some(&token)).await?;
    }
    let diff = edited.diff;
    for ((kind, name), (gained, lost)) in diff.counts() {
        let gain = if gained == 1 { "user gains" } else { "users gain" };
        let lose = if lost == 1 { "loses" } else { "lose" };
        println!("{} {name}: {gained} {gain} it, {lost} {lose} it", kind.as_str());
    }
    match (diff.users(), new.apply) {
        (0, true) => println!("Done; nobody's access changes."),
        (_, true) => println!("Done."),
        (0, false) => println!("Nobody's access would change. Add --apply to do it."),
        (_, false) => println!("Nothing was changed. Add --apply to do it."),
    }
    Ok(())
}
