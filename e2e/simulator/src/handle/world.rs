//! New Eden.

use super::Handle;
use crate::{
    core::lock,
    world::{AllianceInfo, CharacterInfo, CorporationInfo, Unknown},
};

impl Handle {
    /// One character.
    pub fn character(&self, id: i64) -> Option<CharacterInfo> {
        self.core.world().character_info(id)
    }

    /// Characters whose name, id, corporation or alliance contains the text, the demo cast first.
    pub fn characters(&self, search: &str, limit: usize) -> Vec<CharacterInfo> {
        self.core.world().search_characters(search, limit)
    }

    /// The ids of all characters, ascending.
    pub fn character_ids(&self) -> Vec<i64> {
        self.core.world().characters.keys().copied().collect()
    }

    /// One corporation.
    pub fn corporation(&self, id: i64) -> Option<CorporationInfo> {
        self.core.world().corporation_info(id)
    }

    /// Player corporations and, with `npc`, those of NPCs.
    pub fn corporations(&self, npc: bool) -> Vec<CorporationInfo> {
        let world = self.core.world();
        let wanted = world.corporations.iter().filter(|(_, corporation)| npc || !corporation.npc);
        wanted.filter_map(|(id, _)| world.corporation_info(*id)).collect()
    }

    /// One alliance.
    pub fn alliance(&self, id: i64) -> Option<AllianceInfo> {
        self.core.world().alliance_info(id)
    }

    /// All alliances.
    pub fn alliances(&self) -> Vec<AllianceInfo> {
        let world = self.core.world();
        world.alliances.keys().filter_map(|id| world.alliance_info(*id)).collect()
    }

    /// The pilot joins another corporation.
    pub fn move_character(&self, character: i64, corporation: i64) -> Result<(), Unknown> {
        self.core.world_mut().move_character(character, corporation)
    }

    /// The character moves to another account: new owner hash, its grants end.
    pub fn sell_character(&self, character: i64) -> Result<(), Unknown> {
        self.core.world_mut().sell_character(character)?;
        lock(&self.core.sso).revoke_character(character);
        Ok(())
    }

    /// The character is deleted and its grants end. With `doomheim`, ESI still shows it as a member of Doomheim.
    pub fn biomass(&self, character: i64, doomheim: bool) -> Result<(), Unknown> {
        self.core.world_mut().biomass(character, doomheim)?;
        lock(&self.core.sso).revoke_character(character);
        Ok(())
    }

    /// The pilot is renamed; id and owner stay.
    pub fn rename_character(&self, character: i64, name: &str) -> Result<(), Unknown> {
        self.core.world_mut().rename_character(character, name)
    }

    /// The pilot enlists with a faction, or leaves it.
    pub fn enlist_character(&self, character: i64, faction: Option<i64>) -> Result<(), Unknown> {
        self.core.world_mut().enlist_character(character, faction)
    }

    /// The corporation enlists with a faction, or leaves it.
    pub fn enlist_corporation(&self, corporation: i64, faction: Option<i64>) -> Result<(), Unknown> {
        self.core.world_mut().enlist_corporation(corporation, faction)
    }

    /// The corporation joins another alliance, or none.
    pub fn move_corporation(&self, corporation: i64, alliance: Option<i64>) -> Result<(), Unknown> {
        self.core.world_mut().move_corporation(corporation, alliance)
    }

    /// The corporation closes; its members end up in an NPC corporation.
    pub fn close_corporation(&self, corporation: i64) -> Result<(), Unknown> {
        self.core.world_mut().close_corporation(corporation)
    }
}
