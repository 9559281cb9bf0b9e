//! A column that is computed by SQL text if it is asked for, and null if not.

use std::marker::PhantomData;

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{BigInt, Nullable, SqlType},
};

/// One part of what people see of themselves. The text may name the columns of the session's user and, once, a `?` that
/// stands for the limit.
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

/// The statement depends on what is asked for, so its text is what it stays prepared under: there are as many as there
/// are ways to combine the parts, and clients use few.
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
