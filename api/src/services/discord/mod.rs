//! The Discord connector: members of one guild, their roles and nicknames.
//!
//! Rules
//! - Every state or group has a role of its own, known by its id (`roles.rs`); a missing one is created.
//! - Roles that belong to bots or to Discord itself, and roles that are not ours and have a reserved name, stay as they
//!   are; of the rest the account has exactly the wanted ones.
//! - An account that is not in the guild is added with the tokens its owner granted; if those are dead it is gone, and
//!   its owner has to link it again.
//! - One call changes everything that differs. If Discord refuses it, each thing is done separately (`change.rs`): first
//!   surplus roles are taken away, then missing ones are given, then the name is changed. What cannot be done is reported,
//!   and stops nothing else.

mod change;
pub mod rest;
mod roles;

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use change::{Change, Step};
use chrono::{DateTime, Utc};
use rest::{AddOutcome, DiscordConfig, DiscordError, DiscordRest, DiscordTokens, Member};
use roles::{Given, Roles};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Account, Confirmed, Connector, ConnectorError, Identity, Keeper, OauthLink, Observed, RoleRegistry,
    ServiceRole, Spec, Wanted, link::EXPIRY_MARGIN,
};
use crate::{
    clock::SharedClock,
    config::{Config, Discord as Settings},
    crypto::{SharedRng, Vault},
    upstream::{Pace, Secret},
};

/// What is known about Discord without asking it.
pub const SPEC: Spec = Spec { key: "discord", title: "Discord", permission: "discord.access_discord" };

const PURPOSE: &str = "service_accounts.credentials.discord";
/// How many pages of members are read: twice as many members as a guild may have, unless Discord
/// raises its limit for it.
const MEMBER_PAGES: usize = 1_000;
/// Discord's limit for nicknames.
const NICK_LENGTH: usize = 32;

/// The client according to the settings.
///
/// # Errors
/// When the HTTP client cannot be built.
fn client(
    config: &Config,
    settings: &Settings,
    clock: &SharedClock,
    seed: u64,
) -> Result<DiscordRest, String> {
    let agent = rest::user_agent(config.site.url.as_str(), env!("CARGO_PKG_VERSION"));
    let redirect = config
        .site_link(&format!("/services/{}/callback", SPEC.key))
        .parse()
        .map_err(|e| format!("site.url: {e}"))?;
    let base = DiscordConfig::new(agent, redirect).map_err(|e| e.to_string())?;
    let discord = DiscordConfig {
        api_base_url: settings.api_base_url.clone(),
        authorize_url: settings.authorize_url.clone(),
        token_url: settings.token_url.clone(),
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret.clone(),
        bot_token: settings.bot_token.clone(),
        guild_id: settings.guild_id.clone(),
        ..base
    };
    DiscordRest::new(discord, Pace::new(Arc::clone(clock), seed)).map_err(|e| e.to_string())
}

/// What is stored, sealed, to add an account again.
#[derive(Serialize, Deserialize)]
struct Credentials {
    access: String,
    refresh: Option<String>,
    expires_at: DateTime<Utc>,
}

impl Credentials {
    fn of(tokens: &DiscordTokens) -> Self {
        Self {
            access: tokens.access_token.expose().to_owned(),
            refresh: tokens.refresh_token.as_ref().map(|t| t.expose().to_owned()),
            expires_at: tokens.expires_at,
        }
    }

    fn seal(&self, vault: &Vault) -> Result<Vec<u8>, ConnectorError> {
        let text = serde_json::to_string(self).map_err(unusable)?;
        vault.seal(&text).map_err(unusable)
    }

    fn open(vault: &Vault, sealed: &[u8]) -> Result<Self, ConnectorError> {
        let text = vault.open(sealed).map_err(unusable)?;
        serde_json::from_str(text.expose()).map_err(unusable)
    }
}

/// Stored credentials that cannot be used are not the account's fault: an operator has to look into it.
fn unusable(error: impl std::fmt::Display) -> ConnectorError {
    ConnectorError::Unusable { detail: format!("stored credentials: {error}") }
}

/// The connector.
pub struct Discord {
    rest: Arc<DiscordRest>,
    vault: Vault,
    sync_names: bool,
    roles: Roles,
}

impl Discord {
    /// Creates the connector according to the settings. `seed` is for the waits between its calls.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(
        config: &Config,
        settings: &Settings,
        clock: &SharedClock,
        rng: &SharedRng,
        seed: u64,
    ) -> Result<Self, String> {
        let rest = Arc::new(client(config, settings, clock, seed)?);
        let vault = Vault::new(config.sealing_key(), Arc::clone(rng), PURPOSE);
        let (sync_names, clock) = (settings.sync_names, Arc::clone(clock));
        let roles = Roles::new(Arc::clone(&rest), clock);
        Ok(Self { rest, vault, sync_names, roles })
    }

    /// Brings an account into the guild. If Discord refuses the roles and name it should have, it joins without any.
    async fn add(
        &self,
        account: &Account,
        nick: Option<&str>,
        roles: &[String],
        keeper: &dyn Keeper,
    ) -> Result<Member, ConnectorError> {
        let token = self.access_token(account, keeper).await?;
        let id = &account.external_id;
        let outcome = match self.rest.add_member(id, &token, nick, roles).await {
            Err(refused) if refused.is_refusal() && (nick.is_some() || !roles.is_empty()) => {
                self.rest.add_member(id, &token, None, &[]).await
            }
            other => other,
        };
        match outcome? {
            AddOutcome::Added(member) => Ok(member),
            AddOutcome::AlreadyMember => {
                let member = self.rest.member(id).await?;
                Ok(member.ok_or_else(|| DiscordError::Invalid("a member that is none".into()))?)
            }
        }
    }

    /// An access token for the account's owner, refreshed if it has expired. A refresh invalidates the old tokens, so
    /// the new ones are stored before anything else is attempted.
    ///
    /// Without credentials the account is gone. If they cannot be opened, that is our fault and says
    /// nothing about the account.
    async fn access_token(&self, account: &Account, keeper: &dyn Keeper) -> Result<Secret, ConnectorError> {
        let sealed = account.credentials.as_deref().ok_or(ConnectorError::Gone)?;
        let stored = Credentials::open(&self.vault, sealed)?;
        if stored.expires_at - EXPIRY_MARGIN > self.roles.now() {
            return Ok(Secret::new(stored.access));
        }
        let refresh = Secret::new(stored.refresh.ok_or(ConnectorError::Gone)?);
        let tokens = self.rest.refresh(&refresh).await?;
        keeper.keep(&Credentials::of(&tokens).seal(&self.vault)?).await?;
        Ok(tokens.access_token)
    }
}

#[async_trait]
impl OauthLink for Discord {
    fn authorize_url(&self, state: &str) -> String {
        self.rest.authorize_url(state).to_string()
    }

    async fn identify(&self, code: &str) -> Result<Identity, ConnectorError> {
        let tokens = self.rest.exchange_code(code).await?;
        if !tokens.may_join() {
            return Err(DiscordError::InvalidGrant("joining the server was not granted".into()).into());
        }
        let user = self.rest.current_user(&tokens.access_token).await?;
        let credentials = Credentials::of(&tokens).seal(&self.vault)?;
        Ok(Identity { external_id: user.id, name: user.username, credentials: Some(credentials) })
    }
}

#[async_trait]
impl Connector for Discord {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn link(&self) -> &dyn OauthLink {
        self
    }

    async fn ensure(
        &self,
        account: &Account,
        wanted: &Wanted,
        keeper: &dyn Keeper,
    ) -> Result<Confirmed, ConnectorError> {
        let nick = if self.sync_names { wanted.name.as_deref().map(nick) } else { None };
        let mut given = self.roles.for_wanted(&wanted.roles, keeper).await?;
        let member = match self.rest.member(&account.external_id).await? {
            Some(member) => member,
            None => self.add(account, nick.as_deref(), &given.ids(), keeper).await?,
        };
        // A role missing from the cached list may be one that must be kept.
        if !member.roles.iter().all(|id| given.role(id).is_some()) {
            given = self.roles.anew(&wanted.roles, keeper).await?;
        }
        let nick = nick.filter(|nick| member.nick.as_ref() != Some(nick));
        let change = Change { nick, roles: target_roles(&member, &given) };
        let (member, refused) = match change.at_once(&self.rest, &member).await? {
            Ok(member) => (member, Vec::new()),
            // Perhaps somebody deleted a role behind our back.
            Err(refused)
                if given.is_cached && !matches!(refused, DiscordError::MissingPermissions { .. }) =>
            {
                given = self.roles.anew(&wanted.roles, keeper).await?;
                let change = Change { roles: target_roles(&member, &given), ..change };
                match change.at_once(&self.rest, &member).await? {
                    Ok(member) => (member, Vec::new()),
                    Err(refused) => change.by_steps(&self.rest, member, refused).await?,
                }
            }
            Err(refused) => change.by_steps(&self.rest, member, refused).await?,
        };
        let left = words(&given, &refused);
        let held =
            given.wanted.iter().filter(|(_, id)| id.as_ref().is_ok_and(|id| member.roles.contains(id)));
        let mut names: Vec<&str> = held.map(|(name, _)| name.as_str()).collect();
        names.dedup();
        let actual = json!({ "nick": member.nick, "roles": names, "roleIds": without(&member.roles, &given.left_alone) });
        Ok(Confirmed { actual, left })
    }

    async fn remove(&self, account: &Account) -> Result<(), ConnectorError> {
        let refused = match self.rest.remove_member(&account.external_id).await {
            Err(error) if error.is_refusal() => error,
            other => return Ok(other?),
        };
        // The member stays, but without anything that can be taken away.
        let Some(member) = self.rest.member(&account.external_id).await? else { return Ok(()) };
        let guild = self.rest.roles().await?;
        let managed = guild.iter().filter(|role| role.managed).map(|role| role.id.clone()).collect();
        let change = Change { nick: None, roles: kept_roles(&member, &managed) };
        let (member, _) = match change.at_once(&self.rest, &member).await? {
            Ok(member) => (member, Vec::new()),
            Err(refused) => change.by_steps(&self.rest, member, refused).await?,
        };
        let reason = match ConnectorError::from(refused) {
            ConnectorError::Rejected { reason } => reason,
            other => return Err(other),
        };
        let names: Vec<&str> = guild
            .iter()
            .filter(|role| !role.managed && member.roles.contains(&role.id))
            .map(|role| role.name.as_str())
            .collect();
        let now = if names.is_empty() {
            "Its roles were taken away.".to_owned()
        } else {
            format!("It still has the roles {}.", names.join(", "))
        };
        Err(ConnectorError::Rejected { reason: format!("{reason} {now}") })
    }

    async fn observe(&self, registry: &RoleRegistry) -> Result<Vec<Observed>, ConnectorError> {
        let left_alone = roles::left_alone(&self.rest.roles().await?, registry);
        let mut found: Vec<Observed> = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MEMBER_PAGES {
            let page = self.rest.list_members(after.as_deref()).await?;
            let is_last = page.len() < rest::MEMBERS_PAGE;
            after = page.last().map(|member| member.user.id.clone());
            let people = page.into_iter().filter(|member| !member.user.bot);
            found.extend(people.map(|member| Observed {
                roles: without(&member.roles, &left_alone),
                external_id: member.user.id,
            }));
            if is_last {
                return Ok(found);
            }
        }
        Err(DiscordError::Invalid("a list of members that does not end".into()).into())
    }

    async fn roles(&self) -> Result<Vec<ServiceRole>, ConnectorError> {
        let guild = self.rest.roles().await?;
        let usable = guild.into_iter().filter(|role| !role.managed && role.id != self.rest.guild_id());
        Ok(usable.map(|role| ServiceRole { external_id: role.id, name: role.name }).collect())
    }
}

impl From<DiscordError> for ConnectorError {
    fn from(error: DiscordError) -> Self {
        let text = error.to_string();
        match error {
            DiscordError::RateLimited { retry_after, .. } => Self::RateLimited { retry_after },
            DiscordError::InvalidGrant(_) => Self::Gone,
            error if error.is_configuration() => Self::Misconfigured { detail: text },
            error if error.is_temporary() => Self::Unavailable { retry_after: error.retry_after(), detail: text },
            DiscordError::MissingPermissions { .. } => Self::Rejected {
                reason: "Discord does not let our bot manage this account; it stands above the bot or owns the server.".into(),
            },
            DiscordError::Rejected { message, .. } => Self::Rejected { reason: format!("Discord says: {message}") },
            _ => Self::Rejected { reason: "Discord refused the change.".into() },
        }
    }
}

/// A nickname that Discord accepts: at most 32 characters, trimmed.
fn nick(name: &str) -> String {
    name.chars().take(NICK_LENGTH).collect::<String>().trim().to_owned()
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Sorted ids, without some.
fn without(ids: &[String], others: &HashSet<String>) -> Vec<String> {
    sorted(&ids.iter().filter(|id| !others.contains(*id)).cloned().collect::<Vec<_>>())
}

/// Of a member's roles, those to keep.
fn kept_roles(member: &Member, kept: &HashSet<String>) -> Vec<String> {
    sorted(&member.roles.iter().filter(|id| kept.contains(*id)).cloned().collect::<Vec<_>>())
}

/// The wanted roles and those that are left alone.
fn target_roles(member: &Member, given: &Given) -> Vec<String> {
    sorted(&[kept_roles(member, &given.left_alone), given.ids()].concat())
}

/// What could not be done, for the owner of the account.
fn words(given: &Given, refused: &[(Step, DiscordError)]) -> Option<String> {
    let missing = given.wanted.iter().filter_map(|(name, id)| {
        let why = id.as_ref().err()?;
        Some(format!("There is no role {name} on Discord, and it could not be made: {}.", in_short(why)))
    });
    let undone = refused.iter().map(|(step, error)| {
        let name = |id: &String| given.role(id).map_or_else(|| id.clone(), |role| role.name.clone());
        let (what, why) = match step {
            Step::Take(role) => (format!("take the role {}", name(role)), "it stands above the bot"),
            Step::Give(role) => (format!("give the role {}", name(role)), "it stands above the bot"),
            Step::Rename => {
                ("change the nickname".to_owned(), "the account stands above the bot or owns the server")
            }
        };
        match error {
            DiscordError::MissingPermissions { .. } => {
                format!("Discord does not let our bot {what}: {why}.")
            }
            error => format!("Discord does not let our bot {what}: {}.", in_short(error)),
        }
    });
    let all: Vec<String> = missing.chain(undone).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn in_short(error: &DiscordError) -> String {
    match error {
        DiscordError::MissingPermissions { .. } => "the bot may not do that".to_owned(),
        DiscordError::Rejected { message, fields, .. } => {
            fields.first().map_or(message, |field| &field.message).trim_end_matches('.').to_owned()
        }
        DiscordError::RateLimited { .. } => "Discord asks for a pause".to_owned(),
        error if error.is_temporary() => "Discord does not answer as it should".to_owned(),
        _ => "Discord refuses it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{rest::Role, *};

    #[test]
    fn managed_roles_stay_and_others_go() {
        let role = |id: &str, managed: bool| -> Role {
            serde_json::from_value(json!({ "id": id, "name": format!("Role {id}"), "managed": managed }))
                .unwrap()
        };
        let registry = RoleRegistry { reserved: ["role 4".to_owned()].into(), ..RoleRegistry::default() };
        let guild = vec![role("1", true), role("2", false), role("3", false), role("4", false)];
        let given = Given {
            left_alone: roles::left_alone(&guild, &registry),
            guild,
            wanted: vec![("Member".into(), Ok("3".into()))],
            is_cached: false,
        };
        let member: Member = serde_json::from_value(
            json!({ "user": { "id": "9", "username": "x" }, "roles": ["4", "2", "1"] }),
        )
        .unwrap();
        assert_eq!(target_roles(&member, &given), ["1", "3", "4"]);
        assert_eq!(without(&member.roles, &given.left_alone), ["2"]);
    }

    #[test]
    fn nicknames_fit() {
        assert_eq!(nick(&"a".repeat(40)).len(), 32);
        assert_eq!(nick(&format!("{} b", "a".repeat(31))), "a".repeat(31));
    }
}
