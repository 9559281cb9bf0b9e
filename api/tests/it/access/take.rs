//! The steps: the same change in the model and in the database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use fealty_api::{
    access::{
        AffiliationFact, Change, GroupSettings, Joined, Membership, NewId, OwnershipFact, PermissionGrant,
        Removed, StateMembers,
    },
    error::Error,
};

use super::{
    both::{ALLIANCES, Both, CHARACTERS, CORPORATIONS, FACTIONS, PERMISSIONS},
    model::{Group, State, Time},
    steps::Step,
};
use crate::support::{new_group, plain_group};

fn names(places: &[usize]) -> BTreeSet<String> {
    places.iter().map(|n| PERMISSIONS[*n].to_owned()).collect()
}

const fn settings(name: &str, is_internal: bool, is_public: bool) -> GroupSettings<'_> {
    GroupSettings { is_internal, is_public, ..plain_group(name) }
}

impl Both<'_> {
    /// Makes the same change in the model and in the database, previewed first.
    pub async fn take(&mut self, step: &Step) {
        self.model.begin();
        match step {
            Step::Move { .. }
            | Step::MoveMany(_)
            | Step::Own { .. }
            | Step::Lose { .. }
            | Step::Main { .. }
            | Step::Active { .. }
            | Step::Superuser { .. }
            | Step::UserPermissions { .. } => self.take_fact(step).await,
            Step::NewGroup { .. }
            | Step::EditGroup { .. }
            | Step::GroupStates { .. }
            | Step::GroupPermissions { .. }
            | Step::Leaders { .. }
            | Step::DeleteGroup { .. }
            | Step::Join { .. }
            | Step::Leave { .. } => self.take_of_group(step).await,
            Step::NewState { .. }
            | Step::EditState { .. }
            | Step::Members { .. }
            | Step::StatePermissions { .. }
            | Step::DeleteState { .. }
            | Step::Reform { .. } => self.take_of_state(step).await,
            Step::Pass { minutes } => {
                self.now += minutes;
                self.world.clock.advance(Duration::minutes(*minutes));
                self.model.pass(self.now);
                self.apply(Change::TimePassed).await;
            }
            Step::Recompute => self.apply(Change::RecomputeAll).await,
        }
    }

    /// Facts: who flies where, who owns what, what a user was granted.
    async fn take_fact(&mut self, step: &Step) {
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
                let (user, character) = (self.user(*n), CHARACTERS[character % 8]);
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
                let (user_id, character_id) = (self.user(*n), CHARACTERS[character % 8]);
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
                let user_id = self.user(*n);
                self.model.users.get_mut(&user_id).unwrap().is_active = *on;
                self.apply(Change::ActiveChanged { user_id, is_active: *on }).await;
            }
            Step::Superuser { user: n, on } => {
                let user_id = self.user(*n);
                self.model.users.get_mut(&user_id).unwrap().is_superuser = *on;
                self.apply(Change::SuperuserChanged { user_id, is_superuser: *on }).await;
            }
            Step::UserPermissions { user: n, permissions } => {
                let user_id = self.user(*n);
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
            other => unreachable!("{other:?} is none of these"),
        }
    }

    /// Groups and who is in them.
    async fn take_of_group(&mut self, step: &Step) {
        match step {
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
                let Some(group_id) = self.group(*n) else { return };
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
                let Some(group_id) = self.group(*n) else { return };
                let states: Option<Vec<(String, i64)>> =
                    states.as_ref().map(|places| places.iter().map(|n| self.state(*n)).collect());
                let ids: Option<Vec<i64>> = states.as_ref().map(|s| s.iter().map(|(_, id)| *id).collect());
                self.model.groups.get_mut(&group_id).unwrap().states =
                    states.map(|s| s.into_iter().map(|(name, _)| name).collect());
                self.apply(Change::GroupStatesSet { group_id, states: ids.as_deref() }).await;
            }
            Step::GroupPermissions { group: n, permissions } => {
                let Some(group_id) = self.group(*n) else { return };
                let permissions = names(permissions);
                self.model.groups.get_mut(&group_id).unwrap().permissions = permissions.clone();
                let list: Vec<&str> = permissions.iter().map(String::as_str).collect();
                self.apply(Change::GroupPermissionsSet { group_id, permissions: &list }).await;
            }
            Step::Leaders { group: n, users, groups } => {
                let Some(group_id) = self.group(*n) else { return };
                let users: Vec<i64> = users.iter().map(|n| self.user(*n)).collect();
                let groups: Vec<i64> = groups.iter().filter_map(|n| self.group(*n)).collect();
                let led = self.model.groups.get_mut(&group_id).unwrap();
                led.leaders = users.iter().copied().collect();
                led.leader_groups = groups.iter().copied().collect();
                self.apply(Change::GroupLeadersSet { group_id, users: &users, groups: &groups }).await;
            }
            Step::DeleteGroup { group: n } => {
                let Some(group_id) = self.group(*n) else { return };
                self.groups.retain(|id| *id != group_id);
                self.model.groups.remove(&group_id);
                self.model.members.retain(|(group, _), _| *group != group_id);
                for group in self.model.groups.values_mut() {
                    group.leader_groups.remove(&group_id);
                }
                self.apply(Change::GroupDeleted { group_id }).await;
            }
            Step::Join { group: n, users, starts, ends } => {
                let Some(group_id) = self.group(*n) else { return };
                let users: BTreeSet<i64> = users.iter().map(|n| self.user(*n)).collect();
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
                let Some(group_id) = self.group(*n) else { return };
                let users: Vec<i64> = users.iter().map(|n| self.user(*n)).collect();
                for user in &users {
                    self.model.members.remove(&(group_id, *user));
                }
                let (how, note) = (Removed::Removed, "");
                self.apply(Change::MembersRemoved { group_id, users: &users, how, note }).await;
            }
            other => unreachable!("{other:?} is none of these"),
        }
    }

    /// States, and what changes with one at once.
    async fn take_of_state(&mut self, step: &Step) {
        match step {
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
            Step::Reform { state, alliances, state_permissions, group: n, permissions } => {
                let Some(group_id) = self.group(*n) else { return };
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
            other => unreachable!("{other:?} is none of these"),
        }
    }
}
