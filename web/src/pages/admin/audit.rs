//! The audit log: who did what, what was before and after, and how many it concerned.

use std::collections::BTreeSet;

use cynic::QueryBuilder;
use fealty_shared::permission::{CHOOSES_STATES, ViewGroup, ViewLogEntry, ViewState, ViewUser};
use leptos::prelude::*;
use serde_json::Value;

use super::{audit_kinds, filter::StateChoices, rights};
use crate::{
    api::{DateTime, PageInfo, PageVariables, Query, Remote, schema, use_query},
    i18n::{
        format,
        texts::{audit as text, rules},
    },
    pages::lookup::{
        eve::CHARACTERS,
        filter::{PickFilter, Source},
        groups::GROUPS,
        users::USERS,
    },
    session::Session,
    ui::{
        ago::Ago,
        empty::Empty,
        filter::{self, Choice, ClearFilters, MoreFilters, SearchField},
        icon::{Glyph, Icon},
        kept::kept,
        listing::Listing,
        loaded::loaded,
        moment::{self, MomentFilter},
        page_header::PageHeader,
        skeleton::SkeletonRows,
    },
    url::{self, Address},
};

const PAGE: i32 = 50;

/// The filters' names in the address, and in that of the export.
const FILTERS: &[&str] = &["q", "person", "object", "id", "kind", "from", "to"];

/// So many characters the server looks for at least in all of the log. Of a person or a thing there are few entries: it
/// looks there for fewer.
const SHORTEST: usize = 3;

fn is_too_short(words: &str, is_narrow: bool) -> bool {
    !is_narrow && words.chars().count() < SHORTEST
}

/// Whether what is typed cannot be looked for yet.
fn is_waiting(address: Address) -> bool {
    let is_narrow = ["person", "id"].iter().any(|name| address.get(name).is_some());
    address.get("q").is_some_and(|words| is_too_short(&words, is_narrow))
}

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct AuditFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    person_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    object_kind: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    object_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<String>>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    from: Option<DateTime>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    to: Option<DateTime>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

impl AuditFilter {
    fn of(address: Address) -> Self {
        Self {
            person_id: address.get("person").map(cynic::Id::new),
            object_kind: address.get("object"),
            object_id: address.get("id").map(cynic::Id::new),
            kinds: address.get("kind").map(|kinds| kinds.split(',').map(str::to_owned).collect()),
            from: moment::parse(&address.text("from")),
            to: moment::parse(&address.text("to")),
            search: address.get("q").filter(|_| !is_waiting(address)),
        }
    }

    /// The address that gives all of it as a file.
    fn export(&self) -> String {
        let (from, to) = (self.from.map(|at| at.to_rfc3339()), self.to.map(|at| at.to_rfc3339()));
        let mut filters = vec![
            ("person", self.person_id.as_ref().map(cynic::Id::inner)),
            ("objectKind", self.object_kind.as_deref()),
            ("object", self.object_id.as_ref().map(cynic::Id::inner)),
            ("from", from.as_deref()),
            ("to", to.as_deref()),
            ("search", self.search.as_deref()),
        ];
        filters.extend(self.kinds.iter().flatten().map(|kind| ("kind", Some(kind.as_str()))));
        url::with("/export/audit.jsonl", &[], &filters)
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct AuditVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AuditFilter>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "AuditVariables")]
pub struct AuditEntries {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)]
    audit_entries: EntryPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AuditEntryConnection")]
struct EntryPage {
    nodes: Vec<AuditEntry>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct AuditEntry {
    at: DateTime,
    actor_kind: String,
    actor_name: String,
    token_id: Option<cynic::Id>,
    token_name: Option<String>,
    kind: String,
    object_kind: String,
    object_id: String,
    object_name: String,
    summary: String,
    before: Option<String>,
    after: Option<String>,
    request_id: Option<String>,
    affected_user_count: i32,
}

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let address = Address::here();
    let query = use_query(move || {
        let PageVariables { first, after, last, before } = address.page(PAGE);
        AuditEntries::build(AuditVariables {
            first,
            after,
            last,
            before,
            filter: Some(AuditFilter::of(address)),
        })
    });
    let objects = filter::choices(&[
        ("user", text::object_user()),
        ("users", text::object_users()),
        ("state", text::object_state()),
        ("group", text::object_group()),
        ("character", text::object_character()),
        ("reserved_group_name", text::object_reserved()),
        ("token", text::object_token()),
        ("sync", text::object_sync()),
    ]);
    let (objects, kinds) = (StoredValue::new(objects), StoredValue::new(audit_kinds::choices()));
    let choices = finds("state").then(|| use_query(|| StateChoices::build(())));
    let states: Signal<Vec<(String, String)>> = Signal::derive(move || {
        let options = |choices: Query<StateChoices>| {
            choices.state.with(|known| known.ready().map(StateChoices::options))
        };
        choices.and_then(options).unwrap_or_default()
    });
    let finds_users = finds("user");
    let allowed = rights::may_list::<ViewLogEntry, _>(query);
    // What the server refuses to list it does not give as a file either.
    let refused = Memo::new(move |_| matches!(&*query.state.read(), Remote::Failed(_)));
    view! {
        <Show
            when=move || allowed.get()
            fallback=|| view! { <PageHeader title=rules::audit().to_owned() /> }
        >
            <PageHeader title=rules::audit().to_owned() lead=text::lead()>
                <Show when=move || !refused.get()>
                    <a class="btn btn-quiet" href=move || AuditFilter::of(address).export() rel="external" download="audit.jsonl">
                        <Icon of=Glyph::Download />
                        <span>{text::export()}</span>
                    </a>
                </Show>
            </PageHeader>
            <search class="filters audit-filters">
                <SearchField address=address label=text::search() />
                <Choice address=address name="kind" label=text::kind() any=text::any_kind() options=kinds.get_value() />
                <p class="form-text" role="status">{move || is_waiting(address).then(text::search_longer)}</p>
                <MoreFilters address=address names=&["object", "id", "person", "from", "to"]>
                    <Choice address=address name="object" label=text::object() any=text::any_object() options=objects.get_value() resets="id" />
                    <ObjectFilter address=address states=states />
                    {finds_users.then(|| view! {
                        <PickFilter address=address name="person" label=text::person() source=USERS />
                    })}
                    <MomentFilter address=address name="from" label=rules::from() />
                    <MomentFilter address=address name="to" label=rules::to() />
                </MoreFilters>
                <Narrowed address=address />
                <ClearFilters address=address names=FILTERS />
            </search>
        </Show>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=8 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.audit_entries.clone()));
                let total = move || page.read().total_count;
                view! {
                    <Listing
                        count=Signal::derive(move || text::entries(total(), &format::number(total().into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=|| view! { <Empty title=text::none() hint=text::none_hint() icon=Glyph::Audit /> }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="card list-card">
                            <ol class="rows audit" class:is-busy=move || query.busy.get()>
                                {kept(Signal::derive(move || page.get().nodes), move |item| entry(item, address))}
                            </ol>
                        </div>
                    </Listing>
                }
            },
        )}
    }
}

/// Whether the viewer finds objects of a kind by their names, and the server does not refuse it.
fn finds(kind: &str) -> bool {
    match kind {
        "user" => untrack(|| Session::get().can::<ViewUser>()),
        "state" => rights::may_any(CHOOSES_STATES),
        "group" | "character" => true,
        _ => false,
    }
}

/// One object of the kind that is chosen, where there is a way to find it.
#[component]
fn ObjectFilter(address: Address, states: Signal<Vec<(String, String)>>) -> impl IntoView {
    let kind = Memo::new(move |_| address.text("object"));
    let find = move |source: Source| {
        view! { <PickFilter address=address name="id" label=text::which() source=source /> }.into_any()
    };
    move || match kind.read().as_str() {
        kind if !finds(kind) => ().into_any(),
        "user" => find(USERS),
        "group" => find(GROUPS),
        "character" => find(CHARACTERS),
        "state" => view! {
            <Choice address=address name="id" label=text::which() any=text::any_state() options=states />
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// Filters that have no field of their own, each with a button that takes it away.
#[component]
fn Narrowed(address: Address) -> impl IntoView {
    let chip = move |name: &'static str, called: String| {
        let label = text::remove_filter(&called);
        view! {
            <li class="pick-chip">
                <span>{called}</span>
                <button
                    type="button"
                    class="pick-remove"
                    aria-label=label
                    on:click=move |_| address.change(&[(name, None)], false)
                >
                    <Icon of=Glyph::Close />
                </button>
            </li>
        }
    };
    move || {
        let listed = |kind: &str| audit_kinds::choices().iter().any(|(known, _)| known == kind);
        let kind = address.get("kind").filter(|kind| !listed(kind));
        let kind = kind.map(|kind| chip("kind", text::filtered_kind(&kind)));
        let found = finds(&address.text("object"));
        let object =
            address.get("id").filter(|_| !found).map(|_| chip("id", text::filtered_object().to_owned()));
        let person = address.get("person").filter(|_| !finds("user"));
        let person = person.map(|_| chip("person", text::filtered_person().to_owned()));
        (kind.is_some() || object.is_some() || person.is_some())
            .then(|| view! { <ul class="pick-chips">{kind}{object}{person}</ul> })
    }
}

/// A bot, and which of its user's tokens it had.
fn by_token(entry: &AuditEntry) -> String {
    let number = entry.token_id.as_ref().and_then(|id| id.inner().strip_prefix("token:"));
    match (&entry.token_name, number) {
        (Some(token), Some(number)) => text::by_token(&entry.actor_name, token, number),
        // Older entries do not say.
        _ => text::by_some_token(&entry.actor_name),
    }
}

fn entry(entry: AuditEntry, address: Address) -> AnyView {
    let who = match entry.actor_kind.as_str() {
        "system" => text::by_system().to_owned(),
        "token" => by_token(&entry),
        "operator" => text::by_operator(&entry.actor_name),
        _ => text::by_user(&entry.actor_name),
    };
    let count = entry.affected_user_count;
    let affected = (count > 0).then(|| {
        view! { <span class="status status-neutral">{text::affected(count, &format::number(count.into()))}</span> }
    });
    let named = audit_kinds::name(&entry.kind);
    let (kind, label) = (entry.kind.clone(), text::only_kind(&named));
    let narrow = move |_| address.change(&[("kind", Some(&kind))], false);
    let object = object(&entry);
    let rows = differences(entry.before.as_deref(), entry.after.as_deref());
    let details = (!rows.is_empty() || entry.request_id.is_some()).then(|| details(rows, entry.request_id));
    view! {
        <li class="audit-entry">
            <p class="audit-what">{entry.summary}</p>
            <p class="audit-meta">
                <span class="exact">{format::eve_time(entry.at)}</span>
                <Ago at=entry.at />
                <span>{who}</span>
                {object}
                <button type="button" class="chip chip-button" aria-label=label title=entry.kind on:click=narrow>{named}</button>
                {affected}
            </p>
            {details}
        </li>
    }
    .into_any()
}

/// What it happened to, as a link where there is a page about it that the viewer may open. The log of a group is for
/// whoever reads this one.
fn object(entry: &AuditEntry) -> AnyView {
    let (id, name) = (&entry.object_id, entry.object_name.clone());
    let session = Session::get();
    let (page, may_open) = untrack(|| match entry.object_kind.as_str() {
        "user" => ("users", session.can::<ViewUser>()),
        "state" => ("states", session.can::<ViewState>()),
        "group" => ("groups", session.can::<ViewGroup>()),
        _ => ("", false),
    });
    let log = (page == "groups").then(|| {
        let label = rules::group_log_of(&name);
        view! { <a href=format!("/admin/groups/{id}/log") aria-label=label>{rules::group_log()}</a> }
    });
    if may_open {
        view! { <a href=format!("/admin/{page}/{id}")>{name}</a>{log} }.into_any()
    } else {
        view! { <span>{name}</span>{log} }.into_any()
    }
}

fn details(rows: Vec<Difference>, request: Option<String>) -> AnyView {
    let row = |Difference { field, before, after }: Difference| {
        view! {
            <tr>
                <th scope="row">{field}</th>
                <td data-label=text::before() class="diff-before">{before}</td>
                <td data-label=text::after() class="diff-after">{after}</td>
            </tr>
        }
    };
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="diff">
                <thead>
                    <tr>
                        <th scope="col">{text::field()}</th>
                        <th scope="col">{text::before()}</th>
                        <th scope="col">{text::after()}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
    });
    view! {
        <details class="audit-details">
            <summary>{text::details()}</summary>
            {table}
            {request.map(|id| view! { <p class="trace">{text::request(&id)}</p> })}
        </details>
    }
    .into_any()
}

/// One field that is not what it was.
#[derive(Debug, PartialEq)]
struct Difference {
    field: String,
    before: String,
    after: String,
}

/// What differs between two JSON texts. Of lists only what came or went is said.
fn differences(before: Option<&str>, after: Option<&str>) -> Vec<Difference> {
    let parse = |text: Option<&str>| {
        text.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or(Value::Null)
    };
    let (before, after) = (parse(before), parse(after));
    let keys: BTreeSet<&String> =
        [&before, &after].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys).collect();
    if keys.is_empty() {
        let one = Difference { field: String::new(), before: said(&before), after: said(&after) };
        return if before == after { Vec::new() } else { vec![one] };
    }
    let of = |value: &Value, key: &str| value.get(key).cloned().unwrap_or(Value::Null);
    keys.into_iter()
        .map(|key| (key, of(&before, key), of(&after, key)))
        .filter(|(_, before, after)| before != after)
        .map(|(key, before, after)| {
            let (was, is) = match (&before, &after) {
                (Value::Array(was), Value::Array(is)) => {
                    let without = |all: &[Value], other: &[Value]| {
                        said(&Value::Array(
                            all.iter().filter(|value| !other.contains(value)).cloned().collect(),
                        ))
                    };
                    (without(was, is), without(is, was))
                }
                (was, is) => (said(was), said(is)),
            };
            Difference { field: words(key), before: was, after: is }
        })
        .collect()
}

/// `isPublic` and `is_public` as words.
fn words(key: &str) -> String {
    let mut words = String::new();
    for letter in key.chars() {
        if letter == '_' {
            words.push(' ');
        } else if letter.is_uppercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// A value as people write it.
fn said(value: &Value) -> String {
    match value {
        Value::Null => text::nothing().to_owned(),
        Value::Bool(yes) => if *yes { text::yes() } else { text::no() }.to_owned(),
        Value::String(text) => text.clone(),
        // A thing: its name of that moment says more than its id.
        Value::Object(thing)
            if thing.len() == 2 && thing.contains_key("id") && thing.contains_key("name") =>
        {
            said(thing.get("name").filter(|name| !name.is_null()).unwrap_or(&thing["id"]))
        }
        Value::Array(all) if all.is_empty() => text::nothing().to_owned(),
        Value::Array(all) => all.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("{}: {}", words(key), said(value)))
            .collect::<Vec<_>>()
            .join("; "),
        Value::Number(number) => number.to_string(),
    }
}

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let filter = Some(AuditFilter::default());
    vec![
        AuditEntries::build(AuditVariables {
            first: Some(PAGE),
            after: None,
            last: None,
            before: None,
            filter,
        })
        .query,
        StateChoices::build(()).query,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(field: &str, before: &str, after: &str) -> Difference {
        Difference { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
    }

    #[test]
    fn only_what_differs_is_said() {
        let before = r#"{"name":"Blue","isPublic":false,"permissions":["a.b","c.d"],"same":1}"#;
        let after = r#"{"name":"Friends","isPublic":true,"permissions":["c.d","e.f"],"same":1}"#;
        assert_eq!(
            differences(Some(before), Some(after)),
            [
                difference("is public", "no", "yes"),
                difference("name", "Blue", "Friends"),
                difference("permissions", "a.b", "e.f"),
            ]
        );
        assert_eq!(differences(None, None), []);
        assert_eq!(differences(None, Some(r#"{"name":"x"}"#)), [difference("name", "–", "x")]);
        assert_eq!(differences(Some("1"), Some("2")), [difference("", "1", "2")]);
    }

    #[test]
    fn things_are_called_by_their_names() {
        let before =
            r#"{"leaders":[{"id":"user:17","name":"Orrin"},{"id":"user:3","name":"Bram"}],"main":null}"#;
        let after = r#"{"leaders":[{"id":"user:42","name":null},{"id":"user:3","name":"Bram"}],
                        "main":{"id":"90000001","name":"Mirel Ostavane"}}"#;
        assert_eq!(
            differences(Some(before), Some(after)),
            [difference("leaders", "Orrin", "user:42"), difference("main", "–", "Mirel Ostavane"),]
        );
        // Entries from before things had names.
        assert_eq!(
            differences(Some(r#"{"leaders":[17,3]}"#), Some(r#"{"leaders":[3,42]}"#)),
            [difference("leaders", "17", "42")]
        );
        let member = r#"{"members":[{"user":{"id":"user:3","name":"Bram"},"reason":"x"}]}"#;
        assert_eq!(differences(Some(member), None), [difference("members", "reason: x; user: Bram", "–")]);
    }

    #[test]
    fn one_or_two_letters_are_looked_for_only_where_there_is_little() {
        assert!(is_too_short("ab", false));
        assert!(is_too_short("Æx", false), "characters, not bytes");
        assert!(!is_too_short("abc", false));
        assert!(!is_too_short("a", true));
    }

    #[test]
    fn the_export_has_the_same_filters() {
        let filter = AuditFilter {
            object_kind: Some("state".to_owned()),
            kinds: Some(vec!["a".to_owned(), "b".to_owned()]),
            from: moment::parse("2026-11-21T10:00"),
            ..AuditFilter::default()
        };
        assert_eq!(
            filter.export(),
            "/export/audit.jsonl?objectKind=state&from=2026-11-21T10%3A00%3A00%2B00%3A00&kind=a&kind=b"
        );
    }
}
