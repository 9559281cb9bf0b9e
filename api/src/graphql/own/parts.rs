//! The parts: the SQL that reads each one, and how its rows arrive (as an array of records, see [`Part`]).

use diesel::sql_types::{Array, BigInt, Bool, Int4, Jsonb, Nullable, Text, Timestamptz};

use super::Asked;
use crate::{
    access::history::Change,
    db::part::{Part, record},
    eve::shown::{AllianceRow, CharacterRow, CorporationRow},
    groups,
    notifications::Notification,
    services::status::AccountRow,
};

/// By name, as everywhere.
const CHARACTERS: &str = "array(select row(c.id, c.name, c.corporation_id, c.alliance_id, c.faction_id, c.is_biomassed, o.user_id,
           k.name, k.ticker, k.alliance_id, k.member_count, k.is_closed, a.name, a.ticker, a.executor_corporation_id)
    from character_ownerships o join characters c on c.id = o.character_id
         left join corporations k on k.id = c.corporation_id left join alliances a on a.id = c.alliance_id
    where o.user_id = users.id order by c.name, c.id)";

/// A character and where it flies.
pub struct CharacterRecord {
    id: i64,
    name: String,
    corporation_id: Option<i64>,
    alliance_id: Option<i64>,
    faction_id: Option<i64>,
    is_biomassed: bool,
    owner_id: Option<i64>,
    corporation_name: Option<String>,
    corporation_ticker: Option<String>,
    corporation_alliance_id: Option<i64>,
    corporation_member_count: Option<i32>,
    corporation_is_closed: Option<bool>,
    alliance_name: Option<String>,
    alliance_ticker: Option<String>,
    alliance_executor_id: Option<i64>,
}

record! {
    CharacterType = CharacterRecord {
        id: BigInt,
        name: Text,
        corporation_id: Nullable<BigInt>,
        alliance_id: Nullable<BigInt>,
        faction_id: Nullable<BigInt>,
        is_biomassed: Bool,
        owner_id: Nullable<BigInt>,
        corporation_name: Nullable<Text>,
        corporation_ticker: Nullable<Text>,
        corporation_alliance_id: Nullable<BigInt>,
        corporation_member_count: Nullable<Int4>,
        corporation_is_closed: Nullable<Bool>,
        alliance_name: Nullable<Text>,
        alliance_ticker: Nullable<Text>,
        alliance_executor_id: Nullable<BigInt>,
    }
}

impl CharacterRecord {
    /// Splits it into the rows it is made of.
    pub fn split(self) -> (CharacterRow, Option<CorporationRow>, Option<AllianceRow>) {
        let corporation = self.corporation_id.map(|id| CorporationRow {
            id,
            name: self.corporation_name,
            ticker: self.corporation_ticker,
            alliance_id: self.corporation_alliance_id,
            member_count: self.corporation_member_count,
            is_closed: self.corporation_is_closed.unwrap_or_default(),
        });
        let alliance = self.alliance_id.map(|id| AllianceRow {
            id,
            name: self.alliance_name,
            ticker: self.alliance_ticker,
            executor_corporation_id: self.alliance_executor_id,
        });
        let character = CharacterRow {
            id: self.id,
            name: self.name,
            corporation_id: self.corporation_id,
            alliance_id: self.alliance_id,
            faction_id: self.faction_id,
            is_biomassed: self.is_biomassed,
            owner_id: self.owner_id,
        };
        (character, corporation, alliance)
    }
}

const ACCOUNTS: &str = "array(select row(user_id, service, external_name, actual, marked_revision, settled_revision, is_revocation,
           attempts, last_error, failure_kind, linked_at)
    from service_accounts where user_id = users.id)";

record! {
    AccountType = AccountRow {
        user_id: BigInt,
        service: Text,
        external_name: Text,
        actual: Nullable<Jsonb>,
        marked_revision: BigInt,
        settled_revision: BigInt,
        is_revocation: Bool,
        attempts: Int4,
        last_error: Nullable<Text>,
        failure_kind: Nullable<Text>,
        linked_at: Timestamptz,
    }
}

/// Newest first, with the cause.
const HISTORY: &str =
    "array(select row(h.id, h.at, h.kind, h.gained, h.lost, e.kind, e.summary, e.actor_name)
    from access_changes h join audit_entries e on e.id = h.audit_id
    where h.user_id = users.id order by h.id desc limit ?)";

record! {
    HistoryType = Change {
        id: BigInt,
        at: Timestamptz,
        kind: Text,
        gained: Array<Text>,
        lost: Array<Text>,
        cause_kind: Text,
        cause_summary: Text,
        cause_actor: Text,
    }
}

/// Newest first.
const NOTIFICATIONS: &str =
    "array(select row(id, user_id, level, kind, about, title, body, created_at, read_at)
    from notifications where user_id = users.id order by id desc limit ?)";

record! {
    NotificationType = Notification {
        id: BigInt,
        user_id: BigInt,
        level: Text,
        kind: Text,
        about: Nullable<Text>,
        title: Text,
        body: Text,
        created_at: Timestamptz,
        read_at: Nullable<Timestamptz>,
    }
}

/// The same of those that are not read.
const UNREAD_NOTIFICATIONS: &str =
    "array(select row(id, user_id, level, kind, about, title, body, created_at, read_at)
    from notifications where user_id = users.id and read_at is null order by id desc limit ?)";

const UNREAD: &str = "(select count(*) from notifications where user_id = users.id and read_at is null)";

/// The columns that can be cached.
pub type Columns = (
    Part<Array<CharacterType>>,
    Part<Array<HistoryType>>,
    Part<Array<NotificationType>>,
    Part<Array<NotificationType>>,
    Part<BigInt>,
    groups::StandingColumns,
);

/// What comes back.
pub type Row = (
    Option<Vec<CharacterRecord>>,
    Option<Vec<Change>>,
    Option<Vec<Notification>>,
    Option<Vec<Notification>>,
    Option<i64>,
    groups::StandingRow,
);

/// The column that is never cached.
pub fn accounts(asked: &Asked) -> Part<Array<AccountType>> {
    Part::all(ACCOUNTS, asked.accounts)
}

/// The columns for what is asked.
pub fn columns(asked: &Asked) -> Columns {
    (
        Part::all(CHARACTERS, asked.characters),
        Part::first(HISTORY, asked.history),
        Part::first(NOTIFICATIONS, asked.notifications),
        Part::first(UNREAD_NOTIFICATIONS, asked.unread_notifications),
        Part::all(UNREAD, asked.unread),
        groups::standing_columns(asked.groups),
    )
}
