//! Which account is wanted: a pure function of what is known of the user.

use serde::{Deserialize, Serialize};

/// The main character's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Main {
    pub name: String,
}

/// What the decision depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The access engine allows the service.
    pub is_allowed: bool,
    /// The user does not want the account any more.
    pub is_unlinked: bool,
    pub state: String,
    /// Names of the user's groups.
    pub groups: Vec<String>,
    pub main: Option<Main>,
}

/// What the service should hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The name shown on the service.
    pub name: Option<String>,
    /// Names of roles or groups there: the state and the user's groups, sorted, without duplicates.
    pub groups: Vec<String>,
}

/// What is wanted; `None`: no account.
#[must_use]
pub fn wanted(facts: &Facts) -> Option<Wanted> {
    let main = facts.main.as_ref()?;
    if !facts.is_allowed || facts.is_unlinked {
        return None;
    }
    let mut groups: Vec<String> = facts.groups.iter().cloned().chain([facts.state.clone()]).collect();
    groups.sort_unstable();
    groups.dedup();
    Some(Wanted { name: Some(main.name.clone()), groups })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> Facts {
        Facts {
            is_allowed: true,
            is_unlinked: false,
            state: "Member".into(),
            groups: vec!["Scouts".into(), "Member".into()],
            main: Some(Main { name: "A Pilot".into() }),
        }
    }

    #[test]
    fn a_member_has_his_state_and_groups() {
        let wanted = wanted(&member()).unwrap();
        assert_eq!(wanted.groups, ["Member", "Scouts"]);
        assert_eq!(wanted.name.as_deref(), Some("A Pilot"));
    }

    #[test]
    fn each_missing_condition_ends_it() {
        assert_eq!(wanted(&Facts { is_allowed: false, ..member() }), None);
        assert_eq!(wanted(&Facts { is_unlinked: true, ..member() }), None);
        assert_eq!(wanted(&Facts { main: None, ..member() }), None);
    }
}
