//! The state all upstreams share.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::{Engine, engine::general_purpose::STANDARD};
use rand::{RngCore, SeedableRng, rngs::StdRng};

use crate::{
    discord::Discord, esi::Limits, faults::Faults, images::Gallery, log::Log, options::Options, sso::Sso,
    world::World,
};

/// Everything behind the HTTP surface. Locks are taken in the order of the fields and never held across an await.
pub(crate) struct Core {
    pub(crate) options: Options,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) world: RwLock<World>,
    pub(crate) sso: Mutex<Sso>,
    pub(crate) discord: Mutex<Discord>,
    pub(crate) esi: Mutex<Limits>,
    pub(crate) images: Mutex<Gallery>,
    pub(crate) log: Log,
    random: Mutex<StdRng>,
}

impl Core {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            faults: Mutex::default(),
            world: RwLock::new(World::new(options.seed, options.generated())),
            sso: Mutex::new(Sso::new(&options)),
            discord: Mutex::new(Discord::new(&options)),
            esi: Mutex::default(),
            images: Mutex::default(),
            log: Log::default(),
            random: Mutex::new(StdRng::from_os_rng()),
            options,
        }
    }

    /// The pristine world again: no faults, no log, no grants. Registered callbacks stay.
    pub(crate) fn reset(&self) {
        *lock(&self.faults) = Faults::default();
        *self.world_mut() = World::new(self.options.seed, self.options.generated());
        lock(&self.sso).reset(&self.options);
        lock(&self.discord).reset(&self.options);
        *lock(&self.esi) = Limits::default();
        self.log.clear();
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        lock(&self.random).fill_bytes(&mut bytes);
        bytes
    }

    /// 24 characters of base64, the shape of the SSO's refresh tokens.
    pub(crate) fn token24(&self) -> String {
        STANDARD.encode(self.random_bytes::<16>())
    }

    /// 30 characters that need no escaping in URLs, the shape of codes and Discord's tokens.
    pub(crate) fn token30(&self) -> String {
        hex::encode(self.random_bytes::<15>())
    }
}

/// Locks, even after a panic elsewhere: the simulator's state is plain data and stays usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
