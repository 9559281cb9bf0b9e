//! Which roles of a service are ours, and which are left alone.

use std::collections::{HashMap, HashSet};

use super::StandsFor;

/// What Fealty knows of a service's roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleRegistry {
    /// Ids of the roles that stand for a state or group.
    pub current: HashMap<StandsFor, String>,
    /// Ids of roles that stood for one that was deleted, or that has another role now. They are taken from accounts, like
    /// any role that is not wanted, whatever their names.
    pub former: HashSet<String>,
    /// Reserved group names, in lower case.
    pub reserved: HashSet<String>,
}

impl RoleRegistry {
    /// Whether accounts keep this role if they have it: it is not ours, and its name is reserved in any case, because
    /// somebody else gives and takes it (reference manual, "Reserved group names").
    #[must_use]
    pub fn is_left_alone(&self, id: &str, name: &str) -> bool {
        let is_ours = self.former.contains(id) || self.current.values().any(|ours| ours == id);
        !is_ours && self.reserved.contains(&name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_protect_only_roles_that_are_not_ours() {
        let registry = RoleRegistry {
            current: [(StandsFor::Group(1), "10".to_owned())].into(),
            former: ["11".to_owned()].into(),
            reserved: ["admins".to_owned()].into(),
        };
        assert!(registry.is_left_alone("12", "AdMins"));
        assert!(!registry.is_left_alone("12", "Admin"));
        assert!(!registry.is_left_alone("10", "admins"));
        assert!(!registry.is_left_alone("11", "admins"));
    }
}
