//! Who is said to have held something is who was seen holding it then, on random worlds.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use fealty_api::{
    access::{Subject, as_of},
    clock::Clock,
    db::{Conn, keyset::Slice},
    permissions::Grant,
};

use super::play::{PERMISSIONS, Play, holders_now, run, worlds};
use crate::support::World;

/// What was seen at a moment.
struct Seen {
    at: DateTime<Utc>,
    users: BTreeSet<i64>,
    holders: Vec<(Subject, BTreeSet<i64>)>,
}

async fn held(conn: &mut Conn, subject: &Subject, at: DateTime<Utc>) -> BTreeSet<i64> {
    let grant = Grant::operator();
    let mut found = Vec::new();
    let mut slice = Slice { is_descending: false, after: None, limit: 2 };
    loop {
        let page = as_of::holders(conn, &grant, subject, at, &slice).await.unwrap();
        let Some(last) = page.last().cloned() else { break };
        found.extend(page.iter().map(|position| position.1));
        slice.after = Some(last);
    }
    let slice = Slice { is_descending: true, after: None, limit: 100 };
    let mut backwards = as_of::holders(conn, &grant, subject, at, &slice).await.unwrap();
    backwards.reverse();
    assert_eq!(found, backwards.iter().map(|position| position.1).collect::<Vec<_>>(), "both ways the same");
    let count = as_of::count_holders(conn, &grant, subject, at).await.unwrap();
    assert_eq!(count, i64::try_from(found.len()).unwrap());
    found.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_as_it_was_seen() {
    for seed in 100..100 + worlds() {
        let world = World::empty("").await;
        let mut play = Play::new(&world, seed).await;
        let mut past: Vec<Seen> = Vec::new();
        for n in 1..=80 {
            world.wait(Duration::seconds(10));
            play.step().await;
            if n % 20 == 0 {
                play.register().await;
            }
            world.wait(Duration::seconds(10));
            let mut conn = world.conn().await;
            let mut holders = Vec::new();
            for subject in play.subjects() {
                let now = holders_now(&mut conn, &subject).await;
                holders.push((subject, now));
            }
            past.push(Seen { at: world.clock.now(), users: play.users.iter().copied().collect(), holders });
        }
        // One user leaves for good: nobody is told of him any more.
        let mut conn = world.conn().await;
        let gone = play.users[1];
        run(&mut conn, &format!("delete from users where id = {gone}")).await;
        for (n, seen) in past.iter().enumerate() {
            // Every subject that ever was: one that did not exist yet had no holders.
            let everything = PERMISSIONS
                .iter()
                .map(|name| Subject::Permission((*name).to_owned()))
                .chain([Subject::Service("discord".to_owned())])
                .chain(play.all_states.iter().map(|id| Subject::State(*id)))
                .chain(play.all_groups.iter().map(|id| Subject::Group(*id)));
            for subject in everything {
                let then = seen.holders.iter().find(|(known, _)| *known == subject);
                let mut expected = then.map(|(_, holders)| holders.clone()).unwrap_or_default();
                expected.remove(&gone);
                let found = held(&mut conn, &subject, seen.at).await;
                assert_eq!(found, expected, "{subject:?} at step {n}, with {:?}", seen.users);
            }
        }
        // Before everything nobody was here.
        let before = past[0].at - Duration::days(1);
        assert!(held(&mut conn, &Subject::State(play.states[0]), before).await.is_empty());
    }
}
