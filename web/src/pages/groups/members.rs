//! The members of a group: searched and paged by the server; one or several are removed with a reason.

use cynic::{MutationBuilder, QueryBuilder};
use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use super::{
    add::AddMember,
    membership::{
        GroupMemberChange, GroupMemberOutcome, RemoveGroupMembers, RemoveGroupMembersStatus, RemoveVariables,
    },
};
use crate::{
    api::{DateTime, PageInfo, PageVariables, Problem, schema, use_mutation, use_query},
    i18n::{
        format,
        texts::{admin, manage as text},
    },
    session::Session,
    ui::{
        ago::{Ago, Until},
        ask::Ask,
        badge::StateBadge,
        banner::{Banner, Tone},
        button::{Button, Look},
        empty::Empty,
        filter::SearchField,
        icon::{Glyph, Icon},
        listing::Listing,
        loaded::loaded,
        person::{Person, PersonLine},
        selection::{BulkBar, Select, SelectAll, Selection},
        skeleton::SkeletonRows,
        table::{Order, OrderDirection, head},
        toast::Toasts,
    },
    url::Address,
    web,
};

const PAGE: i32 = 50;

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupMemberFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupMemberOrderField {
    Name,
    Since,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupMemberOrder {
    field: GroupMemberOrderField,
    direction: OrderDirection,
}

impl GroupMemberOrder {
    fn of(order: &Order) -> Self {
        let field = match order.key.as_str() {
            "since" => GroupMemberOrderField::Since,
            _ => GroupMemberOrderField::Name,
        };
        Self { field, direction: OrderDirection::of(order) }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct MembersVariables {
    id: cynic::Id,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupMemberFilter>,
    order: Option<GroupMemberOrder>,
}

impl MembersVariables {
    pub(crate) fn of(
        id: cynic::Id,
        page: PageVariables,
        filter: Option<GroupMemberFilter>,
        order: &Order,
    ) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { id, first, after, last, before, filter, order: Some(GroupMemberOrder::of(order)) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "MembersVariables")]
pub struct Members {
    #[arguments(id: $id)]
    group: Option<MembersGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group", variables = "MembersVariables")]
struct MembersGroup {
    management: Option<MembersManagement>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement", variables = "MembersVariables")]
struct MembersManagement {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    members: MemberPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "GroupMemberConnection")]
struct MemberPage {
    nodes: Vec<GroupMember>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupMember {
    person: Person,
    since: DateTime,
    starts_at: Option<DateTime>,
    is_started: bool,
    ends_at: Option<DateTime>,
    reason: String,
    is_leader: bool,
}

impl Members {
    fn page(&self) -> Option<&MemberPage> {
        let management = self.group.as_ref().and_then(|group| group.management.as_ref());
        management.map(|management| &management.members)
    }
}

/// A member's id and name.
type Member = (cynic::Id, String);

/// The tab.
#[component]
pub fn MembersTab(
    /// Which group.
    group: cynic::Id,
    /// Its name.
    name: String,
    /// Whether the viewer may add and remove.
    can_edit: Memo<bool>,
) -> impl IntoView {
    let (toasts, session) = (Toasts::get(), Session::get());
    let address = Address::here();
    let (group, name) = (StoredValue::new(group), StoredValue::new(name));
    let order = Memo::new(move |_| address.order("name"));
    let query = use_query(move || {
        let filter = GroupMemberFilter { search: address.get("q") };
        Members::build(MembersVariables::of(
            group.get_value(),
            address.page(PAGE),
            Some(filter),
            &order.read(),
        ))
    });
    let sort = Callback::new(move |order: Order| address.sort(&order));
    let (asking, adding) = (RwSignal::new(false), RwSignal::new(false));
    let shown = Memo::new(move |_| {
        query.state.with(|state| state.ready().and_then(|data| data.page().cloned()).unwrap_or_default())
    });
    let selection = Selection::new(Memo::new(move |_| {
        let shown = shown.read();
        let members = shown.nodes.iter().filter(|_| can_edit.get());
        members.map(|member| member.person.id.clone()).collect()
    }));
    // Who is to be removed: id and name.
    let picked = RwSignal::new(Vec::<Member>::new());
    let problems = RwSignal::new(Vec::<Problem>::new());
    let remove = use_mutation(RemoveGroupMembers::build, move |data: RemoveGroupMembers| {
        let payload = data.remove_group_members;
        match payload.status {
            RemoveGroupMembersStatus::Invalid => return problems.set(payload.problems),
            RemoveGroupMembersStatus::NotAllowed => toasts.warn(text::not_allowed()),
            RemoveGroupMembersStatus::NotFound => toasts.warn(crate::i18n::texts::groups::gone()),
            RemoveGroupMembersStatus::Done => {
                let removed = |change: &&GroupMemberChange| change.outcome == GroupMemberOutcome::Removed;
                let done = many(payload.results.iter().filter(removed).count());
                let gone = many(payload.results.len()) - done;
                match picked.read_untracked().as_slice() {
                    [(_, name)] if done == 1 => toasts.done(text::removed(name)),
                    [(_, name)] => toasts.info(text::was_no_member(name)),
                    _ => {
                        if done > 0 {
                            toasts.done(text::removed_many(done));
                        }
                        if gone > 0 {
                            toasts.info(text::were_no_members(gone));
                        }
                    }
                }
            }
        }
        asking.set(false);
        query.refetch();
        // The rows with what was pressed go; the focus stays nearby.
        web::focus_if_lost("#members");
    });
    let may_find = Memo::new(move |_| session.can::<ViewUser>());
    let on_remove = Callback::new(move |members: Vec<Member>| {
        problems.set(Vec::new());
        picked.set(members);
        asking.set(true);
    });
    let remove_selected = move |()| {
        let ids = untrack(|| selection.ids());
        on_remove.run(shown.with_untracked(|shown| {
            let members = shown.nodes.iter().filter(|member| ids.contains(&member.person.id));
            members.map(|member| (member.person.id.clone(), member.person.name().to_owned())).collect()
        }));
    };
    let title = move || {
        name.with_value(|group| match picked.read().as_slice() {
            [(_, name)] => text::remove_title(name, group),
            all => text::remove_title_many(many(all.len()), group),
        })
    };
    let action = move || match picked.read().as_slice() {
        [(_, name)] => text::remove_named(name),
        all => text::remove_many(many(all.len())),
    };
    view! {
        <search class="filters filters-line">
            <SearchField address=address label=text::members_search() />
            <Show when=move || can_edit.get() && may_find.get()>
                <Button
                    text=text::add().to_owned()
                    look=Look::Primary
                    icon=Glyph::AddPerson
                    on_click=move |()| adding.set(true)
                />
            </Show>
        </search>
        <Show when=move || !can_edit.get()>
            <Banner tone=Tone::Info><p>{text::restricted()}</p></Banner>
        </Show>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.page().cloned().unwrap_or_default()));
                view! {
                    <Listing
                        count=Signal::derive(move || text::members_count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=move || {
                            let (title, hint) = if address.get("q").is_some() {
                                (text::members_none_found(), text::members_none_found_hint())
                            } else {
                                (text::members_none(), text::members_none_hint())
                            };
                            view! { <Empty title=title hint=hint icon=Glyph::People /> }
                        }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="list-head"><SelectAll selection=selection /></div>
                        <div id="members" class="card table-card" tabindex="-1">
                            <table class="data-table" class:is-busy=move || query.busy.get() aria-busy=move || query.busy.get().to_string()>
                                <caption class="visually-hidden">{text::tab_members()}</caption>
                                <thead><tr>
                                    {head(text::col_member, Some("name"), order.into(), Some(sort))}
                                    {head(text::col_since, Some("since"), order.into(), Some(sort))}
                                    <th scope="col">{text::col_ends()}</th>
                                    <th scope="col">{text::col_reason()}</th>
                                    {move || can_edit.get().then(|| view! { <th scope="col">{text::col_action()}</th> })}
                                </tr></thead>
                                <tbody>
                                    {move || page.get().nodes.into_iter().map(|member| {
                                        row(member, can_edit.get().then_some((selection, on_remove)))
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    </Listing>
                    <BulkBar selection=selection label=text::bulk()>
                        <Button
                            text=Signal::derive(move || text::remove_many(selection.count()))
                            look=Look::Danger
                            busy=remove.pending
                            on_click=remove_selected
                        />
                    </BulkBar>
                }
            },
        )}
        <Show when=move || can_edit.get() && !may_find.get()>
            <p class="form-text">{text::add_by_link()}</p>
        </Show>
        <Ask
            open=asking
            name="reason"
            title=Signal::derive(title)
            body=text::remove_body().to_owned()
            label=text::reason()
            hint=text::reason_hint()
            action=Signal::derive(action)
            danger=true
            busy=remove.pending
            problems=problems
            on_done=move |reason| {
                let user_ids = picked.with_untracked(|all| all.iter().map(|(id, _)| id.clone()).collect());
                remove.run(RemoveVariables { group_id: group.get_value(), user_ids, reason });
            }
        />
        {move || may_find.get().then(|| view! {
            <AddMember open=adding group=group.get_value() title=name.with_value(|name| text::add_title(name)) on_done=move |()| query.refetch() />
        })}
    }
}

fn many(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn row(member: GroupMember, edit: Option<(Selection, Callback<Vec<Member>>)>) -> impl IntoView {
    let GroupMember { person, since, starts_at, is_started, ends_at, reason, is_leader } = member;
    let (id, name) = (person.id.clone(), person.name().to_owned());
    let (state, active) = (person.state.clone(), person.is_active);
    let label = text::remove_named(&name);
    let select = edit.map(|(selection, _)| {
        view! { <Select selection=selection id=id.clone() label=text::select(&name) /> }
    });
    view! {
        <tr>
            <td data-label=text::col_member()>
                <span class="member">
                    {select}
                    <PersonLine person=person />
                    <span class="cell-badges">
                        {is_leader.then(|| view! {
                            <span class="main-badge"><Icon of=Glyph::StarFull />{text::leader()}</span>
                        })}
                        <StateBadge state=state />
                        {(!active).then(|| view! { <span class="status status-bad">{admin::not_active()}</span> })}
                    </span>
                </span>
            </td>
            <td data-label=text::col_since()>
                {match starts_at.filter(|_| !is_started) {
                    Some(at) => view! { <span class="status status-busy">{text::begins()} " " <Until at=at /></span> }.into_any(),
                    None => view! { <Ago at=since /> }.into_any(),
                }}
            </td>
            <td data-label=text::col_ends()>
                {match ends_at {
                    Some(at) => view! { <Until at=at /> }.into_any(),
                    None => view! { <span class="text-muted-own">{text::unlimited()}</span> }.into_any(),
                }}
            </td>
            <td data-label=text::col_reason()>{(!reason.is_empty()).then_some(reason)}</td>
            {edit.map(|(_, on_remove)| view! {
                <td data-label=text::col_action()>
                    <Button
                        small=true
                        text=text::remove().to_owned()
                        label=label
                        on_click=move |()| on_remove.run(vec![(id.clone(), name.clone())])
                    />
                </td>
            })}
        </tr>
    }
}
