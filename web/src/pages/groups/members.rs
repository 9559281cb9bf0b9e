//! The members of a group: searched and paged by the server; one or several are removed with a reason.

use cynic::{Operation, QueryBuilder};
use fealty_shared::permission::{Permission as _, ViewUser};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::{
    add::AddMembers,
    remove::{Member, RemoveMembers},
};
use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, send, use_query},
    i18n::{
        format,
        texts::{admin, manage as text},
    },
    pages::admin::export::{self, Batch, Begin, ExportButton, main_fields, time_field, yes_field},
    session::Session,
    ui::{
        ago::{Ago, Until},
        badge::StateBadge,
        banner::{Banner, Tone},
        button::{Button, Look},
        empty::Empty,
        filter::{Choice, SearchField, choices},
        icon::{Glyph, Icon},
        kept::kept,
        listing::Listing,
        loaded::loaded,
        person::{Person, PersonLine},
        selection::{BulkBar, Select, SelectAll, Selection},
        skeleton::SkeletonRows,
        table::{Head, Order, OrderDirection, head, sort_choice},
    },
    url::Address,
    web,
};

const PAGE: i32 = 50;

/// The columns that one may sort by.
const SORTED: &[Head] =
    &[(text::col_member, Some("name")), (text::col_since, Some("since")), (text::col_ends, Some("ends"))];

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupMemberFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    is_started: Option<bool>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupMemberOrderField {
    EndsAt,
    Name,
    Since,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct GroupMemberOrder {
    field: GroupMemberOrderField,
    direction: OrderDirection,
}

impl GroupMemberFilter {
    /// What the address asks for.
    fn of(address: Address) -> Self {
        let is_started = match address.text("begun").as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        Self { search: address.get("q"), is_started }
    }
}

impl GroupMemberOrder {
    fn of(order: &Order) -> Self {
        let field = match order.key.as_str() {
            "ends" => GroupMemberOrderField::EndsAt,
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
pub struct MemberPage {
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

/// The same as the administration sees it: of internal groups, too.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "MembersVariables")]
pub struct AdministeredMembers {
    #[arguments(id: $id)]
    group: Option<AdministeredGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group", variables = "MembersVariables")]
struct AdministeredGroup {
    settings: Option<MembersSettings>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupSettings", variables = "MembersVariables")]
struct MembersSettings {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    members: Option<MemberPage>,
}

/// From where the members come.
pub trait Source: DeserializeOwned + Clone + PartialEq + Send + Sync + 'static {
    /// Whether the viewer edits them as an admin, who is told all that follows and leads to the pages about users.
    const IS_ADMIN: bool;

    /// Asks for a page.
    fn ask(variables: MembersVariables) -> Operation<Self, MembersVariables>;
    /// What came.
    fn page(&self) -> Option<&MemberPage>;
}

impl Source for Members {
    const IS_ADMIN: bool = false;

    fn ask(variables: MembersVariables) -> Operation<Self, MembersVariables> {
        Self::build(variables)
    }

    fn page(&self) -> Option<&MemberPage> {
        let management = self.group.as_ref().and_then(|group| group.management.as_ref());
        management.map(|management| &management.members)
    }
}

impl Source for AdministeredMembers {
    const IS_ADMIN: bool = true;

    fn ask(variables: MembersVariables) -> Operation<Self, MembersVariables> {
        Self::build(variables)
    }

    fn page(&self) -> Option<&MemberPage> {
        self.group.as_ref()?.settings.as_ref()?.members.as_ref()
    }
}

fn csv_head() -> Vec<&'static str> {
    vec![
        "user",
        "main",
        "corporation",
        "alliance",
        "state",
        "active",
        "leader",
        "since",
        "begins",
        "begun",
        "ends",
        "reason",
    ]
}

fn csv_row(member: GroupMember) -> Vec<String> {
    let Person { username, main_character, state, is_active, .. } = member.person;
    let [main, corporation, alliance] = main_fields(main_character);
    vec![
        username,
        main,
        corporation,
        alliance,
        state.name,
        yes_field(is_active),
        yes_field(member.is_leader),
        time_field(Some(member.since)),
        time_field(member.starts_at),
        yes_field(member.is_started),
        time_field(member.ends_at),
        member.reason,
    ]
}

/// The tab of a group's members. `can_edit`: whether the viewer may add and remove; `on_change` runs after either.
pub fn members_tab<T: Source>(
    group: cynic::Id,
    name: String,
    can_edit: Memo<bool>,
    on_change: Callback<()>,
) -> AnyView {
    let session = Session::get();
    let address = Address::here();
    let (group, name) = (StoredValue::new(group), StoredValue::new(name));
    let order = Memo::new(move |_| address.order("name"));
    let query = use_query(move || {
        let filter = Some(GroupMemberFilter::of(address));
        T::ask(MembersVariables::of(group.get_value(), address.page(PAGE), filter, &order.read()))
    });
    let begin = Begin::new(move || {
        let (filter, order) = untrack(|| (GroupMemberFilter::of(address), order.get()));
        let group = group.get_value();
        Box::new(move |cursor| {
            let page = PageVariables::of(cursor, None, export::PAGE);
            let operation = T::ask(MembersVariables::of(group.clone(), page, Some(filter.clone()), &order));
            Box::pin(async move {
                let page = send(operation).await?.page().cloned().unwrap_or_default();
                Ok(Batch {
                    rows: page.nodes.into_iter().map(csv_row).collect(),
                    page_info: page.page_info,
                    total: page.total_count,
                })
            })
        })
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
    let may_find = Memo::new(move |_| session.can::<ViewUser>());
    let on_remove = Callback::new(move |members: Vec<Member>| {
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
    let changed = move |()| {
        query.refetch();
        on_change.run(());
        // The rows with what was pressed go; the focus stays nearby.
        web::focus_if_lost("#members");
    };
    let begun = choices(&[("yes", text::begun_yes()), ("no", text::begun_no())]);
    view! {
        <search class="filters filters-line">
            <SearchField address=address label=text::members_search() />
            <Choice address=address name="begun" label=text::begun() any=text::begun_any() options=begun />
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
                        count=Signal::derive(move || { let count = page.read().total_count; text::members_count(count, &format::number(count.into())) })
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=move || {
                            let (title, hint) = if address.get("q").is_some() || address.get("begun").is_some() {
                                (text::members_none_found(), text::members_none_found_hint())
                            } else if T::IS_ADMIN {
                                (text::members_none(), text::members_none_admin())
                            } else {
                                (text::members_none(), text::members_none_hint())
                            };
                            view! { <Empty title=title hint=hint icon=Glyph::People /> }
                        }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="list-head">
                            <SelectAll selection=selection />
                            <ExportButton
                                name=name.with_value(|name| format!("members of {name}"))
                                head=csv_head
                                begin=begin
                            />
                        </div>
                        <div id="members" class="card table-card" tabindex="-1">
                            {sort_choice(SORTED, order.into(), Some(sort))}
                            <table class="data-table" class:is-busy=move || query.busy.get() aria-busy=move || query.busy.get().to_string()>
                                <caption class="visually-hidden">{text::tab_members()}</caption>
                                <thead><tr>
                                    {SORTED.iter().map(|(title, key)| head(*title, *key, None, order.into(), Some(sort))).collect_view()}
                                    <th scope="col">{text::col_reason()}</th>
                                    {move || can_edit.get().then(|| view! { <th scope="col">{text::col_action()}</th> })}
                                </tr></thead>
                                <tbody>
                                    {move || {
                                        let edit = can_edit.get().then_some((selection, on_remove));
                                        let is_linked = T::IS_ADMIN && may_find.get();
                                        let members = Signal::derive(move || page.get().nodes);
                                        kept(members, move |member| row(member, edit, is_linked).into_any())
                                    }}
                                </tbody>
                            </table>
                        </div>
                    </Listing>
                    <BulkBar selection=selection label=text::bulk()>
                        <Button
                            text=Signal::derive(move || text::remove_many(selection.count()))
                            on_click=remove_selected
                        />
                    </BulkBar>
                }
            },
        )}
        <Show when=move || can_edit.get() && !may_find.get()>
            <p class="form-text members-hint">
                {if T::IS_ADMIN {
                    text::find_needs(&ViewUser::in_words())
                } else {
                    text::add_by_link().to_owned()
                }}
            </p>
        </Show>
        <RemoveMembers
            open=asking
            picked=picked
            group=group.get_value()
            name=name.get_value()
            in_full=T::IS_ADMIN
            on_done=changed
        />
        {move || may_find.get().then(|| view! {
            <AddMembers
                open=adding
                group=group.get_value()
                title=name.with_value(|name| text::add_title(name))
                in_full=T::IS_ADMIN
                on_done=changed
            />
        })}
    }
    .into_any()
}

fn row(
    member: GroupMember,
    edit: Option<(Selection, Callback<Vec<Member>>)>,
    is_linked: bool,
) -> impl IntoView {
    let GroupMember { person, since, starts_at, is_started, ends_at, reason, is_leader } = member;
    let (id, name) = (person.id.clone(), person.name().to_owned());
    let (state, active) = (person.state.clone(), person.is_active);
    let href = is_linked.then(|| crate::pages::admin::person::address_of(&person));
    let label = text::remove_named(&name);
    let select = edit.map(|(selection, _)| {
        view! { <Select selection=selection id=id.clone() label=text::select(&name) /> }
    });
    view! {
        <tr>
            <td data-label=text::col_member()>
                <span class="member">
                    {select}
                    <PersonLine person=person href=href />
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
