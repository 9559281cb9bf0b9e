//! What an account should be: a pure function of what is known about the user.

use serde::{Deserialize, Serialize};

/// The main character's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Main {
    pub name: String,
}

/// What a role on a service stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StandsFor {
    /// A state, by id.
    State(i64),
    /// A group, by id.
    Group(i64),
}

/// A role or group that an account should have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WantedRole {
    pub name: String,
    pub stands_for: StandsFor,
}

/// What the decision depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whether the access engine allows the service.
    pub is_allowed: bool,
    /// Whether the user no longer wants the account.
    pub is_unlinked: bool,
    /// The user's state and groups.
    pub roles: Vec<WantedRole>,
    pub main: Option<Main>,
}

/// What the service should hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The name shown on the service.
    pub name: Option<String>,
    /// The state and the user's groups, sorted.
    pub roles: Vec<WantedRole>,
}

/// What is wanted; `None`: no account.
#[must_use]
pub fn wanted(facts: &Facts) -> Option<Wanted> {
    let main = facts.main.as_ref()?;
    if !facts.is_allowed || facts.is_unlinked {
        return None;
    }
    let mut roles = facts.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    Some(Wanted { name: Some(main.name.clone()), roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> Facts {
        Facts {
            is_allowed: true,
            is_unlinked: false,
            roles: vec![
                WantedRole { name: "Scouts".into(), stands_for: StandsFor::Group(7) },
                WantedRole { name: "Member".into(), stands_for: StandsFor::State(1) },
            ],
            main: Some(Main { name: "A Pilot".into() }),
        }
    }

    #[test]
    fn a_member_has_his_state_and_groups() {
        let wanted = wanted(&member()).unwrap();
        let names: Vec<&str> = wanted.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, ["Member", "Scouts"]);
        assert_eq!(wanted.name.as_deref(), Some("A Pilot"));
    }

    #[test]
    fn each_missing_condition_ends_it() {
        assert_eq!(wanted(&Facts { is_allowed: false, ..member() }), None);
        assert_eq!(wanted(&Facts { is_unlinked: true, ..member() }), None);
        assert_eq!(wanted(&Facts { main: None, ..member() }), None);
    }
}
