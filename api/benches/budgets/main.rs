//! `make bench`: measures what the architecture promises (docs/architecture.md, budgets) and prints it as a table.
//!
//! Nothing is asserted: a number that misses its budget is shown as missed, and whoever reads it decides. Everything
//! runs against a database of its own, production's durability, the optimised `server` and `worker` programs, and the
//! simulator in this process; all of them share the machine's cores, as the budgets say.
//!
//! - `settings.rs` what to run and how big; `world.rs` and `seed.rs` fill the database from the simulator's New Eden
//! - `stack.rs` starts the programs, `process.rs` reads their memory and processor time, `http.rs` is the load
//! - `figures/` one file per group of numbers; `table.rs` prints them
#![expect(clippy::print_stdout, reason = "the table is this program's answer")]

mod figures;
mod http;
mod process;
mod seed;
mod settings;
mod stack;
mod table;
mod world;

use std::process::ExitCode;

use fealty_api::error::Result;

use crate::{settings::Settings, stack::Stack, table::Table};

fn main() -> ExitCode {
    let Some(settings) = Settings::read() else {
        eprintln!(
            "FEALTY_BENCH_DATABASE_URL is not set. `make bench` sets it to a database cluster for benchmarks."
        );
        return ExitCode::from(2);
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&settings)) {
        Ok(table) => {
            let text = table.render(&settings);
            println!("\n{text}");
            if let Err(error) = table::keep(&text) {
                eprintln!("var/bench.txt is not written: {error}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the benchmark ended: {}", error.for_operators());
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: &Settings) -> Result<Table> {
    let mut table = Table::default();
    let stack = Stack::start(settings).await?;
    let outcome = measure(settings, &stack, &mut table).await;
    stack.stop().await;
    outcome.map(|()| table)
}

/// The order matters: each group finds the database as the one before left it.
async fn measure(settings: &Settings, stack: &Stack, table: &mut Table) -> Result<()> {
    figures::access::full_recompute(stack, table).await?;
    seed::accounts(&stack.app).await?;
    let server = if settings.wants("dashboard") {
        Some(figures::dashboard::measure(settings, stack, table).await?)
    } else {
        None
    };
    // Behind the dashboard, whose figure is that of a site without groups.
    if settings.wants("state") {
        figures::access::state_edit(stack, table).await?;
        figures::access::small_state_edit(stack, table).await?;
    }
    if settings.wants("sync") {
        figures::sync::nothing_changed(stack, table).await?;
    }
    let worker = stack.worker().await?;
    if settings.wants("sync") {
        figures::sync::some_changed(stack, table).await?;
    }
    if settings.wants("audit") {
        figures::audit::measure(settings, stack, table).await?;
    }
    if settings.wants("revocation") {
        figures::revocation::measure(stack, table).await?;
    }
    if let Some(server) = &server {
        figures::memory::measure(server, &worker, table);
    }
    if settings.wants("insight") {
        figures::insight::measure(stack, table).await?;
    }
    figures::bundle::measure(table);
    Ok(())
}

/// A line about what is going on.
fn progress(text: impl std::fmt::Display) {
    println!("    {text}");
}
