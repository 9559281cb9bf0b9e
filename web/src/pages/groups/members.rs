//! The members of a group: searched and paged by the server; one is removed with a reason.

use cynic::{MutationBuilder, QueryBuilder};
use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use super::{
    add::AddMember,
    membership::{GroupMemberOutcome, RemoveGroupMembers, RemoveGroupMembersStatus, RemoveVariables},
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
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    url::Address,
};

const PAGE: i32 = 50;

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupMemberFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct MembersVariables {
    id: cynic::Id,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupMemberFilter>,
}

impl MembersVariables {
    pub(crate) fn of(id: cynic::Id, page: PageVariables, filter: Option<GroupMemberFilter>) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { id, first, after, last, before, filter }
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
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)]
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
    let query = use_query(move || {
        let filter = GroupMemberFilter { search: address.get("q") };
        Members::build(MembersVariables::of(group.get_value(), address.page(PAGE), Some(filter)))
    });
    let (asking, adding) = (RwSignal::new(false), RwSignal::new(false));
    let picked = RwSignal::new(None::<(cynic::Id, String)>);
    let problems = RwSignal::new(Vec::<Problem>::new());
    let picked_name = move || picked.with(|p| p.as_ref().map(|(_, name)| name.clone()).unwrap_or_default());
    let remove = use_mutation(RemoveGroupMembers::build, move |data: RemoveGroupMembers| {
        let payload = data.remove_group_members;
        let name = untrack(picked_name);
        match payload.status {
            RemoveGroupMembersStatus::Invalid => return problems.set(payload.problems),
            RemoveGroupMembersStatus::NotAllowed => toasts.warn(text::not_allowed()),
            RemoveGroupMembersStatus::NotFound => toasts.warn(crate::i18n::texts::groups::gone()),
            RemoveGroupMembersStatus::Done => match payload.results.first().map(|result| result.outcome) {
                Some(GroupMemberOutcome::Removed) => toasts.done(text::removed(&name)),
                _ => toasts.info(text::was_no_member(&name)),
            },
        }
        asking.set(false);
        query.refetch();
    });
    let may_find = Memo::new(move |_| session.can::<ViewUser>());
    let on_remove = Callback::new(move |member: (cynic::Id, String)| {
        problems.set(Vec::new());
        picked.set(Some(member));
        asking.set(true);
    });
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
                let page = Memo::new(move |_| data.with(|data| {
                    let management = data.group.as_ref().and_then(|group| group.management.as_ref());
                    management.map(|m| m.members.clone()).unwrap_or_default()
                }));
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
                        <div class="card table-card">
                            <table class="data-table" class:is-busy=move || query.busy.get() aria-busy=move || query.busy.get().to_string()>
                                <caption class="visually-hidden">{text::tab_members()}</caption>
                                <thead><tr>
                                    <th scope="col">{text::col_member()}</th>
                                    <th scope="col">{text::col_since()}</th>
                                    <th scope="col">{text::col_ends()}</th>
                                    <th scope="col">{text::col_reason()}</th>
                                    {move || can_edit.get().then(|| view! { <th scope="col">{text::col_action()}</th> })}
                                </tr></thead>
                                <tbody>
                                    {move || page.get().nodes.into_iter().map(|member| {
                                        row(member, can_edit.get().then_some(on_remove))
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    </Listing>
                }
            },
        )}
        <Show when=move || can_edit.get() && !may_find.get()>
            <p class="form-text">{text::add_by_link()}</p>
        </Show>
        <Ask
            open=asking
            name="reason"
            title=Signal::derive(move || name.with_value(|group| text::remove_title(&picked_name(), group)))
            body=text::remove_body().to_owned()
            label=text::reason()
            hint=text::reason_hint()
            action=Signal::derive(move || text::remove_named(&picked_name()))
            danger=true
            busy=remove.pending
            problems=problems
            on_done=move |reason| {
                if let Some((id, _)) = picked.get_untracked() {
                    remove.run(RemoveVariables { group_id: group.get_value(), user_ids: vec![id], reason });
                }
            }
        />
        {move || may_find.get().then(|| view! {
            <AddMember open=adding group=group.get_value() title=name.with_value(|name| text::add_title(name)) on_done=move |()| query.refetch() />
        })}
    }
}

fn row(member: GroupMember, on_remove: Option<Callback<(cynic::Id, String)>>) -> impl IntoView {
    let GroupMember { person, since, starts_at, is_started, ends_at, reason, is_leader } = member;
    let (id, name) = (person.id.clone(), person.name().to_owned());
    let (state, active) = (person.state.clone(), person.is_active);
    let label = text::remove_named(&name);
    view! {
        <tr>
            <td data-label=text::col_member()>
                <span class="member">
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
            {on_remove.map(|on_remove| view! {
                <td data-label=text::col_action()>
                    <Button
                        small=true
                        text=text::remove().to_owned()
                        label=label
                        on_click=move |()| on_remove.run((id.clone(), name.clone()))
                    />
                </td>
            })}
        </tr>
    }
}
