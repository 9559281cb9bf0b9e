//! Explanations against the engine itself, on random worlds: what is explained is what is stored; taking away what a "yes"
//! names ends it; doing what a "no" proposes turns it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use fealty_api::{
    access::{
        self, Actor, Change, Joined, Membership, PermissionGrant, Removed, StateMembers, Subject,
        explain::{self, Asker, Explanation, Facts, Remedy, Step},
    },
    clock::Clock,
    db::{Conn, Rollback},
    error::Result,
    groups::{self, Pilot},
};
use fealty_shared::id::{GroupId, StateId};
use rand::Rng;

use super::play::{Play, holders_now, ids, is_stored, texts, worlds};
use crate::support::{World, cause};

/// Who asks as this pilot, and sees everything or nothing besides.
fn asking(pilot: Pilot, sees_all: bool) -> Asker {
    let who = groups::Asker {
        actor: Actor::System,
        pilot,
        is_superuser: false,
        manages_all: sees_all,
        sees_all,
        sees_users: sees_all,
        is_admin: false,
        is_limited: false,
        leads: Vec::new(),
    };
    Asker { who, sees_states: sees_all }
}

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

/// Does what a "no" proposes; `None` where more is needed ([`super::following`] goes the whole way).
async fn following(
    world: &World,
    facts: &Facts,
    said: &Explanation,
    remedy: &Remedy,
    subject: &Subject,
) -> Option<bool> {
    let step = remedy.step;
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
        // Into a group the main is only the first step.
        Step::ChooseMain(_) if remedy.sentence.contains("and then") => return None,
        Step::ChooseMain(_) if matches!(subject, Subject::Group(_)) => return None,
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
                    let said = explain::explain(&facts, &asking(facts.pilot(), true)).unwrap();
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
                        if let Some(is_turned) = following(&world, &facts, &said, remedy, &subject).await {
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
    let plain = asking(facts.pilot(), false);
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
        let is_joinable = facts.pilot().obstacle(group.gate()).is_none();
        if (!is_joinable || group.is_hidden) && !group.is_askers {
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
