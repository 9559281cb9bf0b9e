//! Typed ids. In the API an id is an opaque string such as `user:42`; the prefix keeps one kind from
//! being taken for another.

use std::{fmt, str::FromStr};

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub i64);

        impl $name {
            /// The part before the colon.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, ":{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let digits = text.strip_prefix(concat!($prefix, ":")).ok_or(InvalidId)?;
                // One spelling per id: no sign, no leading zero.
                let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
                if !canonical {
                    return Err(InvalidId);
                }
                digits.parse().map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

ids! {
    /// A user of this site.
    UserId = "user";
    /// A state such as Member.
    StateId = "state";
    /// A browser session.
    SessionId = "session";
    /// A notification.
    NotificationId = "notification";
    /// An entry of the access history.
    AccessChangeId = "change";
    /// A group.
    GroupId = "group";
    /// A request to join or leave a group.
    GroupRequestId = "group_request";
    /// An entry of a group's log.
    GroupLogEntryId = "group_log";
    /// A name that no group may have.
    ReservedGroupNameId = "reserved_group_name";
    /// An entry of the audit log.
    AuditEntryId = "audit";
    /// A bot's token.
    ApiTokenId = "token";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_round_trip() {
        assert_eq!(UserId(42).to_string(), "user:42");
        assert_eq!("user:42".parse(), Ok(UserId(42)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "42",
            "user:",
            "user:-1",
            "user:+1",
            "user:01",
            "user:1 ",
            "state:1",
            "user:99999999999999999999",
        ] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text}");
        }
    }
}
