//! Filters, order and page of a list as they stand in the address.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    params::ParamsMap,
};

use crate::{
    api::{PageInfo, PageVariables},
    ui::{pager::Turn, table::Order},
    web,
};

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

/// The address of a list: what it asks for, as signals, and how a filter, an order or a turned page gets into it.
#[derive(Clone, Copy)]
pub struct Address {
    params: Memo<ParamsMap>,
    path: Memo<String>,
    #[expect(clippy::type_complexity, reason = "named once, here")]
    go: StoredValue<Box<dyn Fn(&str, NavigateOptions)>, LocalStorage>,
}

impl Address {
    /// That of the page being drawn.
    pub fn here() -> Self {
        let go = use_navigate();
        Self {
            params: use_query_map(),
            path: use_location().pathname,
            go: StoredValue::new_local(Box::new(move |to, options| go(to, options))),
        }
    }

    /// A parameter's value; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// A parameter's value, unless it is missing or empty.
    pub fn get(&self, name: &str) -> Option<String> {
        self.params.with(|params| params.get(name)).filter(|value| !value.is_empty())
    }

    /// The same without being told of changes.
    pub fn text_now(&self, name: &str) -> String {
        untrack(|| self.text(name))
    }

    /// The path alone.
    pub fn path(&self) -> String {
        self.path.get()
    }

    /// The page it asks for.
    pub fn page(&self, size: i32) -> PageVariables {
        PageVariables::of(self.get("after"), self.get("before"), size)
    }

    /// The order it asks for; by `default` unless it says otherwise.
    pub fn order(&self, default: &str) -> Order {
        Order {
            key: self.get("sort").unwrap_or_else(|| default.to_owned()),
            descending: self.text("dir") == "desc",
        }
    }

    /// Other filters, from the first page on. With `replace` the present address is not kept to go back to.
    pub fn change(&self, changes: &[(&str, Option<&str>)], replace: bool) {
        self.visit(|path, now| with_first_page(path, now, changes), replace);
    }

    /// The same in place: for what is typed or chosen.
    pub fn set(&self, changes: &[(&str, Option<&str>)]) {
        self.change(changes, true);
    }

    /// Another order.
    pub fn sort(&self, order: &Order) {
        let direction = if order.descending { "desc" } else { "asc" };
        self.change(&[("sort", Some(&order.key)), ("dir", Some(direction))], false);
    }

    /// Another page.
    pub fn turn(&self, turn: &Turn) {
        self.visit(|path, now| with_turn(path, now, turn), false);
    }

    /// Leaves a page that has emptied for the first one, in place: without rows it has no cursors to turn it by. The
    /// server says that the list has more than such a page, which one that is empty as a whole has not. Tells whether
    /// that is under way: nothing true can be said of the list until the first page is there.
    pub fn leave_emptied(
        self,
        is_empty: impl Into<Signal<bool>>,
        info: impl Into<Signal<PageInfo>>,
    ) -> Memo<bool> {
        let (is_empty, info) = (is_empty.into(), info.into());
        let emptied = Memo::new(move |_| {
            is_empty.get() && info.with(|info| info.has_previous_page || info.has_next_page)
        });
        Effect::new(move |_| {
            if emptied.get() && untrack(|| self.get("after").or_else(|| self.get("before")).is_some()) {
                self.set(&[]);
            }
        });
        emptied
    }

    fn visit(&self, to: impl FnOnce(&str, &Pairs) -> String, replace: bool) {
        // A pause may end after the page is gone.
        let (Some(now), Some(path)) = (self.params.try_with_untracked(pairs), self.path.try_get_untracked())
        else {
            return;
        };
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        self.go.try_with_value(|go| go(&to(&path, &now), options));
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
