//! The changes that random worlds go through.

use proptest::prelude::*;

/// A change, with places instead of ids, so that it fits every world.
#[derive(Debug, Clone)]
pub enum Step {
    Move {
        character: usize,
        corporation: usize,
        alliance: Option<usize>,
        faction: Option<usize>,
    },
    MoveMany(Vec<(usize, usize, Option<usize>)>),
    Own {
        user: usize,
        character: usize,
    },
    Lose {
        character: usize,
    },
    Main {
        user: usize,
        character: usize,
    },
    Active {
        user: usize,
        on: bool,
    },
    Superuser {
        user: usize,
        on: bool,
    },
    UserPermissions {
        user: usize,
        permissions: Vec<(usize, Option<i64>, Option<i64>)>,
    },
    NewState {
        priority: i32,
        is_public: bool,
    },
    EditState {
        state: usize,
        priority: i32,
        is_public: bool,
    },
    Members {
        state: usize,
        characters: Vec<usize>,
        corporations: Vec<usize>,
        alliances: Vec<usize>,
        factions: Vec<usize>,
    },
    StatePermissions {
        state: usize,
        permissions: Vec<usize>,
    },
    DeleteState {
        state: usize,
    },
    NewGroup {
        is_internal: bool,
        is_public: bool,
    },
    EditGroup {
        group: usize,
        is_internal: bool,
        is_public: bool,
    },
    GroupStates {
        group: usize,
        states: Option<Vec<usize>>,
    },
    GroupPermissions {
        group: usize,
        permissions: Vec<usize>,
    },
    Leaders {
        group: usize,
        users: Vec<usize>,
        groups: Vec<usize>,
    },
    DeleteGroup {
        group: usize,
    },
    Join {
        group: usize,
        users: Vec<usize>,
        starts: Option<i64>,
        ends: Option<i64>,
    },
    Leave {
        group: usize,
        users: Vec<usize>,
    },
    Pass {
        minutes: i64,
    },
    /// Several rules at once.
    Reform {
        state: usize,
        alliances: Vec<usize>,
        state_permissions: Vec<usize>,
        group: usize,
        permissions: Vec<usize>,
    },
    Recompute,
}

fn some(n: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..n, 0..3)
}

/// Any of them.
pub fn step() -> impl Strategy<Value = Step> {
    let place = 0..100_usize;
    // Minutes from now: when it starts, and how long it lasts from then.
    let times = (prop::option::of(0..30_i64), prop::option::of(1..30_i64))
        .prop_map(|(starts, lasts)| (starts, lasts.map(|lasts| starts.unwrap_or(0) + lasts)));
    prop_oneof![
        4 => (place.clone(), place.clone(), prop::option::of(0..3_usize), prop::option::of(0..2_usize))
            .prop_map(|(character, corporation, alliance, faction)| Step::Move { character, corporation, alliance, faction }),
        1 => prop::collection::vec((place.clone(), place.clone(), prop::option::of(0..3_usize)), 1..8).prop_map(Step::MoveMany),
        2 => (place.clone(), place.clone()).prop_map(|(user, character)| Step::Own { user, character }),
        1 => place.clone().prop_map(|character| Step::Lose { character }),
        3 => (place.clone(), place.clone()).prop_map(|(user, character)| Step::Main { user, character }),
        2 => (place.clone(), any::<bool>()).prop_map(|(user, on)| Step::Active { user, on }),
        1 => (place.clone(), any::<bool>()).prop_map(|(user, on)| Step::Superuser { user, on }),
        2 => (place.clone(), prop::collection::vec((0..4_usize, times.clone()), 0..3)).prop_map(|(user, grants)| Step::UserPermissions {
            user,
            permissions: grants.into_iter().map(|(n, (starts, ends))| (n, starts, ends)).collect(),
        }),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(is_internal, is_public)| Step::NewGroup { is_internal, is_public }),
        1 => (place.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(group, is_internal, is_public)| Step::EditGroup { group, is_internal, is_public }),
        3 => (place.clone(), prop::option::of(prop::collection::vec(place.clone(), 0..3)))
            .prop_map(|(group, states)| Step::GroupStates { group, states }),
        4 => (place.clone(), some(4)).prop_map(|(group, permissions)| Step::GroupPermissions { group, permissions }),
        3 => (place.clone(), prop::collection::vec(place.clone(), 0..3), prop::collection::vec(place.clone(), 0..3))
            .prop_map(|(group, users, groups)| Step::Leaders { group, users, groups }),
        1 => place.clone().prop_map(|group| Step::DeleteGroup { group }),
        6 => (place.clone(), prop::collection::vec(place.clone(), 1..4), times)
            .prop_map(|(group, users, (starts, ends))| Step::Join { group, users, starts, ends }),
        1 => (place.clone(), prop::collection::vec(place.clone(), 1..3)).prop_map(|(group, users)| Step::Leave { group, users }),
        3 => (1..40_i64).prop_map(|minutes| Step::Pass { minutes }),
        2 => (place.clone(), some(3), some(4), place.clone(), some(4)).prop_map(
            |(state, alliances, state_permissions, group, permissions)| Step::Reform { state, alliances, state_permissions, group, permissions }),
        1 => (0..300_i32, any::<bool>()).prop_map(|(priority, is_public)| Step::NewState { priority, is_public }),
        2 => (place.clone(), 0..300_i32, any::<bool>())
            .prop_map(|(state, priority, is_public)| Step::EditState { state, priority, is_public }),
        4 => (place.clone(), some(8), some(4), some(3), some(2)).prop_map(
            |(state, characters, corporations, alliances, factions)| Step::Members { state, characters, corporations, alliances, factions }),
        3 => (place.clone(), some(4)).prop_map(|(state, permissions)| Step::StatePermissions { state, permissions }),
        1 => place.prop_map(|state| Step::DeleteState { state }),
        1 => Just(Step::Recompute),
    ]
}
