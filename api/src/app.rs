//! The composition root: everything one process shares.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::{
    clock::SharedClock,
    conditions,
    config::Config,
    crypto::{MacKey, SealingKey, SharedRng},
    db::Db,
    error::{Error, Result},
    eve::esi::{Esi, EsiConfig, user_agent},
    graphql::own,
    groups,
    identity::{
        mail::Mailer,
        sso::{EveSso, SsoConfig},
    },
    permissions::Names,
    services::Connectors,
    upstream::{Pace, Secret},
};

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What everything needs; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    pub config: Config,
    pub db: Db,
    pub clock: SharedClock,
    pub rng: SharedRng,
    pub sealing_key: SealingKey,
    pub mac_key: MacKey,
    pub esi: Esi,
    pub sso: EveSso,
    pub mailer: Mailer,
    pub connectors: Connectors,
    pub permission_names: Names,
    pub groups: groups::Kept,
    pub own: own::Kept,
    pub conditions: conditions::Kept,
    /// How long to gather the fields of one level of a query before loading their rows together.
    pub gathering: Duration,
}

/// Long enough for the fields of one level, too short to notice. What the dashboard needs is fed
/// beforehand and does not wait.
const GATHERING: Duration = Duration::from_micros(500);

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("site", &self.config.site.url.as_str()).finish_non_exhaustive()
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Builds the clients; contacts nothing yet.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(config: Config, clock: SharedClock) -> Result<Self> {
        let rng = ChaCha20Rng::from_os_rng();
        Self::with_rng(config, clock, Arc::new(Mutex::new(rng)))
    }

    /// Changes the gathering time: for tests that count statements, where a busy executor must not split a level.
    /// Only for an application that is not shared yet.
    #[must_use]
    pub fn gathering_for(mut self, gathering: Duration) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.gathering = gathering;
        }
        self
    }

    /// As [`App::new`], with the caller's random number generator: tests seed it.
    ///
    /// # Errors
    /// As [`App::new`].
    pub fn with_rng(config: Config, clock: SharedClock, rng: SharedRng) -> Result<Self> {
        let seed = rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next_u64();
        let database = &config.database;
        let db = Db::new(database.url.expose(), database.pool_size, database.time_limits())?;
        let agent = user_agent("Fealty", VERSION, &config.esi.contact, config.site.url.as_str());
        let pace = |salt: u64| Pace::new(Arc::clone(&clock), seed ^ salt);
        let esi = Esi::new(EsiConfig::new(config.esi.base_url.clone(), agent.clone()), pace(1))
            .map_err(Error::internal)?;
        let callback = config.site_link("/sso/callback").parse().map_err(Error::internal)?;
        let mut sso = SsoConfig::new(
            config.sso.metadata_url.clone(),
            config.sso.client_id.clone(),
            config.sso.client_secret.clone(),
            callback,
            agent,
        );
        sso.scopes.clone_from(&config.sso.scopes);
        let sso = EveSso::new(sso, pace(2)).map_err(Error::internal)?;
        let mailer = Mailer::new(&config.mail)?;
        let connectors = Connectors::new(&config, &clock, &rng, seed ^ 3)?;
        let sealing_key = config.sealing_key();
        let mac_key = config.mac_key();
        Ok(Self(Arc::new(Parts {
            config,
            db,
            clock,
            rng,
            sealing_key,
            mac_key,
            esi,
            sso,
            mailer,
            connectors,
            permission_names: Names::default(),
            groups: groups::Kept::default(),
            own: own::Kept::default(),
            conditions: conditions::Kept::default(),
            gathering: GATHERING,
        })))
    }

    /// Seals a secret for one purpose.
    ///
    /// # Errors
    /// As [`SealingKey::seal`].
    pub fn seal(&self, purpose: &str, secret: &Secret) -> Result<Vec<u8>> {
        let mut rng = self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.sealing_key.seal(&mut *rng, purpose, secret.expose()).map_err(Error::internal)
    }
}
