//! The facts an explanation is based on, and the rules over them.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::Asker;
use crate::{
    access::Subject,
    db::Conn,
    error::Result,
    groups::{Gate, Pilot},
    services::{self, Spec},
};

/// Which of a state's lists a character is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    Character,
    Corporation,
    Alliance,
    Faction,
}

impl Listed {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "character" => Some(Self::Character),
            "corporation" => Some(Self::Corporation),
            "alliance" => Some(Self::Alliance),
            "faction" => Some(Self::Faction),
            _ => None,
        }
    }
}

/// One of the user's characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Character {
    pub id: i64,
    pub name: String,
    pub corporation: Option<String>,
    pub alliance: Option<String>,
    pub faction: Option<String>,
    /// States that list it or the organisations it flies for.
    pub listed: Vec<(i64, Listed)>,
}

/// A state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub id: i64,
    pub name: String,
    pub priority: i32,
    pub is_public: bool,
    pub is_guest: bool,
    /// Whether it carries the permission in question.
    pub carries: bool,
    /// Whether it carries `groupmanagement.request_groups`.
    pub lets_request: bool,
    /// Whether the user has it or once had it, according to their history. Only known when the
    /// question is about a state.
    pub was_his: bool,
}

/// A permission granted to the user directly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub is_started: bool,
}

/// The user's membership of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    pub since: DateTime<Utc>,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub is_started: bool,
}

/// A group: the one in question, or one that carries the permission in question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub id: i64,
    pub name: String,
    pub is_internal: bool,
    pub is_hidden: bool,
    pub is_open: bool,
    pub is_public: bool,
    pub is_restricted: bool,
    /// The states its members must be in; `None`: any.
    pub states: Option<Vec<i64>>,
    pub member: Option<Member>,
    /// When the user asked to join it.
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether the user leads it.
    pub is_led: bool,
    /// Whether the asker is a member, or asks to join or leave.
    pub is_askers: bool,
    /// Whether anybody leads it.
    pub has_leaders: bool,
    /// Whether any leader sees users, and so can add anybody; other leaders can only add those who ask.
    pub has_leaders_who_see_users: bool,
}

impl Group {
    /// What decides about seeing and joining it.
    #[must_use]
    pub fn gate(&self) -> Gate<'_> {
        Gate {
            group_id: self.id,
            is_internal: self.is_internal,
            is_hidden: self.is_hidden,
            is_open: self.is_open,
            is_public: self.is_public,
            is_restricted: self.is_restricted,
            states: self.states.as_deref(),
        }
    }
}

/// What the question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Permission { name: String, description: String },
    Group(Group),
    State(State),
    Service(&'static Spec),
}

impl Target {
    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Permission { name, .. } => name,
            Self::Group(group) => &group.name,
            Self::State(state) => &state.name,
            Self::Service(spec) => spec.title,
        }
    }
}

/// Everything known about one user that matters for one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub user_id: i64,
    pub username: String,
    pub is_active: bool,
    /// Whether they have finished their registration.
    pub is_registered: bool,
    pub is_superuser: bool,
    pub main: Option<i64>,
    /// Whether `groupmanagement.request_groups` is granted to the user or carried by one of their groups.
    pub is_request_granted: bool,
    /// By name.
    pub characters: Vec<Character>,
    /// Highest priority first.
    pub states: Vec<State>,
    pub grant: Option<Grant>,
    /// Those that carry the permission, by name.
    pub groups: Vec<Group>,
    pub target: Target,
}

impl Facts {
    /// The main character.
    #[must_use]
    pub fn main(&self) -> Option<&Character> {
        let id = self.main?;
        self.characters.iter().find(|character| character.id == id)
    }

    /// The state that an active user with this main has.
    #[must_use]
    pub fn state_with(&self, main: Option<&Character>) -> Option<&State> {
        let fits = |state: &&State| {
            main.is_some_and(|main| state.is_public || main.listed.iter().any(|(id, _)| *id == state.id))
        };
        self.states
            .iter()
            .filter(fits)
            .max_by_key(|state| state.priority)
            .or_else(|| self.states.iter().find(|state| state.is_guest))
    }

    /// The state that the rules give them.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.state_with(self.main().filter(|_| self.is_active))
    }

    /// Whether the user, if active and in this state, may ask to join groups that are not public.
    #[must_use]
    pub fn may_request_in(&self, state: Option<&State>) -> bool {
        self.is_superuser || self.is_request_granted || state.is_some_and(|state| state.lets_request)
    }

    /// What joining depends on, for the user with this main.
    #[must_use]
    pub fn pilot_with(&self, main: Option<&Character>) -> Pilot {
        let state = self.state_with(main.filter(|_| self.is_active));
        Pilot {
            user_id: self.user_id,
            is_active: self.is_active,
            has_main: main.is_some(),
            state_id: state.map_or(0, |state| state.id),
            may_request: self.is_active && self.may_request_in(state),
        }
    }

    /// What joining depends on.
    #[must_use]
    pub fn pilot(&self) -> Pilot {
        self.pilot_with(self.main())
    }

    /// Whether the rules give them the permission in question (the service's permission, if it is a service).
    #[must_use]
    pub fn has_permission(&self) -> bool {
        self.is_active && (self.has_it_in_any_state() || self.state().is_some_and(|state| state.carries))
    }

    /// Whether an active user has the permission whatever their state.
    #[must_use]
    pub fn has_it_in_any_state(&self) -> bool {
        self.is_superuser
            || self.grant.as_ref().is_some_and(|grant| grant.is_started)
            || self.groups.iter().any(|group| group.member.as_ref().is_some_and(|member| member.is_started))
    }

    /// Whether the rules give them what is in question.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        match &self.target {
            Target::Permission { .. } => self.has_permission(),
            Target::Group(group) => group.member.as_ref().is_some_and(|member| member.is_started),
            Target::State(state) => self.state().is_some_and(|now| now.id == state.id),
            Target::Service(_) => self.is_active && self.main.is_some() && self.has_permission(),
        }
    }

    /// Whether a user in `state` may be a member of the group.
    #[must_use]
    pub fn fits(group: &Group, state: Option<&State>) -> bool {
        group.gate().fits(state.map_or(0, |state| state.id))
    }

    /// Whether the group may be named to the asker although they did not ask about it: they know of it without its
    /// link, or the user is in it, which anybody who sees the user can see.
    #[must_use]
    pub fn may_name(group: &Group, asker: &Asker) -> bool {
        group.member.is_some() || asker.who.knows_at(group.gate(), group.is_askers)
    }

    /// Whether the asker may know that this group exists once they have its id: by the rule of the query `group`.
    #[must_use]
    pub fn may_ask_about(group: &Group, asker: &Asker) -> bool {
        group.member.is_some() || asker.who.sees_at(group.gate(), group.is_askers)
    }

    /// Whether the asker may know that this state exists. Those who may not see states know the states of the
    /// users they see; for themselves, also those they once had, those that are for everybody, and those that list
    /// one of their characters.
    #[must_use]
    pub fn may_ask_about_state(&self, state: &State, asker: &Asker) -> bool {
        let is_listed = || self.characters.iter().any(|own| own.listed.iter().any(|(id, _)| *id == state.id));
        asker.sees_states
            || self.state().is_some_and(|now| now.id == state.id)
            || asker.is(self.user_id) && (state.was_his || state.is_public || is_listed())
    }
}

#[derive(QueryableByName)]
struct UserRow {
    #[diesel(sql_type = Text)]
    username: String,
    #[diesel(sql_type = Bool)]
    is_active: bool,
    #[diesel(sql_type = Bool)]
    is_registered: bool,
    #[diesel(sql_type = Bool)]
    is_superuser: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    main_character_id: Option<i64>,
    #[diesel(sql_type = Bool)]
    is_request_granted: bool,
}

#[derive(QueryableByName)]
struct PermissionRow {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Bool)]
    is_granted: bool,
    #[diesel(sql_type = Bool)]
    is_started: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    priority: i32,
    #[diesel(sql_type = Bool)]
    is_public: bool,
    #[diesel(sql_type = Bool)]
    is_guest: bool,
    #[diesel(sql_type = Bool)]
    carries: bool,
    #[diesel(sql_type = Bool)]
    lets_request: bool,
    #[diesel(sql_type = Bool)]
    was_his: bool,
}

#[derive(QueryableByName)]
struct CharacterRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    corporation: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    alliance: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    faction: Option<String>,
    #[diesel(sql_type = Array<BigInt>)]
    states: Vec<i64>,
    #[diesel(sql_type = Array<Text>)]
    lists: Vec<String>,
}

#[derive(QueryableByName)]
struct GroupRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_internal: bool,
    #[diesel(sql_type = Bool)]
    is_hidden: bool,
    #[diesel(sql_type = Bool)]
    is_open: bool,
    #[diesel(sql_type = Bool)]
    is_public: bool,
    #[diesel(sql_type = Bool)]
    is_restricted: bool,
    #[diesel(sql_type = Bool)]
    is_state_limited: bool,
    #[diesel(sql_type = Array<BigInt>)]
    states: Vec<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_started: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    asked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_led: bool,
    #[diesel(sql_type = Bool)]
    is_askers: bool,
    #[diesel(sql_type = Bool)]
    has_leaders: bool,
    #[diesel(sql_type = Bool)]
    has_leaders_who_see_users: bool,
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        let member = row.since.map(|since| Member {
            since,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            is_started: row.is_started,
        });
        Self {
            id: row.id,
            name: row.name,
            is_internal: row.is_internal,
            is_hidden: row.is_hidden,
            is_open: row.is_open,
            is_public: row.is_public,
            is_restricted: row.is_restricted,
            states: row.is_state_limited.then_some(row.states),
            member,
            asked_at: row.asked_at,
            is_led: row.is_led,
            is_askers: row.is_askers,
            has_leaders: row.has_leaders,
            has_leaders_who_see_users: row.has_leaders_who_see_users,
        }
    }
}

/// Reads the facts; `None` when there is no such user or no such thing. All from one snapshot if the
/// caller's transaction has one.
///
/// # Errors
/// When the database fails.
pub async fn load(conn: &mut Conn, user_id: i64, asker_id: i64, subject: &Subject) -> Result<Option<Facts>> {
    let spec = match subject {
        Subject::Service(key) => match services::SPECS.iter().find(|spec| spec.key == key) {
            Some(spec) => Some(*spec),
            None => return Ok(None),
        },
        _ => None,
    };
    let Some(user) = user(conn, user_id).await? else { return Ok(None) };
    let permission = match subject {
        Subject::Permission(name) => permission(conn, user_id, name).await?,
        Subject::Service(_) => match spec {
            Some(spec) => permission(conn, user_id, spec.permission).await?,
            None => None,
        },
        Subject::Group(_) | Subject::State(_) => None,
    };
    let permission_id = permission.as_ref().map(|row| row.id);
    let states = states(conn, permission_id, matches!(subject, Subject::State(_)).then_some(user_id)).await?;
    let group_id = if let Subject::Group(id) = subject { Some(*id) } else { None };
    let mut groups = if group_id.is_some() || permission_id.is_some() {
        groups(conn, user_id, asker_id, group_id, permission_id).await?
    } else {
        Vec::new()
    };
    let target = match subject {
        Subject::Permission(_) => permission
            .as_ref()
            .map(|row| Target::Permission { name: row.name.clone(), description: row.description.clone() }),
        Subject::Group(_) => groups.pop().map(Target::Group),
        Subject::State(id) => states.iter().find(|state| state.id == *id).cloned().map(Target::State),
        Subject::Service(_) => spec.map(Target::Service),
    };
    let Some(target) = target else { return Ok(None) };
    Ok(Some(Facts {
        user_id,
        username: user.username,
        is_active: user.is_active,
        is_registered: user.is_registered,
        is_superuser: user.is_superuser,
        main: user.main_character_id,
        is_request_granted: user.is_request_granted,
        characters: characters(conn, user_id).await?,
        states,
        grant: permission.filter(|row| row.is_granted).map(|row| Grant {
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            is_started: row.is_started,
        }),
        groups,
        target,
    }))
}

async fn user(conn: &mut Conn, user_id: i64) -> Result<Option<UserRow>> {
    Ok(sql_query(
        "select u.username, u.is_active, u.email is not null as is_registered, u.is_superuser, u.main_character_id,
                exists (select from permissions p join user_permissions m on m.permission_id = p.id
                        where p.name = 'groupmanagement.request_groups' and m.user_id = u.id and m.is_started)
                or exists (select from permissions p join group_permissions m on m.permission_id = p.id
                           join group_members g on g.group_id = m.group_id and g.user_id = u.id and g.is_started
                           where p.name = 'groupmanagement.request_groups') as is_request_granted
         from users u where u.id = $1",
    )
    .bind::<BigInt, _>(user_id)
    .get_result(conn)
    .await
    .optional()?)
}

async fn permission(conn: &mut Conn, user_id: i64, name: &str) -> Result<Option<PermissionRow>> {
    Ok(sql_query(
        "select p.id, p.name, p.description, up.user_id is not null as is_granted,
                coalesce(up.is_started, false) as is_started, up.starts_at, up.ends_at
         from permissions p left join user_permissions up on up.permission_id = p.id and up.user_id = $1
         where p.name = $2",
    )
    .bind::<BigInt, _>(user_id)
    .bind::<Text, _>(name)
    .get_result(conn)
    .await
    .optional()?)
}

/// All states; `of`: whose history to look at, if it matters.
async fn states(conn: &mut Conn, permission_id: Option<i32>, of: Option<i64>) -> Result<Vec<State>> {
    let rows: Vec<StateRow> = sql_query(
        "with had as materialized (
             select distinct unnest(gained_ids || lost_ids) as id from access_changes where user_id = $2 and kind = 'state'
         )
         select s.id, s.name, s.priority, s.is_public, s.is_guest,
                exists (select from state_permissions sp where sp.state_id = s.id and sp.permission_id = $1) as carries,
                exists (select from state_permissions sp join permissions p on p.id = sp.permission_id
                        where sp.state_id = s.id and p.name = 'groupmanagement.request_groups') as lets_request,
                exists (select from had where had.id = s.id) as was_his
         from states s order by s.priority desc",
    )
    .bind::<Nullable<Integer>, _>(permission_id)
    .bind::<Nullable<BigInt>, _>(of)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| State {
            id: row.id,
            name: row.name,
            priority: row.priority,
            is_public: row.is_public,
            is_guest: row.is_guest,
            carries: row.carries,
            lets_request: row.lets_request,
            was_his: row.was_his,
        })
        .collect())
}

async fn characters(conn: &mut Conn, user_id: i64) -> Result<Vec<Character>> {
    let rows: Vec<CharacterRow> = sql_query(
        "with own as materialized (
             select c.* from character_ownerships o join characters c on c.id = o.character_id where o.user_id = $1
         ), listed as (
             select c.id, m.state_id, 'character' as list from own c join state_characters m on m.character_id = c.id
             union all select c.id, m.state_id, 'corporation' from own c
                 join state_corporations m on m.corporation_id = c.corporation_id
             union all select c.id, m.state_id, 'alliance' from own c
                 join state_alliances m on m.alliance_id = c.alliance_id
             union all select c.id, m.state_id, 'faction' from own c
                 join state_factions m on m.faction_id = c.faction_id
         ), gathered as (
             select id, array_agg(state_id order by state_id, list) as states, array_agg(list order by state_id, list) as lists
             from listed group by id
         )
         select c.id, c.name, k.name as corporation, a.name as alliance, f.name as faction,
                coalesce(l.states, '{}') as states, coalesce(l.lists, '{}') as lists
         from own c left join gathered l on l.id = c.id left join corporations k on k.id = c.corporation_id
         left join alliances a on a.id = c.alliance_id left join factions f on f.id = c.faction_id
         order by c.name collate \"C\", c.id",
    )
    .bind::<BigInt, _>(user_id)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let lists = row.lists.iter().map(|list| Listed::parse(list));
            let listed = row.states.iter().zip(lists).filter_map(|(state, list)| Some((*state, list?)));
            Character {
                listed: listed.collect(),
                id: row.id,
                name: row.name,
                corporation: row.corporation,
                alliance: row.alliance,
                faction: row.faction,
            }
        })
        .collect())
}

async fn groups(
    conn: &mut Conn,
    user_id: i64,
    asker_id: i64,
    group_id: Option<i64>,
    permission_id: Option<i32>,
) -> Result<Vec<Group>> {
    let rows: Vec<GroupRow> = sql_query(
        "with wanted as materialized (
             select g.* from groups g where g.id = $3
             union all select g.* from group_permissions gp join groups g on g.id = gp.group_id
             where gp.permission_id = $4
         ), led as materialized (
             select l.group_id from group_leaders l where l.user_id = $1
             union select l.group_id from group_members m
             join group_leader_groups l on l.leader_group_id = m.group_id where m.user_id = $1 and m.is_started
         ), seeing as materialized (
             select ps.id from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
             where p.name in ('auth.view_user', 'auth.change_user')
         )
         select g.id, g.name, g.is_internal, g.is_hidden, g.is_open, g.is_public, g.is_restricted, g.is_state_limited,
                array(select s.state_id from group_states s where s.group_id = g.id order by 1) as states,
                m.since, m.starts_at, m.ends_at, coalesce(m.is_started, false) as is_started, r.created_at as asked_at,
                exists (select from led where group_id = g.id) as is_led,
                exists (select from group_members x where x.group_id = g.id and x.user_id = $2)
                or exists (select from group_requests x where x.group_id = g.id and x.user_id = $2) as is_askers,
                coalesce(leader.is_there, false) as has_leaders, coalesce(leader.seeing, false) as has_leaders_who_see_users
         from wanted g
         left join group_members m on m.group_id = g.id and m.user_id = $1
         left join group_requests r on r.group_id = g.id and r.user_id = $1 and r.kind = 'join'
         left join lateral (
             select true as is_there, bool_or(u.permission_set_id in (select id from seeing)) as seeing
             from (select l.user_id from group_leaders l where l.group_id = g.id
                   union all
                   select x.user_id from group_leader_groups l
                   join group_members x on x.group_id = l.leader_group_id and x.is_started where l.group_id = g.id) l
             join users u on u.id = l.user_id and u.is_active where m.group_id is null having count(*) > 0
         ) leader on true
         order by g.name collate \"C\", g.id",
    )
    .bind::<BigInt, _>(user_id)
    .bind::<BigInt, _>(asker_id)
    .bind::<Nullable<BigInt>, _>(group_id)
    .bind::<Nullable<Integer>, _>(permission_id)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Group::from).collect())
}
