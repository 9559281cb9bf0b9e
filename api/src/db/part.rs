//! Columns computed by SQL text if they are asked for, and null otherwise: what belongs to a user, read in the same
//! statement as the user's row. Lists arrive as arrays of records.

use std::marker::PhantomData;

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{BigInt, Nullable, SqlType},
};

/// One part of what belongs to a user. The text may use the columns of `users` and, once, a `?`
/// that stands for the limit.
#[derive(Debug, Clone, Copy)]
pub struct Part<T> {
    sql: Option<&'static str>,
    limit: i64,
    sql_type: PhantomData<T>,
}

impl<T> Part<T> {
    /// All of it.
    pub fn all(sql: &'static str, is_asked: bool) -> Self {
        Self { sql: is_asked.then_some(sql), limit: 0, sql_type: PhantomData }
    }

    /// The first rows of it.
    pub fn first(sql: &'static str, limit: Option<i64>) -> Self {
        Self { sql: limit.map(|_| sql), limit: limit.unwrap_or_default(), sql_type: PhantomData }
    }
}

impl<T> QueryFragment<Pg> for Part<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some(sql) = self.sql else {
            out.push_sql("null");
            return Ok(());
        };
        match sql.split_once('?') {
            None => out.push_sql(sql),
            Some((before, after)) => {
                out.push_sql(before);
                out.push_bind_param::<BigInt, i64>(&self.limit)?;
                out.push_sql(after);
            }
        }
        Ok(())
    }
}

/// The statement depends on what is asked for, so it is prepared under its text: there are as many as there are
/// combinations of parts, and clients use few of them.
impl<T> QueryId for Part<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: SqlType> Expression for Part<T>
where
    Nullable<T>: diesel::expression::TypedExpressionType,
    T: SqlType<IsNull = diesel::sql_types::is_nullable::NotNull>,
{
    type SqlType = Nullable<T>;
}

impl<T> ValidGrouping<()> for Part<T> {
    type IsAggregate = is_aggregate::Never;
}

impl<T, Source> AppearsOnTable<Source> for Part<T> where Self: Expression {}
impl<T, Source> SelectableExpression<Source> for Part<T> where Self: Expression {}

/// Creates a row from the columns of an SQL `row(..)`, in this order. `$name` is the SQL type of that record.
macro_rules! record {
    ($vis:vis $name:ident = $row:ident { $($field:ident: $type:ty,)* }) => {
        $vis type $name = diesel::sql_types::Record<($($type,)*)>;

        impl diesel::deserialize::FromSql<$name, diesel::pg::Pg> for $row {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let ($($field,)*) = diesel::deserialize::FromSql::<$name, diesel::pg::Pg>::from_sql(value)?;
                Ok(Self { $($field,)* })
            }
        }
    };
}

pub(crate) use record;
