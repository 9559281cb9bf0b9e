//! Pages of long lists by key, not by offset: the thousandth page costs as much as the first, and rows that come or
//! go in between neither repeat nor hide others.
//!
//! Statements are assembled from literals in the code and placeholders; what a caller typed is bound ([`Sql`]), so
//! none of it becomes part of a statement. A page ([`Slice`]) continues after a cursor: a [`Position`] in lists
//! ordered by a text, a [`Moment`] in logs. Cursors come back from callers, and are validated as soon as they are
//! read. A [`List`] is ordered by one text expression and the id.

use chrono::{DateTime, Datelike, Utc};
use diesel::{
    QueryableByName,
    pg::Pg,
    query_builder::{BoxedSqlQuery, SqlQuery},
    sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::Conn;
use crate::{error::Result, text};

/// A position in a list: the ordering key and the id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(String, i64)", into = "(String, i64)")]
pub struct Position(pub String, pub i64);

impl TryFrom<(String, i64)> for Position {
    type Error = &'static str;

    fn try_from((key, id): (String, i64)) -> std::result::Result<Self, Self::Error> {
        // PostgreSQL's texts can contain anything but this.
        if key.contains('\0') { Err("no key has a NUL") } else { Ok(Self(key, id)) }
    }
}

impl From<Position> for (String, i64) {
    fn from(Position(key, id): Position) -> Self {
        (key, id)
    }
}

/// A position in a log: the time, to the microsecond, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(i64, i64)", into = "(i64, i64)")]
pub struct Moment {
    at: DateTime<Utc>,
    id: i64,
}

impl Moment {
    /// The position of an entry.
    #[must_use]
    pub const fn new(at: DateTime<Utc>, id: i64) -> Self {
        Self { at, id }
    }

    /// The time.
    #[must_use]
    pub const fn at(self) -> DateTime<Utc> {
        self.at
    }

    /// Which of the entries at that time.
    #[must_use]
    pub const fn id(self) -> i64 {
        self.id
    }
}

impl TryFrom<(i64, i64)> for Moment {
    type Error = &'static str;

    fn try_from((micros, id): (i64, i64)) -> std::result::Result<Self, Self::Error> {
        let at = DateTime::from_timestamp_micros(micros).filter(is_storable);
        Ok(Self { at: at.ok_or("no time of a log")?, id })
    }
}

impl From<Moment> for (i64, i64) {
    fn from(moment: Moment) -> Self {
        (moment.at.timestamp_micros(), moment.id)
    }
}

/// Whether the database can store it: its calendar ends before chrono's.
#[must_use]
pub fn is_storable(at: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&at.year())
}

/// A value bound by a statement.
#[derive(Debug)]
pub enum Value {
    Int(i64),
    Integer(i32),
    Text(String),
    Texts(Vec<String>),
    Time(DateTime<Utc>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::Texts(value)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Time(value)
    }
}

/// The values of a statement under construction.
#[derive(Debug, Default)]
pub struct Sql {
    values: Vec<Value>,
}

impl Sql {
    /// Takes a value and returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The statement with its values.
    pub fn finish(self, sql: impl Into<String>) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        self.values.into_iter().fold(sql_query(sql).into_boxed::<Pg>(), |query, value| match value {
            Value::Int(n) => query.bind::<BigInt, _>(n),
            Value::Integer(n) => query.bind::<Integer, _>(n),
            Value::Text(text) => query.bind::<Text, _>(text),
            Value::Texts(texts) => query.bind::<Array<Text>, _>(texts),
            Value::Time(at) => query.bind::<Timestamptz, _>(at),
        })
    }

    /// The number `n` that the statement returns.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(self, conn: &mut Conn, sql: impl Into<String>) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let row: Count = self.finish(sql).get_result(conn).await?;
        Ok(row.n)
    }
}

/// What rows come after.
pub trait Cursor {
    /// The placeholders for its key and its id.
    fn bind(&self, sql: &mut Sql) -> (String, String);
}

impl Cursor for Position {
    fn bind(&self, sql: &mut Sql) -> (String, String) {
        (format!("{} collate \"C\"", sql.bind(self.0.clone())), sql.bind(self.1))
    }
}

impl Cursor for Moment {
    fn bind(&self, sql: &mut Sql) -> (String, String) {
        (sql.bind(self.at), sql.bind(self.id))
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Slice<C> {
    pub is_descending: bool,
    /// After this, in the direction of the slice.
    pub after: Option<C>,
    pub limit: i64,
}

/// What a [`Slice`] adds to a statement.
#[derive(Debug)]
pub struct Clauses {
    /// A condition.
    pub behind: String,
    /// From `order by` on.
    pub end: String,
}

impl<C: Cursor> Slice<C> {
    /// For a list ordered by `key`, then `id`: expressions from the caller, texts in the collation "C".
    pub fn clauses(&self, sql: &mut Sql, key: &str, id: &str) -> Clauses {
        let (comparison, direction) = if self.is_descending { ("<", "desc") } else { (">", "asc") };
        let behind = self.after.as_ref().map_or_else(
            || "true".to_owned(),
            |cursor| {
                let (k, i) = cursor.bind(sql);
                format!("({key}, {id}) {comparison} ({k}, {i})")
            },
        );
        let limit = sql.bind(self.limit);
        Clauses { behind, end: format!("order by {key} {direction}, {id} {direction} limit {limit}") }
    }
}

/// A list under construction.
pub struct List {
    /// `from` with its joins.
    from: &'static str,
    /// Qualified id column.
    id: &'static str,
    conditions: Vec<String>,
    sql: Sql,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl List {
    /// A list of the rows of `from`, with the id column `id`. Both are literals from the caller.
    #[must_use]
    pub fn new(from: &'static str, id: &'static str) -> Self {
        Self { from, id, conditions: Vec::new(), sql: Sql::default() }
    }

    /// Adds a condition with one value; every `?` stands for that value.
    pub fn and_value(&mut self, condition: &str, value: impl Into<Value>) {
        let place = self.sql.bind(value);
        self.conditions.push(condition.replace('?', &place));
    }

    /// Adds a condition without a value.
    pub fn and(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    /// Adds one of two conditions, if either is wanted.
    pub fn and_whether(&mut self, yes: &str, no: &str, is_so: Option<bool>) {
        match is_so {
            Some(true) => self.and(yes),
            Some(false) => self.and(no),
            None => {}
        }
    }

    fn filter(&self) -> String {
        if self.conditions.is_empty() { "true".into() } else { self.conditions.join(" and ") }
    }

    /// Loads the positions of a slice, ordered by `key` (a literal from the caller) and id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(
        mut self,
        conn: &mut Conn,
        key: &str,
        slice: &Slice<Position>,
    ) -> Result<Vec<Position>> {
        let (from, id, filter) = (self.from, self.id, self.filter());
        let Clauses { behind, end } = slice.clauses(&mut self.sql, &format!("{key} collate \"C\""), id);
        let sql = format!("select {id} as id, {key} as key from {from} where {filter} and {behind} {end}");
        let rows: Vec<Row> = self.sql.finish(sql).load(conn).await?;
        Ok(rows.into_iter().map(|row| Position(row.key, row.id)).collect())
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(self, conn: &mut Conn) -> Result<i64> {
        let sql = format!("select count(*) as n from {} where {}", self.from, self.filter());
        self.sql.count(conn, sql).await
    }
}

/// A pattern for `ilike` that finds the searched text anywhere; `None`: nothing was searched.
#[must_use]
pub fn pattern(search: Option<&str>) -> Option<String> {
    text::searched(search).map(|text| contains(&text))
}

/// A pattern for `ilike` that finds `text` anywhere, taking its wildcards literally.
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
    fn what_is_searched_is_trimmed_and_bounded() {
        assert_eq!(pattern(Some(" a_b ")).as_deref(), Some("%a\\_b%"));
        assert_eq!((pattern(Some("  ")), pattern(None)), (None, None));
        let long = "x".repeat(text::MAX_SEARCH + 1);
        assert_eq!(pattern(Some(&long)).map(|text| text.len()), Some(text::MAX_SEARCH + 2));
    }

    #[test]
    fn values_are_numbered_in_order() {
        let mut list = List::new("t", "t.id");
        list.and_value("(a ilike ? or b ilike ?)", "x".to_owned());
        list.and("c");
        list.and_value("d = ?", 3_i64);
        list.and_whether("e", "not e", Some(false));
        assert_eq!(list.filter(), "(a ilike $1 or b ilike $1) and c and d = $2 and not e");
    }

    #[test]
    fn a_slice_goes_on_behind_its_cursor() {
        let mut sql = Sql::default();
        sql.bind(7_i32);
        let mut slice = Slice { is_descending: true, after: Some(Position("k".into(), 1)), limit: 26 };
        let Clauses { behind, end } = slice.clauses(&mut sql, "a", "b");
        assert_eq!(behind, "(a, b) < ($2 collate \"C\", $3)");
        assert_eq!(end, "order by a desc, b desc limit $4");
        (slice.is_descending, slice.after) = (false, None);
        let Clauses { behind, end } = slice.clauses(&mut sql, "a", "b");
        assert_eq!((behind.as_str(), end.as_str()), ("true", "order by a asc, b asc limit $5"));
    }

    #[test]
    fn cursors_that_cannot_be_are_refused_as_they_are_read() {
        assert!(serde_json::from_str::<Position>("[\"a\\u0000\",1]").is_err());
        assert_eq!(serde_json::from_str::<Position>("[\"a\",1]").unwrap(), Position("a".into(), 1));
        for micros in [i64::MIN, i64::MAX, -62_135_596_800_000_001] {
            assert!(Moment::try_from((micros, 1)).is_err(), "{micros}");
        }
        let moment = Moment::new(DateTime::from_timestamp_micros(1_795_305_600_123_456).unwrap(), 1);
        let text = serde_json::to_string(&moment).unwrap();
        assert_eq!(text, "[1795305600123456,1]");
        assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
    }
}
