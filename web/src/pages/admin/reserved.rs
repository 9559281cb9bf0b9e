//! Names that no group may have.

use cynic::{MutationBuilder, QueryBuilder};
use fealty_shared::permission;
use leptos::prelude::*;

use super::rights;
use crate::{
    api::{DateTime, PageInfo, PageVariables, Problem, schema, use_mutation, use_query},
    i18n::{
        format,
        texts::{admin, dashboard, rules as text},
    },
    ui::{
        ago::Ago,
        button::{Button, Look},
        confirm::{Confirm, Dialog},
        empty::Empty,
        field::Field,
        filter::SearchField,
        icon::Glyph,
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    url::Address,
    web,
};

const PAGE: i32 = 50;

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct ReservedGroupNameFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct ReservedNamesVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<ReservedGroupNameFilter>,
}

impl ReservedNamesVariables {
    fn of(page: PageVariables, search: Option<String>) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, filter: Some(ReservedGroupNameFilter { search }) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "ReservedNamesVariables")]
pub struct ReservedNames {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)]
    reserved_group_names: NamePage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "ReservedGroupNameConnection")]
struct NamePage {
    nodes: Vec<ReservedGroupName>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct ReservedGroupName {
    id: cynic::Id,
    name: String,
    reason: String,
    created_by: String,
    created_at: DateTime,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct ReserveVariables {
    /// The name.
    pub name: String,
    /// Why.
    pub reason: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "ReserveVariables")]
pub struct CreateReservedGroupName {
    #[arguments(input: { name: $name, reason: $reason })]
    create_reserved_group_name: CreateReservedGroupNamePayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct CreateReservedGroupNamePayload {
    problems: Vec<Problem>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct FreeVariables {
    /// Which.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "FreeVariables")]
pub struct DeleteReservedGroupName {
    #[arguments(input: { id: $id })]
    delete_reserved_group_name: DeleteReservedGroupNamePayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct DeleteReservedGroupNamePayload {
    status: DeleteReservedGroupNameStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum DeleteReservedGroupNameStatus {
    Deleted,
    NotFound,
}

/// The page.
#[component]
pub fn ReservedNamesPage() -> impl IntoView {
    let address = Address::here();
    let query = use_query(move || {
        ReservedNames::build(ReservedNamesVariables::of(address.page(PAGE), address.get("q")))
    });
    let toasts = Toasts::get();
    let (adding, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let picked = RwSignal::new(None::<(cynic::Id, String)>);
    let free = use_mutation(
        |id: cynic::Id| DeleteReservedGroupName::build(FreeVariables { id }),
        move |data: DeleteReservedGroupName| {
            deleting.set(false);
            match data.delete_reserved_group_name.status {
                DeleteReservedGroupNameStatus::Deleted => toasts.done(text::reserved_deleted()),
                DeleteReservedGroupNameStatus::NotFound => toasts.info(text::gone()),
            }
            query.refetch();
        },
    );
    let may_delete = rights::may_edit::<permission::DeleteReservedGroupName>();
    let add = rights::may_edit::<permission::AddReservedGroupName>().then(|| {
        view! {
            <Button
                text=text::reserved_add().to_owned()
                look=Look::Primary
                icon=Glyph::Plus
                on_click=move |()| adding.set(true)
            />
        }
    });
    let row = move |ReservedGroupName { id, name, reason, created_by, created_at }: ReservedGroupName| {
        let delete = may_delete.then(|| {
            let one = (id, name.clone());
            view! {
                <Button
                    text=text::delete().to_owned()
                    label=text::delete_named(&name)
                    icon=Glyph::Trash
                    small=true
                    on_click=move |()| { picked.set(Some(one.clone())); deleting.set(true) }
                />
            }
        });
        view! {
            <li class="reserved-row">
                <div class="reserved-text">
                    <p class="cell-name">{name}</p>
                    <p>{reason}</p>
                    <p class="timeline-when"><Ago at=created_at />" · "{dashboard::by(&created_by)}</p>
                </div>
                {delete}
            </li>
        }
    };
    let title =
        move || picked.read().as_ref().map(|(_, name)| text::reserved_delete(name)).unwrap_or_default();
    view! {
        <PageHeader title=text::reserved().to_owned() lead=text::reserved_lead()>{add}</PageHeader>
        <search class="filters"><SearchField address=address label=text::reserved_search() /></search>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=4 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.reserved_group_names.clone()));
                view! {
                    <Listing
                        count=Signal::derive(move || admin::count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=move || {
                            let (title, hint) = if address.get("q").is_some() {
                                (text::reserved_none_found(), text::reserved_none_found_hint())
                            } else {
                                (text::reserved_none(), text::reserved_none_hint())
                            };
                            view! { <Empty title=title hint=hint icon=Glyph::Reserved /> }
                        }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="card list-card">
                            <ul class="rows">{move || page.get().nodes.into_iter().map(row).collect_view()}</ul>
                        </div>
                    </Listing>
                }
            },
        )}
        <Dialog open=adding title=text::reserved_add().to_owned()>
            <Show when=move || adding.get()>
                <AddForm on_done=move |()| { adding.set(false); query.refetch() } on_cancel=move |()| adding.set(false) />
            </Show>
        </Dialog>
        <Confirm
            open=deleting
            title=Signal::derive(title)
            body=text::reserved_delete_body().to_owned()
            action=text::reserved_delete_do().to_owned()
            danger=true
            busy=free.pending
            on_confirm=move |()| picked.get_untracked().into_iter().for_each(|(id, _)| free.run(id))
        />
    }
}

#[component]
fn AddForm(#[prop(into)] on_done: Callback<()>, #[prop(into)] on_cancel: Callback<()>) -> impl IntoView {
    let toasts = Toasts::get();
    let (name, reason) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let problems = RwSignal::new(Vec::<Problem>::new());
    let reserve = use_mutation(
        |(name, reason): (String, String)| CreateReservedGroupName::build(ReserveVariables { name, reason }),
        move |data: CreateReservedGroupName| {
            let found = data.create_reserved_group_name.problems;
            if found.is_empty() {
                toasts.done(text::reserved_added());
                on_done.run(());
            } else {
                problems.set(found);
                request_animation_frame(|| {
                    web::focus("dialog[open] .is-invalid");
                });
            }
        },
    );
    let send = move || {
        problems.set(Vec::new());
        reserve.run((name.get_untracked().trim().to_owned(), reason.get_untracked().trim().to_owned()));
    };
    view! {
        <form novalidate=true on:submit=move |event| { event.prevent_default(); send() }>
            <Field name="name" label=text::name() autocomplete="off" value=name problems=problems />
            <Field
                name="reason"
                label=text::reason()
                hint=text::reserved_reason_hint()
                autocomplete="off"
                value=reason
                problems=problems
            />
            <div class="dialog-actions">
                <Button text=crate::i18n::texts::common::cancel().to_owned() on_click=on_cancel />
                <Button
                    text=text::reserved_add().to_owned()
                    look=Look::Primary
                    busy=reserve.pending
                    submit=true
                />
            </div>
        </form>
    }
}

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let reserve = ReserveVariables { name: String::new(), reason: String::new() };
    vec![
        ReservedNames::build(ReservedNamesVariables::of(PageVariables::of(None, None, PAGE), None)).query,
        CreateReservedGroupName::build(reserve).query,
        DeleteReservedGroupName::build(FreeVariables { id: cynic::Id::new("") }).query,
    ]
}
