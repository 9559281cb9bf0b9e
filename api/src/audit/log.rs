//! Reading the log, page by page, by time and id.
//!
//! An entry concerns a person who did it, or to whom it happened: as its object, because it changed their access,
//! because it is in a group's log next to their name, or because it was written as concerning them. Each of these
//! uses an index of its own, and so does each of several kinds; combined with `or`, the database would gather and
//! sort everything that matches. So each one is a *leg* of its own, read in order and no further than the page
//! reaches, and the legs are merged; no leg repeats an entry of an earlier one. Only the last one is gathered as a
//! whole: there is little that happened to a person apart from their own entries.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use fealty_shared::{id::UserId, permission::ViewLogEntry};

use crate::{
    db::{
        Conn,
        keyset::{self, Clauses, Moment, Slice, Sql, is_storable},
        schema::audit_chain as c,
    },
    error::{Error, Result},
    permissions::Grant,
    text::MAX_SEARCH,
};

/// The most kinds in one filter.
pub const MAX_KINDS: usize = 20;
/// The shortest text to search the whole log for: shorter ones are in no index.
pub const MIN_SEARCH: usize = 3;

/// Filter for entries. Fields that are not set do not limit anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A user who did it, or who it happened to.
    pub person: Option<i64>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    /// Any of these; empty: all.
    pub kinds: Vec<String>,
    /// Not before this.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub to: Option<DateTime<Utc>>,
    /// Part of the summary or of a name, ignoring case.
    pub search: Option<String>,
}

/// Parses a time as people write it: RFC 3339, or a date, which means its beginning in UTC.
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let date = |text: &str| Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(|| date(text))
}

/// One entry.
#[derive(Debug, QueryableByName)]
pub struct Entry {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    #[diesel(sql_type = Text)]
    pub actor_name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub object_kind: String,
    #[diesel(sql_type = Text)]
    pub object_id: String,
    #[diesel(sql_type = Text)]
    pub object_name: String,
    #[diesel(sql_type = Text)]
    pub summary: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub before: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub after: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub token_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub token_name: Option<String>,
}

const COLUMNS: &str = "x.id, x.at, x.actor_kind, x.actor_name, x.kind, x.object_kind, x.object_id, x.object_name, x.summary, \
                       x.before::text as before, x.after::text as after, x.request_id, x.token_id, x.token_name";

/// What is searched: the expression of the index.
const SEARCHED: &str = "(e.summary || E'\\n' || e.object_name || E'\\n' || e.actor_name)";

impl Filter {
    /// Cleans and checks what callers send: removes what the database cannot store, and refuses filters that
    /// contradict themselves or would read the whole log in vain.
    ///
    /// # Errors
    /// `Invalid` with the fields `filter.from`, `filter.to`, `filter.kinds` and `filter.search`.
    pub fn checked(mut self) -> Result<Self> {
        let invalid = |field, message: String| Err(Error::invalid(field, "invalid", message));
        for text in [&mut self.object_kind, &mut self.object_id].into_iter().flatten().chain(&mut self.kinds)
        {
            text.retain(|c| c != '\0');
        }
        // The searched texts are separated by line breaks.
        self.search =
            self.search.map(|text| text.replace(['\0', '\n'], "").chars().take(MAX_SEARCH).collect());
        self.search = self.search.filter(|text: &String| !text.trim().is_empty());
        if self.from.as_ref().is_some_and(|at| !is_storable(at)) {
            return invalid("filter.from", "The log cannot hold such a time.".into());
        }
        if self.to.as_ref().is_some_and(|at| !is_storable(at)) {
            return invalid("filter.to", "The log cannot hold such a time.".into());
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            return invalid("filter.to", "The end is before the start.".into());
        }
        if self.kinds.len() > MAX_KINDS {
            return invalid("filter.kinds", format!("Ask for at most {MAX_KINDS} kinds."));
        }
        self.kinds.sort_unstable();
        self.kinds.dedup();
        let is_narrow = self.person.is_some() || self.object_id.is_some();
        if !is_narrow && self.search.as_ref().is_some_and(|text| text.chars().count() < MIN_SEARCH) {
            let text = format!("Search for at least {MIN_SEARCH} characters, or within a person or object.");
            return invalid("filter.search", text);
        }
        Ok(self)
    }
}

/// A statement for the entries matching a filter: its legs, and what they bind.
struct Statement {
    legs: Vec<String>,
    sql: Sql,
}

impl Statement {
    fn new(filter: &Filter) -> Self {
        let mut sql = Sql::default();
        let mut common = String::from("true");
        let is_narrow = filter.person.is_some() || filter.object_id.is_some();
        let mut and = |condition: &str, place: String| {
            let _ = write!(common, " and {}", condition.replace('?', &place));
        };
        if let Some(kind) = &filter.object_kind {
            and("e.object_kind = ?", sql.bind(kind.clone()));
        }
        if let Some(id) = &filter.object_id {
            and("e.object_id = ?", sql.bind(id.clone()));
        }
        if let Some(from) = filter.from {
            and("e.at >= ?", sql.bind(from));
        }
        if let Some(to) = filter.to {
            and("e.at < ?", sql.bind(to));
        }
        if let Some(text) = &filter.search {
            and(&format!("{SEARCHED} ilike ?"), sql.bind(keyset::contains(text)));
        }
        // A person or object has few entries compared to the log, so their kinds are checked one by one.
        if is_narrow && !filter.kinds.is_empty() {
            and("e.kind = any (?)", sql.bind(filter.kinds.clone()));
        }
        let legs = match filter.person {
            Some(person) => {
                let (id, object) = (sql.bind(person), sql.bind(UserId(person).to_string()));
                let is_object = format!("e.object_kind = 'user' and e.object_id = {object}");
                let by_others = format!("e.actor_id is distinct from {id}");
                let concerned = format!(
                    "e.id = any (array(
                         select audit_id from audit_concerned where user_id = {id}
                         union select audit_id from access_changes where user_id = {id}
                         union select audit_id from group_log where user_id = {id} and audit_id is not null))"
                );
                vec![
                    format!("{common} and e.actor_id = {id}"),
                    format!("{common} and {is_object} and {by_others}"),
                    format!("{common} and {concerned} and not ({is_object}) and {by_others}"),
                ]
            }
            None if !is_narrow && !filter.kinds.is_empty() => filter
                .kinds
                .iter()
                .map(|kind| format!("{common} and e.kind = {}", sql.bind(kind.clone())))
                .collect(),
            None => vec![common],
        };
        Self { legs, sql }
    }

    /// The entries of a slice, as a table `x`. Each leg has the order and limit of the whole.
    fn select(&mut self, columns: &str, slice: &Slice<Moment>) -> String {
        let Clauses { behind, end } = slice.clauses(&mut self.sql, "at", "id");
        let legs: Vec<String> = self
            .legs
            .iter()
            .map(|leg| format!("(select e.* from audit_entries e where {leg} and {behind} {end})"))
            .collect();
        format!("select {columns} from ({}) x {end}", legs.join(" union all "))
    }

    /// The entries after one position of the chain `c` and up to another, in its order, as a table `x`.
    fn chained(&mut self, columns: &str, behind: i64, upto: i64, limit: i64) -> String {
        let [behind, upto, limit] = [behind, upto, limit].map(|n| self.sql.bind(n));
        let legs: Vec<String> = self.legs.iter().map(|leg| format!("({leg})")).collect();
        format!(
            "select {columns} from audit_chain c join audit_entries e on e.id = c.audit_id
                 cross join lateral (select e.*) x
             where c.position > {behind} and c.position <= {upto} and ({}) order by c.position limit {limit}",
            legs.join(" or ")
        )
    }
}

/// The entries of a slice.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    _grant: &Grant<ViewLogEntry>,
    filter: &Filter,
    slice: &Slice<Moment>,
) -> Result<Vec<Entry>> {
    let mut statement = Statement::new(filter);
    let sql = statement.select(COLUMNS, slice);
    Ok(statement.sql.finish(sql).load(conn).await?)
}

/// The last position of the chain; 0 while there is none.
///
/// # Errors
/// When the database fails.
pub async fn head(conn: &mut Conn) -> Result<i64> {
    let newest = c::table.order(c::position.desc()).select(c::position);
    Ok(newest.first(conn).await.optional()?.unwrap_or_default())
}

/// Up to `limit` entries after one position of the chain and up to another, in its order, with their positions.
///
/// # Errors
/// When the database fails.
pub async fn between(
    conn: &mut Conn,
    _grant: &Grant<ViewLogEntry>,
    filter: &Filter,
    (behind, upto): (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, Entry)>> {
    #[derive(QueryableByName)]
    struct Sealed {
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(embed)]
        entry: Entry,
    }
    let mut statement = Statement::new(filter);
    let sql = statement.chained(&format!("c.position, {COLUMNS}"), behind, upto, limit);
    let rows: Vec<Sealed> = statement.sql.finish(sql).load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.position, row.entry)).collect())
}

/// How many entries there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, _grant: &Grant<ViewLogEntry>, filter: &Filter) -> Result<i64> {
    let Statement { legs, sql } = Statement::new(filter);
    let counts: Vec<String> =
        legs.iter().map(|leg| format!("(select count(*) from audit_entries e where {leg})")).collect();
    sql.count(conn, format!("select {} as n", counts.join(" + "))).await
}

/// Where an export continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// By time.
    Beginning,
    /// By time, after this.
    Moment(Moment),
    /// In the order of the chain, after this position.
    Position(i64),
}

/// An entry as a line of JSON, produced by the database, and where it is.
#[derive(Debug, QueryableByName)]
pub(super) struct Line {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub text: String,
}

impl Line {
    pub(super) const fn moment(&self) -> Moment {
        Moment::new(self.at, self.id)
    }

    /// The position in the chain.
    pub(super) const fn position(&self) -> i64 {
        self.position
    }
}

/// The fields are documented in `docs/api.md`, in this order: what a person looks for comes first.
const LINE: &str = r#"x.id, x.at, coalesce(c.position, 0) as position, (
    select row_to_json(line)::text from (
        select 'audit:' || x.id as id, to_char(x.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, x.kind,
               x.actor_kind as "actorKind", 'user:' || x.actor_id as "actorId", x.actor_name as "actorName",
               'token:' || x.token_id as "tokenId", x.token_name as "tokenName",
               x.object_kind as "objectKind", x.object_id as "objectId", x.object_name as "objectName", x.summary,
               x.before, x.after, x.request_id as "requestId", c.position, encode(c.hash, 'hex') as hash
        from (select) one
    ) line) as text"#;

/// Entries with their positions in the chain, as lines.
fn sealed(entries: &str) -> String {
    format!(
        "select {LINE} from ({entries}) x left join audit_chain c on c.audit_id = x.id order by x.at, x.id"
    )
}

/// Up to `limit` lines, oldest first.
pub(super) async fn lines(conn: &mut Conn, filter: &Filter, from: From, limit: i64) -> Result<Vec<Line>> {
    let mut statement = Statement::new(filter);
    let mut by_time = |after| {
        let slice = Slice { is_descending: false, after, limit };
        sealed(&statement.select("x.*", &slice))
    };
    let sql = match from {
        From::Beginning => by_time(None),
        From::Moment(moment) => by_time(Some(moment)),
        From::Position(position) => statement.chained(LINE, position, i64::MAX, limit),
    };
    Ok(statement.sql.finish(sql).load(conn).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(filter: Filter) -> Vec<&'static str> {
        match filter.checked() {
            Err(Error::Invalid(problems)) => problems.iter().map(|p| p.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn time(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let from = Filter {
            from: time("2026-02-01T00:00:00Z"),
            to: time("2026-01-01T00:00:00Z"),
            ..Filter::default()
        };
        assert_eq!(fields(from), ["filter.to"]);
        for at in ["+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"] {
            assert_eq!(fields(Filter { from: time(at), ..Filter::default() }), ["filter.from"]);
            assert_eq!(fields(Filter { to: time(at), ..Filter::default() }), ["filter.to"]);
        }
        let kinds = (0..=MAX_KINDS).map(|n| n.to_string()).collect();
        assert_eq!(fields(Filter { kinds, ..Filter::default() }), ["filter.kinds"]);
        let short = Filter { search: Some("ab".into()), ..Filter::default() };
        assert_eq!(fields(short.clone()), ["filter.search"]);
        assert!(Filter { person: Some(1), ..short.clone() }.checked().is_ok());
        assert!(Filter { object_id: Some("state:1".into()), ..short }.checked().is_ok());
    }

    #[test]
    fn texts_are_made_storable() {
        let filter = Filter {
            object_kind: Some("us\0er".into()),
            kinds: vec!["b".into(), "a\0".into(), "b".into()],
            search: Some(" \n\0".into()),
            ..Filter::default()
        };
        let filter = filter.checked().unwrap();
        assert_eq!(filter.object_kind.as_deref(), Some("user"));
        assert_eq!(filter.kinds, ["a", "b"]);
        assert_eq!(filter.search, None);
    }

    #[test]
    fn times_are_moments_or_days() {
        assert_eq!(parse_time("2026-02-01"), time("2026-02-01T00:00:00Z"));
        assert_eq!(parse_time("2026-02-01T01:00:00+01:00"), time("2026-02-01T00:00:00Z"));
        for text in ["", "yesterday", "2026-02-30", "2026-02-01T00:00:00"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_span_of_time_is_none() {
        let at = time("2026-02-01T00:00:00Z");
        assert!(Filter { from: at, to: at, ..Filter::default() }.checked().is_ok());
    }

    #[test]
    fn every_leg_is_limited() {
        let filter = Filter { kinds: vec!["a".into(), "b".into()], ..Filter::default() };
        let mut statement = Statement::new(&filter);
        assert_eq!(statement.legs.len(), 2);
        let sql = statement.select("x.id", &Slice { is_descending: true, after: None, limit: 26 });
        assert_eq!(sql.matches("limit $3").count(), 3, "{sql}");
        let person = Statement::new(&Filter { person: Some(7), ..filter });
        assert_eq!(person.legs.len(), 3);
        assert!(person.legs.iter().all(|leg| leg.contains("e.kind = any ($1)")));
    }
}
