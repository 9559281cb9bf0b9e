//! Pages of the server's lists, as all of them take and give them.

use super::schema;

/// Where one page of a list begins and ends.
#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
pub struct PageInfo {
    /// Whether there is something before it.
    pub has_previous_page: bool,
    /// Whether there is something after it.
    pub has_next_page: bool,
    /// Cursor of its first entry.
    pub start_cursor: Option<String>,
    /// Cursor of its last entry.
    pub end_cursor: Option<String>,
}

/// Which page of a list to ask for.
#[derive(Clone, Debug)]
pub struct PageVariables {
    /// Entries from the start.
    pub first: Option<i32>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// Entries from the end.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

impl PageVariables {
    /// The page that the address names.
    pub fn of(after: Option<String>, before: Option<String>, size: i32) -> Self {
        if before.is_some() {
            Self { first: None, after: None, last: Some(size), before }
        } else {
            Self { first: Some(size), after, last: None, before: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PageVariables;

    #[test]
    fn the_address_names_the_page() {
        let first = PageVariables::of(None, None, 25);
        assert_eq!((first.first, first.last), (Some(25), None));
        let back = PageVariables::of(Some("a".to_owned()), Some("b".to_owned()), 25);
        assert_eq!(
            (back.first, back.after, back.last, back.before),
            (None, None, Some(25), Some("b".to_owned()))
        );
    }
}
