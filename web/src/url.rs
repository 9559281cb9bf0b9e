//! Filters, order and page of a list as they stand in the address.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    params::ParamsMap,
};

use crate::{api::PageVariables, ui::pager::Turn, web};

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// The address of the page on the screen, to read filters from and to write them to.
#[derive(Clone, Copy)]
pub struct Address {
    params: Memo<ParamsMap>,
    path: StoredValue<String>,
    navigate: StoredValue<Navigate, LocalStorage>,
}

impl Address {
    /// Of the page that is being drawn.
    pub fn here() -> Self {
        Self {
            params: use_query_map(),
            path: StoredValue::new(use_location().pathname.get_untracked()),
            navigate: StoredValue::new_local(Box::new(use_navigate())),
        }
    }

    /// A parameter; nothing when it is absent or empty.
    pub fn get(&self, key: &str) -> Option<String> {
        self.params.with(|params| params.get(key)).filter(|value| !value.is_empty())
    }

    /// The page of the list that it names.
    pub fn page(&self, size: i32) -> PageVariables {
        PageVariables::of(self.get("after"), self.get("before"), size)
    }

    /// Changes filters: in place, and at the list's first page.
    pub fn set(&self, changes: &[(&str, Option<&str>)]) {
        self.go(true, |path, pairs| with_first_page(path, pairs, changes));
    }

    /// Turns the page.
    pub fn turn(&self, turn: &Turn) {
        self.go(false, |path, pairs| with_turn(path, pairs, turn));
    }

    // What waited for a pause in typing may come when the page is gone.
    fn go(&self, replace: bool, to: impl FnOnce(&str, &Pairs) -> String) {
        let pairs = self.params.try_with_untracked(pairs).unwrap_or_default();
        if let Some(to) = self.path.try_with_value(|path| to(path, &pairs)) {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            self.navigate.try_with_value(|navigate| navigate(&to, options));
        }
    }
}

/// Parameters of an address, in their order. The router's own map unescapes through the browser, which native tests
/// do not have.
pub type Pairs = [(String, String)];

/// The router's parameters as pairs.
pub fn pairs(params: &ParamsMap) -> Vec<(String, String)> {
    params.into_iter().map(|(key, value)| (key.to_string(), value.to_owned())).collect()
}

/// The address with some parameters changed: `None` takes one out, and so does an empty value.
pub fn with(path: &str, current: &Pairs, changes: &[(&str, Option<&str>)]) -> String {
    let kept = current.iter().filter(|(key, _)| !changes.iter().any(|(changed, _)| changed == key));
    let kept = kept.map(|(key, value)| (key.as_str(), value.as_str()));
    let changed =
        changes.iter().filter_map(|(key, value)| value.filter(|v| !v.is_empty()).map(|value| (*key, value)));
    let query: Vec<String> = kept
        .chain(changed)
        .map(|(key, value)| format!("{}={}", web::encode(key), web::encode(value)))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The same for a new filter or order, which starts at the first page again.
pub fn with_first_page(path: &str, current: &Pairs, changes: &[(&str, Option<&str>)]) -> String {
    let mut changes = changes.to_vec();
    changes.extend([("after", None), ("before", None)]);
    with(path, current, &changes)
}

/// The same for a turned page.
pub fn with_turn(path: &str, current: &Pairs, turn: &Turn) -> String {
    match turn {
        Turn::Before(cursor) => with(path, current, &[("before", Some(cursor)), ("after", None)]),
        Turn::After(cursor) => with(path, current, &[("after", Some(cursor)), ("before", None)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn parameters_are_set_and_removed() {
        let now = map(&[("q", "ayla")]);
        assert_eq!(with("/a", &now, &[("sort", Some("main"))]), "/a?q=ayla&sort=main");
        assert_eq!(with("/a", &now, &[("q", None)]), "/a");
        assert_eq!(with("/a", &now, &[("q", Some(""))]), "/a");
        assert_eq!(with("/a", &now, &[("q", Some("a b&c"))]), "/a?q=a%20b%26c");
    }

    #[test]
    fn a_filter_starts_over_and_a_turn_replaces_the_other() {
        let now = map(&[("after", "xyz")]);
        assert_eq!(with_first_page("/a", &now, &[("q", Some("x"))]), "/a?q=x");
        assert_eq!(with_turn("/a", &now, &Turn::Before("abc".to_owned())), "/a?before=abc");
    }
}
