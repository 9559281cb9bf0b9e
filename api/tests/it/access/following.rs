//! What a "no" proposes is done through the actions that people have: by the pilot, by a leader of the group, by the
//! staff. Whoever follows one proposal, and asks again, gets there.

use std::collections::BTreeSet;

use fealty_api::{
    access::{
        Actor, Change, PermissionGrant, StateMembers, Subject,
        edit::{Edited, Way},
        explain::{self, By, Explanation, Facts, Remedy, Step},
    },
    clock::Clock,
    error::Result,
    groups::{self, Asker, Decision, Joining, Outcome, Pilot, Times},
    identity::{self, characters, users},
    permissions::StaffGrant,
    states,
};
use rand::{Rng, seq::IndexedRandom};

use super::play::{Play, ids, is_stored, run, texts, worlds};
use crate::support::World;

/// More steps than any chain of proposals needs.
const STEPS: usize = 12;

/// Does an edit as it was looked at.
async fn saved(edit: impl AsyncFn(Option<String>) -> Result<Edited>) {
    let seen = edit(None).await.unwrap_or_else(|e| panic!("looked at: {}", e.for_operators()));
    let done = edit(Some(seen.token)).await.unwrap_or_else(|e| panic!("saved: {}", e.for_operators()));
    assert!(done.is_saved);
}

/// Somebody as the API would know them.
async fn asker(world: &World, user_id: i64) -> Asker {
    let mut conn = world.conn().await;
    let user = users::find(&mut conn, user_id).await.unwrap().expect("a user");
    let names = texts(&mut conn, &format!("select p.name as text from permission_sets s join permissions p on p.id = any (s.permission_ids) where s.id = {}", user.permission_set_id)).await;
    let may = |name: &str| user.is_superuser || names.iter().any(|own| own == name);
    Asker {
        actor: Actor::User { id: user_id, name: user.username.clone() },
        pilot: Pilot {
            user_id,
            is_active: user.is_active,
            has_main: user.main_character_id.is_some(),
            state_id: user.state_id,
            may_request: may("groupmanagement.request_groups"),
        },
        is_superuser: user.is_superuser,
        manages_all: may("auth.group_management"),
        sees_all: may("auth.view_group") || may("auth.change_group"),
        sees_users: may("auth.view_user") || may("auth.change_user"),
        is_admin: user.is_superuser || (user.is_staff && may("auth.change_group")),
        is_limited: false,
        leads: user.leads.clone(),
    }
}

/// Those who do what the pilots of the play cannot do themselves.
struct Staff {
    /// Manages groups, and edits their members.
    manager: i64,
    superuser: i64,
}

impl Staff {
    async fn new(world: &World) -> Self {
        let mut made = Vec::new();
        for name in ["manager", "superuser"] {
            let mut conn = world.conn().await;
            let id = users::insert(&mut conn, world.clock.now(), name).await.unwrap();
            run(&mut conn, &format!("update users set email = 'a@example.com' where id = {id}")).await;
            drop(conn);
            world.apply(Change::ActiveChanged { user_id: id, is_active: true }).await.unwrap();
            made.push(id);
        }
        let [manager, superuser] = made[..] else { unreachable!("two") };
        let grants = ["auth.group_management", "auth.change_group", "auth.view_user"];
        let grants = grants.map(PermissionGrant::lasting);
        world.apply(Change::UserPermissions { user_id: manager, grants: &grants }).await.unwrap();
        world.apply(Change::StaffChanged { user_id: manager, is_staff: true }).await.unwrap();
        world.apply(Change::SuperuserChanged { user_id: superuser, is_superuser: true }).await.unwrap();
        Self { manager, superuser }
    }

    /// Whom the sentence speaks of.
    async fn meant(&self, world: &World, remedy: &Remedy, group_id: i64) -> Asker {
        if remedy.by == By::Leader {
            let mut conn = world.conn().await;
            let leaders = ids(
                &mut conn,
                &format!("select id from users where is_active and {group_id} = any (leads) order by id"),
            )
            .await;
            drop(conn);
            assert!(!leaders.is_empty(), "{remedy:?}: nobody leads it");
            let mut all = Vec::new();
            for id in leaders {
                // What they may besides is not what the proposal speaks of.
                all.push(Asker { manages_all: false, is_admin: false, ..asker(world, id).await });
            }
            let seeing = all.iter().position(|leader| leader.sees_users).unwrap_or_default();
            return all.swap_remove(seeing);
        }
        let is_superuser = remedy.sentence.contains("superuser");
        asker(world, if is_superuser { self.superuser } else { self.manager }).await
    }
}

/// What the state lists, and this main.
async fn list(world: &World, state_id: i64, main: i64) -> StateMembers {
    let mut conn = world.conn().await;
    let mut of = async |what: &str, table: &str| {
        ids(&mut conn, &format!("select {what}_id as id from {table} where state_id = {state_id}")).await
    };
    let mut members = StateMembers {
        characters: of("character", "state_characters").await,
        corporations: of("corporation", "state_corporations").await,
        alliances: of("alliance", "state_alliances").await,
        factions: of("faction", "state_factions").await,
    };
    members.characters.push(main);
    members
}

/// Does what is proposed, as whom it speaks of.
async fn take(play: &Play<'_>, staff: &Staff, facts: &Facts, remedy: &Remedy, permission: &str) {
    let world = play.world;
    let (app, user_id) = (&world.app, facts.user_id);
    let main_of = |id: i64| characters::set_main(app, Actor::Operator, user_id, id, Way::AtOnce);
    match remedy.step {
        Step::FinishRegistration | Step::LinkCharacter => unreachable!("nobody here can"),
        Step::Wait => {
            world.wait(chrono::Duration::minutes(41));
            world.apply(Change::TimePassed).await.unwrap();
        }
        Step::ChooseMain(id) => {
            main_of(id).await.unwrap();
        }
        Step::ChooseAnyMain => {
            main_of(facts.characters[0].id).await.unwrap();
        }
        Step::JoinGroup(id) => {
            let joining = groups::join(app, &asker(world, user_id).await, id, None).await.unwrap();
            assert_eq!(joining, Joining::Joined, "{remedy:?}");
        }
        Step::RequestGroup(id) => {
            let joining = groups::join(app, &asker(world, user_id).await, id, None).await.unwrap();
            assert_eq!(joining, Joining::Requested, "{remedy:?}");
        }
        Step::AcceptRequest(id) => {
            let mut conn = world.conn().await;
            let requests = ids(
                &mut conn,
                &format!("select id from group_requests where group_id = {id} and user_id = {user_id}"),
            )
            .await;
            drop(conn);
            let decider = staff.meant(world, remedy, id).await;
            let decided = groups::decide(app, &decider, &requests, true, None).await.unwrap();
            assert_eq!(decided, [(requests[0], Decision::Accepted)], "{remedy:?} {facts:#?}");
        }
        Step::AddToGroup(id) => {
            let adder = staff.meant(world, remedy, id).await;
            let added =
                groups::add(app, &adder, id, &[user_id], Times::default(), None, Way::AtOnce).await.unwrap();
            let groups::Edited::Done(outcomes, _) = added else { panic!("{added:?}: {remedy:?} {facts:#?}") };
            assert_eq!(outcomes, [(user_id, Outcome::Added)], "{remedy:?} {facts:#?}");
        }
        Step::SwitchOn => {
            let update = &identity::edit::Update { is_active: Some(true), ..Default::default() };
            saved(async |token| {
                let grant = &StaffGrant::operator();
                identity::edit::update(app, grant, user_id, update, token.as_deref()).await
            })
            .await;
        }
        Step::GrantPermission => {
            let mut conn = world.conn().await;
            let own = texts(&mut conn, &format!("select p.name as text from user_permissions m join permissions p on p.id = m.permission_id where m.user_id = {user_id} and p.name <> '{permission}'")).await;
            drop(conn);
            let grants = own.into_iter().chain([permission.to_owned()]).map(|permission| {
                identity::edit::Grant { permission, starts_at: None, ends_at: None, reason: String::new() }
            });
            let update =
                &identity::edit::Update { permissions: Some(grants.collect()), ..Default::default() };
            saved(async |token| {
                let grant = &StaffGrant::operator();
                identity::edit::update(app, grant, user_id, update, token.as_deref()).await
            })
            .await;
        }
        Step::LetStateCarry(id) => {
            let mut conn = world.conn().await;
            let mut carried = texts(&mut conn, &format!("select p.name as text from state_permissions m join permissions p on p.id = m.permission_id where m.state_id = {id}")).await;
            drop(conn);
            carried.push(permission.to_owned());
            edit_state(play, id, states::edit::Update { permissions: Some(carried), ..Default::default() })
                .await;
        }
        Step::ListInState(id) | Step::RaiseState(id) | Step::ListInAndRaiseState(id) => {
            let mut update = states::edit::Update::default();
            if !matches!(remedy.step, Step::RaiseState(_)) {
                let main = facts.main.expect("a main to list");
                update.members = Some(list(world, id, main).await);
            }
            if !matches!(remedy.step, Step::ListInState(_)) {
                let highest = facts.states.iter().map(|state| state.priority).max().unwrap_or_default();
                update.priority = Some(highest + 1);
            }
            edit_state(play, id, update).await;
        }
        Step::LimitGroupToState(id) => {
            let mut conn = world.conn().await;
            let mut limit =
                ids(&mut conn, &format!("select state_id as id from group_states where group_id = {id}"))
                    .await;
            limit.extend(
                ids(&mut conn, &format!("select state_id as id from users where id = {user_id}")).await,
            );
            drop(conn);
            let update = &groups::edit::Update { states: Some(limit), ..Default::default() };
            saved(async |token| {
                groups::edit::update(app, &StaffGrant::operator(), id, update, token.as_deref()).await
            })
            .await;
        }
    }
}

async fn edit_state(play: &Play<'_>, id: i64, update: states::edit::Update) {
    let app = &play.world.app;
    saved(async |token| {
        states::edit::update(app, &StaffGrant::operator(), id, &update, token.as_deref()).await
    })
    .await;
}

/// Who sees everything.
fn sees_all(mut who: Asker) -> explain::Asker {
    who.sees_all = true;
    explain::Asker { who, sees_states: true }
}

async fn ask(play: &Play<'_>, user_id: i64, subject: &Subject) -> (Facts, Explanation) {
    let mut conn = play.world.conn().await;
    let facts = explain::load(&mut conn, user_id, user_id, subject).await.unwrap().expect("a thing");
    drop(conn);
    let said = explain::explain(&facts, &sees_all(asker(play.world, user_id).await)).unwrap();
    (facts, said)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_what_is_proposed_gets_there() {
    let mut kinds = BTreeSet::new();
    for seed in 0..worlds() {
        let world = World::empty("").await;
        let mut play = Play::new(&world, seed + 1_000).await;
        let staff = Staff::new(&world).await;
        for _ in 0..40 {
            for _ in 0..3 {
                play.step().await;
            }
            let (subjects, pilots) = (play.subjects(), play.users.clone());
            let subject = subjects.choose(&mut play.rng).expect("something").clone();
            let user_id = *pilots.choose(&mut play.rng).expect("somebody");
            let permission = match &subject {
                Subject::Permission(name) => name.clone(),
                _ => "discord.access_discord".to_owned(),
            };
            let mut path = Vec::new();
            loop {
                let (facts, said) = ask(&play, user_id, &subject).await;
                let is_stored = is_stored(&mut *world.conn().await, user_id, &subject).await;
                assert_eq!(said.is_granted, is_stored, "{facts:#?}");
                let possible: Vec<&Remedy> = said
                    .remedies
                    .iter()
                    .filter(|remedy| !matches!(remedy.step, Step::LinkCharacter | Step::FinishRegistration))
                    .collect();
                if said.is_granted || possible.is_empty() {
                    break;
                }
                assert!(path.len() < STEPS, "{path:#?} do not lead to {subject:?}: {facts:#?}");
                // Whoever is switched off is switched on first.
                let at = if facts.is_active { play.rng.random_range(0..possible.len()) } else { 0 };
                take(&play, &staff, &facts, possible[at], &permission).await;
                kinds.insert(format!("{:?}", possible[at].step).split('(').next().unwrap_or("").to_owned());
                path.push(possible[at].clone());
            }
        }
    }
    let missing: Vec<&str> = [
        "AcceptRequest",
        "AddToGroup",
        "ChooseMain",
        "GrantPermission",
        "JoinGroup",
        "LetStateCarry",
        "LimitGroupToState",
        "ListInState",
        "ListInAndRaiseState",
        "RaiseState",
        "RequestGroup",
        "SwitchOn",
        "Wait",
    ]
    .into_iter()
    .filter(|kind| !kinds.contains(*kind))
    .collect();
    assert!(missing.is_empty(), "never proposed: {missing:?}");
}
