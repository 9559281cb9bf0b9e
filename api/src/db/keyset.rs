//! Pages of long lists by key, not by offset: the thousandth page costs what the first does, and rows that come or go
//! in between neither repeat nor hide others.
//!
//! A list is ordered by one text expression and the id. Conditions are collected with their values, so that nothing a
//! caller typed becomes part of a statement.

use diesel::{
    QueryableByName,
    pg::Pg,
    query_builder::{BoxedSqlQuery, SqlQuery},
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::error::{Error, Result};

/// A position in a list: the ordering key and the id.
pub type Position = (String, i64);

enum Value {
    Int(i64),
    Text(String),
}

/// A list under construction.
pub struct List {
    /// `from` with its joins.
    from: &'static str,
    /// Qualified id column.
    id: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl List {
    /// A list of the rows of `from`, by the id column `id`. Both are literals of the caller.
    #[must_use]
    pub const fn new(from: &'static str, id: &'static str) -> Self {
        Self { from, id, conditions: Vec::new(), values: Vec::new() }
    }

    /// Adds a condition with one number; `?` stands for it.
    pub fn and_int(&mut self, condition: &'static str, value: i64) {
        self.values.push(Value::Int(value));
        self.push(condition);
    }

    /// Adds a condition with one text; every `?` stands for it.
    pub fn and_text(&mut self, condition: &'static str, value: String) {
        self.values.push(Value::Text(value));
        self.push(condition);
    }

    /// Adds a condition without value.
    pub fn and(&mut self, condition: &'static str) {
        self.conditions.push(condition.to_owned());
    }

    fn push(&mut self, condition: &str) {
        self.conditions.push(condition.replace('?', &format!("${}", self.values.len())));
    }

    fn filter(&self) -> String {
        if self.conditions.is_empty() { "true".into() } else { self.conditions.join(" and ") }
    }

    fn bound(values: Vec<Value>, sql: String) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        values.into_iter().fold(sql_query(sql).into_boxed::<Pg>(), |query, value| match value {
            Value::Int(n) => query.bind::<BigInt, _>(n),
            Value::Text(text) => query.bind::<Text, _>(text),
        })
    }

    /// Loads positions and ids, ordered by `key` (a literal of the caller) and id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(
        self,
        conn: &mut Conn,
        key: &str,
        is_descending: bool,
        after: Option<&Position>,
        limit: i64,
    ) -> Result<Vec<Position>> {
        if after.is_some_and(|(key, _)| key.contains('\0')) {
            return Err(Error::invalid("after", "invalid", "This is no cursor of this list."));
        }
        let Self { from, id, .. } = self;
        let mut filter = self.filter();
        let mut values = self.values;
        let (comparison, direction) = if is_descending { ("<", "desc") } else { (">", "asc") };
        if let Some((text, last)) = after {
            values.push(Value::Text(text.clone()));
            values.push(Value::Int(*last));
            let (k, i) = (values.len() - 1, values.len());
            filter =
                format!("{filter} and ({key} collate \"C\", {id}) {comparison} (${k} collate \"C\", ${i})");
        }
        values.push(Value::Int(limit));
        let sql = format!(
            "select {id} as id, {key} as key from {from} where {filter}
             order by {key} collate \"C\" {direction}, {id} {direction} limit ${}",
            values.len()
        );
        let rows: Vec<Row> = Self::bound(values, sql).load(conn).await?;
        Ok(rows.into_iter().map(|row| (row.key, row.id)).collect())
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(self, conn: &mut Conn) -> Result<i64> {
        let sql = format!("select count(*) as n from {} where {}", self.from, self.filter());
        let row: Count = Self::bound(self.values, sql).get_result(conn).await?;
        Ok(row.n)
    }
}

/// A pattern for `ilike` that finds `text` anywhere, its own wildcards taken literally.
#[must_use]
pub fn contains(text: &str) -> String {
    format!("%{}%", escape(text))
}

/// A pattern for `ilike` that finds `text` at the start.
#[must_use]
pub fn starts_with(text: &str) -> String {
    format!("{}%", escape(text))
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_literal() {
        assert_eq!(contains("100%_\\"), "%100\\%\\_\\\\%");
    }

    #[test]
    fn values_are_numbered_in_order() {
        let mut list = List::new("t", "t.id");
        list.and_text("(a ilike ? or b ilike ?)", "x".into());
        list.and("c");
        list.and_int("d = ?", 3);
        assert_eq!(list.filter(), "(a ilike $1 or b ilike $1) and c and d = $2");
    }
}
