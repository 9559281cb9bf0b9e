//! `simulator`: runs the simulator until it is told to stop.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::PathBuf,
};

use clap::Parser;
use fealty_simulator::{Options, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// New Eden and its neighbours in one process: EVE SSO, ESI, the image server, Discord.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "SIM_LISTEN", default_value = "127.0.0.1:8100")]
    listen: SocketAddr,
    /// Fixes every generated name, date and organisation.
    #[arg(long, env = "SIM_SEED", default_value_t = 1)]
    seed: u64,
    /// Number of generated pilots (at most 600000) instead of the usual 2000; no state is kept then.
    #[arg(long, env = "SIM_BIG_WORLD")]
    big_world: Option<usize>,
    /// Do not enforce rate and error limits.
    #[arg(long, env = "SIM_NO_RATE_LIMITS")]
    no_rate_limits: bool,
    /// Additional callback of the EVE application; may be given several times or as a comma-separated list.
    #[arg(long = "callback", env = "SIM_CALLBACKS", value_delimiter = ',')]
    callbacks: Vec<String>,
    /// Additional redirect of the Discord application; may be given several times or as a comma-separated list.
    #[arg(long = "discord-callback", env = "SIM_DISCORD_CALLBACKS", value_delimiter = ',')]
    discord_callbacks: Vec<String>,
    /// A refresh issues a new refresh token and ends the old one.
    #[arg(long, env = "SIM_ROTATE_REFRESH_TOKENS")]
    rotate_refresh_tokens: bool,
    /// `iss` of access tokens without `https://`.
    #[arg(long, env = "SIM_BARE_ISSUER")]
    bare_issuer: bool,
    /// Lifetime of access tokens in seconds.
    #[arg(long, env = "SIM_TOKEN_LIFETIME", default_value_t = 1_200)]
    token_lifetime: i64,
    /// Overrides how long ESI's answers may be cached, in seconds.
    #[arg(long, env = "SIM_CACHE_SECONDS")]
    cache_seconds: Option<u64>,
    /// File that keeps the world, grants and Discord across restarts.
    #[arg(long, env = "SIM_STATE")]
    state: Option<PathBuf>,
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        Self {
            listen: arguments.listen,
            seed: arguments.seed,
            big_world: arguments.big_world,
            rate_limits: !arguments.no_rate_limits,
            callbacks: arguments.callbacks,
            discord_callbacks: arguments.discord_callbacks,
            rotate_refresh_tokens: arguments.rotate_refresh_tokens,
            bare_issuer: arguments.bare_issuer,
            token_lifetime: arguments.token_lifetime,
            cache_seconds: arguments.cache_seconds,
            state: arguments.state,
        }
    }
}

#[expect(clippy::print_stdout, reason = "the address line is the program's output")]
fn announce(simulator: &Simulator) {
    println!("simulator listening on {}", simulator.url());
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let mut logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if !io::stderr().is_terminal() {
        logs = logs.with_ansi(false);
    }
    logs.init();
    let mut terminate = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(Arguments::parse().into())?;
    announce(&simulator);
    tokio::select! {
        _ = terminate.recv() => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    drop(simulator);
    Ok(())
}
