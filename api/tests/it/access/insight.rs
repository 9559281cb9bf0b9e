//! Explanations and the past against the engine itself, on random worlds: what is explained is what is stored; taking
//! away what a "yes" names ends it; doing what a "no" proposes turns it; and who is said to have held something is who
//! was seen holding it then.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use diesel::{QueryableByName, sql_query, sql_types as t};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    access::{
        self, AffiliationFact, Change, GroupSettings, Joined, Membership, NewId, OwnershipFact,
        PermissionGrant, Removed, StateMembers, Subject, as_of,
        explain::{self, Asker, Explanation, Facts, Step},
    },
    clock::Clock,
    db::{Conn, Rollback},
    error::{Error, Result},
    identity::users,
};
use fealty_shared::id::{GroupId, StateId};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use crate::support::{World, cause, new_group};

const CORPORATIONS: [i64; 3] = [98_000_001, 98_000_002, 98_000_003];
const ALLIANCES: [i64; 2] = [99_000_001, 99_000_002];
const FACTIONS: [i64; 2] = [500_001, 500_002];
const CHARACTERS: [i64; 8] =
    [90_000_001, 90_000_002, 90_000_003, 90_000_004, 90_000_005, 90_000_006, 90_000_007, 90_000_008];
const PERMISSIONS: [&str; 4] =
    ["discord.access_discord", "auth.view_user", "auth.timer_view", "groupmanagement.request_groups"];

/// A random world and the ids of its parts.
struct Play<'w> {
    world: &'w World,
    rng: ChaCha20Rng,
    users: Vec<i64>,
    states: Vec<i64>,
    /// Those that were deleted, too.
    all_states: BTreeSet<i64>,
    groups: Vec<i64>,
    all_groups: BTreeSet<i64>,
    made: usize,
}

async fn ids(conn: &mut Conn, sql: &str) -> Vec<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = t::BigInt)]
        id: i64,
    }
    let rows: Vec<Row> = sql_query(sql).load(conn).await.expect(sql);
    rows.into_iter().map(|row| row.id).collect()
}

async fn texts(conn: &mut Conn, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = t::Text)]
        text: String,
    }
    let rows: Vec<Row> = sql_query(sql).load(conn).await.expect(sql);
    rows.into_iter().map(|row| row.text).collect()
}

async fn run(conn: &mut Conn, sql: &str) {
    sql_query(sql).execute(conn).await.expect(sql);
}

impl<'w> Play<'w> {
    async fn new(world: &'w World, seed: u64) -> Self {
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

    async fn register(&mut self) {
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
    async fn look(&mut self) {
        let mut conn = self.world.conn().await;
        self.states = ids(&mut conn, "select id from states order by id").await;
        self.groups = ids(&mut conn, "select id from groups order by id").await;
        self.all_states.extend(&self.states);
        self.all_groups.extend(&self.groups);
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        *of.choose(&mut self.rng).expect("something to choose from")
    }

    fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        let count = self.rng.random_range(0..3).min(of.len());
        of.choose_multiple(&mut self.rng, count).copied().collect()
    }

    fn maybe<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if self.rng.random() { Some(self.one(of)) } else { None }
    }

    fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    /// Times of a grant or membership, in minutes from now.
    fn times(&mut self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let now = self.world.clock.now();
        let starts = self.rng.random_bool(0.3).then(|| self.rng.random_range(1..40));
        let ends = self.rng.random_bool(0.3).then(|| starts.unwrap_or(0) + self.rng.random_range(1..40));
        (starts.map(|m| now + Duration::minutes(m)), ends.map(|m| now + Duration::minutes(m)))
    }

    async fn apply(&mut self, change: Change<'_>) {
        match self.world.apply(change).await {
            // A main that is not his, Guest that cannot go, a priority that is taken.
            Ok(_) | Err(Error::NotFound | Error::Conflict(_)) => {}
            Err(error) => panic!("{change:?}: {}", error.for_operators()),
        }
    }

    /// One random change.
    async fn step(&mut self) {
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

    fn settings<'n>(&mut self, name: &'n str) -> GroupSettings<'n> {
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

    async fn new_group(&mut self) {
        let name = self.name("Group");
        let settings = self.settings(&name);
        let id = NewId::of_group(&mut *self.world.conn().await).await.unwrap().0;
        self.apply(new_group(id, settings)).await;
        self.look().await;
    }

    /// Everything that can be asked about now.
    fn subjects(&self) -> Vec<Subject> {
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
async fn is_stored(conn: &mut Conn, user_id: i64, subject: &Subject) -> bool {
    holders_now(conn, subject).await.contains(&user_id)
}

async fn holders_now(conn: &mut Conn, subject: &Subject) -> BTreeSet<i64> {
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

/// An asker who sees everything.
const SEES_ALL: Asker = Asker { user_id: 0, sees_groups: true, sees_states: true, manages_groups: true };

async fn facts(conn: &mut Conn, user_id: i64, subject: &Subject) -> Facts {
    explain::load(conn, user_id, user_id, subject).await.unwrap().expect("there is such a thing")
}

/// What becomes of a user's access after changes that are not kept.
async fn would_have(
    conn: &mut Conn,
    now: DateTime<Utc>,
    (user_id, subject): (i64, &Subject),
    changes: &[Change<'_>],
) -> bool {
    let ended: Result<bool, Rollback<bool>> = conn
        .transaction(async |conn| {
            // One after the other: what an account that is just switched on may join depends on its state.
            for change in changes {
                access::apply(conn, now, &cause(), *change).await?;
            }
            Err(Rollback::With(is_stored(conn, user_id, subject).await))
        })
        .await;
    Rollback::outcome(ended).unwrap_or_else(|e| panic!("{changes:?}: {}", e.for_operators()))
}

fn number<T>(id: &str, of: impl Fn(&str) -> Option<T>) -> T {
    of(id).unwrap_or_else(|| panic!("{id} is an id"))
}

/// Takes away every leaf that a "yes" names.
async fn removing(play: &mut Play<'_>, facts: &Facts, said: &Explanation, subject: &Subject) -> bool {
    let world = play.world;
    let mut conn = world.conn().await;
    let (user_id, now) = (facts.user_id, world.clock.now());
    let permission = match subject {
        Subject::Permission(name) => name.clone(),
        _ => "discord.access_discord".to_owned(),
    };
    let own = texts(&mut conn, &format!("select p.name as text from user_permissions up join permissions p on p.id = up.permission_id where up.user_id = {user_id} and up.is_started and p.name <> '{permission}'")).await;
    let own: Vec<PermissionGrant<'_>> = own.iter().map(|name| PermissionGrant::lasting(name)).collect();
    // Kept here, for the changes only borrow.
    let mut carried: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut lists: BTreeMap<i64, StateMembers> = BTreeMap::new();
    let mut edited: BTreeMap<i64, (i32, bool)> = BTreeMap::new();
    for (at, reason) in said.reasons.iter().enumerate().filter(|(_, reason)| reason.holds) {
        let about = reason.about.as_ref().map_or("", |(_, id)| id.as_str());
        match reason.rule {
            "state_permission" | "group_permission" => {
                let (kind, id) = about.split_once(':').expect("an id");
                let rest = texts(&mut conn, &format!("select p.name as text from {kind}_permissions x join permissions p on p.id = x.permission_id where x.{kind}_id = {id} and p.name <> '{permission}'")).await;
                carried.insert(at, rest);
            }
            rule if rule.starts_with("state_") && matches!(subject, Subject::State(_)) => {
                let id = number(about, |text| text.parse::<StateId>().ok()).0;
                if let std::collections::btree_map::Entry::Vacant(entry) = lists.entry(id) {
                    let mut of = async |what: &str| {
                        ids(
                            &mut conn,
                            &format!("select {what}_id as id from state_{what}s where state_id = {id}"),
                        )
                        .await
                    };
                    entry.insert(StateMembers {
                        characters: of("character").await,
                        corporations: of("corporation").await,
                        alliances: ids_of_alliances(&mut conn, id).await,
                        factions: ids(
                            &mut conn,
                            &format!("select faction_id as id from state_factions where state_id = {id}"),
                        )
                        .await,
                    });
                }
                let members = lists.get_mut(&id).expect("just put there");
                let main = facts.main.expect("a state lists a main");
                let flies = ids(&mut conn, &format!("select unnest(array[corporation_id, coalesce(alliance_id, 0), coalesce(faction_id, 0)]) as id from characters where id = {main}")).await;
                match rule {
                    "state_character" => members.characters.retain(|id| *id != main),
                    "state_corporation" => members.corporations.retain(|id| *id != flies[0]),
                    "state_alliance" => members.alliances.retain(|id| *id != flies[1]),
                    "state_faction" => members.factions.retain(|id| *id != flies[2]),
                    "state_public" => {
                        let state = facts.states.iter().find(|state| state.id == id).expect("the state");
                        edited.insert(id, (state.priority, false));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let names: BTreeMap<usize, Vec<&str>> =
        carried.iter().map(|(at, names)| (*at, names.iter().map(String::as_str).collect())).collect();
    let users = [user_id];
    let mut changes = Vec::new();
    for (at, reason) in said.reasons.iter().enumerate().filter(|(_, reason)| reason.holds) {
        let about = reason.about.as_ref().map_or("", |(_, id)| id.as_str());
        match reason.rule {
            "superuser" => changes.push(Change::SuperuserChanged { user_id, is_superuser: false }),
            "direct" => changes.push(Change::UserPermissions { user_id, grants: &own }),
            "state_permission" => {
                let state_id = number(about, |text| text.parse::<StateId>().ok()).0;
                changes.push(Change::StatePermissionsSet { state_id, permissions: &names[&at] });
            }
            "group_permission" => {
                let group_id = number(about, |text| text.parse::<GroupId>().ok()).0;
                changes.push(if play.rng.random() {
                    Change::GroupPermissionsSet { group_id, permissions: &names[&at] }
                } else {
                    Change::MembersRemoved { group_id, users: &users, how: Removed::Removed, note: "" }
                });
            }
            "membership" => {
                let group_id = number(about, |text| text.parse::<GroupId>().ok()).0;
                changes.push(Change::MembersRemoved {
                    group_id,
                    users: &users,
                    how: Removed::Removed,
                    note: "",
                });
            }
            _ => {}
        }
    }
    changes.extend(lists.iter().map(|(id, members)| Change::StateMembersSet { state_id: *id, members }));
    changes.extend(edited.iter().map(|(id, (priority, is_public))| Change::StateEdited {
        state_id: *id,
        priority: *priority,
        is_public: *is_public,
    }));
    assert!(!changes.is_empty(), "a yes names what gives it: {said:?}");
    would_have(&mut conn, now, (user_id, subject), &changes).await
}

async fn ids_of_alliances(conn: &mut Conn, state_id: i64) -> Vec<i64> {
    ids(conn, &format!("select alliance_id as id from state_alliances where state_id = {state_id}")).await
}

/// Does what a "no" proposes; `None` where a program cannot.
async fn following(
    world: &World,
    facts: &Facts,
    said: &Explanation,
    step: Step,
    subject: &Subject,
) -> Option<bool> {
    let mut conn = world.conn().await;
    let (user_id, now) = (facts.user_id, world.clock.now());
    let permission = match subject {
        Subject::Permission(name) => name.clone(),
        _ => "discord.access_discord".to_owned(),
    };
    let own = texts(&mut conn, &format!("select p.name as text from user_permissions up join permissions p on p.id = up.permission_id where up.user_id = {user_id} and up.is_started and p.name <> '{permission}'")).await;
    let mut grants: Vec<PermissionGrant<'_>> =
        own.iter().map(|name| PermissionGrant::lasting(name)).collect();
    grants.push(PermissionGrant::lasting(&permission));
    let carried = match step {
        Step::LetStateCarry(id) => texts(&mut conn, &format!("select p.name as text from state_permissions x join permissions p on p.id = x.permission_id where x.state_id = {id}")).await,
        _ => Vec::new(),
    };
    let carried: Vec<&str> = carried.iter().map(String::as_str).chain([permission.as_str()]).collect();
    let users = [user_id];
    let is_service = matches!(subject, Subject::Service(_));
    let mut changes = Vec::new();
    if said.remedies.iter().any(|remedy| remedy.step == Step::SwitchOn) {
        changes.push(Change::ActiveChanged { user_id, is_active: true });
    }
    match step {
        Step::ChooseMain(character_id) => changes.push(Change::MainChanged { user_id, character_id }),
        // A service needs a main besides.
        Step::GrantPermission if !is_service || facts.main.is_some() => {
            changes.push(Change::UserPermissions { user_id, grants: &grants });
        }
        Step::LetStateCarry(state_id) if !is_service || facts.main.is_some() => {
            changes.push(Change::StatePermissionsSet { state_id, permissions: &carried });
        }
        Step::JoinGroup(group_id) | Step::RequestGroup(group_id) | Step::AddToGroup(group_id)
            if !is_service || facts.main.is_some() =>
        {
            changes.push(Change::MembersAdded(Membership {
                group_id,
                users: &users,
                starts_at: None,
                ends_at: None,
                reason: "",
                how: Joined::Added,
            }));
        }
        // Alone it is what is proposed only where nothing else is missing.
        Step::SwitchOn if said.remedies.len() == 1 => {}
        _ => return None,
    }
    Some(would_have(&mut conn, now, (user_id, subject), &changes).await)
}

#[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test")]
fn worlds() -> u64 {
    std::env::var("FEALTY_PROPERTY_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

#[tokio::test(flavor = "multi_thread")]
async fn explanations_say_what_is_stored_and_what_would_change_it() {
    let (mut taken, mut turned) = (0, 0);
    for seed in 0..worlds() {
        let world = World::empty("").await;
        let mut play = Play::new(&world, seed).await;
        for n in 1..=75 {
            play.step().await;
            if n % 25 != 0 {
                continue;
            }
            for subject in play.subjects() {
                let mut conn = world.conn().await;
                let stored = holders_now(&mut conn, &subject).await;
                for user_id in play.users.clone() {
                    let facts = facts(&mut conn, user_id, &subject).await;
                    let said = explain::explain(&facts, &SEES_ALL).unwrap();
                    assert_eq!(said.is_granted, stored.contains(&user_id), "{facts:#?}");
                    assert_eq!(said.reasons[0].holds, said.is_granted);
                    for (at, reason) in said.reasons.iter().enumerate() {
                        assert!(reason.parent.is_none_or(|parent| parent < at), "depth first: {said:#?}");
                    }
                    assert!(
                        said.is_granted || subject_is_guest(&facts) || !said.remedies.is_empty(),
                        "{said:#?}"
                    );
                    tells_nothing_of_others(&facts);
                    // Guest is what remains when everything is taken away.
                    if said.is_granted && !subject_is_guest(&facts) {
                        assert!(!removing(&mut play, &facts, &said, &subject).await, "{said:#?}");
                        taken += 1;
                    }
                    for remedy in &said.remedies {
                        if let Some(is_turned) = following(&world, &facts, &said, remedy.step, &subject).await
                        {
                            assert!(is_turned, "{remedy:?} helps: {said:#?} {facts:#?}");
                            turned += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(taken > 50 && turned > 100, "{taken} taken, {turned} turned: the worlds are too dull");
}

fn subject_is_guest(facts: &Facts) -> bool {
    matches!(&facts.target, explain::Target::State(state) if state.is_guest)
}

/// What a plain member is told of himself names no group that is not for his eyes, and of states only those that he or
/// his characters have, that he asks about, or that a group he may know of is limited to.
fn tells_nothing_of_others(facts: &Facts) {
    let plain =
        Asker { user_id: facts.user_id, sees_groups: false, sees_states: false, manages_groups: false };
    let Some(said) = explain::explain(facts, &plain) else { return };
    let all: Vec<&str> = [said.sentence.as_str()]
        .into_iter()
        .chain(said.reasons.iter().map(|reason| reason.sentence.as_str()))
        .chain(said.remedies.iter().flat_map(|r| [r.sentence.as_str(), r.href.as_deref().unwrap_or("")]))
        .collect();
    let all = format!("{} ", all.join(" "));
    let names = |name: &str| {
        all.match_indices(name)
            .any(|(at, _)| !all[at + name.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    for group in &facts.groups {
        if (group.is_internal || group.is_hidden) && !group.is_askers {
            assert!(!names(&group.name), "{} in {all}", group.name);
            assert!(!names(&GroupId(group.id).to_string()), "{} in {all}", group.id);
        }
    }
    if let explain::Target::Permission { .. } | explain::Target::Service(_) = facts.target {
        let reachable: Vec<i64> = facts
            .characters
            .iter()
            .filter_map(|character| facts.state_with(Some(character)))
            .chain(facts.state())
            .map(|state| state.id)
            .collect();
        for state in facts.states.iter().filter(|state| !reachable.contains(&state.id)) {
            assert!(!names(&state.name), "{} in {all}", state.name);
        }
    }
}

/// What was seen at a moment.
struct Seen {
    at: DateTime<Utc>,
    users: BTreeSet<i64>,
    holders: Vec<(Subject, BTreeSet<i64>)>,
}

async fn held(conn: &mut Conn, subject: &Subject, at: DateTime<Utc>) -> BTreeSet<i64> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = as_of::holders(conn, subject, at, false, after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last().cloned() else { break };
        found.extend(page.iter().map(|(_, id)| *id));
        after = Some(last);
    }
    let mut backwards = as_of::holders(conn, subject, at, true, None, 100).await.unwrap();
    backwards.reverse();
    assert_eq!(found, backwards.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "both ways the same");
    assert_eq!(as_of::count_holders(conn, subject, at).await.unwrap(), i64::try_from(found.len()).unwrap());
    found.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_as_it_was_seen() {
    for seed in 100..100 + worlds() {
        let world = World::empty("").await;
        let mut play = Play::new(&world, seed).await;
        let mut past: Vec<Seen> = Vec::new();
        for n in 1..=80 {
            world.wait(Duration::seconds(10));
            play.step().await;
            if n % 20 == 0 {
                play.register().await;
            }
            world.wait(Duration::seconds(10));
            let mut conn = world.conn().await;
            let mut holders = Vec::new();
            for subject in play.subjects() {
                let now = holders_now(&mut conn, &subject).await;
                holders.push((subject, now));
            }
            past.push(Seen { at: world.clock.now(), users: play.users.iter().copied().collect(), holders });
        }
        // One user leaves for good: nobody is told of him any more.
        let mut conn = world.conn().await;
        let gone = play.users[1];
        run(&mut conn, &format!("delete from users where id = {gone}")).await;
        for (n, seen) in past.iter().enumerate() {
            // Every subject that ever was: one that did not exist yet had no holders.
            let everything = PERMISSIONS
                .iter()
                .map(|name| Subject::Permission((*name).to_owned()))
                .chain([Subject::Service("discord".to_owned())])
                .chain(play.all_states.iter().map(|id| Subject::State(*id)))
                .chain(play.all_groups.iter().map(|id| Subject::Group(*id)));
            for subject in everything {
                let then = seen.holders.iter().find(|(known, _)| *known == subject);
                let mut expected = then.map(|(_, holders)| holders.clone()).unwrap_or_default();
                expected.remove(&gone);
                let found = held(&mut conn, &subject, seen.at).await;
                assert_eq!(found, expected, "{subject:?} at step {n}, with {:?}", seen.users);
            }
        }
        // Before everything nobody was here.
        let before = past[0].at - Duration::days(1);
        assert!(held(&mut conn, &Subject::State(play.states[0]), before).await.is_empty());
    }
}
