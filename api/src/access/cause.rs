//! Who did what: the cause that history and audit entries name.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;
use serde_json::{Value, json};

use crate::{
    audit::{Named, Thing},
    db::{
        Conn,
        schema::{character_ownerships as o, users as u},
    },
    error::Result,
};

/// Who is behind a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person in the browser.
    User { id: i64, name: String },
    /// A bot with an API token; `id` and `name` are those of the token's user.
    Token { id: i64, name: String, token: Token },
    /// Somebody using `fealtyctl` on the machine.
    Operator,
    /// A background job or a rule.
    System,
}

/// The API token somebody acts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number, which revokes it.
    pub id: i64,
    /// What it is for, as stated when it was created.
    pub name: String,
}

impl Actor {
    /// As stored in `audit_entries.actor_kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Token { .. } => "token",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// The user, if there is one.
    #[must_use]
    pub const fn id(&self) -> Option<i64> {
        match self {
            Self::User { id, .. } | Self::Token { id, .. } => Some(*id),
            Self::Operator | Self::System => None,
        }
    }

    /// The token, if a bot is acting.
    #[must_use]
    pub const fn token(&self) -> Option<&Token> {
        match self {
            Self::Token { token, .. } => Some(token),
            Self::User { .. } | Self::Operator | Self::System => None,
        }
    }

    /// A name that remains when the user is gone.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Token { name, .. } => name,
            Self::Operator => "fealtyctl",
            Self::System => "system",
        }
    }
}

/// What happened, to what, and by whom.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// Machine-readable, for example `main_changed`.
    pub kind: &'static str,
    /// Kind of the thing it happened to, for example `user`.
    pub object_kind: &'static str,
    /// Its id, in the API's spelling.
    pub object_id: String,
    /// Its name at this moment.
    pub object_name: String,
    /// One sentence in English.
    pub summary: String,
    /// The value before.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
    /// Users it concerns in addition to the actor and the object.
    pub concerned: Vec<i64>,
    /// The HTTP request or job: see [`crate::origin`].
    pub request_id: Option<String>,
}

impl Cause {
    /// A cause about one thing.
    pub fn new(
        actor: Actor,
        kind: &'static str,
        object: (&'static str, String, String),
        summary: impl Into<String>,
    ) -> Self {
        let (object_kind, object_id, object_name) = object;
        Self {
            actor,
            kind,
            object_kind,
            object_id,
            object_name,
            summary: summary.into(),
            before: None,
            after: None,
            concerned: Vec::new(),
            request_id: crate::origin::current(),
        }
    }

    /// Adds the values before and after.
    #[must_use]
    pub fn with_values(mut self, before: Value, after: Value) -> Self {
        self.before = Some(before).filter(|value| !value.is_null());
        self.after = Some(after).filter(|value| !value.is_null());
        self
    }

    /// Adds users it concerns in addition to the actor and the object: it shows up among what happened to them.
    #[must_use]
    pub fn concerning(mut self, users: impl IntoIterator<Item = i64>) -> Self {
        self.concerned.extend(users);
        self
    }

    /// Adds which character was a user's main and which one is now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with_mains(self, conn: &mut Conn, before: Option<i64>, after: i64) -> Result<Self> {
        let named = Named::load(conn, [(Thing::Character, before.into_iter().chain([after]))]).await?;
        let main = |id: Option<i64>| json!({ "mainCharacter": id.map(|id| named.one(Thing::Character, id)) });
        Ok(self.with_values(main(before), main(Some(after))))
    }

    /// Adds who owns a character at this moment and who will own it, for a change of its owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with_owners(
        self,
        conn: &mut Conn,
        (character_id, character_name): (i64, &str),
        next: Option<i64>,
    ) -> Result<Self> {
        let previous: Option<i64> =
            o::table.find(character_id).select(o::user_id).first(conn).await.optional()?;
        let ids: Vec<i64> = previous.into_iter().chain(next).collect();
        let names: HashMap<i64, String> = u::table
            .filter(u::id.eq_any(&ids))
            .select((u::id, u::username))
            .load::<(i64, String)>(conn)
            .await?
            .into_iter()
            .collect();
        let owned = |owner: Option<i64>| match owner {
            None => Value::Null,
            Some(id) => json!({
                "characterId": character_id, "characterName": character_name,
                "userId": UserId(id).to_string(), "username": names.get(&id),
            }),
        };
        Ok(self.with_values(owned(previous), owned(next)).concerning(ids))
    }
}
