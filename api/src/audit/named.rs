//! What an entry's before and after refer to: an id, in the API's spelling, and the name at that moment. Ids alone
//! mean nothing to somebody reading the log, and what they stood for may be gone by then.

use std::collections::HashMap;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Text},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::{GroupId, StateId, UserId};
use serde_json::{Value, json};

use crate::{db::Conn, error::Result};

/// A kind of thing that has an id and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    User,
    Group,
    State,
    Character,
    Corporation,
    Alliance,
    Faction,
}

impl Thing {
    const ALL: [Self; 7] = [
        Self::User,
        Self::Group,
        Self::State,
        Self::Character,
        Self::Corporation,
        Self::Alliance,
        Self::Faction,
    ];

    /// Its table, and the column with its name.
    const fn stored(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("users", "username"),
            Self::Group => ("groups", "name"),
            Self::State => ("states", "name"),
            Self::Character => ("characters", "name"),
            Self::Corporation => ("corporations", "name"),
            Self::Alliance => ("alliances", "name"),
            Self::Faction => ("factions", "name"),
        }
    }

    /// The id as the API spells it.
    fn spelled(self, id: i64) -> String {
        match self {
            Self::User => UserId(id).to_string(),
            Self::Group => GroupId(id).to_string(),
            Self::State => StateId(id).to_string(),
            Self::Character | Self::Corporation | Self::Alliance | Self::Faction => id.to_string(),
        }
    }
}

/// Things and their current names.
#[derive(Debug, Default)]
pub struct Named(HashMap<(Thing, i64), String>);

impl Named {
    /// Reads all the names in one statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(
        conn: &mut Conn,
        wanted: impl IntoIterator<Item = (Thing, impl IntoIterator<Item = i64>)>,
    ) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            place: i64,
            #[diesel(sql_type = Text)]
            name: String,
        }
        let things: Vec<(Thing, i64)> =
            wanted.into_iter().flat_map(|(thing, ids)| ids.into_iter().map(move |id| (thing, id))).collect();
        if things.is_empty() {
            return Ok(Self::default());
        }
        let parts = Thing::ALL.map(|thing| {
            let (table, column) = thing.stored();
            format!(
                "select w.place, t.{column} as name from wanted w join {table} t on t.id = w.id
                 where w.kind = '{thing:?}' and t.{column} is not null"
            )
        });
        let (kinds, ids): (Vec<String>, Vec<i64>) =
            things.iter().map(|(thing, id)| (format!("{thing:?}"), *id)).unzip();
        let rows: Vec<Row> = sql_query(format!(
            "with wanted as materialized (
                 select kind, id, place - 1 as place from unnest($1, $2) with ordinality as w (kind, id, place)
             ) {}",
            parts.join(" union all ")
        ))
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await?;
        let thing_at = |place: i64| usize::try_from(place).ok().and_then(|place| things.get(place)).copied();
        Ok(Self(rows.into_iter().filter_map(|row| Some((thing_at(row.place)?, row.name))).collect()))
    }

    /// `{"id": "user:42", "name": "Mirel"}`; leaves out the name if there is none.
    #[must_use]
    pub fn one(&self, thing: Thing, id: i64) -> Value {
        json!({ "id": thing.spelled(id), "name": self.0.get(&(thing, id)) })
    }

    /// A list of these, in the order of `ids`.
    #[must_use]
    pub fn all(&self, thing: Thing, ids: &[i64]) -> Value {
        ids.iter().map(|id| self.one(thing, *id)).collect()
    }
}
