//! Where a notification leads.

use fealty_shared::id::GroupId;

use super::Notification;

impl Notification {
    /// A path on this site, or `None` if there is nothing to see. Old notifications know less about what they refer
    /// to, and lead to the list it is in.
    #[must_use]
    pub fn href(&self) -> Option<String> {
        let group = self.about.as_deref().and_then(|about| about.parse::<GroupId>().ok());
        let path = match (self.kind.as_str(), group) {
            ("group_requested", Some(group)) => format!("/inbox?group={group}"),
            ("group_requested", None) => "/inbox".into(),
            ("group_joined" | "group_request_rejected", Some(group)) => format!("/groups/{group}"),
            ("group_joined" | "group_request_rejected", None) => "/groups".into(),
            // What was lost may be hidden from those who lost it; the history says why.
            ("group_lost" | "state_changed", _) => "/history".into(),
            ("service_revoked" | "service_account_gone", _) => "/services".into(),
            ("character_lost" | "character_biomassed" | "token_lost", _) => "/characters".into(),
            ("sync_stopped" | "sync_late" | "service_revocation_stuck" | "service_accounts_failing", _) => {
                "/status".into()
            }
            _ => return None,
        };
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{super::Level, *};

    fn href(kind: &str, about: Option<&str>) -> Option<String> {
        let notification = Notification {
            id: 1,
            user_id: 1,
            level: Level::Info,
            kind: kind.into(),
            about: about.map(Into::into),
            title: String::new(),
            body: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            read_at: None,
        };
        notification.href()
    }

    #[test]
    fn it_leads_to_what_it_is_about() {
        assert_eq!(href("group_requested", Some("group:7")).as_deref(), Some("/inbox?group=group:7"));
        assert_eq!(href("group_joined", Some("group:7")).as_deref(), Some("/groups/group:7"));
        assert_eq!(href("group_lost", Some("group:7")).as_deref(), Some("/history"));
        assert_eq!(href("sync_late", None).as_deref(), Some("/status"));
    }

    #[test]
    fn what_does_not_say_leads_to_the_list() {
        assert_eq!(href("group_requested", None).as_deref(), Some("/inbox"));
        assert_eq!(href("group_joined", None).as_deref(), Some("/groups"));
        for nonsense in ["user:7", "//evil.example", "group:7/../../x", "group:07"] {
            assert_eq!(href("group_joined", Some(nonsense)).as_deref(), Some("/groups"), "{nonsense}");
        }
        assert_eq!(href("unheard_of", Some("group:7")), None);
    }
}
