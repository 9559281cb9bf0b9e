use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, Respond, ResponseTemplate,
    matchers::{method, path_regex},
};

use super::{super::*, *};

/// Answers like ESI: a batch with a bad id fails as a whole without saying which; errors are counted.
#[derive(Clone, Default)]
struct World {
    unknown: Arc<HashSet<i64>>,
    deleted: Arc<HashSet<i64>>,
    /// Refused in batches although they exist.
    shy: Arc<HashSet<i64>>,
    /// After this many answers everything fails.
    outage_after: Option<u32>,
    /// Whether to send the headers of the error limit.
    counts: bool,
    answers: Arc<AtomicU32>,
    errors: Arc<AtomicU32>,
}

impl World {
    fn errors(&self) -> u32 {
        self.errors.load(Ordering::SeqCst)
    }

    fn fail(&self, status: u16, message: &str) -> ResponseTemplate {
        let errors = self.errors.fetch_add(1, Ordering::SeqCst) + 1;
        let response = error(status, message);
        if !self.counts {
            return response;
        }
        response
            .insert_header("x-esi-error-limit-remain", 100_u32.saturating_sub(errors).to_string().as_str())
            .insert_header("x-esi-error-limit-reset", "50")
    }
}

impl Respond for World {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let number = self.answers.fetch_add(1, Ordering::SeqCst) + 1;
        if self.outage_after.is_some_and(|after| number > after) {
            return self.fail(502, "Bad gateway");
        }
        if request.method.as_str() == "POST" {
            let ids: Vec<i64> = request.body_json().unwrap();
            if ids
                .iter()
                .any(|id| self.unknown.contains(id) || self.deleted.contains(id) || self.shy.contains(id))
            {
                return self.fail(400, "Invalid character ID!");
            }
            let found: Vec<Value> =
                ids.iter().map(|id| json!({"character_id": id, "corporation_id": 98_000_001})).collect();
            return answer(200, found);
        }
        let id: i64 = request.url.path_segments().unwrap().next_back().unwrap().parse().unwrap();
        if self.unknown.contains(&id) {
            self.fail(404, "Character not found")
        } else if self.deleted.contains(&id) {
            self.fail(404, "Character has been deleted!")
        } else {
            answer(200, character())
        }
    }
}

async fn sort_out(world: &World, ids: &[i64]) -> Result<AffiliationBatch, EsiError> {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(world.clone()).mount(&server).await;
    Mock::given(path_regex("^/characters/[0-9]+$")).respond_with(world.clone()).mount(&server).await;
    let result = client(&server).0.affiliations_bisecting(ids).await;
    if let Ok(batch) = &result {
        let mut all: Vec<i64> = batch.found.iter().map(|found| found.character_id).collect();
        all.extend(
            [&batch.unknown_ids[..], &batch.deleted_ids, &batch.refused_ids, &batch.unresolved].concat(),
        );
        all.sort_unstable();
        let mut asked = ids.to_vec();
        asked.sort_unstable();
        assert_eq!(all, asked, "every id is in exactly one list");
    }
    result
}

fn set(ids: impl IntoIterator<Item = i64>) -> Arc<HashSet<i64>> {
    Arc::new(ids.into_iter().collect())
}

fn thousand() -> Vec<i64> {
    (90_000_001..=90_001_000).collect()
}

#[tokio::test]
async fn good_ids_take_one_call() {
    let world = World::default();
    let batch = sort_out(&world, &thousand()).await.unwrap();
    assert_eq!(batch.found.len(), 1000);
    assert_eq!(world.answers.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_bad_id_among_a_thousand_is_found_cheaply_wherever_it_is() {
    for bad in [90_000_001, 90_000_500, 90_000_501, 90_000_777, 90_001_000] {
        let world = World { unknown: set([bad]), counts: true, ..World::default() };
        let batch = sort_out(&world, &thousand()).await.unwrap();
        assert_eq!(batch.unknown_ids, [bad]);
        assert_eq!(batch.found.len(), 999);
        assert!(batch.interrupted.is_none() && batch.unresolved.is_empty());
        assert!(world.errors() <= 12, "{} errors for {bad}", world.errors());
    }
}

#[tokio::test]
async fn deleted_and_unknown_are_told_apart() {
    let world = World { unknown: set([90_000_010]), deleted: set([90_000_600]), ..World::default() };
    let batch = sort_out(&world, &thousand()).await.unwrap();
    assert_eq!((batch.unknown_ids, batch.deleted_ids), (vec![90_000_010], vec![90_000_600]));
    assert_eq!(batch.found.len(), 998);
}

#[tokio::test]
async fn a_single_bad_id_is_looked_up_directly() {
    let world = World { deleted: set([5]), ..World::default() };
    let batch = sort_out(&world, &[5]).await.unwrap();
    assert_eq!(batch.deleted_ids, [5]);
    assert_eq!(world.errors(), 2);
}

#[tokio::test]
async fn a_refused_id_that_exists_is_known_as_such() {
    let world = World { shy: set([90_000_123]), ..World::default() };
    let batch = sort_out(&world, &thousand()).await.unwrap();
    assert_eq!(batch.refused_ids, [90_000_123]);
    assert!(batch.unresolved.is_empty());
    assert_eq!(batch.found.len(), 999);
}

#[tokio::test]
async fn many_bad_ids_do_not_burn_the_error_limit() {
    for counts in [true, false] {
        let world = World { unknown: set((0..300).map(|n| 90_000_001 + n * 3)), counts, ..World::default() };
        let batch = sort_out(&world, &thousand()).await.unwrap();
        assert!(world.errors() <= 75, "{} errors", world.errors());
        assert!(!batch.unresolved.is_empty());
        assert!(batch.interrupted.is_none());
        assert!(batch.unknown_ids.iter().all(|id| world.unknown.contains(id)));
    }
}

#[tokio::test]
async fn an_outage_on_the_way_is_never_a_fact() {
    for outage_after in 1..12 {
        let bad = 90_000_777;
        let world = World { unknown: set([bad]), outage_after: Some(outage_after), ..World::default() };
        let batch = sort_out(&world, &thousand()).await.unwrap();
        assert!(batch.deleted_ids.is_empty() && batch.refused_ids.is_empty());
        assert!(batch.unknown_ids.iter().all(|id| *id == bad));
        assert!(matches!(batch.interrupted, Some(EsiError::Unavailable { .. })), "{outage_after}");
        assert!(batch.unresolved.len() >= usize::from(batch.unknown_ids.is_empty()));
    }
}

#[tokio::test]
async fn an_outage_from_the_start_is_an_error() {
    let world = World { outage_after: Some(0), ..World::default() };
    assert!(matches!(sort_out(&world, &thousand()).await, Err(EsiError::Unavailable { .. })));
}

#[tokio::test]
async fn ids_left_out_of_an_answer_are_unresolved() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer(200, json!([{"character_id": 2, "corporation_id": 98_000_001}])))
        .mount(&server)
        .await;
    let batch = client(&server).0.affiliations_bisecting(&[1, 2, 3]).await.unwrap();
    assert_eq!(batch.unresolved, [1, 3]);
    assert_eq!(batch.found.len(), 1);
}
