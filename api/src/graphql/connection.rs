//! Relay connections (<https://relay.dev/graphql/connections.htm>): one helper for all lists.

use std::hash::Hash;

use async_graphql::{
    Context, Enum, Object, OutputType,
    connection::{Connection, ConnectionNameType, CursorType, Edge, EdgeNameType, EmptyFields, OpaqueCursor},
    dataloader::Loader,
};
use futures_util::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    loaders::{Batches, LoadFailed},
    types::rows,
};
use crate::{
    app::App,
    db::{
        Conn,
        keyset::{Position, Slice},
    },
    error::{Error, Result},
};

/// Rows per page unless the caller says otherwise.
pub const DEFAULT_PAGE: usize = 25;
/// The largest page, in rows.
pub const MAX_PAGE: usize = 100;

/// What a list counts towards the complexity limit (see `limits`): a constant for the statement, and half of what its
/// rows may cost, since few pages are full.
#[must_use]
pub fn cost(first: Option<i32>, last: Option<i32>, each: usize) -> usize {
    let rows = first.or(last).map_or(DEFAULT_PAGE, |n| usize::try_from(n).unwrap_or(0));
    rows.clamp(1, MAX_PAGE) * each / 2 + 10
}

/// A number as GraphQL's `Int`, capped at its maximum.
pub fn count(n: impl TryInto<i32>) -> i32 {
    n.try_into().unwrap_or(i32::MAX)
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Smallest, earliest or alphabetically first comes first.
    Asc,
    /// The reverse.
    Desc,
}

/// What to order by, and whether descending: as requested, or by `default`.
pub fn ordered<F: Into<O>, O>(asked: Option<(F, OrderDirection)>, default: O) -> (O, bool) {
    asked.map_or((default, false), |(field, direction)| (field.into(), direction == OrderDirection::Desc))
}

/// The arguments of a list field.
#[derive(Debug, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A page to load.
#[derive(Debug, Clone)]
pub struct Page<K> {
    /// Rows to show.
    pub limit: usize,
    /// Whether it runs towards the start of the list.
    pub is_backward: bool,
    /// The position to continue from, exclusive.
    pub cursor: Option<K>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Checks the arguments.
    ///
    /// # Errors
    /// `Invalid` for contradictory, negative or excessive sizes and for foreign cursors.
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
                        "This is not a cursor of this list.",
                    );
                }
            },
        };
        Ok(Self { limit, is_backward, cursor })
    }

    /// How many rows to load: one more than shown, to see whether the list continues.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// The slice to load from a list that is read in order.
    pub fn slice(&self, is_descending: bool) -> Slice<K>
    where
        K: Clone,
    {
        Slice {
            is_descending: is_descending != self.is_backward,
            after: self.cursor.clone(),
            limit: self.fetch(),
        }
    }

    /// The same for a list that is entirely in memory.
    pub fn cut<T>(&self, is_descending: bool, mut rows: Vec<(K, T)>) -> Vec<(K, T)>
    where
        K: Ord,
    {
        let is_descending = is_descending != self.is_backward;
        if let Some(cursor) = &self.cursor {
            rows.retain(|(place, _)| if is_descending { place < cursor } else { place > cursor });
        }
        rows.sort_by(|(a, _), (b, _)| if is_descending { b.cmp(a) } else { a.cmp(b) });
        rows.truncate(self.limit + 1);
        rows
    }
}

/// The number of rows in the whole list; counted only when asked for.
pub struct Total(Counter);

type Counter = Box<dyn Fn() -> BoxFuture<'static, Result<i64>> + Send + Sync>;

impl Total {
    /// A total that is already known.
    #[must_use]
    pub fn known(n: usize) -> Self {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        Self(Box::new(move || async move { Ok(n) }.boxed()))
    }

    /// A total that `count` works out for what was `asked`.
    pub fn counted<A, F>(app: &App, asked: A, count: F) -> Self
    where
        A: Clone + Send + Sync + 'static,
        F: for<'a> Fn(&'a mut Conn, &'a A) -> BoxFuture<'a, Result<i64>> + Copy + Send + Sync + 'static,
    {
        let app = app.clone();
        Self(Box::new(move || {
            let (app, asked) = (app.clone(), asked.clone());
            async move { count(&mut *app.db.conn().await?, &asked).await }.boxed()
        }))
    }
}

/// What our connections have besides edges, nodes and page information.
pub struct Extra {
    total: Total,
}

#[Object]
impl Extra {
    /// The number of rows in the whole list.
    #[graphql(complexity = 20)]
    async fn total_count(&self) -> async_graphql::Result<i32> {
        Ok(count((self.total.0)().await?))
    }
}

/// One of our connections.
pub type List<K, N> = Connection<OpaqueCursor<K>, N, Extra, EmptyFields>;
/// One of our connections that is not named after its rows.
pub type Named<K, N, C, E> = Connection<OpaqueCursor<K>, N, Extra, EmptyFields, C, E>;

/// Builds the connection from `rows`, loaded with [`Page::fetch`] in the direction of the page.
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

/// Builds the connection of things loaded by their keys, in the order of their positions.
///
/// # Errors
/// When they cannot be loaded.
pub(super) async fn keyed<K, N>(
    ctx: &Context<'_>,
    page: &Page<Position>,
    positions: Vec<Position>,
    key: impl Fn(i64) -> K,
    node: impl Fn(<Batches as Loader<K>>::Value) -> N,
    total: Total,
) -> Result<List<Position, N>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = LoadFailed>,
    N: OutputType,
{
    let mut found = rows(ctx)?.load_many(positions.iter().map(|Position(_, id)| key(*id))).await?;
    let nodes = positions
        .into_iter()
        .filter_map(|position| found.remove(&key(position.1)).map(|row| (position, node(row))))
        .collect();
    Ok(build(page, nodes, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_costs_what_it_may_show() {
        assert_eq!(cost(None, None, 4), 60);
        assert_eq!(cost(Some(100), None, 4), 210);
        assert_eq!(cost(None, Some(100), 4), 210);
        assert_eq!(cost(Some(i32::MAX), None, 4), 210);
        for n in [0, -1, i32::MIN] {
            assert_eq!(cost(Some(n), None, 4), 12, "{n}");
        }
    }

    #[test]
    fn lists_in_memory_are_cut_as_others_are() {
        let cut = |first, last, cursor: Option<i64>, is_descending| {
            let mut page = parse(first, None, last, None).unwrap();
            page.cursor = cursor;
            let rows = page.cut(is_descending, vec![(3, ()), (1, ()), (4, ()), (2, ())]);
            rows.into_iter().map(|(place, ())| place).collect::<Vec<_>>()
        };
        assert_eq!(cut(Some(2), None, None, false), [1, 2, 3], "one more than shown");
        assert_eq!(cut(Some(2), None, Some(2), false), [3, 4]);
        assert_eq!(cut(Some(2), None, Some(3), true), [2, 1]);
        assert_eq!(cut(None, Some(2), None, false), [4, 3, 2]);
        assert_eq!(cut(None, Some(2), Some(2), true), [3, 4]);
    }

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
