//! Keeps the simulated world in a file, so that a developer's logins survive a restart.
//!
//! Without it every refresh token would be unknown after a restart, and the site would rightly take the
//! characters away from their owners.

use std::{fs, io, path::Path, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    core::{Core, lock},
    discord::SavedDiscord,
    sso::SavedGrants,
    world::Saved,
};

const EVERY: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
struct State {
    world: Saved,
    sso: SavedGrants,
    discord: SavedDiscord,
}

fn snapshot(core: &Core) -> io::Result<Vec<u8>> {
    let world = core.world().save();
    let sso = lock(&core.sso).save();
    let discord = lock(&core.discord).save();
    serde_json::to_vec(&State { world, sso, discord }).map_err(io::Error::other)
}

/// Loads the state of an earlier run, if there is one and it fits the world.
pub(crate) fn load(core: &Core, path: &Path) -> io::Result<()> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read?,
    };
    match serde_json::from_slice::<State>(&bytes) {
        Ok(state) => {
            if core.world_mut().restore(state.world) {
                lock(&core.sso).restore(state.sso);
                lock(&core.discord).restore(state.discord);
            } else {
                tracing::warn!(path = %path.display(), "the state file belongs to another seed; starting afresh");
            }
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the state file is unreadable; starting afresh");
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(&new, path)
}

/// Writes the state whenever it has changed, for ever.
pub(crate) async fn keep_saving(core: Arc<Core>, path: PathBuf) {
    let mut written = Vec::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let saved = snapshot(&core).and_then(|bytes| {
            if bytes != written {
                write(&path, &bytes)?;
                written = bytes;
            }
            Ok(())
        });
        if let Err(error) = saved {
            tracing::warn!(path = %path.display(), %error, "cannot write the state file");
        }
    }
}

/// Writes the state at the end of a run.
pub(crate) fn save_now(core: &Core) -> io::Result<()> {
    match &core.options.state {
        Some(path) => write(path, &snapshot(core)?),
        None => Ok(()),
    }
}
