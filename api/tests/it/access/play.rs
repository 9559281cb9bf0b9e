//! A random world that goes its way by random changes, for those who look at it in between.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use diesel::{QueryableByName, sql_query, sql_types as t};
use diesel_async::RunQueryDsl;
use fealty_api::{
    access::{
        AffiliationFact, Change, GroupSettings, Joined, Membership, NewId, OwnershipFact, PermissionGrant,
        Removed, StateMembers, Subject,
    },
    clock::Clock,
    db::Conn,
    error::Error,
    identity::users,
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use crate::support::{World, new_group};

const CORPORATIONS: [i64; 3] = [98_000_001, 98_000_002, 98_000_003];
const ALLIANCES: [i64; 2] = [99_000_001, 99_000_002];
const FACTIONS: [i64; 2] = [500_001, 500_002];
const CHARACTERS: [i64; 8] =
    [90_000_001, 90_000_002, 90_000_003, 90_000_004, 90_000_005, 90_000_006, 90_000_007, 90_000_008];
pub const PERMISSIONS: [&str; 4] =
    ["discord.access_discord", "auth.view_user", "auth.timer_view", "groupmanagement.request_groups"];

/// A random world and the ids of its parts.
pub struct Play<'w> {
    pub world: &'w World,
    pub rng: ChaCha20Rng,
    pub users: Vec<i64>,
    pub states: Vec<i64>,
    /// Those that were deleted, too.
    pub all_states: BTreeSet<i64>,
    pub groups: Vec<i64>,
    pub all_groups: BTreeSet<i64>,
    pub made: usize,
}

pub async fn ids(conn: &mut Conn, sql: &str) -> Vec<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = t::BigInt)]
        id: i64,
    }
    let rows: Vec<Row> = sql_query(sql).load(conn).await.expect(sql);
    rows.into_iter().map(|row| row.id).collect()
}

pub async fn texts(conn: &mut Conn, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = t::Text)]
        text: String,
    }
    let rows: Vec<Row> = sql_query(sql).load(conn).await.expect(sql);
    rows.into_iter().map(|row| row.text).collect()
}

pub async fn run(conn: &mut Conn, sql: &str) {
    sql_query(sql).execute(conn).await.expect(sql);
}

impl<'w> Play<'w> {
    pub async fn new(world: &'w World, seed: u64) -> Self {
        let mut conn = world.conn().await;
        for id in ALLIANCES {
            run(&mut conn, &format!("insert into alliances (id, name) values ({id}, 'Alliance {id}')")).await;
        }
        for id in FACTIONS {
            run(
                &mut conn,
                &format!(
                    "insert into factions (id, name, militia_corporation_id) values ({id}, 'Faction {id}', 1) on conflict (id) do update set militia_corporation_id = 1"
                ),
            )
            .await;
        }
        for id in CORPORATIONS {
            run(&mut conn, &format!("insert into corporations (id, name) values ({id}, 'Corporation {id}')"))
                .await;
        }
        for id in CHARACTERS {
            run(&mut conn, &format!("insert into characters (id, name, corporation_id, created_at) values ({id}, 'Pilot {id}', {}, now())", CORPORATIONS[0])).await;
        }
        drop(conn);
        let mut play = Self {
            world,
            rng: ChaCha20Rng::seed_from_u64(seed),
            users: Vec::new(),
            states: Vec::new(),
            all_states: BTreeSet::new(),
            groups: Vec::new(),
            all_groups: BTreeSet::new(),
            made: 0,
        };
        for _ in 0..4 {
            play.register().await;
        }
        play.look().await;
        play
    }

    pub async fn register(&mut self) {
        let mut conn = self.world.conn().await;
        let name = format!("user{}", self.users.len());
        let id = users::insert(&mut conn, self.world.clock.now(), &name).await.unwrap();
        run(&mut conn, &format!("update users set email = 'a@example.com' where id = {id}")).await;
        drop(conn);
        let character_id = CHARACTERS[self.users.len() % CHARACTERS.len()];
        let owner_hash = &format!("hash-{character_id}");
        self.apply(Change::OwnershipGained(OwnershipFact { character_id, user_id: id, owner_hash })).await;
        self.apply(Change::MainChanged { user_id: id, character_id }).await;
        self.apply(Change::ActiveChanged { user_id: id, is_active: true }).await;
        self.users.push(id);
    }

    /// Notes which states and groups there are.
    pub async fn look(&mut self) {
        let mut conn = self.world.conn().await;
        self.states = ids(&mut conn, "select id from states order by id").await;
        self.groups = ids(&mut conn, "select id from groups order by id").await;
        self.all_states.extend(&self.states);
        self.all_groups.extend(&self.groups);
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        *of.choose(&mut self.rng).expect("something to choose from")
    }

    pub fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        let count = self.rng.random_range(0..3).min(of.len());
        of.choose_multiple(&mut self.rng, count).copied().collect()
    }

    pub fn maybe<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if self.rng.random() { Some(self.one(of)) } else { None }
    }

    pub fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    /// Times of a grant or membership, in minutes from now.
    pub fn times(&mut self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let now = self.world.clock.now();
        let starts = self.rng.random_bool(0.3).then(|| self.rng.random_range(1..40));
        let ends = self.rng.random_bool(0.3).then(|| starts.unwrap_or(0) + self.rng.random_range(1..40));
        (starts.map(|m| now + Duration::minutes(m)), ends.map(|m| now + Duration::minutes(m)))
    }

    pub async fn apply(&mut self, change: Change<'_>) {
        match self.world.apply(change).await {
            // A main that is not his, Guest that cannot go, a priority that is taken.
            Ok(_) | Err(Error::NotFound | Error::Conflict(_)) => {}
            Err(error) => panic!("{change:?}: {}", error.for_operators()),
        }
    }

    /// One random change.
    pub async fn step(&mut self) {
        let user_id = {
            let users = self.users.clone();
            self.one(&users)
        };
        let character_id = self.one(&CHARACTERS);
        let (states, groups) = (self.states.clone(), self.groups.clone());
        let state_id = self.one(&states);
        let kind = self.rng.random_range(0..30);
        if matches!(kind, 19..=28) && groups.is_empty() {
            return self.new_group().await;
        }
        let group_id = groups.choose(&mut self.rng).copied().unwrap_or_default();
        match kind {
            0..=2 => {
                let fact = AffiliationFact {
                    character_id,
                    corporation_id: self.one(&CORPORATIONS),
                    alliance_id: self.maybe(&ALLIANCES),
                    faction_id: self.maybe(&FACTIONS),
                };
                self.apply(Change::Affiliations(&[fact])).await;
            }
            3 | 4 => {
                let owner_hash = &format!("hash-{character_id}");
                self.apply(Change::OwnershipGained(OwnershipFact { character_id, user_id, owner_hash }))
                    .await;
            }
            5 => self.apply(Change::OwnershipLost { character_id }).await,
            6 | 7 => {
                let mut conn = self.world.conn().await;
                let own = ids(
                    &mut conn,
                    &format!("select character_id as id from character_ownerships where user_id = {user_id}"),
                )
                .await;
                drop(conn);
                if let Some(character_id) = own.choose(&mut self.rng).copied() {
                    self.apply(Change::MainChanged { user_id, character_id }).await;
                }
            }
            8 | 9 => {
                let is_active = self.rng.random_bool(0.8);
                self.apply(Change::ActiveChanged { user_id, is_active }).await;
            }
            10 => {
                let is_superuser = self.rng.random_bool(0.3);
                self.apply(Change::SuperuserChanged { user_id, is_superuser }).await;
            }
            11 | 12 => {
                let names = self.some(&PERMISSIONS);
                let mut grants = Vec::new();
                for permission in names {
                    let (starts_at, ends_at) = self.times();
                    grants.push(PermissionGrant { permission, starts_at, ends_at, reason: "" });
                }
                self.apply(Change::UserPermissions { user_id, grants: &grants }).await;
            }
            13 => {
                let (name, priority) = (self.name("State"), self.rng.random_range(0..300));
                let is_public = self.rng.random_bool(0.3);
                let id = NewId::of_state(&mut *self.world.conn().await).await.unwrap();
                self.apply(Change::StateCreated {
                    id,
                    name: &name,
                    priority,
                    is_public,
                    members: &StateMembers::default(),
                    permissions: &[],
                })
                .await;
            }
            // Of Guest only the permissions change.
            14..=16 if state_id == states[0] => {}
            14 => {
                let (priority, is_public) = (self.rng.random_range(0..300), self.rng.random_bool(0.3));
                self.apply(Change::StateEdited { state_id, priority, is_public }).await;
            }
            15 | 16 => {
                let members = StateMembers {
                    characters: self.some(&CHARACTERS),
                    corporations: self.some(&CORPORATIONS),
                    alliances: self.some(&ALLIANCES),
                    factions: self.some(&FACTIONS),
                };
                self.apply(Change::StateMembersSet { state_id, members: &members }).await;
            }
            17 => {
                let permissions = self.some(&PERMISSIONS);
                self.apply(Change::StatePermissionsSet { state_id, permissions: &permissions }).await;
            }
            18 => {
                let name = self.name("Renamed");
                match self.rng.random_range(0..4) {
                    0 => self.apply(Change::StateDeleted { state_id }).await,
                    _ if state_id != states[0] => {
                        self.apply(Change::StateRenamed { state_id, name: &name }).await;
                    }
                    _ => {}
                }
            }
            19 | 20 => self.new_group().await,
            21 => {
                if self.rng.random_bool(0.2) {
                    self.apply(Change::GroupDeleted { group_id }).await;
                } else {
                    let name = self.name("Renamed");
                    let settings = self.settings(&name);
                    self.apply(Change::GroupEdited { group_id, settings }).await;
                }
            }
            22 => {
                let limit = self.some(&states);
                let states = self.rng.random::<bool>().then_some(limit.as_slice());
                self.apply(Change::GroupStatesSet { group_id, states }).await;
            }
            23 | 24 => {
                let permissions = self.some(&PERMISSIONS);
                self.apply(Change::GroupPermissionsSet { group_id, permissions: &permissions }).await;
            }
            25 => {
                let all = self.users.clone();
                let (users, leading) = (self.some(&all), self.some(&groups));
                self.apply(Change::GroupLeadersSet { group_id, users: &users, groups: &leading }).await;
            }
            26..=28 => {
                let all = self.users.clone();
                let users = self.some(&all);
                if self.rng.random_bool(0.8) {
                    let (starts_at, ends_at) = self.times();
                    let membership = Membership {
                        group_id,
                        users: &users,
                        starts_at,
                        ends_at,
                        reason: "",
                        how: Joined::Added,
                    };
                    self.apply(Change::MembersAdded(membership)).await;
                } else {
                    self.apply(Change::MembersRemoved {
                        group_id,
                        users: &users,
                        how: Removed::Removed,
                        note: "",
                    })
                    .await;
                }
            }
            _ => {
                self.world.wait(Duration::minutes(self.rng.random_range(1..30)));
                self.apply(Change::TimePassed).await;
            }
        }
        self.look().await;
    }

    pub fn settings<'n>(&mut self, name: &'n str) -> GroupSettings<'n> {
        GroupSettings {
            name,
            description: "",
            is_internal: self.rng.random_bool(0.3),
            is_hidden: self.rng.random_bool(0.3),
            is_open: self.rng.random(),
            is_public: self.rng.random(),
            is_restricted: self.rng.random_bool(0.2),
        }
    }

    pub async fn new_group(&mut self) {
        let name = self.name("Group");
        let settings = self.settings(&name);
        let id = NewId::of_group(&mut *self.world.conn().await).await.unwrap().0;
        self.apply(new_group(id, settings)).await;
        self.look().await;
    }

    /// Everything that can be asked about now.
    pub fn subjects(&self) -> Vec<Subject> {
        PERMISSIONS
            .iter()
            .map(|name| Subject::Permission((*name).to_owned()))
            .chain([Subject::Service("discord".to_owned())])
            .chain(self.states.iter().map(|id| Subject::State(*id)))
            .chain(self.groups.iter().map(|id| Subject::Group(*id)))
            .collect()
    }
}

/// Whether the engine wrote that the user has it.
pub async fn is_stored(conn: &mut Conn, user_id: i64, subject: &Subject) -> bool {
    holders_now(conn, subject).await.contains(&user_id)
}

pub async fn holders_now(conn: &mut Conn, subject: &Subject) -> BTreeSet<i64> {
    let condition = match subject {
        Subject::Permission(name) => format!(
            "exists (select from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
                     where ps.id = u.permission_set_id and p.name = '{name}')"
        ),
        Subject::Service(key) => format!("'{key}' = any (u.services)"),
        Subject::State(id) => format!("u.state_id = {id}"),
        Subject::Group(id) => format!("{id} = any (u.group_ids)"),
    };
    ids(conn, &format!("select u.id from users u where {condition}")).await.into_iter().collect()
}

/// How many worlds a test plays.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
pub fn worlds() -> u64 {
    std::env::var("FEALTY_PROPERTY_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}
