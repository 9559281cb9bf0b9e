//! What ESI returns, as far as Fealty uses it. Unknown members are ignored: ESI adds some without a new date.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::EsiError;

/// The corporation of characters that were deleted but still get an answer.
pub const DOOMHEIM: i64 = 1_000_001;

/// The range of faction ids.
const FACTIONS: std::ops::RangeInclusive<i64> = 500_000..=599_999;

/// An answer that may be cached until `expires` and then requested again with `etag`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cached<T> {
    /// The answer; `None` if it is still the one that `etag` stands for (304).
    pub value: Option<T>,
    /// For the next conditional request.
    pub etag: Option<String>,
    /// Do not ask again before this moment.
    pub expires: Option<DateTime<Utc>>,
}

/// Where a character flies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Affiliation {
    /// The character.
    pub character_id: i64,
    /// Its corporation.
    pub corporation_id: i64,
    /// Its corporation's alliance.
    #[serde(default)]
    pub alliance_id: Option<i64>,
    /// The faction it is enlisted with.
    #[serde(default)]
    pub faction_id: Option<i64>,
}

/// One record in an answer about many characters: what it says about one must not spoil what
/// it says about the others.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum AffiliationRecord {
    /// It has the right form; its content has not been checked.
    Read(Affiliation),
    /// It does not.
    Odd(IgnoredAny),
}

/// A character's public record. ESI renews it daily only; [`Affiliation`] is newer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Character {
    /// Name.
    pub name: String,
    /// Corporation.
    pub corporation_id: i64,
    /// Alliance.
    #[serde(default)]
    pub alliance_id: Option<i64>,
    /// Faction.
    #[serde(default)]
    pub faction_id: Option<i64>,
    /// When it was created.
    pub birthday: DateTime<Utc>,
    /// Security status, -10 to 10.
    #[serde(default)]
    pub security_status: Option<f64>,
}

/// A corporation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Corporation {
    /// Name.
    pub name: String,
    /// Ticker.
    pub ticker: String,
    /// How many members it has.
    pub member_count: i64,
    /// Alliance.
    #[serde(default)]
    pub alliance_id: Option<i64>,
    /// Chief executive; absent in closed corporations.
    #[serde(default)]
    pub ceo_id: Option<i64>,
    /// Founder.
    #[serde(default)]
    pub creator_id: Option<i64>,
    /// The faction it is enlisted with (called `faction_id` before 2026-07-21).
    #[serde(default, rename = "enlisted_faction_id", alias = "faction_id")]
    pub faction_id: Option<i64>,
    /// The tax on ISK in percent.
    #[serde(default, rename = "tax_rates", deserialize_with = "isk_tax")]
    pub tax_percent: Option<f64>,
    /// Web address.
    #[serde(default)]
    pub url: Option<String>,
    /// When it was founded.
    #[serde(default)]
    pub date_founded: Option<DateTime<Utc>>,
    /// `active` or `closed`, or a word that ESI may add.
    #[serde(default)]
    pub state: Option<String>,
}

impl Corporation {
    /// Whether ESI says that it is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state.as_deref() == Some("closed")
    }
}

fn isk_tax<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    struct Rates {
        isk: Option<f64>,
    }
    Ok(Option::<Rates>::deserialize(from)?.and_then(|rates| rates.isk))
}

/// An alliance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Alliance {
    /// Name.
    pub name: String,
    /// Ticker.
    pub ticker: String,
    /// The executor corporation; absent in closed alliances.
    #[serde(default)]
    pub executor_corporation_id: Option<i64>,
    /// The faction it is enlisted with.
    #[serde(default)]
    pub faction_id: Option<i64>,
    /// When it was founded.
    pub date_founded: DateTime<Utc>,
}

/// One record in an answer about all factions, like [`AffiliationRecord`].
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum FactionRecord {
    /// It has the right form; its content has not been checked.
    Read(Faction),
    /// It does not.
    Odd(IgnoredAny),
}

/// A faction of New Eden.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Faction {
    /// Id.
    pub faction_id: i64,
    /// Name, in English.
    pub name: String,
    /// Its main corporation.
    #[serde(default)]
    pub corporation_id: Option<i64>,
    /// Its militia; only factions that have one can be enlisted with.
    #[serde(default)]
    pub militia_corporation_id: Option<i64>,
}

/// The kind of thing an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameCategory {
    /// A player alliance.
    Alliance,
    /// A character.
    Character,
    /// A constellation.
    Constellation,
    /// A corporation.
    Corporation,
    /// A type of item.
    InventoryType,
    /// A region.
    Region,
    /// A solar system.
    SolarSystem,
    /// A station.
    Station,
    /// A faction.
    Faction,
    /// Something that ESI has added since.
    #[serde(other)]
    Other,
}

/// An id and its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ResolvedName {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Kind.
    pub category: NameCategory,
}

/// An answer that can be checked beyond its JSON shape.
pub(super) trait Sound {
    /// Fails if the answer cannot be true.
    fn check(&self) -> Result<(), EsiError>;
}

impl<T: Sound> Sound for Vec<T> {
    fn check(&self) -> Result<(), EsiError> {
        self.iter().try_for_each(Sound::check)
    }
}

/// Bare ids.
impl Sound for i64 {
    fn check(&self) -> Result<(), EsiError> {
        id("id", Some(*self))
    }
}

/// Records are checked one by one.
impl Sound for AffiliationRecord {
    fn check(&self) -> Result<(), EsiError> {
        Ok(())
    }
}

/// As for affiliations.
impl Sound for FactionRecord {
    fn check(&self) -> Result<(), EsiError> {
        Ok(())
    }
}

impl Sound for Affiliation {
    fn check(&self) -> Result<(), EsiError> {
        id("character_id", Some(self.character_id))?;
        id("corporation_id", Some(self.corporation_id))?;
        id("alliance_id", self.alliance_id)?;
        self.faction_id.map_or(Ok(()), faction)
    }
}

impl Sound for Character {
    fn check(&self) -> Result<(), EsiError> {
        name(&self.name)?;
        id("corporation_id", Some(self.corporation_id))?;
        id("alliance_id", self.alliance_id)?;
        id("faction_id", self.faction_id)
    }
}

impl Sound for Corporation {
    fn check(&self) -> Result<(), EsiError> {
        name(&self.name)?;
        ticker(&self.ticker)?;
        id("alliance_id", self.alliance_id)?;
        id("faction_id", self.faction_id)
    }
}

impl Sound for Alliance {
    fn check(&self) -> Result<(), EsiError> {
        name(&self.name)?;
        ticker(&self.ticker)?;
        id("executor_corporation_id", self.executor_corporation_id)?;
        id("faction_id", self.faction_id)
    }
}

impl Sound for Faction {
    fn check(&self) -> Result<(), EsiError> {
        faction(self.faction_id)?;
        name(&self.name)
    }
}

impl Sound for ResolvedName {
    fn check(&self) -> Result<(), EsiError> {
        id("id", Some(self.id))?;
        name(&self.name)
    }
}

fn id(what: &str, id: Option<i64>) -> Result<(), EsiError> {
    match id {
        Some(id) if id <= 0 => Err(EsiError::Invalid(format!("{what} is {id}"))),
        _ => Ok(()),
    }
}

fn faction(id: i64) -> Result<(), EsiError> {
    if FACTIONS.contains(&id) { Ok(()) } else { Err(EsiError::Invalid(format!("faction_id is {id}"))) }
}

/// EVE's own limits are 37 (characters) to 50; item names are longer. PostgreSQL cannot store NUL.
fn name(text: &str) -> Result<(), EsiError> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > 254 || text.contains('\0') {
        return Err(EsiError::Invalid(format!("name of {length} characters")));
    }
    Ok(())
}

/// Old tickers can be odd, so only the length counts.
fn ticker(text: &str) -> Result<(), EsiError> {
    let length = text.chars().count();
    if length > 20 || text.contains('\0') {
        return Err(EsiError::Invalid(format!("ticker of {length} characters")));
    }
    Ok(())
}
