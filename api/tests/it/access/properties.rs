//! Random worlds, random changes: after each the database says what the model says; a preview says what then happens;
//! history, replayed, gives the present.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use diesel::{QueryableByName, sql_query, sql_types as t};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    access::{
        self, AffiliationFact, Change, GroupSettings, Joined, Kind, Membership, NewId, OwnershipFact,
        PermissionGrant, Removed, StateMembers, UserDiff,
    },
    db::Conn,
    error::Error,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    model::{Access, Character, Group, State, Time, User, World as Model},
    steps::{Step, step},
};
use crate::support::{World, cause, new_group};

const CORPORATIONS: [i64; 4] = [98_000_001, 98_000_002, 98_000_003, 98_000_004];
const ALLIANCES: [i64; 3] = [99_000_001, 99_000_002, 99_000_003];
const FACTIONS: [i64; 2] = [500_001, 500_002];
const CHARACTERS: [i64; 8] =
    [90_000_001, 90_000_002, 90_000_003, 90_000_004, 90_000_005, 90_000_006, 90_000_007, 90_000_008];
const PERMISSIONS: [&str; 4] =
    ["discord.access_discord", "auth.view_user", "auth.timer_view", "groupmanagement.request_groups"];

/// The model beside the ids of its parts in the database, and what history says so far.
struct Both<'w> {
    world: &'w World,
    model: Model,
    owners: BTreeMap<i64, i64>,
    states: BTreeMap<String, i64>,
    users: Vec<i64>,
    groups: Vec<i64>,
    /// Minutes since the world began.
    now: i64,
    began: chrono::DateTime<chrono::Utc>,
    made: i32,
    replayed: BTreeMap<i64, Access>,
}

#[derive(QueryableByName)]
struct AccessRow {
    #[diesel(sql_type = t::BigInt)]
    id: i64,
    #[diesel(sql_type = t::Text)]
    state: String,
    #[diesel(sql_type = t::Array<t::Text>)]
    permissions: Vec<String>,
    #[diesel(sql_type = t::Array<t::Text>)]
    services: Vec<String>,
    #[diesel(sql_type = t::Array<t::Text>)]
    groups: Vec<String>,
    #[diesel(sql_type = t::Array<t::Text>)]
    leads: Vec<String>,
}

async fn run(conn: &mut Conn, sql: &str) {
    sql_query(sql).execute(conn).await.expect(sql);
}

impl<'w> Both<'w> {
    async fn new(world: &'w World) -> Self {
        let mut conn = world.conn().await;
        let mut model = Model::default();
        for id in ALLIANCES {
            run(&mut conn, &format!("insert into alliances (id, name) values ({id}, 'Alliance')")).await;
        }
        for id in FACTIONS {
            run(
                &mut conn,
                &format!("insert into factions (id, name, militia_corporation_id) values ({id}, 'Faction', 1) on conflict do nothing"),
            )
            .await;
        }
        for id in CORPORATIONS {
            run(&mut conn, &format!("insert into corporations (id, name) values ({id}, 'Corporation')"))
                .await;
        }
        for id in CHARACTERS {
            run(&mut conn, &format!("insert into characters (id, name, corporation_id, created_at) values ({id}, 'Pilot {id}', {}, now())", CORPORATIONS[0])).await;
            model.characters.insert(id, Character { corporation: CORPORATIONS[0], ..Character::default() });
        }
        for (name, priority) in [("Guest", 0), ("Blue", 50), ("Member", 100)] {
            let is_guest = name == "Guest";
            model
                .states
                .insert(name.into(), State { priority, is_public: is_guest, is_guest, ..State::default() });
        }
        let mut users = Vec::new();
        for n in 0..4 {
            let id = fealty_api::identity::users::insert(
                &mut conn,
                fealty_api::clock::Clock::now(&*world.clock),
                &format!("user{n}"),
            )
            .await
            .unwrap();
            model.users.insert(id, User::default());
            users.push(id);
        }
        drop(conn);
        let replayed = users
            .iter()
            .map(|id| {
                (
                    *id,
                    Access {
                        state: "Guest".into(),
                        permissions: BTreeSet::new(),
                        services: BTreeSet::new(),
                        groups: BTreeSet::new(),
                        leads: BTreeSet::new(),
                    },
                )
            })
            .collect();
        let mut both = Self {
            world,
            model,
            owners: BTreeMap::new(),
            states: BTreeMap::new(),
            users,
            groups: Vec::new(),
            now: 0,
            began: fealty_api::clock::Clock::now(&*world.clock),
            made: 0,
            replayed,
        };
        both.read_states().await;
        both
    }

    async fn read_states(&mut self) {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = t::Text)]
            name: String,
            #[diesel(sql_type = t::BigInt)]
            id: i64,
        }
        let mut conn = self.world.conn().await;
        let rows: Vec<Row> = sql_query("select name, id from states").load(&mut conn).await.unwrap();
        self.states = rows.into_iter().map(|row| (row.name, row.id)).collect();
    }

    fn state(&self, place: usize) -> (String, i64) {
        let (name, id) = self.states.iter().nth(place % self.states.len()).unwrap();
        (name.clone(), *id)
    }

    /// Makes the same change in the model and in the database, previewed first.
    async fn take(&mut self, step: &Step) {
        self.model.begin();
        let user = |n: usize| self.users[n % self.users.len()];
        let group = |n: usize| self.groups.get(n % self.groups.len().max(1)).copied();
        let names = |places: &[usize]| -> BTreeSet<String> {
            places.iter().map(|n| PERMISSIONS[*n].to_owned()).collect()
        };
        match step {
            Step::Move { character, corporation, alliance, faction } => {
                let fact = AffiliationFact {
                    character_id: CHARACTERS[character % 8],
                    corporation_id: CORPORATIONS[corporation % 4],
                    alliance_id: alliance.map(|n| ALLIANCES[n]),
                    faction_id: faction.map(|n| FACTIONS[n]),
                };
                self.fly(&[fact]);
                self.apply(Change::Affiliations(&[fact])).await;
            }
            Step::MoveMany(moves) => {
                let facts: BTreeMap<i64, AffiliationFact> = moves
                    .iter()
                    .map(|(character, corporation, alliance)| {
                        let id = CHARACTERS[character % 8];
                        let fact = AffiliationFact {
                            character_id: id,
                            corporation_id: CORPORATIONS[corporation % 4],
                            alliance_id: alliance.map(|n| ALLIANCES[n]),
                            faction_id: None,
                        };
                        (id, fact)
                    })
                    .collect();
                let facts: Vec<_> = facts.into_values().collect();
                self.fly(&facts);
                self.apply(Change::Affiliations(&facts)).await;
            }
            Step::Own { user: n, character } => {
                let (user, character) = (user(*n), CHARACTERS[character % 8]);
                let hash = format!("hash-{character}");
                self.disown(character, Some(user));
                self.owners.insert(character, user);
                self.apply(Change::OwnershipGained(OwnershipFact {
                    character_id: character,
                    user_id: user,
                    owner_hash: &hash,
                }))
                .await;
            }
            Step::Lose { character } => {
                let character = CHARACTERS[character % 8];
                self.disown(character, None);
                self.owners.remove(&character);
                self.apply(Change::OwnershipLost { character_id: character }).await;
            }
            Step::Main { user: n, character } => {
                let (user_id, character_id) = (user(*n), CHARACTERS[character % 8]);
                let change = Change::MainChanged { user_id, character_id };
                if self.owners.get(&character_id) == Some(&user_id) {
                    self.model.users.get_mut(&user_id).unwrap().main = Some(character_id);
                    self.apply(change).await;
                } else {
                    assert!(
                        matches!(self.world.apply(change).await, Err(Error::NotFound)),
                        "not his character"
                    );
                }
            }
            Step::Active { user: n, on } => {
                let user_id = user(*n);
                self.model.users.get_mut(&user_id).unwrap().is_active = *on;
                self.apply(Change::ActiveChanged { user_id, is_active: *on }).await;
            }
            Step::Superuser { user: n, on } => {
                let user_id = user(*n);
                self.model.users.get_mut(&user_id).unwrap().is_superuser = *on;
                self.apply(Change::SuperuserChanged { user_id, is_superuser: *on }).await;
            }
            Step::UserPermissions { user: n, permissions } => {
                let user_id = user(*n);
                let times: BTreeMap<&str, (Option<i64>, Option<i64>)> =
                    permissions.iter().map(|(n, starts, ends)| (PERMISSIONS[*n], (*starts, *ends))).collect();
                let (now, began) = (self.now, self.began);
                let at = |minutes: i64| began + Duration::minutes(minutes);
                self.model.users.get_mut(&user_id).unwrap().permissions = times
                    .iter()
                    .map(|(name, (starts, ends))| {
                        let time = Time::given(now, starts.map(|n| now + n), ends.map(|n| now + n));
                        ((*name).to_owned(), time)
                    })
                    .collect();
                let grants: Vec<PermissionGrant<'_>> = times
                    .iter()
                    .map(|(permission, (starts, ends))| PermissionGrant {
                        permission,
                        starts_at: starts.map(|n| at(now + n)),
                        ends_at: ends.map(|n| at(now + n)),
                        reason: "",
                    })
                    .collect();
                self.apply(Change::UserPermissions { user_id, grants: &grants }).await;
            }
            Step::NewGroup { is_internal, is_public } => {
                self.made += 1;
                let name = format!("Group {}", self.made);
                let settings = settings(&name, *is_internal, *is_public);
                let id = NewId(1_000 + i64::from(self.made));
                self.apply(new_group(id.0, settings)).await;
                let id = id.0;
                self.groups.push(id);
                let (is_internal, is_public) = (*is_internal, *is_public);
                self.model.groups.insert(id, Group { name, is_internal, is_public, ..Group::default() });
            }
            Step::EditGroup { group: n, is_internal, is_public } => {
                let Some(group_id) = group(*n) else { return };
                self.made += 1;
                // Names are what the model compares: history under the old name is not replayed.
                let group = self.model.groups.get_mut(&group_id).unwrap();
                group.is_internal = *is_internal;
                group.is_public = *is_public;
                let name = group.name.clone();
                let settings = settings(&name, *is_internal, *is_public);
                self.apply(Change::GroupEdited { group_id, settings }).await;
            }
            Step::GroupStates { group: n, states } => {
                let Some(group_id) = group(*n) else { return };
                let states: Option<Vec<(String, i64)>> =
                    states.as_ref().map(|places| places.iter().map(|n| self.state(*n)).collect());
                let ids: Option<Vec<i64>> = states.as_ref().map(|s| s.iter().map(|(_, id)| *id).collect());
                self.model.groups.get_mut(&group_id).unwrap().states =
                    states.map(|s| s.into_iter().map(|(name, _)| name).collect());
                self.apply(Change::GroupStatesSet { group_id, states: ids.as_deref() }).await;
            }
            Step::GroupPermissions { group: n, permissions } => {
                let Some(group_id) = group(*n) else { return };
                let permissions = names(permissions);
                self.model.groups.get_mut(&group_id).unwrap().permissions = permissions.clone();
                let list: Vec<&str> = permissions.iter().map(String::as_str).collect();
                self.apply(Change::GroupPermissionsSet { group_id, permissions: &list }).await;
            }
            Step::Leaders { group: n, users, groups } => {
                let Some(group_id) = group(*n) else { return };
                let users: Vec<i64> = users.iter().map(|n| user(*n)).collect();
                let groups: Vec<i64> = groups.iter().filter_map(|n| group(*n)).collect();
                let led = self.model.groups.get_mut(&group_id).unwrap();
                led.leaders = users.iter().copied().collect();
                led.leader_groups = groups.iter().copied().collect();
                self.apply(Change::GroupLeadersSet { group_id, users: &users, groups: &groups }).await;
            }
            Step::DeleteGroup { group: n } => {
                let Some(group_id) = group(*n) else { return };
                self.groups.retain(|id| *id != group_id);
                self.model.groups.remove(&group_id);
                self.model.members.retain(|(group, _), _| *group != group_id);
                for group in self.model.groups.values_mut() {
                    group.leader_groups.remove(&group_id);
                }
                self.apply(Change::GroupDeleted { group_id }).await;
            }
            Step::Join { group: n, users, starts, ends } => {
                let Some(group_id) = group(*n) else { return };
                let users: BTreeSet<i64> = users.iter().map(|n| user(*n)).collect();
                let users: Vec<i64> = users.into_iter().collect();
                let (starts, ends) = (starts.map(|n| self.now + n), ends.map(|n| self.now + n));
                for user in &users {
                    self.model.members.insert((group_id, *user), Time::given(self.now, starts, ends));
                }
                let at = |minutes: i64| self.began + Duration::minutes(minutes);
                let membership = Membership {
                    group_id,
                    users: &users,
                    starts_at: starts.map(at),
                    ends_at: ends.map(at),
                    reason: "",
                    how: Joined::Added,
                };
                self.apply(Change::MembersAdded(membership)).await;
            }
            Step::Leave { group: n, users } => {
                let Some(group_id) = group(*n) else { return };
                let users: Vec<i64> = users.iter().map(|n| user(*n)).collect();
                for user in &users {
                    self.model.members.remove(&(group_id, *user));
                }
                let (how, note) = (Removed::Removed, "");
                self.apply(Change::MembersRemoved { group_id, users: &users, how, note }).await;
            }
            Step::Pass { minutes } => {
                self.now += minutes;
                self.world.clock.advance(Duration::minutes(*minutes));
                self.model.pass(self.now);
                self.apply(Change::TimePassed).await;
            }
            Step::Reform { state, alliances, state_permissions, group: n, permissions } => {
                let Some(group_id) = group(*n) else { return };
                let (name, state_id) = self.state(*state);
                // Guest lists nobody.
                let alliances = if self.model.states[&name].is_guest { &[][..] } else { alliances };
                let members = StateMembers {
                    alliances: alliances.iter().map(|n| ALLIANCES[*n]).collect(),
                    ..StateMembers::default()
                };
                let (of_state, of_group) = (names(state_permissions), names(permissions));
                let state = self.model.states.get_mut(&name).unwrap();
                state.characters.clear();
                state.corporations.clear();
                state.factions.clear();
                state.alliances = members.alliances.iter().copied().collect();
                state.permissions = of_state.clone();
                self.model.groups.get_mut(&group_id).unwrap().permissions = of_group.clone();
                let of_state: Vec<&str> = of_state.iter().map(String::as_str).collect();
                let of_group: Vec<&str> = of_group.iter().map(String::as_str).collect();
                self.apply_all(&[
                    Change::StateMembersSet { state_id, members: &members },
                    Change::StatePermissionsSet { state_id, permissions: &of_state },
                    Change::GroupPermissionsSet { group_id, permissions: &of_group },
                ])
                .await;
            }
            Step::NewState { priority, is_public } => {
                self.made += 1;
                let name = format!("State {}", self.made);
                let id = NewId(1_000 + i64::from(self.made));
                let change = Change::StateCreated {
                    id,
                    name: &name,
                    priority: *priority,
                    is_public: *is_public,
                    members: &StateMembers::default(),
                    permissions: &[],
                };
                if self.taken(*priority, None) {
                    assert!(
                        matches!(self.world.apply(change).await, Err(Error::Conflict(_))),
                        "the priority is taken"
                    );
                    return;
                }
                self.model.states.insert(
                    name.clone(),
                    State { priority: *priority, is_public: *is_public, ..State::default() },
                );
                self.apply(change).await;
                self.read_states().await;
            }
            Step::EditState { state, priority, is_public } => {
                let (name, state_id) = self.state(*state);
                let is_guest = self.model.states[&name].is_guest;
                let change = Change::StateEdited { state_id, priority: *priority, is_public: *is_public };
                if is_guest && (*priority != 0 || !is_public) {
                    assert!(self.world.apply(change).await.is_err(), "Guest stays last and public");
                    return;
                }
                if self.taken(*priority, Some(&name)) {
                    assert!(
                        matches!(self.world.apply(change).await, Err(Error::Conflict(_))),
                        "the priority is taken"
                    );
                    return;
                }
                let state = self.model.states.get_mut(&name).unwrap();
                state.priority = *priority;
                state.is_public = *is_public;
                self.apply(change).await;
            }
            Step::Members { state, characters, corporations, alliances, factions } => {
                let (name, state_id) = self.state(*state);
                let members = StateMembers {
                    characters: characters.iter().map(|n| CHARACTERS[*n]).collect(),
                    corporations: corporations.iter().map(|n| CORPORATIONS[*n]).collect(),
                    alliances: alliances.iter().map(|n| ALLIANCES[*n]).collect(),
                    factions: factions.iter().map(|n| FACTIONS[*n]).collect(),
                };
                if self.model.states[&name].is_guest && members != StateMembers::default() {
                    let change = Change::StateMembersSet { state_id, members: &members };
                    assert!(self.world.apply(change).await.is_err(), "Guest lists nobody");
                    return;
                }
                let state = self.model.states.get_mut(&name).unwrap();
                state.characters = members.characters.iter().copied().collect();
                state.corporations = members.corporations.iter().copied().collect();
                state.alliances = members.alliances.iter().copied().collect();
                state.factions = members.factions.iter().copied().collect();
                self.apply(Change::StateMembersSet { state_id, members: &members }).await;
            }
            Step::StatePermissions { state, permissions } => {
                let (name, state_id) = self.state(*state);
                let permissions = names(permissions);
                self.model.states.get_mut(&name).unwrap().permissions = permissions.clone();
                let list: Vec<&str> = permissions.iter().map(String::as_str).collect();
                self.apply(Change::StatePermissionsSet { state_id, permissions: &list }).await;
            }
            Step::DeleteState { state } => {
                let (name, state_id) = self.state(*state);
                let change = Change::StateDeleted { state_id };
                if self.model.states[&name].is_guest {
                    assert!(matches!(self.world.apply(change).await, Err(Error::NotFound)), "Guest stays");
                    return;
                }
                self.model.states.remove(&name);
                // A limited group stays limited, even to nobody.
                for group in self.model.groups.values_mut() {
                    if let Some(states) = &mut group.states {
                        states.remove(&name);
                    }
                }
                self.apply(change).await;
                self.read_states().await;
            }
            Step::Recompute => self.apply(Change::RecomputeAll).await,
        }
    }

    fn taken(&self, priority: i32, but: Option<&str>) -> bool {
        self.model.states.iter().any(|(name, s)| s.priority == priority && Some(name.as_str()) != but)
    }

    fn fly(&mut self, facts: &[AffiliationFact]) {
        for fact in facts {
            let character = Character {
                corporation: fact.corporation_id,
                alliance: fact.alliance_id,
                faction: fact.faction_id,
            };
            self.model.characters.insert(fact.character_id, character);
        }
    }

    /// A character leaves its owner, unless he is the one who gets it.
    fn disown(&mut self, character: i64, next: Option<i64>) {
        if let Some(owner) = self.owners.get(&character).filter(|owner| Some(**owner) != next) {
            let user = self.model.users.get_mut(owner).unwrap();
            if user.main == Some(character) {
                user.main = None;
            }
        }
    }

    async fn apply(&mut self, change: Change<'_>) {
        self.apply_all(&[change]).await;
    }

    async fn apply_all(&mut self, changes: &[Change<'_>]) {
        self.model.settle();
        let mut conn = self.world.conn().await;
        let now = fealty_api::clock::Clock::now(&*self.world.clock);
        let shown = format!("{changes:?}");
        // The preview runs on its own transaction and must leave nothing behind.
        let (previewed, applied) = conn
            .transaction::<_, Error, _>(async |conn| {
                let previewed = access::preview(conn, now, &cause(), changes).await?;
                let applied = access::apply_all(conn, now, &cause(), changes).await?;
                Ok((previewed, applied))
            })
            .await
            .unwrap_or_else(|e| panic!("{shown}: {}", e.for_operators()));
        assert_eq!(previewed, applied, "the preview of {shown} says what happens");
        self.replay(&applied.entries);
        self.compare(&mut conn, &shown).await;
    }

    fn replay(&mut self, entries: &[UserDiff]) {
        for entry in entries {
            let access = self.replayed.get_mut(&entry.user_id).unwrap();
            match entry.kind {
                Kind::State => {
                    assert_eq!(entry.lost, std::slice::from_ref(&access.state));
                    access.state = entry.gained[0].clone();
                }
                Kind::Permission => turn(&mut access.permissions, entry),
                Kind::Service => turn(&mut access.services, entry),
                Kind::Group => turn(&mut access.groups, entry),
                Kind::Leadership => turn(&mut access.leads, entry),
            }
        }
    }

    async fn compare(&self, conn: &mut Conn, shown: &str) {
        let rows: Vec<AccessRow> = sql_query(
            "select u.id, s.name as state, u.services,
                    array(select name from permissions p join permission_sets ps on p.id = any (ps.permission_ids)
                          where ps.id = u.permission_set_id) as permissions,
                    array(select name from groups where id = any (u.group_ids)) as groups,
                    array(select name from groups where id = any (u.leads)) as leads
             from users u join states s on s.id = u.state_id",
        )
        .load(conn)
        .await
        .unwrap();
        for row in rows {
            let access = Access {
                state: row.state,
                permissions: row.permissions.into_iter().collect(),
                services: row.services.into_iter().collect(),
                groups: row.groups.into_iter().collect(),
                leads: row.leads.into_iter().collect(),
            };
            assert_eq!(access, self.model.access(row.id), "user {} after {shown}", row.id);
            assert_eq!(access, self.replayed[&row.id], "history of user {} after {shown}", row.id);
        }
    }
}

fn turn(set: &mut BTreeSet<String>, entry: &UserDiff) {
    for name in &entry.lost {
        assert!(set.remove(name), "lost {name} without having it");
    }
    for name in &entry.gained {
        assert!(set.insert(name.clone()), "gained {name} twice");
    }
}

const fn settings(name: &str, is_internal: bool, is_public: bool) -> GroupSettings<'_> {
    GroupSettings {
        name,
        description: "",
        is_internal,
        is_hidden: false,
        is_open: false,
        is_public,
        is_restricted: false,
    }
}

/// Worlds for each seed, of 100 random changes each; the default makes 2,000 changes, `FEALTY_PROPERTY_WORLDS` asks for more.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
fn worlds() -> u32 {
    std::env::var("FEALTY_PROPERTY_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

async fn the_engine_agrees_with_the_model(seed: u8) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..worlds() {
        let world = World::empty("").await;
        let mut both = Both::new(&world).await;
        for _ in 0..100 {
            let step = step().new_tree(&mut runner).unwrap().current();
            both.take(&step).await;
        }
    }
}

/// The same for several seeds: they run side by side.
macro_rules! seeds {
    ($($name:ident = $seed:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            the_engine_agrees_with_the_model($seed).await;
        }
    )*};
}

seeds! {
    the_engine_agrees_with_the_model_1 = 1;
    the_engine_agrees_with_the_model_2 = 2;
    the_engine_agrees_with_the_model_3 = 3;
    the_engine_agrees_with_the_model_4 = 4;
}
