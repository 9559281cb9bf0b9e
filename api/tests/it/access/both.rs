//! The model beside the database: whatever changes is compared, and so is what history says.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{QueryableByName, sql_query, sql_types as t};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    access::{self, AffiliationFact, Change, Kind, UserDiff},
    db::Conn,
    error::Error,
};

use super::model::{Access, Character, State, User, World as Model};
use crate::support::{World, cause};

pub const CORPORATIONS: [i64; 4] = [98_000_001, 98_000_002, 98_000_003, 98_000_004];
pub const ALLIANCES: [i64; 3] = [99_000_001, 99_000_002, 99_000_003];
pub const FACTIONS: [i64; 2] = [500_001, 500_002];
pub const CHARACTERS: [i64; 8] =
    [90_000_001, 90_000_002, 90_000_003, 90_000_004, 90_000_005, 90_000_006, 90_000_007, 90_000_008];
pub const PERMISSIONS: [&str; 4] =
    ["discord.access_discord", "auth.view_user", "auth.timer_view", "groupmanagement.request_groups"];

/// The model beside the ids of its parts in the database, and what history says so far.
pub struct Both<'w> {
    pub world: &'w World,
    pub model: Model,
    pub owners: BTreeMap<i64, i64>,
    pub states: BTreeMap<String, i64>,
    pub users: Vec<i64>,
    pub groups: Vec<i64>,
    /// Minutes since the world began.
    pub now: i64,
    pub began: chrono::DateTime<chrono::Utc>,
    pub made: i32,
    pub replayed: BTreeMap<i64, Access>,
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
    pub async fn new(world: &'w World) -> Self {
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

    pub async fn read_states(&mut self) {
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

    pub fn user(&self, n: usize) -> i64 {
        self.users[n % self.users.len()]
    }

    pub fn group(&self, n: usize) -> Option<i64> {
        self.groups.get(n % self.groups.len().max(1)).copied()
    }

    pub fn state(&self, place: usize) -> (String, i64) {
        let (name, id) = self.states.iter().nth(place % self.states.len()).unwrap();
        (name.clone(), *id)
    }

    pub fn taken(&self, priority: i32, but: Option<&str>) -> bool {
        self.model.states.iter().any(|(name, s)| s.priority == priority && Some(name.as_str()) != but)
    }

    pub fn fly(&mut self, facts: &[AffiliationFact]) {
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
    pub fn disown(&mut self, character: i64, next: Option<i64>) {
        if let Some(owner) = self.owners.get(&character).filter(|owner| Some(**owner) != next) {
            let user = self.model.users.get_mut(owner).unwrap();
            if user.main == Some(character) {
                user.main = None;
            }
        }
    }

    pub async fn apply(&mut self, change: Change<'_>) {
        self.apply_all(&[change]).await;
    }

    pub async fn apply_all(&mut self, changes: &[Change<'_>]) {
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
