//! Looks up the affiliations of many characters when some of the ids may be bad.
//!
//! ESI refuses a whole batch for one bad id and does not say which. The batch is halved until the bad ids
//! stand alone, and each of those is looked up individually, because only `GET /characters/{id}` says
//! "deleted" or "not found". Every refusal counts against ESI's error limit, so the search stops early and
//! leaves the rest for the next run.

use std::{future::Future, pin::Pin};

use super::{Affiliation, Esi, EsiError};

/// What is known about a batch of characters. Every requested id is in exactly one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AffiliationBatch {
    /// Where these fly.
    pub found: Vec<Affiliation>,
    /// ESI says that these do not exist.
    pub unknown_ids: Vec<i64>,
    /// ESI says that these were deleted.
    pub deleted_ids: Vec<i64>,
    /// ESI refuses to say where these fly, although it says that they exist. Treated as unchanged.
    pub refused_ids: Vec<i64>,
    /// Nothing is known about these; they must be treated as unchanged.
    pub unresolved: Vec<i64>,
    /// Why the search stopped early, if an error stopped it. If there are `unresolved` ids without it, the error
    /// budget was used up, or the answer left them out.
    pub interrupted: Option<EsiError>,
}

impl AffiliationBatch {
    /// Ids that ESI refused individually. Asking again costs some of its error limit, and will
    /// likely be refused again.
    #[must_use]
    pub fn refused(&self) -> Vec<i64> {
        [&self.unknown_ids[..], &self.refused_ids].concat()
    }

    /// How many characters nothing was learnt about.
    #[must_use]
    pub const fn unknown(&self) -> usize {
        self.unknown_ids.len() + self.refused_ids.len() + self.unresolved.len()
    }
}

/// A search in progress.
struct Search<'a> {
    esi: &'a Esi,
    batch: AffiliationBatch,
    refusals: u32,
    stopped: bool,
}

impl Esi {
    /// Where 1 to 1000 characters fly, sorting out bad ids.
    ///
    /// # Errors
    /// When the very first call fails for a reason other than a bad id, so that nothing at all is known. Failures
    /// after that are in [`AffiliationBatch::interrupted`], along with what was learnt before.
    pub async fn affiliations_bisecting(&self, ids: &[i64]) -> Result<AffiliationBatch, EsiError> {
        let mut search =
            Search { esi: self, batch: AffiliationBatch::default(), refusals: 0, stopped: false };
        match self.affiliations(ids).await {
            Ok(found) => search.keep(ids, found),
            Err(error) if blames_an_id(&error) => {
                search.refusals += 1;
                search.split(ids).await;
            }
            Err(error) => return Err(error),
        }
        Ok(search.batch)
    }
}

impl Search<'_> {
    /// Sorts out `ids`, at least one of which is bad.
    fn split<'s>(&'s mut self, ids: &'s [i64]) -> Pin<Box<dyn Future<Output = ()> + Send + 's>> {
        Box::pin(async move {
            if let [id] = ids {
                self.look_up(*id).await;
                return;
            }
            let (left, right) = ids.split_at(ids.len() / 2);
            let left_is_clean = self.ask(left).await;
            // If the left half is clean, the bad id is in the right one: asking for that again
            // would be a certain error.
            if left_is_clean && !self.out_of_budget() {
                self.split(right).await;
            } else {
                self.ask(right).await;
            }
        })
    }

    /// Asks for `ids`, splitting further when refused. True if none of them was bad.
    async fn ask(&mut self, ids: &[i64]) -> bool {
        if self.out_of_budget() {
            self.batch.unresolved.extend_from_slice(ids);
            return false;
        }
        match self.esi.affiliations(ids).await {
            Ok(found) => {
                self.keep(ids, found);
                true
            }
            Err(error) if blames_an_id(&error) => {
                self.refusals += 1;
                self.split(ids).await;
                false
            }
            Err(error) => {
                self.give_up(ids, error);
                false
            }
        }
    }

    /// Finds out what is wrong with a single id.
    async fn look_up(&mut self, id: i64) {
        if self.out_of_budget() {
            self.batch.unresolved.push(id);
            return;
        }
        match self.esi.character(id, None).await {
            // It exists, so the refusal had another reason (a very new character, for example). Its public record may
            // be a day old and must not overrule a newer affiliation.
            Ok(_) => self.batch.refused_ids.push(id),
            Err(EsiError::Deleted) => {
                self.refusals += 1;
                self.batch.deleted_ids.push(id);
            }
            Err(EsiError::NotFound) => {
                self.refusals += 1;
                self.batch.unknown_ids.push(id);
            }
            Err(error) => self.give_up(&[id], error),
        }
    }

    fn keep(&mut self, asked: &[i64], found: Vec<Affiliation>) {
        if found.len() < asked.len() {
            let answered: std::collections::HashSet<i64> = found.iter().map(|a| a.character_id).collect();
            self.batch.unresolved.extend(asked.iter().filter(|id| !answered.contains(id)));
        }
        self.batch.found.extend(found);
    }

    fn give_up(&mut self, ids: &[i64], error: EsiError) {
        self.batch.unresolved.extend_from_slice(ids);
        self.batch.interrupted.get_or_insert(error);
        self.stopped = true;
    }

    fn out_of_budget(&self) -> bool {
        let limits = self.esi.config.bisect;
        let left = self.esi.guard.errors_left(self.esi.pace.now());
        self.stopped
            || self.refusals >= limits.max_refusals
            || left.is_some_and(|left| left < limits.error_floor)
    }
}

/// Whether ESI refused a batch because of an id in it.
fn blames_an_id(error: &EsiError) -> bool {
    matches!(error, EsiError::Rejected { status: 400 | 404, .. })
}
