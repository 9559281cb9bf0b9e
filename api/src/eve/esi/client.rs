//! The calls.

use std::collections::{BTreeMap, HashSet, btree_map::Entry};

use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    Affiliation, Alliance, Cached, Character, Corporation, EsiConfig, EsiError, Faction, MAX_IDS,
    ResolvedName,
    guard::Guard,
    model::{AffiliationRecord, FactionRecord, Sound},
    send::Request,
};
use crate::upstream::{Pace, http_client};

/// An ESI client. One per process: the limits it tracks are those of the whole process.
#[derive(Debug)]
pub struct Esi {
    pub(super) config: EsiConfig,
    pub(super) http: reqwest::Client,
    pub(super) pace: Pace,
    pub(super) guard: Guard,
    pub(super) slots: Semaphore,
}

impl Esi {
    /// Creates the client; makes no requests yet.
    ///
    /// # Errors
    /// When no HTTP client can be built from the settings.
    pub fn new(config: EsiConfig, pace: Pace) -> Result<Self, reqwest::Error> {
        let http = http_client(&config.user_agent, &config.http)?;
        let slots = Semaphore::new(config.max_in_flight.max(1));
        Ok(Self { config, http, pace, guard: Guard::default(), slots })
    }

    /// Where 1 to 1000 characters fly, in one call. One bad id fails the whole call; see
    /// [`Esi::affiliations_bisecting`]. ESI may leave characters out; nonsensical records are left out here.
    ///
    /// # Errors
    /// See [`EsiError`].
    pub async fn affiliations(&self, ids: &[i64]) -> Result<Vec<Affiliation>, EsiError> {
        let asked = distinct(ids)?;
        let body = json!(ids);
        let request = Request::post("POST /characters/affiliation", &["characters", "affiliation"], &body);
        let records: Vec<AffiliationRecord> = whole(self.call(request).await?)?;
        believable(&asked, records)
    }

    /// A character's public record; `etag` makes the request conditional.
    ///
    /// # Errors
    /// `NotFound` and `Deleted` are facts; see [`EsiError`] for the rest.
    pub async fn character(&self, id: i64, etag: Option<&str>) -> Result<Cached<Character>, EsiError> {
        self.one("GET /characters/{id}", "characters", "Character", id, etag).await
    }

    /// A corporation; `etag` makes the request conditional.
    ///
    /// # Errors
    /// `NotFound` is a fact; see [`EsiError`] for the rest.
    pub async fn corporation(&self, id: i64, etag: Option<&str>) -> Result<Cached<Corporation>, EsiError> {
        self.one("GET /corporations/{id}", "corporations", "Corporation", id, etag).await
    }

    /// An alliance; `etag` makes the request conditional.
    ///
    /// # Errors
    /// `NotFound` is a fact; see [`EsiError`] for the rest.
    pub async fn alliance(&self, id: i64, etag: Option<&str>) -> Result<Cached<Alliance>, EsiError> {
        self.one("GET /alliances/{id}", "alliances", "Alliance", id, etag).await
    }

    /// All factions. They only change with expansions; `expires` says when to ask again.
    /// Nonsensical records are left out.
    ///
    /// # Errors
    /// See [`EsiError`].
    pub async fn factions(&self, etag: Option<&str>) -> Result<Cached<Vec<Faction>>, EsiError> {
        let request = Request::get("GET /universe/factions", &["universe", "factions"]);
        let Cached { value, etag, expires } = self.call(Request { etag, ..request }).await?;
        Ok(Cached { value: value.map(sound_factions).transpose()?, etag, expires })
    }

    /// The names of 1 to 1000 ids of any kind. One unknown id fails the whole call (`Rejected`, 404).
    ///
    /// # Errors
    /// See [`EsiError`].
    pub async fn names(&self, ids: &[i64]) -> Result<Vec<ResolvedName>, EsiError> {
        let asked = distinct(ids)?;
        let body = json!(ids);
        let request = Request::post("POST /universe/names", &["universe", "names"], &body);
        let found: Vec<ResolvedName> = whole(self.call(request).await?)?;
        only_asked(&asked, found.iter().map(|name| name.id))?;
        Ok(found)
    }

    async fn one<T>(
        &self,
        route: &'static str,
        folder: &str,
        subject: &str,
        id: i64,
        etag: Option<&str>,
    ) -> Result<Cached<T>, EsiError>
    where
        T: serde::de::DeserializeOwned + Sound,
    {
        let text = positive(id)?.to_string();
        let path = [folder, &text];
        self.call(Request { subject: Some(subject), etag, ..Request::get(route, &path) }).await
    }
}

/// The value of an unconditional request.
fn whole<T>(cached: Cached<T>) -> Result<T, EsiError> {
    cached.value.ok_or_else(|| EsiError::Invalid("no value".to_owned()))
}

fn positive(id: i64) -> Result<i64, EsiError> {
    if id > 0 { Ok(id) } else { Err(EsiError::Misuse("ids are positive")) }
}

fn distinct(ids: &[i64]) -> Result<HashSet<i64>, EsiError> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(EsiError::Misuse("one call takes 1 to 1000 ids"));
    }
    let set: HashSet<i64> = ids.iter().copied().collect();
    if set.len() != ids.len() || ids.iter().any(|id| *id <= 0) {
        return Err(EsiError::Misuse("ids are positive and given once"));
    }
    Ok(set)
}

/// The records of an answer that can be believed: sound, about characters that were asked for, one for each. If
/// several were asked for and none of them is among these, it is not an answer.
fn believable(asked: &HashSet<i64>, records: Vec<AffiliationRecord>) -> Result<Vec<Affiliation>, EsiError> {
    let records = records.into_iter().map(|record| match record {
        AffiliationRecord::Odd(_) => Err("a record of another form".to_owned()),
        AffiliationRecord::Read(a) => match a.check() {
            Err(why) => Err(format!("{why} for {}", a.character_id)),
            Ok(()) if !asked.contains(&a.character_id) => {
                Err(format!("an answer about {}, which was not asked", a.character_id))
            }
            Ok(()) => Ok((a.character_id, a)),
        },
    });
    let (found, oddity) = one_each(records);
    if found.is_empty() && asked.len() > 1 {
        return Err(EsiError::Invalid(oddity.unwrap_or_else(|| "an answer about nobody".to_owned())));
    }
    Ok(found)
}

/// Like [`believable`], for factions.
fn sound_factions(records: Vec<FactionRecord>) -> Result<Vec<Faction>, EsiError> {
    let records = records.into_iter().map(|record| match record {
        FactionRecord::Odd(_) => Err("a record of another form".to_owned()),
        FactionRecord::Read(faction) => match faction.check() {
            Err(why) => Err(format!("{why} for faction {}", faction.faction_id)),
            Ok(()) => Ok((faction.faction_id, faction)),
        },
    });
    let (found, oddity) = one_each(records);
    if found.is_empty() {
        return Err(EsiError::Invalid(oddity.unwrap_or_else(|| "an answer without factions".to_owned())));
    }
    Ok(found)
}

/// What sound records say, one per id, in the order of the ids; and the first oddity. The others are logged and
/// counted. If there are two answers about one id, nobody knows which is true: neither counts.
fn one_each<T>(records: impl Iterator<Item = Result<(i64, T), String>>) -> (Vec<T>, Option<String>) {
    let (mut answered, mut oddity) = (0, None);
    let mut found: BTreeMap<i64, Option<T>> = BTreeMap::new();
    for record in records {
        answered += 1;
        let odd = match record {
            Err(why) => why,
            Ok((id, sound)) => match found.entry(id) {
                Entry::Vacant(place) => {
                    place.insert(Some(sound));
                    continue;
                }
                Entry::Occupied(mut place) => {
                    place.insert(None);
                    format!("two answers about {id}")
                }
            },
        };
        oddity.get_or_insert(odd);
    }
    let found: Vec<T> = found.into_values().flatten().collect();
    if let Some(first) = &oddity {
        let odd = answered - found.len();
        tracing::warn!(records = answered, odd, first, "ESI's answer has records that make no sense");
        metrics::counter!("fealty_esi_odd_records_total").increment(odd as u64);
    }
    (found, oddity)
}

fn only_asked(asked: &HashSet<i64>, answered: impl Iterator<Item = i64>) -> Result<(), EsiError> {
    let mut seen = HashSet::new();
    for id in answered {
        if !asked.contains(&id) {
            return Err(EsiError::Invalid(format!("answer about {id}, which was not asked")));
        }
        if !seen.insert(id) {
            return Err(EsiError::Invalid(format!("two answers about {id}")));
        }
    }
    Ok(())
}
