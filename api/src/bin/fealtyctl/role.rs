//! `fealtyctl role`.

use clap::{Args, Subcommand};
use fealty_api::{
    app::App,
    error::Result,
    services::roles::{self, Bearer},
};

use crate::{Done, Failure};

#[derive(Subcommand)]
pub enum Command {
    /// Lists states and groups and the roles that stand for them.
    List,
    /// Makes a role that was created by hand stand for a state or group, in place of the one Fealty created.
    /// Everybody in it gets what that role opens.
    Adopt(Adopt),
}

#[derive(Args)]
pub struct Adopt {
    /// The service, for example discord.
    service: String,
    /// The role's id on the service.
    role: String,
    #[command(flatten)]
    bearer: Names,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Names {
    /// The state it should stand for.
    #[arg(long)]
    state: Option<String>,
    /// The group it should stand for.
    #[arg(long)]
    group: Option<String>,
}

pub async fn run(app: &App, command: Command) -> Done {
    match command {
        Command::List => Ok(list(app).await?),
        Command::Adopt(adopt) => self::adopt(app, adopt).await,
    }
}

async fn list(app: &App) -> Result<()> {
    for spec in app.connectors.specs() {
        for role in roles::list(app, spec.key).await? {
            let there = role.external_name.unwrap_or_else(|| "not there any more".to_owned());
            println!("{}\t{}\t{}\t{}\t{there}", spec.key, role.kind, role.name, role.external_id);
        }
    }
    Ok(())
}

async fn adopt(app: &App, Adopt { service, role, bearer }: Adopt) -> Done {
    let (kind, name, bearer) = match bearer {
        Names { state: Some(name), .. } => ("state", name.clone(), Bearer::State(name)),
        Names { group, .. } => {
            let name = group.unwrap_or_default();
            ("group", name.clone(), Bearer::Group(name))
        }
    };
    if app.connectors.get(&service).is_none() {
        return Err(Failure::Unknown(format!("service \"{service}\" here")));
    }
    let adopted = roles::adopt(app, &service, &role, &bearer).await?;
    println!(
        "The role {} stands for the {kind} {name}. The worker gives it to all who are in it.",
        adopted.name
    );
    if let Some(replaced) = adopted.replaced {
        println!(
            "The role {replaced}, which stood for it before, is nobody's now; delete it if you need it no more."
        );
    }
    Ok(())
}
