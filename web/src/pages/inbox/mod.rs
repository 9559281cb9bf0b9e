//! Requests to join and leave groups: who they are, why they ask, and the decision with one thumb, alone or many at
//! once. What somebody else decided meanwhile is told, not an error.

pub mod desk;

use cynic::QueryBuilder;
use desk::Desk;
use leptos::prelude::*;

use super::{
    groups::row::GroupRequestKind,
    lookup::{filter::PickFilter, groups::MANAGED_GROUPS},
};
use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, use_query},
    i18n::texts::{admin, inbox as text},
    session::Session,
    ui::{
        ago::Ago,
        ask::Ask,
        badge::StateBadge,
        banner::{Banner, Tone},
        button::{Button, Look},
        confirm::Confirm,
        empty::Empty,
        filter::{self, Choice, ClearFilters, SearchField},
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        pager::Pager,
        person::{Person, PersonLine},
        pilot::Organisations,
        selection::{BulkBar, Select, SelectAll},
        skeleton::SkeletonRows,
        table::OrderDirection,
    },
    url::Address,
};

const PAGE: i32 = 50;
/// More than so many are accepted only after a question: to reject, one is asked for a note anyway.
const MANY: i32 = 10;
/// The filters' parameters.
const FILTERS: &[&str] = &["q", "group", "kind"];

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct GroupRequestFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    group_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    kind: Option<GroupRequestKind>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupRequestOrderField {
    CreatedAt,
    Name,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupRequestOrder {
    field: GroupRequestOrderField,
    direction: OrderDirection,
}

impl GroupRequestOrder {
    /// What the address asks for; the oldest first unless it says otherwise.
    fn of(sort: &str) -> Self {
        match sort {
            "newest" => Self { field: GroupRequestOrderField::CreatedAt, direction: OrderDirection::Desc },
            "name" => Self { field: GroupRequestOrderField::Name, direction: OrderDirection::Asc },
            _ => Self { field: GroupRequestOrderField::CreatedAt, direction: OrderDirection::Asc },
        }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RequestsVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupRequestFilter>,
    order: Option<GroupRequestOrder>,
}

impl RequestsVariables {
    pub(crate) fn of(page: PageVariables, filter: Option<GroupRequestFilter>, sort: &str) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, filter, order: Some(GroupRequestOrder::of(sort)) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "RequestsVariables")]
pub struct Requests {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    group_requests: RequestPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupRequestConnection")]
struct RequestPage {
    nodes: Vec<Request>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupRequest")]
struct Request {
    id: cynic::Id,
    kind: GroupRequestKind,
    reason: String,
    created_at: DateTime,
    group: GroupName,
    person: Person,
    can_decide: bool,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct GroupName {
    id: cynic::Id,
    name: String,
}

/// The page.
#[component]
pub fn InboxPage() -> impl IntoView {
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead() />
        <RequestList />
    }
}

/// Requests of all groups that the viewer leads, or of one.
#[component]
pub fn RequestList(
    /// Only of this group; then without filters.
    #[prop(optional, into)]
    group: Option<cynic::Id>,
) -> impl IntoView {
    let session = Session::get();
    let address = Address::here();
    let (of_one, only) = (group.is_some(), StoredValue::new(group));
    let query = use_query(move || {
        let kind = match address.get("kind").as_deref() {
            Some("join") => Some(GroupRequestKind::Join),
            Some("leave") => Some(GroupRequestKind::Leave),
            _ => None,
        };
        let group_id = only.get_value().or_else(|| address.get("group").map(cynic::Id::new));
        let filter = GroupRequestFilter { group_id, kind, search: address.get("q") };
        Requests::build(RequestsVariables::of(address.page(PAGE), Some(filter), &address.text("sort")))
    });
    let shown = Memo::new(move |_| {
        query
            .state
            .with(|state| state.ready().map(|data| data.group_requests.nodes.clone()).unwrap_or_default())
    });
    let desk = Desk::new(shown, move |()| {
        query.refetch();
        session.reload();
    });
    let filtered = move || FILTERS.iter().any(|name| address.get(name).is_some());
    view! {
        {(!of_one).then(|| view! { <Filters address=address /> })}
        <Show when=move || !desk.undone.read().is_empty()>
            <Banner tone=Tone::Warning title=text::undone()>
                <ul>{move || desk.undone.get().into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
            </Banner>
        </Show>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=4 /></div> },
            move |data| {
                let count = Memo::new(move |_| data.with(|data| data.group_requests.total_count));
                let info = Memo::new(move |_| data.with(|data| data.group_requests.page_info.clone()));
                let is_empty = Signal::derive(move || data.with(|data| data.group_requests.nodes.is_empty()));
                let emptied = address.leave_emptied(is_empty, info);
                let nothing = move || {
                    if emptied.get() {
                        view! { <SkeletonRows rows=4 /> }.into_any()
                    } else if filtered() && !of_one {
                        view! {
                            <Empty title=text::nothing_found() hint=text::nothing_found_hint() icon=Glyph::Search>
                                <ClearFilters address=address names=FILTERS />
                            </Empty>
                        }
                        .into_any()
                    } else {
                        view! { <Empty title=text::empty() hint=text::empty_hint() icon=Glyph::Check /> }.into_any()
                    }
                };
                view! {
                    <Show
                        when=move || !shown.read().is_empty()
                        fallback=move || view! { <div class="card">{nothing}</div> }
                    >
                        <div class="list-head">
                            <SelectAll selection=desk.selected />
                            <p class="table-count" role="status">{move || text::count(count.get())}</p>
                        </div>
                        <ul id="requests" class="card rows request-list" tabindex="-1" aria-busy=move || query.busy.get().to_string()>
                            <For each=move || shown.get() key=|request| request.id.inner().to_owned() let:request>
                                <Item request=request desk=desk of_one=of_one />
                            </For>
                        </ul>
                    </Show>
                    <Bulk desk=desk />
                    <Pager info=info on_turn=move |turn| address.turn(&turn) />
                }
            },
        )}
        <Ask
            open=desk.asking
            name="note"
            title=Signal::derive(move || reject_title(desk))
            body=text::reject_body().to_owned()
            label=text::note()
            hint=text::note_hint()
            action=Signal::derive(move || many(desk.rejecting.read().len(), text::reject_many))
            danger=true
            busy=Signal::derive(move || desk.rejecting.read().iter().any(|id| desk.is_working(id)))
            problems=desk.problems
            on_done=move |note| desk.decide(desk.rejecting.get_untracked(), false, note)
        />
    }
}

fn many(count: usize, text: fn(i32) -> String) -> String {
    text(i32::try_from(count).unwrap_or(i32::MAX))
}

fn reject_title(desk: Desk) -> String {
    let ids = desk.rejecting.read();
    let one = ids.first().filter(|_| ids.len() == 1);
    let name = one.and_then(|id| {
        desk.shown.with(|shown| shown.iter().find(|r| r.id == *id).map(|r| r.person.name().to_owned()))
    });
    name.map_or_else(|| many(ids.len(), text::reject_title_many), |name| text::reject_title(&name))
}

#[component]
fn Filters(address: Address) -> impl IntoView {
    let orders = filter::choices(&[("newest", text::newest_first()), ("name", text::by_name())]);
    let kinds = filter::choices(&[("join", text::only_join()), ("leave", text::only_leave())]);
    view! {
        <search class="filters">
            <SearchField address=address label=text::search() />
            <PickFilter address=address name="group" label=text::filter_group() source=MANAGED_GROUPS />
            <Choice address=address name="kind" label=text::filter_kind() any=text::any_kind() options=kinds />
            <Choice address=address name="sort" label=text::order() any=text::oldest_first() options=orders />
            <ClearFilters address=address names=FILTERS />
        </search>
    }
}

/// What can be done with those that are selected.
#[component]
fn Bulk(desk: Desk) -> impl IntoView {
    let selection = desk.selected;
    let busy = Signal::derive(move || selection.ids().iter().any(|id| desk.is_working(id)));
    let confirming = RwSignal::new(false);
    let accept = move || desk.decide(untrack(|| selection.ids()), true, None);
    view! {
        <Confirm
            open=confirming
            title=Signal::derive(move || text::accept_title_many(selection.count()))
            body=text::accept_body().to_owned()
            action=Signal::derive(move || text::accept_many(selection.count()))
            busy=busy
            on_confirm=move |()| { confirming.set(false); accept() }
        />
        <BulkBar selection=selection label=text::bulk()>
            <Button
                text=Signal::derive(move || text::reject_many(selection.count()))
                busy=busy
                on_click=move |()| desk.reject(untrack(|| selection.ids()))
            />
            <Button
                text=Signal::derive(move || text::accept_many(selection.count()))
                look=Look::Primary
                icon=Glyph::Check
                busy=busy
                on_click=move |()| {
                    if untrack(|| selection.count()) > MANY { confirming.set(true) } else { accept() }
                }
            />
        </BulkBar>
    }
}

#[component]
fn Item(request: Request, desk: Desk, of_one: bool) -> impl IntoView {
    let Request { id, kind, reason, created_at, group, person, can_decide } = request;
    let name = person.name().to_owned();
    let id = StoredValue::new(id);
    let busy = Signal::derive(move || id.with_value(|id| desk.is_working(id)));
    let chosen = move || id.with_value(|id| desk.selected.has(id));
    let accept_label = match kind {
        GroupRequestKind::Join => text::accept_named(&name, &group.name),
        GroupRequestKind::Leave => text::accept_leave_named(&name, &group.name),
    };
    let wants = match kind {
        GroupRequestKind::Join => text::wants_join(),
        GroupRequestKind::Leave => text::wants_leave(),
    };
    let (select_label, reject_label) =
        (text::select(&name, &group.name), text::reject_named(&name, &group.name));
    let organisations = person.main_character.clone().map(|main| {
        view! { <Organisations corporation=main.corporation alliance=main.alliance /> }
    });
    let href = format!("/manage/groups/{}", group.id.inner());
    let (state, registered, active) = (person.state.clone(), person.created_at, person.is_active);
    let reason = if reason.is_empty() {
        view! { <p class="request-reason is-missing">{text::no_reason()}</p> }.into_any()
    } else {
        view! { <p class="request-reason"><Icon of=Glyph::Reason /><span>{reason}</span></p> }.into_any()
    };
    view! {
        <li class="request" class:is-chosen=chosen>
            {can_decide.then(|| view! {
                <span class="request-check"><Select selection=desk.selected id=id.get_value() label=select_label /></span>
            })}
            <div class="request-who">
                <PersonLine person=person />
                {organisations}
                <span class="cell-badges">
                    <StateBadge state=state />
                    {(!active).then(|| view! { <span class="status status-bad">{admin::not_active()}</span> })}
                    <span class="request-age">{text::registered()} " " <Ago at=registered /></span>
                </span>
            </div>
            <div class="request-what">
                <p>
                    {wants} " "
                    {if of_one {
                        view! { <strong>{group.name}</strong> }.into_any()
                    } else {
                        view! { <a class="request-group" href=href>{group.name}</a> }.into_any()
                    }}
                    " " <Ago at=created_at />
                </p>
                {reason}
            </div>
            <div class="request-actions">
                {if can_decide {
                    view! {
                        <Button
                            text=text::reject().to_owned()
                            label=reject_label
                            busy=busy
                            on_click=move |()| desk.reject(vec![id.get_value()])
                        />
                        <Button
                            text=text::accept().to_owned()
                            label=accept_label
                            look=Look::Primary
                            icon=Glyph::Check
                            busy=busy
                            on_click=move |()| desk.decide(vec![id.get_value()], true, None)
                        />
                    }
                    .into_any()
                } else {
                    view! { <p class="request-locked"><Icon of=Glyph::Lock />{text::restricted()}</p> }.into_any()
                }}
            </div>
        </li>
    }
}
