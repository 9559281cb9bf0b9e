//! Which of the guild's roles stand for which states and groups.
//!
//! Rules
//! - Ours are the roles whose ids are stored: those created here, and those an operator told us to use. A name means
//!   nothing: any other role with the name of a state or group is left alone, and ours is created next to it. Being
//!   allowed to name a group must not mean handing out whatever the guild's owner has opened to a role, by its
//!   permissions or in a channel.
//! - A role of ours is renamed along with its state or group.
//! - A role that cannot be created stops nothing: the account does without it, and says so.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use tokio::sync::Mutex;

use super::rest::{DiscordError, DiscordRest, ROLE_NAME_LENGTH, Role};
use crate::{
    clock::SharedClock,
    services::{ConnectorError, Keeper, RoleRegistry, StandsFor, WantedRole},
};

/// How long the guild's roles are assumed to be unchanged, and a role that could not be created is not tried again.
const FRESH: Duration = Duration::minutes(5);

/// The guild's roles, as last read.
struct Known {
    at: DateTime<Utc>,
    guild: Vec<Role>,
    registry: RoleRegistry,
}

impl Known {
    /// The role that stands for this.
    fn of(&self, stands_for: StandsFor) -> Option<&Role> {
        let id = self.registry.current.get(&stands_for)?;
        self.guild.iter().find(|role| role.id == *id && !role.managed)
    }
}

#[derive(Default)]
struct Cache {
    known: Option<Known>,
    /// What Discord refused to create or rename, and when.
    refused: HashMap<StandsFor, (DateTime<Utc>, DiscordError)>,
}

/// The wanted roles, as far as they exist.
pub(super) struct Given {
    /// All roles of the guild.
    pub guild: Vec<Role>,
    /// Ids of those that members keep.
    pub left_alone: HashSet<String>,
    /// Each wanted role's name, and its id or why there is none.
    pub wanted: Vec<(String, Result<String, DiscordError>)>,
    /// Whether the guild's roles may have changed since they were read.
    pub is_cached: bool,
}

impl Given {
    /// Ids of the wanted roles that exist.
    pub fn ids(&self) -> Vec<String> {
        self.wanted.iter().filter_map(|(_, id)| id.clone().ok()).collect()
    }

    /// A role of the guild.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.guild.iter().find(|role| role.id == id)
    }
}

/// Finds, creates and renames roles.
pub(super) struct Roles {
    rest: Arc<DiscordRest>,
    clock: SharedClock,
    cache: Mutex<Cache>,
}

impl Roles {
    pub fn new(rest: Arc<DiscordRest>, clock: SharedClock) -> Self {
        Self { rest, clock, cache: Mutex::default() }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Like [`Self::for_wanted`], but always asks Discord.
    pub async fn anew(&self, wanted: &[WantedRole], keeper: &dyn Keeper) -> Result<Given, ConnectorError> {
        self.cache.lock().await.known = None;
        self.for_wanted(wanted, keeper).await
    }

    /// The roles for what is wanted. Discord is asked if the list is old or incomplete; then
    /// missing roles are created.
    pub async fn for_wanted(
        &self,
        wanted: &[WantedRole],
        keeper: &dyn Keeper,
    ) -> Result<Given, ConnectorError> {
        let cache = &mut *self.cache.lock().await;
        let now = self.clock.now();
        cache.refused.retain(|_, (at, _)| *at + FRESH > now);
        // An operator may have said in the meantime which role to use, or somebody may have reserved a name.
        let registry = keeper.registry().await?;
        let is_cached = cache.known.as_ref().is_some_and(|known| {
            known.at + FRESH > now
                && known.registry == registry
                && wanted.iter().all(|role| {
                    cache.refused.contains_key(&role.stands_for)
                        || known.of(role.stands_for).is_some_and(|found| is_called(found, &role_name(role)))
                })
        });
        if !is_cached {
            cache.known = None;
            let mut known = Known { at: now, guild: self.rest.roles().await?, registry };
            for role in wanted {
                if cache.refused.contains_key(&role.stands_for) {
                    continue;
                }
                match self.provide(&mut known, role, keeper).await? {
                    Ok(()) => {}
                    Err(error) => {
                        tracing::warn!(role = role.name, %error, "a role could not be made or renamed");
                        cache.refused.insert(role.stands_for, (now, error));
                    }
                }
            }
            cache.known = Some(known);
        }
        let Some(known) = &cache.known else {
            return Err(DiscordError::Misuse("roles that were not read").into());
        };
        let id_of = |role: &WantedRole| match (known.of(role.stands_for), cache.refused.get(&role.stands_for))
        {
            (Some(found), _) => Ok(found.id.clone()),
            (None, Some((_, error))) => Err(error.clone()),
            (None, None) => Err(DiscordError::Misuse("a role that was not made")),
        };
        let wanted = wanted.iter().map(|role| (role.name.clone(), id_of(role))).collect();
        let left_alone = left_alone(&known.guild, &known.registry);
        Ok(Given { guild: known.guild.clone(), left_alone, wanted, is_cached })
    }

    /// Makes sure that there is a role for what is wanted, under its current name. The inner error means that
    /// Discord does not let us.
    async fn provide(
        &self,
        known: &mut Known,
        wanted: &WantedRole,
        keeper: &dyn Keeper,
    ) -> Result<Result<(), DiscordError>, ConnectorError> {
        let name = role_name(wanted);
        let found = known.of(wanted.stands_for);
        if found.is_some_and(|found| is_called(found, &name)) {
            return Ok(Ok(()));
        }
        let role = if let Some(found) = found {
            self.rest.rename_role(&found.id.clone(), &name).await
        } else {
            self.make(known, &name).await
        };
        let role = match role {
            Ok(role) => role,
            Err(error) if error.is_configuration() => return Err(error.into()),
            // Whatever went wrong, surplus roles must still be taken away.
            Err(error) => return Ok(Err(error)),
        };
        keeper.keep_role(wanted.stands_for, &role.id).await?;
        known.registry.current.insert(wanted.stands_for, role.id.clone());
        known.guild.retain(|other| other.id != role.id);
        known.guild.push(role);
        Ok(Ok(()))
    }

    /// Creates a role. If the answer is lost, the role may exist or not; a role of this name that was not there when
    /// the guild's roles were read, a moment ago, must be it.
    async fn make(&self, known: &Known, name: &str) -> Result<Role, DiscordError> {
        let error = match self.rest.create_role(name).await {
            Err(error @ DiscordError::Unavailable { .. }) => error,
            answer => return answer,
        };
        let is_new = |role: &Role| known.guild.iter().all(|before| before.id != role.id);
        let guild = self.rest.roles().await.map_err(|_| error.clone())?;
        guild.into_iter().find(|role| !role.managed && role.name == name && is_new(role)).ok_or(error)
    }
}

/// Ids of the roles that members keep: those of bots and of Discord itself, which nobody can give or take, and those
/// that are left alone.
pub(super) fn left_alone(guild: &[Role], registry: &RoleRegistry) -> HashSet<String> {
    let is_kept = |role: &&Role| role.managed || registry.is_left_alone(&role.id, &role.name);
    guild.iter().filter(is_kept).map(|role| role.id.clone()).collect()
}

/// Names are the same in any case.
fn is_called(role: &Role, name: &str) -> bool {
    role.name.to_lowercase() == name.to_lowercase()
}

/// A name that Discord accepts. A shortened one carries the id of what it stands for, so that no two become the same.
fn role_name(wanted: &WantedRole) -> String {
    if wanted.name.chars().count() <= ROLE_NAME_LENGTH {
        return wanted.name.clone();
    }
    let (StandsFor::State(id) | StandsFor::Group(id)) = wanted.stands_for;
    let mark = format!("… {id}");
    let kept = ROLE_NAME_LENGTH - mark.chars().count();
    wanted.name.chars().take(kept).chain(mark.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_names_differ() {
        let role = |id| role_name(&WantedRole { name: "x".repeat(150), stands_for: StandsFor::Group(id) });
        assert_eq!(role(1).chars().count(), 100);
        assert_ne!(role(1), role(2));
        let short = WantedRole { name: "y".repeat(100), stands_for: StandsFor::Group(1) };
        assert_eq!(role_name(&short), short.name);
    }
}
