//! What Discord returns, as far as Fealty uses it.

use serde::Deserialize;

/// A Discord account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DiscordUser {
    /// Id (a number, written as a string).
    pub id: String,
    /// Unique name.
    pub username: String,
    /// The display name, if the user has chosen one.
    #[serde(default)]
    pub global_name: Option<String>,
    /// Whether it is a bot.
    #[serde(default)]
    pub bot: bool,
}

/// An account as a member of the guild.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// The account.
    pub user: DiscordUser,
    /// Its name in the guild, if it has one.
    #[serde(default)]
    pub nick: Option<String>,
    /// The ids of its roles, excluding the one everybody has.
    pub roles: Vec<String>,
}

/// A role of the guild.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// Id; that of the role everybody has is the guild's.
    pub id: String,
    /// Name; not unique.
    pub name: String,
    /// Higher ones stand above lower ones.
    #[serde(default)]
    pub position: i64,
    /// Whether it belongs to a bot or to Discord itself; nobody can give it or take it away.
    #[serde(default)]
    pub managed: bool,
}

/// Whether `text` can be a Discord id. Everything that becomes part of a path is checked with this.
#[must_use]
pub fn is_snowflake(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
