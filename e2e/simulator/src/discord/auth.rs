//! Who is calling the API.

use chrono::{DateTime, Utc};
use poem::http::header;

use super::{
    errors::{DiscordError, missing_scope, unauthorized},
    state::Discord,
};
use crate::{demo, http::Call};

/// A caller with valid credentials.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// `Authorization: Bot ..`
    Bot,
    /// `Authorization: Bearer ..`
    Bearer { user: u64, scopes: Vec<String>, expires: DateTime<Utc> },
}

impl Caller {
    pub(super) fn of(discord: &Discord, call: &Call) -> Result<Self, DiscordError> {
        let (scheme, token) = call
            .header(header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .ok_or_else(unauthorized)?;
        match scheme {
            "Bot" if token == demo::DISCORD_BOT_TOKEN => Ok(Self::Bot),
            "Bearer" => {
                let (authorization, expires) = discord.authorization(token).ok_or_else(unauthorized)?;
                Ok(Self::Bearer { user: authorization.user, scopes: authorization.scopes.clone(), expires })
            }
            _ => Err(unauthorized()),
        }
    }

    /// What rate limits are counted by.
    pub(super) fn key(&self) -> u64 {
        match self {
            Self::Bot => demo::DISCORD_APPLICATION_ID,
            Self::Bearer { user, .. } => *user,
        }
    }

    /// The user, if the token carries the scope; the bot needs none.
    pub(super) fn user_with(&self, scope: &str) -> Result<u64, DiscordError> {
        match self {
            Self::Bot => Ok(demo::DISCORD_APPLICATION_ID),
            Self::Bearer { user, scopes, .. } if scopes.iter().any(|granted| granted == scope) => Ok(*user),
            Self::Bearer { .. } => Err(missing_scope()),
        }
    }
}
