//! The Discord connector: members of one guild, their roles and nicknames.
//!
//! Rules
//! - A wanted group is the guild role of the same name (any case); a missing one is made.
//! - Roles that belong to bots or to Discord itself stay as they are; of the rest the account has exactly the wanted ones.
//! - An account that is not in the guild is added with the tokens its owner granted; when those are dead it is gone, and
//!   he has to link it again.

pub mod rest;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use rest::{AddOutcome, DiscordConfig, DiscordError, DiscordRest, DiscordTokens, Member, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use super::{Account, Confirmed, Connector, ConnectorError, Keeper, Spec, Wanted, link::EXPIRY_MARGIN};
use crate::{
    app::App,
    clock::SharedClock,
    config::{Config, Discord as Settings},
    crypto::SealingKey,
    upstream::{Pace, Secret},
};

/// What is known of Discord without asking it.
pub const SPEC: Spec = Spec { key: "discord", title: "Discord", permission: "discord.access_discord" };

const PURPOSE: &str = "service_accounts.credentials.discord";
/// Discord's limit for nicknames.
const NICK_LENGTH: usize = 32;
/// How long the guild's roles are taken for unchanged.
const ROLES_FRESH: Duration = Duration::minutes(5);

/// The client as the settings want it.
///
/// # Errors
/// When the HTTP client cannot be built.
pub fn client(
    config: &Config,
    settings: &Settings,
    clock: &SharedClock,
    seed: u64,
) -> Result<DiscordRest, String> {
    let agent = rest::user_agent(config.site.url.as_str(), env!("CARGO_PKG_VERSION"));
    let redirect =
        config.site_link("/services/discord/callback").parse().map_err(|e| format!("site.url: {e}"))?;
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

    fn seal(&self, key: &SealingKey) -> Option<Vec<u8>> {
        let text = serde_json::to_string(self).ok()?;
        Some(key.seal(&mut rand::rngs::ThreadRng::default(), PURPOSE, &text))
    }

    fn open(key: &SealingKey, sealed: &[u8]) -> Option<Self> {
        serde_json::from_str(key.open(PURPOSE, sealed).ok()?.expose()).ok()
    }
}

/// A Discord account whose owner just proved that it is his.
#[derive(Debug)]
pub struct Identity {
    pub id: String,
    pub name: String,
    pub credentials: Vec<u8>,
}

/// Who granted `code`.
///
/// # Errors
/// As Discord says; `InvalidGrant` also when adding to the guild was not granted.
pub async fn identify(app: &App, rest: &DiscordRest, code: &str) -> Result<Identity, DiscordError> {
    let tokens = rest.exchange_code(code).await?;
    if !tokens.may_join() {
        return Err(DiscordError::InvalidGrant("joining the server was not granted".into()));
    }
    let user = rest.current_user(&tokens.access_token).await?;
    let credentials = Credentials::of(&tokens).seal(&app.sealing_key).unwrap_or_default();
    Ok(Identity { id: user.id, name: user.username, credentials })
}

/// The connector.
pub struct Discord {
    rest: Arc<DiscordRest>,
    key: SealingKey,
    sync_names: bool,
    clock: SharedClock,
    roles: Mutex<Option<(DateTime<Utc>, Vec<Role>)>>,
}

impl Discord {
    /// Makes the connector.
    #[must_use]
    pub fn new(rest: Arc<DiscordRest>, key: SealingKey, sync_names: bool, clock: SharedClock) -> Self {
        Self { rest, key, sync_names, clock, roles: Mutex::new(None) }
    }

    /// The guild's roles, asked again when they are old or when `wanted` names one that is not among them; then missing
    /// ones are made.
    async fn roles_for(&self, wanted: &[String]) -> Result<Vec<Role>, DiscordError> {
        let mut cached = self.roles.lock().await;
        let now = self.clock.now();
        let is_fresh = cached.as_ref().is_some_and(|(at, roles)| {
            *at + ROLES_FRESH > now && wanted.iter().all(|name| find(roles, name).is_some())
        });
        if !is_fresh {
            let mut roles = self.rest.roles().await?;
            for name in wanted {
                if find(&roles, name).is_none() {
                    roles.push(self.rest.create_role(&role_name(name)).await?);
                }
            }
            *cached = Some((now, roles));
        }
        Ok(cached.as_ref().map(|(_, roles)| roles.clone()).unwrap_or_default())
    }

    async fn forget_roles(&self) {
        *self.roles.lock().await = None;
    }

    async fn ensure_once(
        &self,
        account: &Account,
        wanted: &Wanted,
        token: Option<&Secret>,
    ) -> Result<Confirmed, ConnectorError> {
        let roles = self.roles_for(&wanted.groups).await?;
        let nick = if self.sync_names { wanted.name.as_deref().map(nick) } else { None };
        let ids: Vec<String> =
            wanted.groups.iter().filter_map(|name| find(&roles, name)).map(|role| role.id.clone()).collect();
        let member = match token {
            None => match self.rest.member(&account.external_id).await? {
                Some(member) => member,
                // The caller fetches a token and asks again.
                None => return Err(ConnectorError::Gone),
            },
            Some(token) => {
                match self.rest.add_member(&account.external_id, token, nick.as_deref(), &ids).await? {
                    AddOutcome::Added(member) => member,
                    AddOutcome::AlreadyMember => self
                        .rest
                        .member(&account.external_id)
                        .await?
                        .ok_or_else(|| DiscordError::Invalid("a member that is none".into()))?,
                }
            }
        };
        // A role the cached list does not know may be one that must be kept.
        let knows_all = member.roles.iter().all(|id| roles.iter().any(|role| role.id == *id));
        let roles = if knows_all {
            roles
        } else {
            self.forget_roles().await;
            self.roles_for(&wanted.groups).await?
        };
        let target = target_roles(&member, &roles, &ids);
        let renames = nick.is_some() && member.nick != nick;
        if renames || target != sorted(&member.roles) {
            let nick = if renames { nick.as_deref() } else { None };
            self.rest.edit_member(&account.external_id, nick, Some(&target)).await?;
        }
        let actual = json!({ "nick": nick.or(member.nick), "roles": wanted.groups, "roleIds": target });
        Ok(Confirmed { actual })
    }

    /// An access token of the account's owner, refreshed if it has expired. A refresh ends the old tokens, so the new
    /// ones are kept before anything else is tried.
    async fn access_token(&self, account: &Account, keeper: &dyn Keeper) -> Result<Secret, ConnectorError> {
        let dead = || ConnectorError::Gone;
        let stored = account
            .credentials
            .as_deref()
            .and_then(|sealed| Credentials::open(&self.key, sealed))
            .ok_or_else(dead)?;
        if stored.expires_at - EXPIRY_MARGIN > self.clock.now() {
            return Ok(Secret::new(stored.access));
        }
        let refresh = Secret::new(stored.refresh.ok_or_else(dead)?);
        let tokens = self.rest.refresh(&refresh).await?;
        if let Some(sealed) = Credentials::of(&tokens).seal(&self.key) {
            keeper.keep(&sealed).await?;
        }
        Ok(tokens.access_token)
    }
}

#[async_trait]
impl Connector for Discord {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn ensure(
        &self,
        account: &Account,
        wanted: &Wanted,
        keeper: &dyn Keeper,
    ) -> Result<Confirmed, ConnectorError> {
        let mut token: Option<Secret> = None;
        // At most once each: a token for one who has to be added, and a second look at the roles.
        for _ in 0..2 {
            match self.ensure_once(account, wanted, token.as_ref()).await {
                Err(ConnectorError::Gone) if token.is_none() => {
                    token = Some(self.access_token(account, keeper).await?);
                }
                // Somebody deleted a role behind our back.
                Err(ConnectorError::Rejected { .. }) => self.forget_roles().await,
                other => return other,
            }
        }
        self.ensure_once(account, wanted, token.as_ref()).await
    }

    async fn remove(&self, account: &Account) -> Result<(), ConnectorError> {
        Ok(self.rest.remove_member(&account.external_id).await?)
    }

    async fn observe(&self) -> Result<Vec<String>, ConnectorError> {
        let mut ids: Vec<String> = Vec::new();
        loop {
            let page = self.rest.list_members(ids.last().map(String::as_str)).await?;
            let is_last = page.len() < rest::MEMBERS_PAGE;
            ids.extend(page.into_iter().filter(|member| !member.user.bot).map(|member| member.user.id));
            if is_last {
                return Ok(ids);
            }
        }
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

fn find<'a>(roles: &'a [Role], name: &str) -> Option<&'a Role> {
    let wanted = role_name(name).to_lowercase();
    roles.iter().find(|role| !role.managed && role.name.to_lowercase() == wanted)
}

/// Discord's limit for role names is 100 characters.
fn role_name(name: &str) -> String {
    name.chars().take(100).collect()
}

/// A nickname Discord takes: at most 32 characters, trimmed.
fn nick(name: &str) -> String {
    name.chars().take(NICK_LENGTH).collect::<String>().trim().to_owned()
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The wanted roles and those nobody can give or take.
fn target_roles(member: &Member, roles: &[Role], wanted: &[String]) -> Vec<String> {
    let is_kept = |id: &&String| roles.iter().any(|role| role.managed && role.id == **id);
    let kept: Vec<String> = member.roles.iter().filter(is_kept).chain(wanted).cloned().collect();
    sorted(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, name: &str, managed: bool) -> Role {
        serde_json::from_value(json!({ "id": id, "name": name, "managed": managed })).unwrap()
    }

    #[test]
    fn managed_roles_stay_and_others_go() {
        let roles = [role("1", "Booster", true), role("2", "Old", false), role("3", "Member", false)];
        let member: Member =
            serde_json::from_value(json!({ "user": { "id": "9", "username": "x" }, "roles": ["2", "1"] }))
                .unwrap();
        assert_eq!(target_roles(&member, &roles, &["3".into()]), ["1", "3"]);
    }

    #[test]
    fn roles_are_found_in_any_case_but_never_managed_ones() {
        let roles = [role("1", "member", true), role("2", "MEMBER", false)];
        assert_eq!(find(&roles, "Member").unwrap().id, "2");
    }

    #[test]
    fn nicknames_fit() {
        assert_eq!(nick(&"a".repeat(40)).len(), 32);
        assert_eq!(nick(&format!("{} b", "a".repeat(31))), "a".repeat(31));
    }
}
