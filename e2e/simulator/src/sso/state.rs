//! Registered applications, codes and grants.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{clock, demo, options::Options, world::World};

/// How long a code can be exchanged (SSO guide: about five minutes).
const CODE_LIFETIME: Duration = Duration::minutes(5);

/// A registered application.
pub(crate) struct Client {
    pub(crate) secret: String,
    pub(crate) callbacks: BTreeSet<String>,
}

/// A code waiting to be exchanged.
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) character: i64,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: Option<String>,
    expires: DateTime<Utc>,
}

/// What a pilot granted to an application: the meaning of one refresh token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Application.
    pub client_id: String,
    /// Character.
    pub character_id: i64,
    /// Owner of the character when the grant was made.
    pub owner_hash: String,
    /// Scopes, in the order they were requested.
    pub scopes: Vec<String>,
    /// Ended by the pilot, by a later login with other scopes, or by a test.
    pub revoked: bool,
}

/// The part that is written to a state file.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedGrants(BTreeMap<String, Grant>);

/// The SSO's memory.
pub(crate) struct Sso {
    pub(crate) clients: BTreeMap<String, Client>,
    codes: HashMap<String, Code>,
    pub(crate) grants: BTreeMap<String, Grant>,
    pub(crate) rotate: bool,
    pub(crate) bare_issuer: bool,
    pub(crate) token_lifetime: i64,
}

impl Sso {
    pub(crate) fn new(options: &Options) -> Self {
        let callbacks = options.eve_callbacks().into_iter().collect();
        let client = Client { secret: demo::EVE_CLIENT_SECRET.into(), callbacks };
        Self {
            clients: BTreeMap::from([(demo::EVE_CLIENT_ID.into(), client)]),
            codes: HashMap::new(),
            grants: BTreeMap::new(),
            rotate: options.rotate_refresh_tokens,
            bare_issuer: options.bare_issuer,
            token_lifetime: options.token_lifetime,
        }
    }

    /// Forgets codes and grants and puts the switches back; applications stay registered.
    pub(crate) fn reset(&mut self, options: &Options) {
        let clients = std::mem::take(&mut self.clients);
        *self = Self { clients, ..Self::new(options) };
    }

    /// Registers an application, or gives a known one another callback.
    pub(crate) fn register(&mut self, client_id: &str, secret: Option<&str>, callback: Option<&str>) {
        let client = self
            .clients
            .entry(client_id.into())
            .or_insert_with(|| Client { secret: demo::EVE_CLIENT_SECRET.into(), callbacks: BTreeSet::new() });
        if let Some(secret) = secret {
            client.secret = secret.into();
        }
        client.callbacks.extend(callback.map(Into::into));
    }

    pub(crate) fn add_code(&mut self, code: String, request: super::authorize::Request, character: i64) {
        let super::authorize::Request { client, redirect_uri, scopes, challenge, .. } = request;
        let expires = clock::now() + CODE_LIFETIME;
        self.codes.insert(code, Code { client, redirect_uri, character, scopes, challenge, expires });
    }

    /// Takes a code, whoever is asking: it can be tried once.
    pub(crate) fn take_code(&mut self, code: &str) -> Option<Code> {
        self.codes.remove(code).filter(|code| code.expires > clock::now())
    }

    /// Adds a grant. A login with a different set of scopes ends the application's older grants for the character;
    /// the same set leaves them alive (SSO guide, rotation).
    pub(crate) fn add_grant(&mut self, token: String, grant: Grant) {
        let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
        let new = set(&grant.scopes);
        let same_pilot =
            |old: &&mut Grant| old.client_id == grant.client_id && old.character_id == grant.character_id;
        for old in self.grants.values_mut().filter(same_pilot) {
            old.revoked |= set(&old.scopes) != new;
        }
        self.grants.insert(token, grant);
    }

    /// Ends every grant of a character; returns how many were alive.
    pub(crate) fn revoke_character(&mut self, character: i64) -> usize {
        let alive =
            self.grants.values_mut().filter(|grant| grant.character_id == character && !grant.revoked);
        alive.map(|grant| grant.revoked = true).count()
    }

    pub(crate) fn save(&self) -> SavedGrants {
        SavedGrants(self.grants.clone())
    }

    pub(crate) fn restore(&mut self, saved: SavedGrants) {
        self.grants = saved.0;
    }
}

impl Grant {
    /// Whether it is still valid: not ended, and the character has neither changed hands nor been deleted since.
    pub(crate) fn is_alive(&self, world: &World) -> bool {
        !self.revoked
            && world.is_alive(self.character_id)
            && world.owner_hash(self.character_id) == self.owner_hash
    }
}
