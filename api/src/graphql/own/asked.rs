//! Which parts of [`super::Own`] an operation asks for.

use async_graphql::{
    Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use crate::graphql::connection::{DEFAULT_PAGE, MAX_PAGE};

/// What to read. For lists: how many rows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Characters with their corporations and alliances.
    pub characters: bool,
    /// Service accounts. They are never cached.
    pub accounts: bool,
    pub history: Option<i64>,
    pub notifications: Option<i64>,
    /// Of those that are not read.
    pub unread_notifications: Option<i64>,
    /// How many notifications are unread.
    pub unread: bool,
    /// Memberships and requests.
    pub groups: bool,
}

/// How many fields are looked at: fragments within fragments could go on for ever, and
/// nothing has been validated yet.
const LOOKED_AT: usize = 500;

impl Asked {
    /// What an operation asks for; `None` for anything but a query.
    pub fn by(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Option<Self> {
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => operation,
            DocumentOperations::Multiple(all) => match operation {
                Some(name) => all.get(name)?,
                None => all.values().next()?,
            },
        };
        if operation.node.ty != OperationType::Query {
            return None;
        }
        let mut look = Look { document, variables, left: LOOKED_AT, asked: Self::default() };
        look.each(&operation.node.selection_set.node, Look::at_root);
        Some(look.asked)
    }

    /// Whether this includes everything cacheable in `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.with(other) == *self
    }

    /// Both combined, as far as it can be cached.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self {
            characters: self.characters || other.characters,
            accounts: false,
            history: self.history.max(other.history),
            notifications: self.notifications.max(other.notifications),
            unread_notifications: self.unread_notifications.max(other.unread_notifications),
            unread: self.unread || other.unread,
            groups: self.groups || other.groups,
        }
    }
}

struct Look<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    left: usize,
    asked: Asked,
}

impl<'d> Look<'d> {
    /// Calls `visit` with the fields of a selection, including those in fragments.
    fn each(&mut self, set: &'d SelectionSet, visit: fn(&mut Self, &'d Field)) {
        for item in &set.items {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            match &item.node {
                Selection::Field(field) => visit(self, &field.node),
                Selection::InlineFragment(fragment) => self.each(&fragment.node.selection_set.node, visit),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.each(&fragment.node.selection_set.node, visit);
                    }
                }
            }
        }
    }

    fn at_root(&mut self, field: &'d Field) {
        if field.name.node == "viewer" {
            self.each(&field.selection_set.node, Self::at_viewer);
        }
    }

    fn at_viewer(&mut self, field: &'d Field) {
        match field.name.node.as_str() {
            "user" => self.each(&field.selection_set.node, Self::at_user),
            "unreadNotifications" => self.asked.unread = true,
            "groups" => self.asked.groups = true,
            "notifications" => {
                let rows = self.rows(field);
                let list = if self.argument(field, "unread") == Value::Boolean(true) {
                    &mut self.asked.unread_notifications
                } else {
                    &mut self.asked.notifications
                };
                *list = (*list).max(rows);
            }
            _ => {}
        }
    }

    fn at_user(&mut self, field: &'d Field) {
        match field.name.node.as_str() {
            "characters" | "mainCharacter" => self.asked.characters = true,
            "services" => self.asked.accounts = true,
            "history" => self.asked.history = self.asked.history.max(self.rows(field)),
            _ => {}
        }
    }

    /// How many rows of a list to read, plus one to see whether it continues; `None` unless the
    /// first ones are asked for.
    fn rows(&self, field: &Field) -> Option<i64> {
        if ["after", "before", "last"].iter().any(|name| self.argument(field, name) != Value::Null) {
            return None;
        }
        let size = match self.argument(field, "first") {
            Value::Null => DEFAULT_PAGE,
            Value::Number(size) => usize::try_from(size.as_u64()?).ok()?,
            _ => return None,
        };
        i64::try_from(size.min(MAX_PAGE) + 1).ok()
    }

    fn argument(&self, field: &Field, name: &str) -> Value {
        field
            .get_argument(name)
            .and_then(|value| {
                value.node.clone().into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn asked(query: &str) -> Option<Asked> {
        let variables = Variables::from_json(json!({"n": 3, "cursor": "x", "yes": true}));
        Asked::by(&parse_query(query).unwrap(), None, &variables)
    }

    #[test]
    fn only_what_is_asked_is_read() {
        assert_eq!(asked("{ site { name } viewer { user { username } } }"), Some(Asked::default()));
        assert_eq!(asked("mutation { logout { status } }"), None);
        let all = asked(
            "query A { viewer { ...V } } fragment V on Viewer { unreadNotifications groups { id } notifications(first: 5) { nodes { id } }
             user { ... on User { mainCharacter { id } services { key } history { nodes { id } } } } }",
        );
        let expected = Asked {
            characters: true,
            accounts: true,
            history: Some(26),
            notifications: Some(6),
            unread_notifications: None,
            unread: true,
            groups: true,
        };
        assert_eq!(all, Some(expected));
    }

    #[test]
    fn only_the_first_rows_of_a_list_are_read() {
        let rows = |arguments: &str| {
            asked(&format!("query($n: Int, $cursor: String, $none: String) {{ viewer {{ notifications{arguments} {{ nodes {{ id }} }} }} }}"))
                .unwrap()
                .notifications
        };
        assert_eq!(rows("(first: $n)"), Some(4));
        assert_eq!(rows("(first: $n, after: $none)"), Some(4));
        assert_eq!(rows("(first: 1000)"), Some(101));
        for other in
            ["(first: 2, after: $cursor)", "(last: 2)", "(unread: true)", "(first: -1)", "(first: \"2\")"]
        {
            assert_eq!(rows(other), None, "{other}");
        }
        let twice = "{ viewer { a: notifications(first: 2) { nodes { id } } notifications(first: 7) { nodes { id } } } }";
        assert_eq!(asked(twice).unwrap().notifications, Some(8));
    }

    #[test]
    fn unread_notifications_are_a_list_of_their_own() {
        let lists = |arguments: &str| {
            let asked = asked(&format!(
                "query($n: Int, $cursor: String, $yes: Boolean) {{ viewer {{ notifications{arguments} {{ nodes {{ id }} }} }} }}"
            ))
            .unwrap();
            (asked.notifications, asked.unread_notifications)
        };
        assert_eq!(lists("(first: 5, unread: true)"), (None, Some(6)));
        assert_eq!(lists("(first: 5, unread: false)"), (Some(6), None));
        assert_eq!(lists("(first: $n, unread: $yes)"), (None, Some(4)));
        assert_eq!(lists("(first: 5, after: $cursor, unread: true)"), (None, None));
    }

    #[test]
    fn endless_fragments_end() {
        let query = "{ viewer { ...A } } fragment A on Viewer { ...B ...B unreadNotifications } fragment B on Viewer { ...A ...A }";
        assert!(asked(query).is_some());
    }
}
