//! `fealtyctl healthcheck`.

use clap::Args;
use fealty_api::{
    config::Config,
    error::{Error, Result},
    upstream::{HttpOptions, http_client},
};

#[derive(Args)]
pub struct Command {
    /// Ask the worker instead.
    #[arg(long)]
    worker: bool,
}

pub async fn run(config: &Config, command: Command) -> Result<()> {
    let (address, path) = if command.worker {
        let address =
            config.worker.listen.ok_or_else(|| Error::invalid("worker.listen", "missing", "is not set"))?;
        (address, "/health/live")
    } else {
        (config.http.listen, "/health/ready")
    };
    let client = http_client("fealtyctl", &HttpOptions::default()).map_err(Error::internal)?;
    // A server that listens on all addresses is asked locally.
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    let url = format!("http://{host}:{}{path}", address.port());
    let answer = client.get(url).send().await.map_err(Error::internal)?;
    let status = answer.status();
    println!("{}", answer.text().await.map_err(Error::internal)?);
    if status.is_success() { Ok(()) } else { Err(Error::internal(format!("status {status}"))) }
}
