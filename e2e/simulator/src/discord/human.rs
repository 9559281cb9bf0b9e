//! What people do in the guild behind the bot's back: the admin API's verbs.

use std::fmt;

use super::{
    model::{DiscordRole, DiscordUser},
    state::Discord,
};
use crate::demo::DISCORD_GUILD_ID;

/// Why a person could not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HumanError {
    /// No such user.
    User(u64),
    /// The user is not in the guild.
    Member(u64),
    /// No such role.
    Role(u64),
    /// The name is taken or malformed.
    Username(String),
}

impl fmt::Display for HumanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "no Discord user {id}"),
            Self::Member(id) => write!(f, "Discord user {id} is not in the guild"),
            Self::Role(id) => write!(f, "no role {id}"),
            Self::Username(name) => write!(f, "the username {name:?} is taken or not 2 to 32 of a-z 0-9 _ ."),
        }
    }
}

impl std::error::Error for HumanError {}

impl Discord {
    /// A new account in no guild.
    pub(crate) fn create_user(&mut self, username: &str) -> Result<u64, HumanError> {
        let username = username.trim().to_lowercase();
        self.free(&username)?;
        let id = self.new_id();
        let user = DiscordUser { id, global_name: Some(username.clone()), username, bot: false };
        self.kept.users.insert(id, user);
        Ok(id)
    }

    /// Usernames are unique: 2 to 32 of `a-z 0-9 _ .` (Discord docs, objects).
    fn free(&self, username: &str) -> Result<(), HumanError> {
        let well_formed = (2..=32).contains(&username.len())
            && username.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.');
        if well_formed && !self.users().values().any(|user| user.username == username) {
            Ok(())
        } else {
            Err(HumanError::Username(username.into()))
        }
    }

    /// The user changes their unique name.
    pub(crate) fn rename_user(&mut self, user: u64, username: &str) -> Result<(), HumanError> {
        self.free(username)?;
        let account = self.kept.users.get_mut(&user).ok_or(HumanError::User(user))?;
        account.username = username.into();
        if let Some(member) = self.kept.guild.members.get_mut(&user) {
            member.user.username = username.into();
        }
        Ok(())
    }

    /// The user follows an invitation.
    pub(crate) fn accept_invite(&mut self, user: u64) -> Result<(), HumanError> {
        if !self.users().contains_key(&user) {
            return Err(HumanError::User(user));
        }
        if !self.guild().members.contains_key(&user) {
            self.join(user, None, Vec::new());
        }
        Ok(())
    }

    /// The user is kicked, or leaves.
    pub(crate) fn kick(&mut self, user: u64) -> Result<(), HumanError> {
        self.guild_mut().members.remove(&user).map(|_| ()).ok_or(HumanError::Member(user))
    }

    /// The user is kicked and kept out, or let in again.
    pub(crate) fn set_ban(&mut self, user: u64, banned: bool) -> Result<(), HumanError> {
        if !self.users().contains_key(&user) {
            return Err(HumanError::User(user));
        }
        if banned {
            self.guild_mut().members.remove(&user);
            self.guild_mut().bans.insert(user);
        } else {
            self.guild_mut().bans.remove(&user);
        }
        Ok(())
    }

    /// An admin sets or clears a nickname.
    pub(crate) fn set_nick(&mut self, user: u64, nick: Option<String>) -> Result<(), HumanError> {
        self.guild_mut().members.get_mut(&user).ok_or(HumanError::Member(user))?.nick = nick;
        Ok(())
    }

    /// An admin gives or takes away a role.
    pub(crate) fn set_member_role(&mut self, user: u64, role: u64, has: bool) -> Result<(), HumanError> {
        self.known(role)?;
        let member = self.guild_mut().members.get_mut(&user).ok_or(HumanError::Member(user))?;
        member.roles.retain(|held| *held != role);
        if has {
            member.roles.push(role);
            member.roles.sort_unstable();
        }
        Ok(())
    }

    /// An admin creates a role at a given height (1 is just above `@everyone`).
    pub(crate) fn create_role(&mut self, name: &str, position: i64, permissions: u64) -> u64 {
        let id = self.new_id();
        let highest = self.guild().roles.len() as i64;
        let role = DiscordRole {
            id,
            name: name.into(),
            position: position.clamp(1, highest),
            permissions,
            color: 0,
            hoist: false,
            mentionable: false,
            managed: false,
            tags: None,
        };
        self.guild_mut().insert_role(role);
        id
    }

    /// An admin deletes a role, whatever the bot thinks of it.
    pub(crate) fn delete_role(&mut self, role: u64) -> Result<(), HumanError> {
        self.known(role)?;
        if role == DISCORD_GUILD_ID {
            return Err(HumanError::Role(role));
        }
        self.guild_mut().remove_role(role);
        Ok(())
    }

    /// An admin renames a role, moves it or changes what it allows.
    pub(crate) fn edit_role(
        &mut self,
        role: u64,
        name: Option<String>,
        position: Option<i64>,
        permissions: Option<u64>,
    ) -> Result<(), HumanError> {
        self.known(role)?;
        let guild = self.guild_mut();
        let Some(edited) = guild.roles.get_mut(&role) else { return Err(HumanError::Role(role)) };
        edited.name = name.unwrap_or_else(|| edited.name.clone());
        edited.permissions = permissions.unwrap_or(edited.permissions);
        let Some(position) = position.filter(|_| role != DISCORD_GUILD_ID) else { return Ok(()) };
        // Taken out and put back in at the new height; the others close the gap and make room.
        let mut moved = edited.clone();
        guild.roles.remove(&role);
        for other in guild.roles.values_mut().filter(|other| other.position > moved.position) {
            other.position -= 1;
        }
        moved.position = position.clamp(1, guild.roles.len() as i64);
        guild.insert_role(moved);
        Ok(())
    }

    fn known(&self, role: u64) -> Result<(), HumanError> {
        if self.guild().roles.contains_key(&role) { Ok(()) } else { Err(HumanError::Role(role)) }
    }
}
