//! Whether the log is what was written: recomputes the chain in one statement and names the
//! first place where it breaks.
//!
//! What it cannot see on its own: that somebody who owns the database cut off the end of the chain, or
//! recomputed it from some point on. To detect that, keep a note elsewhere of the head it prints, and pass it in
//! later as the [`Expected`] head.

use std::{fmt, str::FromStr};

use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Bytea, Nullable},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::AuditEntryId;

use crate::{
    db::Conn,
    error::{Error, Result},
};

/// A link that was seen at another time, as `HEX` or `HEX@POSITION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    hash: Vec<u8>,
    position: Option<i64>,
}

impl FromStr for Expected {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hash, position) = match text.split_once('@') {
            None => (text, None),
            Some((hash, position)) => {
                let position: i64 = position.parse().map_err(|_| "the position is a number")?;
                (hash, Some(position).filter(|n| *n > 0))
            }
        };
        let hash = hex::decode(hash).map_err(|_| "a head is HEX or HEX@POSITION")?;
        if hash.len() == 32 && (position.is_some() || !text.contains('@')) {
            Ok(Self { hash, position })
        } else {
            Err("a head is 64 hexadecimal digits, and a position from 1 on")
        }
    }
}

/// What is wrong with a place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The entry, or its link, is not what was sealed.
    Changed,
    /// There is a link, but no entry.
    Missing,
    /// There is neither link nor entry.
    Gap,
    /// The link or the entry belongs somewhere else.
    OutOfOrder,
    /// There is an entry, but no link.
    NotInChain,
    /// The expected head is not in the chain: its end was cut off, or it was recomputed.
    HeadMissing,
}

/// The first place that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    pub flaw: Flaw,
    /// The position in the chain, if it has one.
    pub position: Option<i64>,
    /// The entry's id, if known.
    pub audit_id: Option<i64>,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.audit_id, self.position) {
            (Some(id), Some(position)) => write!(f, "entry {} at position {position} ", AuditEntryId(id))?,
            (Some(id), None) => write!(f, "entry {} ", AuditEntryId(id))?,
            (None, Some(position)) => write!(f, "position {position} ")?,
            (None, None) => {}
        }
        f.write_str(match self.flaw {
            Flaw::Changed => "was changed: it does not match its hash",
            Flaw::Missing => "is missing: its link is there, the entry is not",
            Flaw::Gap => "is missing: both the entry and its link are gone",
            Flaw::OutOfOrder => "is out of order",
            Flaw::NotInChain => "is not in the chain",
            Flaw::HeadMissing => {
                "is not in the chain with the expected hash: the end was cut off, or the chain was made anew"
            }
        })
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Number of entries in the log.
    pub entries: i64,
    /// The last link: position and hash. `None` for an empty log.
    pub head: Option<(i64, Vec<u8>)>,
    /// `None`: everything is as it was written.
    pub first_break: Option<Break>,
}

#[derive(QueryableByName)]
struct Pass {
    #[diesel(sql_type = BigInt)]
    entries: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    broken: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    unsealed: Option<i64>,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = BigInt)]
    audit_id: i64,
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Reads the whole log as of one moment, at about ten microseconds per entry.
///
/// # Errors
/// When the database fails.
pub async fn verify(conn: &mut Conn, expected: Option<&Expected>) -> Result<Report> {
    conn.build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |conn| {
            // Each link is compared with what follows from the previous one as stored: if all agree, all are right.
            // No link needs another one's result, so the database can spread the work over several processes.
            let pass: Pass = sql_query(
                "select (select count(*) from audit_entries) as entries,
                        (select min(c.position)
                         from audit_chain c
                         left join audit_chain p on p.position = c.position - 1
                         left join audit_entries e on e.id = c.audit_id
                         where e.id is null or (p.position is null and c.position <> 1)
                            or c.hash <> audit_hash(p.hash, e)) as broken,
                        (select min(e.id) from audit_entries e
                         where not exists (select from audit_chain c where c.audit_id = e.id)) as unsealed",
            )
            .get_result(conn)
            .await?;
            let head: Option<Link> =
                sql_query("select position, audit_id, hash from audit_chain order by position desc limit 1")
                    .get_result(conn)
                    .await
                    .optional()?;
            let first_break = match (pass.broken, pass.unsealed) {
                (Some(position), _) => Some(look_at(conn, position).await?),
                (None, Some(id)) => {
                    Some(Break { flaw: Flaw::NotInChain, position: None, audit_id: Some(id) })
                }
                (None, None) => match expected {
                    Some(expected) => missing_head(conn, expected).await?,
                    None => None,
                },
            };
            let head = head.map(|link| (link.position, link.hash));
            Ok(Report { entries: pass.entries, head, first_break })
        })
        .await
}

async fn missing_head(conn: &mut Conn, expected: &Expected) -> Result<Option<Break>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        is_there: bool,
    }
    let found: Found = sql_query(
        "select exists (select from audit_chain where hash = $1 and position = coalesce($2, position)) as is_there",
    )
    .bind::<Bytea, _>(&expected.hash)
    .bind::<Nullable<BigInt>, _>(expected.position)
    .get_result(conn)
    .await?;
    let lost = Break { flaw: Flaw::HeadMissing, position: expected.position, audit_id: None };
    Ok((!found.is_there).then_some(lost))
}

/// What is wrong with the first link that does not follow from the previous one.
async fn look_at(conn: &mut Conn, position: i64) -> Result<Break> {
    let links: Vec<Link> = sql_query(
        "select position, audit_id, hash from audit_chain where position <= $1 order by position desc limit 2",
    )
    .bind::<BigInt, _>(position)
    .load(conn)
    .await?;
    let mut links = links.into_iter();
    let link = links.next().ok_or_else(|| Error::internal("a broken link that is not there"))?;
    let previous = links.next();
    let (last, hash) = previous.map_or((0, None), |p| (p.position, Some(p.hash)));
    if last + 1 < position {
        return gap(conn, last + 1, hash, &link).await;
    }
    let entry: Option<Id> = sql_query("select id from audit_entries where id = $1")
        .bind::<BigInt, _>(link.audit_id)
        .get_result(conn)
        .await
        .optional()?;
    let at = |flaw| Break { flaw, position: Some(position), audit_id: Some(link.audit_id) };
    if entry.is_none() {
        return Ok(at(Flaw::Missing));
    }
    // Was it sealed after another link, or was another entry sealed here? Then nothing was rewritten, only moved.
    let moved: Option<Id> = sql_query(
        "(select e.id from audit_entries e where e.id <> $1 and audit_hash($2, e) = $3 limit 1)
         union all
         (select c.audit_id from audit_chain c join audit_entries e on e.id = $1
          where audit_hash(c.hash, e) = $3 limit 1)
         limit 1",
    )
    .bind::<BigInt, _>(link.audit_id)
    .bind::<Nullable<Bytea>, _>(hash)
    .bind::<Bytea, _>(&link.hash)
    .get_result(conn)
    .await
    .optional()?;
    Ok(at(if moved.is_some() { Flaw::OutOfOrder } else { Flaw::Changed }))
}

/// Links are missing between `hash` and `next`. If it is only one and its entry still exists, we can tell which.
async fn gap(conn: &mut Conn, position: i64, hash: Option<Vec<u8>>, next: &Link) -> Result<Break> {
    let entry: Option<Id> = sql_query(
        "select e.id from audit_entries e join audit_entries n on n.id = $2
         where not exists (select from audit_chain c where c.audit_id = e.id)
           and audit_hash(audit_hash($1, e), n) = $3 limit 1",
    )
    .bind::<Nullable<Bytea>, _>(hash)
    .bind::<BigInt, _>(next.audit_id)
    .bind::<Bytea, _>(&next.hash)
    .get_result(conn)
    .await
    .optional()?;
    let flaw = if entry.is_some() { Flaw::NotInChain } else { Flaw::Gap };
    Ok(Break { flaw, position: Some(position), audit_id: entry.map(|row| row.id) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expected_head_is_a_hash_and_perhaps_a_position() {
        let hash = "ab".repeat(32);
        let parsed: Expected = hash.parse().unwrap();
        assert_eq!(parsed, Expected { hash: vec![0xab; 32], position: None });
        let parsed: Expected = format!("{hash}@7").parse().unwrap();
        assert_eq!(parsed.position, Some(7));
        for text in [
            "",
            "ab",
            "@7",
            &format!("{hash}@"),
            &format!("{hash}@0"),
            &format!("{hash}@x"),
            &"zz".repeat(32),
        ] {
            assert!(text.parse::<Expected>().is_err(), "{text}");
        }
    }
}
