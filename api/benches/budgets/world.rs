//! New Eden as the simulator knows it: where every pilot flies, so that a sync of the seeded database finds nothing to
//! change.

use fealty_simulator::{Handle, Options, Simulator, demo, generated_character_id};

/// The alliance whose pilots the edits of states move: one generated pilot in twenty flies for it.
pub const HOME: i64 = demo::HOME_ALLIANCE;

/// One pilot.
#[derive(Debug)]
pub struct Pilot {
    pub id: i64,
    pub name: String,
    pub corporation_id: i64,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub owner_hash: String,
}

/// Starts the simulator with as many pilots, its limits off.
///
/// # Errors
/// When it cannot listen.
pub fn start(pilots: usize) -> std::io::Result<Simulator> {
    Simulator::start(Options { big_world: Some(pilots), rate_limits: false, ..Options::default() })
}

/// The first generated pilots, oldest first.
pub fn pilots(handle: &Handle, count: usize) -> Vec<Pilot> {
    let mut ids: Vec<i64> = (0..count).map(generated_character_id).collect();
    ids.sort_unstable();
    ids.into_iter()
        .filter_map(|id| handle.character(id))
        .map(|info| Pilot {
            id: info.id,
            name: info.name,
            corporation_id: info.corporation_id,
            alliance_id: info.alliance_id,
            faction_id: info.faction_id,
            owner_hash: info.owner_hash,
        })
        .collect()
}
