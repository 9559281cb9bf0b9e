//! The guild, its people and the application's authorizations, as they are now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    limits::Limits,
    model::{DiscordMember, DiscordRole, DiscordUser, permissions},
};
use crate::{clock, demo, options::Options};

/// Lifetime of access tokens in seconds (Discord docs, OAuth 2).
pub(super) const TOKEN_LIFETIME: i64 = 604_800;
/// Ids of users and roles created here start above those of the demo cast.
const FIRST_NEW_ID: u64 = 1_200_000_000_000_000_000;

/// The one guild.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Guild {
    pub(crate) members: BTreeMap<u64, DiscordMember>,
    pub(crate) roles: BTreeMap<u64, DiscordRole>,
    pub(crate) bans: BTreeSet<u64>,
}

/// A user's consent to the application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Authorization {
    pub(super) user: u64,
    pub(super) scopes: Vec<String>,
}

/// A code waiting to be exchanged.
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) authorization: Authorization,
    pub(super) expires: DateTime<Utc>,
}

/// The part that is written to a state file.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SavedDiscord {
    pub(super) users: BTreeMap<u64, DiscordUser>,
    pub(super) guild: Guild,
    /// By id of the authorization.
    pub(super) authorizations: BTreeMap<u64, Authorization>,
    /// Access token to authorization and expiry.
    pub(super) access: BTreeMap<String, (u64, DateTime<Utc>)>,
    /// Refresh token to authorization.
    pub(super) refresh: BTreeMap<String, u64>,
    next_id: u64,
}

/// Discord's memory.
pub(crate) struct Discord {
    pub(super) kept: SavedDiscord,
    pub(super) codes: HashMap<String, Code>,
    pub(super) redirects: BTreeSet<String>,
    pub(super) limits: Limits,
    /// Whether the application has the privileged members intent, without which members cannot be listed.
    pub(crate) members_intent: bool,
}

impl Discord {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            kept: pristine(),
            codes: HashMap::new(),
            redirects: options.discord_redirects().into_iter().collect(),
            limits: Limits::default(),
            members_intent: true,
        }
    }

    /// The pristine guild; registered redirects stay.
    pub(crate) fn reset(&mut self, options: &Options) {
        let redirects = std::mem::take(&mut self.redirects);
        *self = Self { redirects, ..Self::new(options) };
    }

    /// Registers another redirect for the application.
    pub(crate) fn register(&mut self, redirect: &str) {
        self.redirects.insert(redirect.into());
    }

    pub(crate) fn guild(&self) -> &Guild {
        &self.kept.guild
    }

    pub(super) fn guild_mut(&mut self) -> &mut Guild {
        &mut self.kept.guild
    }

    pub(crate) fn users(&self) -> &BTreeMap<u64, DiscordUser> {
        &self.kept.users
    }

    /// Resets what was used up of the rate limits.
    pub(crate) fn reset_limits(&mut self) {
        self.limits = Limits::default();
    }

    pub(crate) fn save(&self) -> SavedDiscord {
        self.kept.clone()
    }

    pub(crate) fn restore(&mut self, saved: SavedDiscord) {
        self.kept = saved;
    }

    pub(super) fn new_id(&mut self) -> u64 {
        self.kept.next_id += 1;
        self.kept.next_id
    }

    pub(super) fn join(&mut self, user: u64, nick: Option<String>, mut roles: Vec<u64>) {
        roles.sort_unstable();
        if let Some(user) = self.kept.users.get(&user).cloned() {
            let joined_at = clock::now();
            let member = DiscordMember { user, nick, roles, joined_at, premium_since: None };
            self.kept.guild.members.insert(member.user.id, member);
        }
    }

    /// The authorization behind a valid access token.
    pub(super) fn authorization(&self, token: &str) -> Option<(&Authorization, DateTime<Utc>)> {
        let (id, expires) = self.kept.access.get(token)?;
        let authorization = self.kept.authorizations.get(id)?;
        (*expires > clock::now()).then_some((authorization, *expires))
    }

    /// Stores an authorization and its first pair of tokens.
    pub(super) fn authorize(&mut self, authorization: Authorization, access: &str, refresh: &str) {
        let id = self.new_id();
        self.kept.authorizations.insert(id, authorization);
        self.add_tokens(id, access, refresh);
    }

    pub(super) fn add_tokens(&mut self, authorization: u64, access: &str, refresh: &str) {
        let expires = clock::now() + Duration::seconds(TOKEN_LIFETIME);
        self.kept.access.insert(access.into(), (authorization, expires));
        self.kept.refresh.insert(refresh.into(), authorization);
    }

    /// Ends the whole authorization that a token belongs to, including all its tokens.
    pub(super) fn revoke(&mut self, token: &str) {
        let id = self.kept.access.get(token).map(|(id, _)| *id).or(self.kept.refresh.get(token).copied());
        if let Some(id) = id {
            self.end(id);
        }
    }

    /// The user removes the application in their settings.
    pub(crate) fn revoke_user(&mut self, user: u64) {
        let of_user = self.kept.authorizations.iter().filter(|(_, authorization)| authorization.user == user);
        for id in of_user.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.end(id);
        }
    }

    fn end(&mut self, id: u64) {
        self.kept.authorizations.remove(&id);
        self.kept.access.retain(|_, (of, _)| *of != id);
        self.kept.refresh.retain(|_, of| *of != id);
    }
}

impl Guild {
    /// Height of a member's highest role.
    pub(super) fn top(&self, user: u64) -> i64 {
        let roles = self.members.get(&user).map_or(&[][..], |member| &member.roles);
        roles.iter().filter_map(|role| self.roles.get(role)).map(|role| role.position).max().unwrap_or(0)
    }

    /// The bot's permissions: those of `@everyone` and of its roles.
    pub(super) fn bot_permissions(&self) -> u64 {
        let own = self.members.get(&demo::DISCORD_APPLICATION_ID).map_or(&[][..], |member| &member.roles);
        let roles = own.iter().chain([&demo::DISCORD_GUILD_ID]).filter_map(|role| self.roles.get(role));
        let bits = roles.fold(0, |bits, role| bits | role.permissions);
        if bits & permissions::ADMINISTRATOR == 0 { bits } else { u64::MAX }
    }

    /// Makes room at a height and puts a role there.
    pub(super) fn insert_role(&mut self, role: DiscordRole) {
        for other in self.roles.values_mut().filter(|other| other.position >= role.position) {
            other.position += 1;
        }
        self.roles.insert(role.id, role);
    }

    /// Removes a role, also from its members, and closes the gap.
    pub(super) fn remove_role(&mut self, id: u64) {
        let Some(gone) = self.roles.remove(&id) else { return };
        for other in self.roles.values_mut().filter(|other| other.position > gone.position) {
            other.position -= 1;
        }
        for member in self.members.values_mut() {
            member.roles.retain(|role| *role != id);
        }
    }
}

/// The guild on its first day: an owner, a booster, a guest, the bot, and people outside who may link an account.
fn pristine() -> SavedDiscord {
    let person = |id, username: &str, name: &str| DiscordUser {
        id,
        username: username.into(),
        global_name: Some(name.into()),
        bot: false,
    };
    let bot = DiscordUser {
        id: demo::DISCORD_APPLICATION_ID,
        username: "Fealty".into(),
        global_name: None,
        bot: true,
    };
    let inside = [
        person(demo::DISCORD_OWNER, "castellan", "Castellan"),
        person(demo::DISCORD_BOOSTER, "nova_reef", "Nova Reef"),
        person(demo::DISCORD_GUEST, "wanderer.tam", "Tam"),
        bot,
    ];
    const OUTSIDE: [(&str, &str); demo::DISCORD_NEWCOMERS as usize] = [
        ("kaelen.v", "Kaelen"),
        ("mirel_o", "Mirel"),
        ("teo.varn", "Teo"),
        ("orrin_builds", "Orrin"),
        ("yelena.d", "Yelena"),
        ("nimue_s", "Nimue"),
        ("rhea.solvane", "Rhea"),
        ("vesper_q", "Vesper"),
    ];
    let outside =
        (demo::DISCORD_NEWCOMER..).zip(OUTSIDE).map(|(id, (username, name))| person(id, username, name));
    let users = inside.into_iter().chain(outside).map(|user| (user.id, user)).collect::<BTreeMap<_, _>>();

    let role = |id, name: &str, position, permissions, managed, tags| DiscordRole {
        id,
        name: name.into(),
        position,
        permissions,
        color: 0,
        hoist: false,
        mentionable: false,
        managed,
        tags,
    };
    let bot_bits = permissions::MANAGE_NICKNAMES
        | permissions::MANAGE_ROLES
        | permissions::CREATE_INSTANT_INVITE
        | permissions::KICK_MEMBERS;
    let bot_tags = Some(json!({ "bot_id": demo::DISCORD_APPLICATION_ID.to_string() }));
    let booster_tags = Some(json!({ "premium_subscriber": null }));
    let roles = [
        role(demo::DISCORD_GUILD_ID, "@everyone", 0, permissions::CREATE_INSTANT_INVITE, false, None),
        role(demo::DISCORD_GUEST_ROLE, "Guest", 1, 0, false, None),
        role(demo::DISCORD_BOOSTER_ROLE, "Server Booster", 2, 0, true, booster_tags),
        role(demo::DISCORD_BOT_ROLE, "Fealty", 3, bot_bits, true, bot_tags),
        role(demo::DISCORD_LEADERSHIP_ROLE, "Leadership", 4, permissions::ADMINISTRATOR, false, None),
    ];

    let joined_at = clock::now() - Duration::days(400);
    let member = |id: u64, roles: &[u64], premium_since| {
        let user = users.get(&id)?.clone();
        Some((id, DiscordMember { user, nick: None, roles: roles.to_vec(), joined_at, premium_since }))
    };
    let members = [
        member(demo::DISCORD_APPLICATION_ID, &[demo::DISCORD_BOT_ROLE], None),
        member(demo::DISCORD_OWNER, &[demo::DISCORD_LEADERSHIP_ROLE], None),
        member(demo::DISCORD_BOOSTER, &[demo::DISCORD_BOOSTER_ROLE], Some(joined_at)),
        member(demo::DISCORD_GUEST, &[demo::DISCORD_GUEST_ROLE], None),
    ];
    SavedDiscord {
        guild: Guild {
            members: members.into_iter().flatten().collect(),
            roles: roles.into_iter().map(|role| (role.id, role)).collect(),
            bans: BTreeSet::new(),
        },
        users,
        authorizations: BTreeMap::new(),
        access: BTreeMap::new(),
        refresh: BTreeMap::new(),
        next_id: FIRST_NEW_ID,
    }
}
