//! Requests to join and leave groups: who they are, why they ask, and the decision with one thumb, alone or many at
//! once. What somebody else decided meanwhile is told, not an error.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::{prelude::*, task::spawn_local};

use super::groups::row::GroupRequestKind;
use crate::{
    api::{DateTime, ErrorCode, PageInfo, PageVariables, Problem, schema, send, use_query},
    i18n::texts::{admin, inbox as text},
    session::{self, Session},
    ui::{
        ago::Ago,
        ask::Ask,
        badge::StateBadge,
        banner::{Banner, Tone},
        button::{Button, Look},
        empty::Empty,
        filter::SearchField,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        pager::Pager,
        person::{Person, PersonLine},
        pilot::Organisations,
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    url::Address,
    web,
};

const PAGE: i32 = 50;
/// As many groups as the filter offers.
const GROUPS: i32 = 100;

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct GroupRequestFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    group_id: Option<cynic::Id>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    kind: Option<GroupRequestKind>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RequestsVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupRequestFilter>,
}

impl RequestsVariables {
    pub(crate) fn of(page: PageVariables, filter: Option<GroupRequestFilter>) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, filter }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "RequestsVariables")]
pub struct Requests {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)]
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

#[derive(cynic::QueryVariables, Debug)]
pub struct ManagedNamesVariables {
    first: Option<i32>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "ManagedNamesVariables")]
pub struct ManagedNames {
    #[arguments(first: $first, filter: { isManaged: true })]
    groups: NamePage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupConnection")]
struct NamePage {
    nodes: Vec<GroupName>,
}

impl ManagedNamesVariables {
    pub(crate) fn new() -> Self {
        Self { first: Some(GROUPS) }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct DecideVariables {
    /// Which.
    pub ids: Vec<cynic::Id>,
    /// Yes or no.
    pub accept: bool,
    /// For whoever asked.
    pub note: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "DecideVariables")]
pub struct Decide {
    #[arguments(input: { ids: $ids, accept: $accept, note: $note })]
    decide_group_requests: DecidePayload,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "DecideGroupRequestsPayload")]
struct DecidePayload {
    problems: Vec<Problem>,
    results: Vec<Decision>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "GroupRequestDecision")]
struct Decision {
    id: cynic::Id,
    outcome: GroupRequestOutcome,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupRequestOutcome {
    Accepted,
    NotAllowed,
    NotEligible,
    NotFound,
    Rejected,
}

/// A set of requests small enough for a list.
type Ids = RwSignal<Vec<cynic::Id>>;

/// What the controls of one list share.
#[derive(Clone, Copy)]
struct Desk {
    selected: Ids,
    working: Ids,
    /// To be rejected, while the note is asked for.
    rejecting: Ids,
    asking: RwSignal<bool>,
    problems: RwSignal<Vec<Problem>>,
    /// Sentences about what was not done.
    undone: RwSignal<Vec<String>>,
    shown: Memo<Vec<Request>>,
    refetch: Callback<()>,
    toasts: Toasts,
}

impl Desk {
    fn is_working(&self, id: &cynic::Id) -> bool {
        self.working.read().contains(id)
    }

    fn reject(&self, ids: Vec<cynic::Id>) {
        self.problems.set(Vec::new());
        self.rejecting.set(ids);
        self.asking.set(true);
    }

    /// Sends a decision. Several may be under way: the next request does not wait for the last answer.
    fn decide(self, ids: Vec<cynic::Id>, accept: bool, note: Option<String>) {
        let ids: Vec<_> = self
            .working
            .with_untracked(|working| ids.into_iter().filter(|id| !working.contains(id)).collect());
        if ids.is_empty() {
            return;
        }
        self.working.update(|working| working.extend(ids.iter().cloned()));
        // They may be gone from the list before the answer comes.
        let known: Vec<Request> = self.shown.with_untracked(|shown| {
            shown.iter().filter(|request| ids.contains(&request.id)).cloned().collect()
        });
        spawn_local(async move {
            let answer = send(Decide::build(DecideVariables { ids: ids.clone(), accept, note })).await;
            if session::is_ending() {
                return;
            }
            self.working.try_update(|working| working.retain(|id| !ids.contains(id)));
            match answer {
                Ok(data) => self.tell(data.decide_group_requests, &known),
                Err(failure) => {
                    if failure.code == ErrorCode::Unauthenticated {
                        Session::expired();
                    }
                    self.toasts.failure(&failure);
                }
            }
        });
    }

    /// Says what came of it.
    fn tell(&self, payload: DecidePayload, known: &[Request]) {
        if !payload.problems.is_empty() {
            self.problems.try_set(payload.problems);
            return;
        }
        let count = |outcome| {
            let found = payload.results.iter().filter(|result| result.outcome == outcome).count();
            i32::try_from(found).ok().filter(|found| *found > 0)
        };
        count(GroupRequestOutcome::Accepted).into_iter().for_each(|n| self.toasts.done(text::accepted(n)));
        count(GroupRequestOutcome::Rejected).into_iter().for_each(|n| self.toasts.done(text::rejected(n)));
        let undone = payload.results.iter().filter_map(|result| {
            let why = match result.outcome {
                GroupRequestOutcome::Accepted | GroupRequestOutcome::Rejected => return None,
                GroupRequestOutcome::NotFound => text::undone_gone(),
                GroupRequestOutcome::NotEligible => text::undone_state(),
                GroupRequestOutcome::NotAllowed => text::undone_allowed(),
            };
            let request = known.iter().find(|request| request.id == result.id)?;
            Some(text::undone_named(request.person.name(), &request.group.name, why))
        });
        let undone: Vec<String> = undone.collect();
        self.asking.try_set(false);
        self.undone.try_set(undone);
        let done: Vec<cynic::Id> = payload.results.into_iter().map(|result| result.id).collect();
        self.selected.try_update(|selected| selected.retain(|id| !done.contains(id)));
        self.refetch.try_run(());
        // The row with the button that was pressed goes; the focus stays nearby.
        if done.len() == known.len() {
            web::focus_if_lost("#requests");
        }
    }
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
    let (toasts, session) = (Toasts::get(), Session::get());
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
        Requests::build(RequestsVariables::of(address.page(PAGE), Some(filter)))
    });
    let shown = Memo::new(move |_| {
        query
            .state
            .with(|state| state.ready().map(|data| data.group_requests.nodes.clone()).unwrap_or_default())
    });
    let desk = Desk {
        selected: RwSignal::new(Vec::new()),
        working: RwSignal::new(Vec::new()),
        rejecting: RwSignal::new(Vec::new()),
        asking: RwSignal::new(false),
        problems: RwSignal::new(Vec::new()),
        undone: RwSignal::new(Vec::new()),
        shown,
        refetch: Callback::new(move |()| {
            query.refetch();
            session.reload();
        }),
        toasts,
    };
    // What is no longer shown cannot stay selected.
    Effect::new(move |_| {
        let ids: Vec<_> = shown.with(|shown| shown.iter().map(|request| request.id.clone()).collect());
        if desk.selected.with_untracked(|selected| selected.iter().any(|id| !ids.contains(id))) {
            desk.selected.update(|selected| selected.retain(|id| ids.contains(id)));
        }
    });
    let filtered = move || ["q", "kind", "group"].iter().any(|key| address.get(key).is_some());
    let clear = move |()| address.set(&[("q", None), ("kind", None), ("group", None)]);
    view! {
        {(!of_one).then(|| view! { <Filters address=address filtered=Signal::derive(filtered) on_clear=clear /> })}
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
                view! {
                    <Show
                        when=move || !shown.read().is_empty()
                        fallback=move || view! {
                            <div class="card">
                                {if filtered() && !of_one {
                                    view! {
                                        <Empty title=text::nothing_found() hint=text::nothing_found_hint() icon=Glyph::Search>
                                            <Button text=text::clear_filters().to_owned() on_click=clear />
                                        </Empty>
                                    }
                                    .into_any()
                                } else {
                                    view! { <Empty title=text::empty() hint=text::empty_hint() icon=Glyph::Check /> }.into_any()
                                }}
                            </div>
                        }
                    >
                        <div class="list-head">
                            <SelectAll desk=desk />
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
fn Filters(
    address: Address,
    #[prop(into)] filtered: Signal<bool>,
    #[prop(into)] on_clear: Callback<()>,
) -> impl IntoView {
    let groups = use_query(|| ManagedNames::build(ManagedNamesVariables::new()));
    let is = move |key: &'static str, value: &str| address.get(key).unwrap_or_default() == value;
    let options = move || {
        groups.state.with(|state| {
            let groups = state.ready().map(|data| data.groups.nodes.clone()).unwrap_or_default();
            groups
                .into_iter()
                .map(|group| {
                    let id = group.id.into_inner();
                    let chosen = is("group", &id);
                    view! { <option value=id selected=chosen>{group.name}</option> }
                })
                .collect_view()
        })
    };
    view! {
        <search class="filters">
            <SearchField address=address label=text::search() />
            <select
                class="form-select"
                aria-label=text::filter_group()
                on:change=move |event| address.set(&[("group", Some(&event_target_value(&event)))])
            >
                <option value="" selected=move || is("group", "")>{text::any_group()}</option>
                {options}
            </select>
            <select
                class="form-select"
                aria-label=text::filter_kind()
                on:change=move |event| address.set(&[("kind", Some(&event_target_value(&event)))])
            >
                <option value="" selected=move || is("kind", "")>{text::any_kind()}</option>
                <option value="join" selected=move || is("kind", "join")>{text::only_join()}</option>
                <option value="leave" selected=move || is("kind", "leave")>{text::only_leave()}</option>
            </select>
            <Show when=move || filtered.get()>
                <Button text=text::clear_filters().to_owned() icon=Glyph::Close on_click=on_clear />
            </Show>
        </search>
    }
}

#[component]
fn SelectAll(desk: Desk) -> impl IntoView {
    let can = Memo::new(move |_| {
        desk.shown
            .with(|shown| shown.iter().filter(|r| r.can_decide).map(|r| r.id.clone()).collect::<Vec<_>>())
    });
    let all = Memo::new(move |_| !can.read().is_empty() && desk.selected.read().len() == can.read().len());
    view! {
        <Show when=move || !can.read().is_empty()>
            <label class="check">
                <input
                    type="checkbox"
                    class="form-check-input"
                    prop:checked=all
                    on:change=move |_| desk.selected.set(if all.get_untracked() { Vec::new() } else { can.get_untracked() })
                />
                <span>{text::select_all()}</span>
            </label>
        </Show>
    }
}

/// The bar that stays in reach while something is selected.
#[component]
fn Bulk(desk: Desk) -> impl IntoView {
    let count = Memo::new(move |_| i32::try_from(desk.selected.read().len()).unwrap_or(i32::MAX));
    let busy = Signal::derive(move || desk.selected.read().iter().any(|id| desk.is_working(id)));
    view! {
        <Show when=move || { count.get() > 0 }>
            <section class="bulk" aria-label=text::bulk()>
                <p class="bulk-count" role="status">{move || text::selected(count.get())}</p>
                <button type="button" class="btn btn-icon" aria-label=text::clear() on:click=move |_| desk.selected.set(Vec::new())>
                    <Icon of=Glyph::Close />
                </button>
                <Button
                    text=Signal::derive(move || text::reject_many(count.get()))
                    busy=busy
                    on_click=move |()| desk.reject(desk.selected.get_untracked())
                />
                <Button
                    text=Signal::derive(move || text::accept_many(count.get()))
                    look=Look::Primary
                    icon=Glyph::Check
                    busy=busy
                    on_click=move |()| desk.decide(desk.selected.get_untracked(), true, None)
                />
            </section>
        </Show>
    }
}

#[component]
fn Item(request: Request, desk: Desk, of_one: bool) -> impl IntoView {
    let Request { id, kind, reason, created_at, group, person, can_decide } = request;
    let name = person.name().to_owned();
    let id = StoredValue::new(id);
    let busy = Signal::derive(move || id.with_value(|id| desk.is_working(id)));
    let chosen = move || id.with_value(|id| desk.selected.read().contains(id));
    let toggle = move |_| {
        let id = id.get_value();
        desk.selected.update(|selected| {
            let before = selected.len();
            selected.retain(|other| *other != id);
            if selected.len() == before {
                selected.push(id);
            }
        });
    };
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
                <label class="check request-check">
                    <input type="checkbox" class="form-check-input" aria-label=select_label prop:checked=chosen on:change=toggle />
                </label>
            })}
            <div class="request-who">
                <PersonLine person=person />
                {organisations}
                <span class="cell-badges">
                    <StateBadge state=state />
                    {(!active).then(|| view! { <span class="status status-bad">{admin::inactive()}</span> })}
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
