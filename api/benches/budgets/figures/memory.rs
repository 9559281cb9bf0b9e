//! Resident memory of the programs, after all of the above.

use crate::{
    process::{self, Program},
    table::{Budget, Table},
};

/// Server and worker, now and at their peak.
pub fn measure(server: &Program, worker: &Program, table: &mut Table) {
    let (Some((server, server_peak)), Some((worker, worker_peak))) =
        (process::memory(server.id()), process::memory(worker.id()))
    else {
        crate::progress("memory is not measured: there is no /proc");
        return;
    };
    let note = format!("server {server:.0} MB, worker {worker:.0} MB");
    table.add("resident memory, server and worker", server + worker, "MB", Budget::AtMost(200.0), note);
    let note = format!("server {server_peak:.0} MB, worker {worker_peak:.0} MB");
    table.add("  at their peaks", server_peak + worker_peak, "MB", Budget::AtMost(200.0), note);
}
