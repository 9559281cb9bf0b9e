//! Relay connections (<https://relay.dev/graphql/connections.htm>): one helper for all lists.

use std::future::Future;

use async_graphql::{
    Object, OutputType,
    connection::{Connection, ConnectionNameType, CursorType, Edge, EdgeNameType, EmptyFields, OpaqueCursor},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// Rows when the caller does not say.
pub const DEFAULT_PAGE: usize = 25;
/// The most rows of one page.
pub const MAX_PAGE: usize = 100;

/// The arguments of a list field.
#[derive(Debug, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A page to be loaded.
#[derive(Debug, Clone)]
pub struct Page<K> {
    /// Rows to show.
    pub limit: usize,
    /// Towards the start of the list.
    pub is_backward: bool,
    /// The position to go on from, exclusive.
    pub cursor: Option<K>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Checks the arguments.
    ///
    /// # Errors
    /// `Invalid` for contradicting, negative or too large sizes and for cursors that are not ours.
    pub fn parse(args: PageArgs) -> Result<Self> {
        let bad = |field, message: &str| Err(Error::invalid(field, "invalid", message));
        let (is_backward, size, cursor) = match (args.first, args.last, args.after, args.before) {
            (Some(_), Some(_), _, _) => return bad("last", "Ask for `first` or for `last`, not for both."),
            (_, _, Some(_), Some(_)) => {
                return bad("before", "Ask for `after` or for `before`, not for both.");
            }
            (Some(_), _, _, Some(_)) => return bad("before", "`before` goes with `last`."),
            (_, Some(_), Some(_), _) => return bad("after", "`after` goes with `first`."),
            (first, last, after, before) => {
                (last.is_some() || before.is_some(), first.or(last), after.or(before))
            }
        };
        let limit = match size.map(usize::try_from) {
            None => DEFAULT_PAGE,
            Some(Ok(size)) if size <= MAX_PAGE => size,
            Some(_) => {
                let field = if is_backward { "last" } else { "first" };
                return bad(field, &format!("A page has 0 to {MAX_PAGE} rows."));
            }
        };
        let cursor = match cursor {
            None => None,
            Some(text) => match OpaqueCursor::<K>::decode_cursor(&text) {
                Ok(OpaqueCursor(key)) => Some(key),
                Err(_) => {
                    return bad(
                        if is_backward { "before" } else { "after" },
                        "This is no cursor of this list.",
                    );
                }
            },
        };
        Ok(Self { limit, is_backward, cursor })
    }

    /// How many rows to load: one more than shown, to see whether the list goes on.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }
}

/// How many rows the whole list has; counted only when asked for.
pub struct Total(Counter);

type Counting = std::pin::Pin<Box<dyn Future<Output = Result<i64>> + Send>>;
type Counter = Box<dyn Fn() -> Counting + Send + Sync>;

impl Total {
    /// From a closure that counts.
    pub fn new<F, Fut>(count: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<i64>> + Send + 'static,
    {
        Self(Box::new(move || Box::pin(count())))
    }
}

/// What a connection has besides edges, nodes and page information.
pub struct Extra {
    total: Total,
}

#[Object]
impl Extra {
    /// How many rows the whole list has.
    #[graphql(complexity = 20)]
    async fn total_count(&self) -> async_graphql::Result<i32> {
        Ok(i32::try_from((self.total.0)().await?).unwrap_or(i32::MAX))
    }
}

/// A connection of ours.
pub type List<K, N> = Connection<OpaqueCursor<K>, N, Extra, EmptyFields>;
/// A connection of ours that is not named after its rows.
pub type Named<K, N, C, E> = Connection<OpaqueCursor<K>, N, Extra, EmptyFields, C, E>;

/// Makes the connection of `rows`, loaded with [`Page::fetch`] in the direction of the page.
pub fn build<K, N, C, E>(page: &Page<K>, mut rows: Vec<(K, N)>, total: Total) -> Named<K, N, C, E>
where
    K: Serialize + DeserializeOwned + Send + Sync,
    N: OutputType,
    C: ConnectionNameType,
    E: EdgeNameType,
{
    let has_more = rows.len() > page.limit;
    rows.truncate(page.limit);
    if page.is_backward {
        rows.reverse();
    }
    let has_origin = page.cursor.is_some();
    let (previous, next) = if page.is_backward { (has_more, has_origin) } else { (has_origin, has_more) };
    let mut connection = Connection::with_additional_fields(previous, next, Extra { total });
    connection.edges.extend(rows.into_iter().map(|(key, node)| Edge::new(OpaqueCursor(key), node)));
    connection
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Page<i64>> {
        Page::parse(PageArgs { first, after: after.map(Into::into), last, before: before.map(Into::into) })
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(parse(None, None, None, None).unwrap().limit, DEFAULT_PAGE);
        assert_eq!(parse(Some(100), None, None, None).unwrap().limit, 100);
        for size in [-1, 101, i32::MAX, i32::MIN] {
            assert!(matches!(parse(Some(size), None, None, None), Err(Error::Invalid(_))), "{size}");
            assert!(matches!(parse(None, None, Some(size), None), Err(Error::Invalid(_))), "{size}");
        }
    }

    #[test]
    fn contradictions_and_foreign_cursors_are_refused() {
        for args in [
            (Some(1), None, Some(1), None),
            (None, Some("x"), None, Some("y")),
            (Some(1), None, None, Some("x")),
            (None, Some("x"), Some(1), None),
            (Some(1), Some("garbage"), None, None),
        ] {
            assert!(matches!(parse(args.0, args.1, args.2, args.3), Err(Error::Invalid(_))), "{args:?}");
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let text = OpaqueCursor(7_i64).encode_cursor();
        assert_eq!(parse(None, Some(&text), None, None).unwrap().cursor, Some(7));
    }
}
