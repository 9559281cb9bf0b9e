//! What tests and the admin API can do to a running simulator.
//!
//! A [`Handle`] is cheap to clone. Its methods are grouped by upstream in `world.rs`, `sso.rs` and `discord.rs`;
//! faults and the request log are here. None of them waits for anything but a lock.

mod discord;
mod sso;
mod world;

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    core::{Core, lock},
    esi::Limits,
    faults::Fault,
    log::{Counters, LoggedRequest, Upstream},
};

/// A handle on a simulator in the same process.
#[derive(Clone)]
pub struct Handle {
    pub(crate) core: Arc<Core>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    /// A pristine world, guild and set of grants, no faults, an empty log, fresh limits. Registered callbacks stay.
    pub fn reset(&self) {
        self.core.reset();
    }

    /// Gives every caller their whole rate and error limits back.
    pub fn reset_limits(&self) {
        *lock(&self.core.esi) = Limits::default();
        lock(&self.core.discord).reset_limits();
    }

    /// Switches a fault on; returns its id.
    pub fn add_fault(&self, fault: Fault) -> u64 {
        lock(&self.core.faults).add(fault)
    }

    /// Switches one fault off.
    pub fn remove_fault(&self, id: u64) -> bool {
        lock(&self.core.faults).remove(id)
    }

    /// Switches all faults off, or those of one upstream.
    pub fn clear_faults(&self, upstream: Option<Upstream>) {
        lock(&self.core.faults).clear(upstream);
    }

    /// The faults that are on.
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.core.faults).list().to_vec()
    }

    /// The latest requests to one upstream, oldest first.
    pub fn requests(&self, upstream: Upstream) -> Vec<LoggedRequest> {
        self.core.log.requests(Some(upstream))
    }

    /// The latest requests to all upstreams, oldest first.
    pub fn all_requests(&self) -> Vec<LoggedRequest> {
        self.core.log.requests(None)
    }

    /// Totals since the start or since they were last cleared.
    pub fn counters(&self) -> BTreeMap<Upstream, Counters> {
        self.core.log.counters()
    }

    /// Empties the request log and its totals.
    pub fn clear_requests(&self) {
        self.core.log.clear();
    }
}
