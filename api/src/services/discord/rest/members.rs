//! The guild's members.

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    DiscordError, DiscordRest, Member, is_snowflake,
    send::{Ask, Caller, read},
};
use crate::upstream::Secret;

/// How many members [`DiscordRest::list_members`] returns at most; fewer mean that there are no more.
pub const MEMBERS_PAGE: usize = 1000;

/// The outcome of adding a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddOutcome {
    /// They are in, with the given name and roles.
    Added(Member),
    /// They were already in; Discord has ignored the given name and roles.
    AlreadyMember,
}

impl DiscordRest {
    /// The member, or `None` when Discord says that the user is not in the guild or does not exist.
    ///
    /// # Errors
    /// See [`DiscordError`].
    pub async fn member(&self, user_id: &str) -> Result<Option<Member>, DiscordError> {
        let ask = bot("GET /guilds/{guild}/members/{user}");
        match self.fetch(ask, self.http.get(self.member_url(user_id)?)).await {
            Ok(member) => about(user_id, member).map(Some),
            Err(error) if error.is_no_member() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Brings a user into the guild by means of their access token.
    ///
    /// # Errors
    /// `InvalidGrant` when the user has to link their account again; see [`DiscordError`] for the rest.
    pub async fn add_member(
        &self,
        user_id: &str,
        access_token: &Secret,
        nick: Option<&str>,
        roles: &[String],
    ) -> Result<AddOutcome, DiscordError> {
        let mut body = change(nick, (!roles.is_empty()).then_some(roles))?;
        body.insert("access_token".to_owned(), json!(access_token.expose()));
        let request = self.reasoned(self.http.put(self.member_url(user_id)?)).json(&body);
        let answer = self.call(bot("PUT /guilds/{guild}/members/{user}"), request).await?;
        match answer.status.as_u16() {
            201 => about(user_id, read(&answer)?).map(AddOutcome::Added),
            204 => Ok(AddOutcome::AlreadyMember),
            status => Err(DiscordError::Invalid(format!("status {status} to adding a member"))),
        }
    }

    /// Changes a member's name in the guild (`Some("")` removes it) and replaces all of their roles; `None` leaves
    /// either as it is. `roles` must include the member's managed roles, or Discord refuses.
    ///
    /// # Errors
    /// `NotFound` when they are not a member; see [`DiscordError`] for the rest.
    pub async fn edit_member(
        &self,
        user_id: &str,
        nick: Option<&str>,
        roles: Option<&[String]>,
    ) -> Result<Member, DiscordError> {
        let url = self.member_url(user_id)?;
        let request = self.reasoned(self.http.patch(url.clone())).json(&change(nick, roles)?);
        let answer = self.call(bot("PATCH /guilds/{guild}/members/{user}"), request).await?;
        if answer.status.as_u16() != 204 {
            return about(user_id, read(&answer)?);
        }
        // The specification allows an answer without the member.
        let ask = bot("GET /guilds/{guild}/members/{user}");
        about(user_id, self.fetch(ask, self.http.get(url)).await?)
    }

    /// Gives a member one role, or takes it away. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no such member or role; see [`DiscordError`] for the rest.
    pub async fn set_member_role(&self, user_id: &str, role_id: &str, has: bool) -> Result<(), DiscordError> {
        if !is_snowflake(user_id) || !is_snowflake(role_id) {
            return Err(DiscordError::Misuse("an id that is not a number"));
        }
        let url = self.guild_url(&["members", user_id, "roles", role_id])?;
        let (ask, request) = if has {
            (bot("PUT /guilds/{guild}/members/{user}/roles/{role}"), self.http.put(url))
        } else {
            (bot("DELETE /guilds/{guild}/members/{user}/roles/{role}"), self.http.delete(url))
        };
        self.call(ask, self.reasoned(request)).await.map(drop)
    }

    /// Removes a user from the guild. It is fine if they are not in it.
    ///
    /// # Errors
    /// See [`DiscordError`].
    pub async fn remove_member(&self, user_id: &str) -> Result<(), DiscordError> {
        let request = self.reasoned(self.http.delete(self.member_url(user_id)?));
        match self.call(bot("DELETE /guilds/{guild}/members/{user}"), request).await {
            Err(error) if !error.is_no_member() => Err(error),
            _ => Ok(()),
        }
    }

    /// Up to [`MEMBERS_PAGE`] members with ids above `after`, ascending. Needs the bot's Server Members intent.
    ///
    /// # Errors
    /// `Invalid` when the ids do not ascend from `after` on: continuing after the last one might then never end. See
    /// [`DiscordError`] for the rest.
    pub async fn list_members(&self, after: Option<&str>) -> Result<Vec<Member>, DiscordError> {
        let after = after.unwrap_or("0");
        if !is_snowflake(after) {
            return Err(DiscordError::Misuse("a user id that is not a number"));
        }
        let url = self.guild_url(&["members"])?;
        let request =
            self.http.get(url).query(&[("limit", MEMBERS_PAGE.to_string().as_str()), ("after", after)]);
        let members: Vec<Member> = self.fetch(bot("GET /guilds/{guild}/members"), request).await?;
        if !members.iter().all(|member| is_snowflake(&member.user.id)) {
            return Err(DiscordError::Invalid("a user id that is not a number".to_owned()));
        }
        // At most 20 digits, so each fits.
        let number = |id: &str| id.parse::<u128>().unwrap_or(0);
        let mut last = number(after);
        for member in &members {
            let id = number(&member.user.id);
            if id <= last {
                return Err(DiscordError::Invalid(
                    "members that are not in the order of their ids".to_owned(),
                ));
            }
            last = id;
        }
        Ok(members)
    }

    fn member_url(&self, user_id: &str) -> Result<Url, DiscordError> {
        if !is_snowflake(user_id) {
            return Err(DiscordError::Misuse("a user id that is not a number"));
        }
        self.guild_url(&["members", user_id])
    }
}

fn bot(route: &'static str) -> Ask<'static> {
    Ask { route, caller: Caller::Bot, repeatable: true }
}

fn change(nick: Option<&str>, roles: Option<&[String]>) -> Result<Map<String, Value>, DiscordError> {
    let mut body = Map::new();
    if let Some(nick) = nick {
        body.insert("nick".to_owned(), json!(nick));
    }
    if let Some(roles) = roles {
        if !roles.iter().all(|role| is_snowflake(role)) {
            return Err(DiscordError::Misuse("a role id that is not a number"));
        }
        body.insert("roles".to_owned(), json!(roles));
    }
    Ok(body)
}

/// The answer must be about the user who was asked for.
fn about(user_id: &str, member: Member) -> Result<Member, DiscordError> {
    if member.user.id == user_id {
        Ok(member)
    } else {
        Err(DiscordError::Invalid("an answer about another member".to_owned()))
    }
}
