//! Reads what inputs and filters contain, in one way. Problems name the field: bare in an
//! input, `filter.x` in a filter.

use std::{collections::HashSet, str::FromStr};

use async_graphql::ID;
use chrono::{DateTime, Utc};
use fealty_shared::id::{
    GroupId, GroupRequestId, NotificationId, ReservedGroupNameId, SessionId, StateId, UserId,
};

use super::loaders::Time;
use crate::error::{Error, Result};

/// A kind of id.
pub trait Kind: FromStr {
    /// With its article.
    const WHAT: &'static str;

    /// As stored in the database.
    fn number(self) -> i64;
}

macro_rules! kinds {
    ($($id:ident = $what:literal;)*) => {$(
        impl Kind for $id {
            const WHAT: &'static str = $what;

            fn number(self) -> i64 {
                self.0
            }
        }
    )*};
}

kinds! {
    GroupId = "a group";
    GroupRequestId = "a request";
    NotificationId = "a notification";
    ReservedGroupNameId = "a reserved name";
    SessionId = "a session";
    StateId = "a state";
    UserId = "a user";
}

/// Reads an id.
///
/// # Errors
/// `Invalid` for anything else.
pub fn id<T: Kind>(field: &'static str, id: &ID) -> Result<i64> {
    let what = T::WHAT;
    let parsed = id.parse::<T>().map(T::number);
    parsed.map_err(|_| Error::invalid(field, "invalid", format!("This is not the id of {what}.")))
}

/// Reads an id, if there is one.
///
/// # Errors
/// As [`id`].
pub fn some_id<T: Kind>(field: &'static str, given: Option<&ID>) -> Result<Option<i64>> {
    given.map(|given| id::<T>(field, given)).transpose()
}

/// Reads a list of ids, dropping duplicates.
///
/// # Errors
/// As [`id`], and `Invalid` for more than `most`.
pub fn ids<T: Kind>(field: &'static str, given: &[ID], most: usize) -> Result<Vec<i64>> {
    if given.len() > most {
        return Err(Error::invalid(field, "too_many", format!("At most {most} at a time.")));
    }
    let (mut found, mut seen) = (Vec::with_capacity(given.len()), HashSet::with_capacity(given.len()));
    for one in given {
        let number = id::<T>(field, one)?;
        if seen.insert(number) {
            found.push(number);
        }
    }
    Ok(found)
}

/// Reads a list of ids, if there is one.
///
/// # Errors
/// As [`ids`].
pub fn some_ids<T: Kind>(field: &'static str, given: Option<&[ID]>, most: usize) -> Result<Option<Vec<i64>>> {
    given.map(|given| ids::<T>(field, given, most)).transpose()
}

/// A text that PostgreSQL can store: without NUL.
pub fn text(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

/// Clamps a moment to the range that the database can hold.
pub fn within_reach(at: DateTime<Utc>) -> DateTime<Utc> {
    // 9999-12-31T23:59:59
    let end = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    at.clamp(DateTime::UNIX_EPOCH, end)
}

/// The period between two moments of a filter, both clamped by [`within_reach`].
///
/// # Errors
/// `Invalid` when it ends before it begins.
pub fn span(from: Option<Time>, to: Option<Time>) -> Result<(Option<Time>, Option<Time>)> {
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Error::invalid("filter.to", "invalid", "The end is before the start."));
    }
    Ok((from.map(within_reach), to.map(within_reach)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem<T: std::fmt::Debug>(read: Result<T>) -> (&'static str, &'static str, String) {
        match read {
            Err(Error::Invalid(mut problems)) => {
                let problem = problems.pop().expect("a problem");
                (problem.field, problem.code, problem.message.to_string())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ids_are_of_their_kind() {
        assert_eq!(id::<UserId>("userId", &"user:7".into()).unwrap(), 7);
        let (field, code, message) = problem(id::<UserId>("userId", &"state:7".into()));
        assert_eq!((field, code, message.as_str()), ("userId", "invalid", "This is not the id of a user."));
        assert_eq!(some_id::<StateId>("filter.stateId", None).unwrap(), None);
        assert_eq!(problem(some_id::<StateId>("filter.stateId", Some(&"".into()))).0, "filter.stateId");
    }

    #[test]
    fn lists_of_ids_are_bounded_and_name_each_once() {
        let given: Vec<ID> = ["group:2", "group:1", "group:2"].map(ID::from).into();
        assert_eq!(ids::<GroupId>("ids", &given, 3).unwrap(), [2, 1]);
        assert_eq!(problem(ids::<GroupId>("ids", &given, 2)).1, "too_many");
        assert_eq!(problem(ids::<UserId>("ids", &given, 3)).1, "invalid");
        assert_eq!(some_ids::<UserId>("ids", None, 0).unwrap(), None);
    }

    #[test]
    fn spans_do_not_end_before_they_begin() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        assert_eq!(span(at(1), at(2)).unwrap(), (at(1), at(2)));
        assert_eq!(span(at(1), at(1)).unwrap(), (at(1), at(1)));
        assert_eq!(problem(span(at(2), at(1))).0, "filter.to");
        assert_eq!(span(at(-1), None).unwrap(), (at(0), None));
    }

    #[test]
    fn texts_have_no_nul() {
        assert_eq!(text(Some("a\0b".into())).as_deref(), Some("ab"));
    }
}
