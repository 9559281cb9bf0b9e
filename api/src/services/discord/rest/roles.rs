//! The guild's roles.

use serde_json::json;

use super::{
    DiscordError, DiscordRest, Role, is_snowflake,
    send::{Ask, Caller},
};

/// Discord's limit for role names, in characters.
pub const ROLE_NAME_LENGTH: usize = 100;

impl DiscordRest {
    /// All roles.
    ///
    /// # Errors
    /// See [`DiscordError`].
    pub async fn roles(&self) -> Result<Vec<Role>, DiscordError> {
        let ask = Ask { route: "GET /guilds/{guild}/roles", caller: Caller::Bot, repeatable: true };
        let roles: Vec<Role> = self.fetch(ask, self.http.get(self.guild_url(&["roles"])?)).await?;
        roles.into_iter().map(sound).collect()
    }

    /// Creates a role that grants nothing. Names are not unique: look for an existing one first.
    ///
    /// # Errors
    /// See [`DiscordError`]; after `Unavailable` the role may exist.
    pub async fn create_role(&self, name: &str) -> Result<Role, DiscordError> {
        check_name(name)?;
        let ask = Ask { route: "POST /guilds/{guild}/roles", caller: Caller::Bot, repeatable: false };
        let body = json!({ "name": name, "permissions": "0", "hoist": false, "mentionable": false });
        let request = self.reasoned(self.http.post(self.guild_url(&["roles"])?)).json(&body);
        sound(self.fetch(ask, request).await?)
    }

    /// Gives a role another name.
    ///
    /// # Errors
    /// See [`DiscordError`].
    pub async fn rename_role(&self, role_id: &str, name: &str) -> Result<Role, DiscordError> {
        check_name(name)?;
        if !is_snowflake(role_id) {
            return Err(DiscordError::Misuse("a role id that is not a number"));
        }
        let ask = Ask { route: "PATCH /guilds/{guild}/roles/{role}", caller: Caller::Bot, repeatable: true };
        let url = self.guild_url(&["roles", role_id])?;
        let request = self.reasoned(self.http.patch(url)).json(&json!({ "name": name }));
        sound(self.fetch(ask, request).await?)
    }
}

fn check_name(name: &str) -> Result<(), DiscordError> {
    if name.trim().is_empty() || name.chars().count() > ROLE_NAME_LENGTH {
        return Err(DiscordError::Misuse("role names have 1 to 100 characters"));
    }
    Ok(())
}

fn sound(role: Role) -> Result<Role, DiscordError> {
    if is_snowflake(&role.id) {
        Ok(role)
    } else {
        Err(DiscordError::Invalid("a role id that is not a number".to_owned()))
    }
}
