//! Accounts on other services: granted, kept in step and revoked.
//!
//! Three things are known about every account: what is **wanted** (a pure function of access and names),
//! what is **actual** (last confirmed by the service), and what is **in flight** (claimed by a worker). The
//! access engine raises an account's mark in the transaction that changed its user's access; one job per
//! service works off the marks.
//!
//! Rules
//! - A connector is only called where something differs, and only from the job, after the commit.
//! - Revocations go before grants. Nothing is settled until the service has confirmed it;
//!   until then it is tried again.
//! - A service that is down or limits us is left alone for a while, by all workers; the marks wait.
//! - What a service refuses of an account does not stop the rest; the account says what is left and why.
//! - A role or group of a service is ours by its id, which is remembered; its name gives nothing. One that was made by hand
//!   becomes ours only when an operator says so (`roles.rs`).
//! - Accounts lose the roles that are not wanted. Roles that are not ours are left alone if their name is a reserved group
//!   name: somebody else gives and takes them.
//! - Calls are idempotent: a worker that dies between a call and its confirmation makes the next one call again.
//!
//! A new connector is a folder here, a line in [`SPECS`] and a line in [`Connectors::new`].

mod connector;
pub mod discord;
pub mod link;
mod observe;
mod reconcile;
mod registry;
pub mod roles;
pub mod status;
mod store;
mod wanted;

use std::{collections::HashMap, sync::Arc};

pub use connector::{
    Account, Confirmed, Connector, ConnectorError, Identity, Keeper, OauthLink, Observed, ServiceRole, Spec,
};
pub use observe::{Drift, Observe, drift};
pub use reconcile::{Reconcile, ReconcileLater, SweepServices};
pub use registry::RoleRegistry;
pub use wanted::{Facts, Main, StandsFor, Wanted, WantedRole, wanted};

use crate::{
    clock::SharedClock,
    config::Config,
    crypto::SharedRng,
    error::{Error, Result},
};

/// Every service this program knows, whether configured or not.
pub const SPECS: &[&Spec] = &[&discord::SPEC];

/// What people call a service; its key if no connector knows it any more.
#[must_use]
pub fn title_of(key: &str) -> &str {
    SPECS.iter().find(|spec| spec.key == key).map_or(key, |spec| spec.title)
}

/// The configured services.
#[derive(Clone, Default)]
pub struct Connectors {
    by_key: HashMap<&'static str, Arc<dyn Connector>>,
}

impl std::fmt::Debug for Connectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.by_key.keys()).finish()
    }
}

impl Connectors {
    /// Creates them from the settings.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn new(config: &Config, clock: &SharedClock, rng: &SharedRng, seed: u64) -> Result<Self> {
        let mut connectors = Self::default();
        if let Some(settings) = &config.discord {
            let connector =
                discord::Discord::new(config, settings, clock, rng, seed).map_err(Error::internal)?;
            connectors.by_key.insert(discord::SPEC.key, Arc::new(connector));
        }
        Ok(connectors)
    }

    /// The connector of a service, if it is configured.
    #[must_use]
    pub fn get(&self, service: &str) -> Option<&Arc<dyn Connector>> {
        self.by_key.get(service)
    }

    /// What is known about the configured services, in the order of [`SPECS`].
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> + '_ {
        SPECS.iter().copied().filter(|spec| self.by_key.contains_key(spec.key))
    }
}
