//! Discord.

use super::{Handle, sso::query};
use crate::{
    core::lock,
    discord::{self, DiscordMember, DiscordRole, DiscordUser, HumanError},
};

impl Handle {
    /// Gives the Discord application another redirect.
    pub fn add_discord_callback(&self, callback: &str) {
        lock(&self.core.discord).register(callback);
    }

    /// What a person does on the consent page: the user agrees. Returns the URL the browser is sent to, with `code`
    /// and `state`, or else the text the page would show.
    pub fn discord_authorize(&self, authorize_url: &str, user: u64) -> Result<String, String> {
        let request = discord::OauthRequest::of(&self.core, &query(authorize_url)?)?;
        discord::approve(&self.core, &request, user).ok_or_else(|| format!("there is no Discord user {user}"))
    }

    /// The user removes the application in their settings: all its tokens end.
    pub fn discord_revoke(&self, user: u64) {
        lock(&self.core.discord).revoke_user(user);
    }

    /// A member of the guild.
    pub fn discord_member(&self, user: u64) -> Option<DiscordMember> {
        lock(&self.core.discord).guild().members.get(&user).cloned()
    }

    /// All members by user id.
    pub fn discord_members(&self) -> Vec<DiscordMember> {
        lock(&self.core.discord).guild().members.values().cloned().collect()
    }

    /// All roles by height.
    pub fn discord_roles(&self) -> Vec<DiscordRole> {
        let mut roles: Vec<_> = lock(&self.core.discord).guild().roles.values().cloned().collect();
        roles.sort_by_key(|role| (role.position, role.id));
        roles
    }

    /// The first role of this name, ignoring case.
    pub fn discord_role(&self, name: &str) -> Option<DiscordRole> {
        self.discord_roles().into_iter().find(|role| role.name.to_lowercase() == name.to_lowercase())
    }

    /// All accounts, including those outside the guild.
    pub fn discord_users(&self) -> Vec<DiscordUser> {
        lock(&self.core.discord).users().values().cloned().collect()
    }

    /// Ids of banned users.
    pub fn discord_bans(&self) -> Vec<u64> {
        lock(&self.core.discord).guild().bans.iter().copied().collect()
    }

    /// A new account in no guild.
    pub fn discord_create_user(&self, username: &str) -> Result<u64, HumanError> {
        lock(&self.core.discord).create_user(username)
    }

    /// The user changes their unique name.
    pub fn discord_rename_user(&self, user: u64, username: &str) -> Result<(), HumanError> {
        lock(&self.core.discord).rename_user(user, username)
    }

    /// The user joins the guild by an invitation.
    pub fn discord_invite(&self, user: u64) -> Result<(), HumanError> {
        lock(&self.core.discord).accept_invite(user)
    }

    /// A person kicks the user, or the user leaves.
    pub fn discord_kick(&self, user: u64) -> Result<(), HumanError> {
        lock(&self.core.discord).kick(user)
    }

    /// A person bans the user, or lifts the ban.
    pub fn discord_set_ban(&self, user: u64, banned: bool) -> Result<(), HumanError> {
        lock(&self.core.discord).set_ban(user, banned)
    }

    /// A person sets or clears a nickname.
    pub fn discord_set_nick(&self, user: u64, nick: Option<String>) -> Result<(), HumanError> {
        lock(&self.core.discord).set_nick(user, nick)
    }

    /// A person gives or takes away a role.
    pub fn discord_set_member_role(&self, user: u64, role: u64, has: bool) -> Result<(), HumanError> {
        lock(&self.core.discord).set_member_role(user, role, has)
    }

    /// A person creates a role; position 1 is just above `@everyone`. Returns its id.
    pub fn discord_create_role(&self, name: &str, position: i64, permissions: u64) -> u64 {
        lock(&self.core.discord).create_role(name, position, permissions)
    }

    /// A person deletes a role.
    pub fn discord_delete_role(&self, role: u64) -> Result<(), HumanError> {
        lock(&self.core.discord).delete_role(role)
    }

    /// A person renames a role, moves it or changes what it allows.
    pub fn discord_edit_role(
        &self,
        role: u64,
        name: Option<String>,
        position: Option<i64>,
        permissions: Option<u64>,
    ) -> Result<(), HumanError> {
        lock(&self.core.discord).edit_role(role, name, position, permissions)
    }

    /// Whether the application has the privileged intent without which members cannot be listed.
    pub fn discord_set_members_intent(&self, on: bool) {
        lock(&self.core.discord).members_intent = on;
    }
}
