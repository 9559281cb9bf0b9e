//! What was read about people, cached until it changes.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};

use super::{Asked, Own, Stamp};

/// How many people are cached, if they have a typical amount of data.
const PEOPLE: usize = 5_000;
/// Rows for one person: about what a dashboard shows. A row takes some 300 bytes.
const COMMON: u64 = 25;

/// What this process has read about people, by user.
#[derive(Debug)]
pub struct Kept(Cache<i64, Entry, Rows>);

#[derive(Debug, Clone)]
struct Entry {
    stamp: Stamp,
    asked: Asked,
    own: Arc<Own>,
}

/// Weighs a cached entry by its rows.
#[derive(Debug, Clone)]
struct Rows;

impl Weighter<i64, Entry> for Rows {
    fn weight(&self, _: &i64, entry: &Entry) -> u64 {
        1 + entry.own.rows() as u64
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(PEOPLE, PEOPLE as u64 * COMMON, Rows))
    }
}

impl Kept {
    /// What is cached for a user under this stamp, if it covers everything cacheable that is asked for.
    ///
    /// # Errors
    /// What to read instead: what is asked for plus what was cached before, so that two pages asking for different
    /// things do not keep evicting each other's data.
    pub fn get(&self, user_id: i64, stamp: Option<Stamp>, asked: &Asked) -> Result<Arc<Own>, Asked> {
        let nothing = Asked::default();
        if nothing.covers(asked) {
            return Ok(Arc::default());
        }
        match self.0.get(&user_id) {
            None => Err(nothing.with(asked)),
            Some(entry) if Some(entry.stamp) == stamp && entry.asked.covers(asked) => Ok(entry.own),
            Some(entry) => Err(entry.asked.with(asked)),
        }
    }

    /// Caches what was read about a user, if it is known when it changes.
    pub fn put(&self, user_id: i64, stamp: Option<Stamp>, asked: Asked, own: Own) -> Arc<Own> {
        let own = Arc::new(own);
        if let Some(stamp) = stamp {
            self.0.insert(user_id, Entry { stamp, asked, own: Arc::clone(&own) });
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(own: i64) -> Option<Stamp> {
        Some(Stamp([own, 1, 1]))
    }

    #[test]
    fn what_is_kept_is_used_until_the_stamp_is_another() {
        let kept = Kept::default();
        let unread = Asked { unread: true, ..Asked::default() };
        let history = Asked { history: Some(10), ..Asked::default() };
        assert_eq!(kept.get(1, stamp(1), &unread).unwrap_err(), unread);
        kept.put(1, stamp(1), unread.clone(), Own { unread: Some(3), ..Own::default() });
        assert_eq!(kept.get(1, stamp(1), &unread).unwrap().unread, Some(3));
        assert!(kept.get(1, stamp(2), &unread).is_err(), "it changed");
        assert!(kept.get(2, stamp(1), &unread).is_err(), "another's");
        let both = Asked { unread: true, history: Some(10), ..Asked::default() };
        assert_eq!(kept.get(1, stamp(1), &history).unwrap_err(), both, "more is asked");
        kept.put(1, stamp(1), both, Own { unread: Some(3), ..Own::default() });
        assert!(kept.get(1, stamp(1), &unread).is_ok());
        assert!(
            kept.get(1, stamp(1), &Asked { history: Some(11), ..Asked::default() }).is_err(),
            "more rows"
        );
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let kept = Kept::default();
        let asked = Asked { unread: true, ..Asked::default() };
        for user_id in 0..3 * PEOPLE as i64 {
            kept.put(user_id, stamp(1), asked.clone(), Own::default());
        }
        assert!(kept.0.weight() <= PEOPLE as u64 * COMMON);
    }
}
