//! One group as its members and future members see it: what it is, who leads it, how one stands, what one can do.

use leptos::prelude::*;

use super::actions::{Actions, GroupAction};
use crate::{
    api::{DateTime, schema},
    i18n::texts::groups as text,
    ui::{
        ago::{Ago, Until},
        group_badges::{GroupBadges, GroupFlags},
        icon::{Glyph, Icon},
        portrait::{Portrait, Size},
    },
};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
pub struct GroupEntry {
    /// Opaque id.
    pub id: cynic::Id,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What kind of group.
    #[cynic(spread)]
    pub flags: GroupFlags,
    /// Who leads it directly.
    pub leaders: Vec<Leader>,
    /// Whose members lead it.
    pub leader_groups: Vec<GroupReference>,
    /// How the viewer stands to it.
    pub membership: GroupMembership,
}

/// Somebody who leads a group.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Person")]
pub struct Leader {
    username: String,
    main_character: Option<LeaderPilot>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
struct LeaderPilot {
    name: String,
    #[arguments(size: 64)]
    portrait_url: String,
}

/// A group by name.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct GroupReference {
    /// Opaque id.
    pub id: cynic::Id,
    /// Its name.
    pub name: String,
}

/// How the viewer stands to a group.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct GroupMembership {
    /// Whether he is in.
    pub is_member: bool,
    /// Since when.
    pub since: Option<DateTime>,
    /// Until when.
    pub ends_at: Option<DateTime>,
    /// What waits for a decision.
    pub request: Option<OwnRequest>,
    /// The one thing he can do.
    pub action: GroupAction,
    /// Why there is none.
    pub detail: Option<String>,
}

/// The viewer's own request.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupRequest")]
pub struct OwnRequest {
    /// In or out.
    pub kind: GroupRequestKind,
    /// Since when.
    pub created_at: DateTime,
}

/// In or out.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRequestKind {
    /// In.
    Join,
    /// Out.
    Leave,
}

impl GroupEntry {
    /// Whether it is one of the viewer's own: he is in, or has asked.
    pub fn is_mine(&self) -> bool {
        self.membership.is_member || self.membership.request.is_some()
    }
}

/// Who leads it: people, then groups.
fn leaders(people: Vec<Leader>, groups: Vec<GroupReference>) -> Option<AnyView> {
    let none = people.is_empty() && groups.is_empty();
    (!none).then(|| {
        view! {
            <p class="group-leaders">
                <span>{text::led_by()}</span>
                {people.into_iter().map(|Leader { username, main_character }| {
                    let (name, src) = main_character.map_or((username, String::new()), |main| (main.name, main.portrait_url));
                    view! {
                        <span class="group-leader"><Portrait src=src name=name.clone() size=Size::Tiny />{name}</span>
                    }
                }).collect_view()}
                {groups.into_iter().map(|group| view! {
                    <span class="group-leader"><Icon of=Glyph::People />{text::members_of(&group.name)}</span>
                }).collect_view()}
            </p>
        }
        .into_any()
    })
}

/// How the viewer stands to it, in words.
fn standing(membership: &GroupMembership) -> AnyView {
    let GroupMembership { is_member, since, ends_at, request, .. } = membership;
    let ends_at = ends_at.filter(|_| *is_member);
    view! {
        {is_member.then(|| view! { <span class="status status-good"><Icon of=Glyph::Check />{text::member()}</span> })}
        {request.clone().map(|request| {
            let word = match request.kind {
                GroupRequestKind::Join => text::asked_join(),
                GroupRequestKind::Leave => text::asked_leave(),
            };
            view! {
                <span class="status status-busy"><Icon of=Glyph::Waiting />{word}</span>
                <span class="group-when">{text::asked()} " " <Ago at=request.created_at /></span>
            }
        })}
        {since.filter(|_| *is_member && request.is_none()).map(|at| view! {
            <span class="group-when">{text::joined()} " " <Ago at=at /></span>
        })}
        {ends_at.map(|at| view! { <span class="group-when group-ends">{text::ends()} " " <Until at=at /></span> })}
    }
    .into_any()
}

/// The words of the button: short, and the full ones for screen readers.
fn words(group: &GroupEntry) -> (&'static str, String, &'static str) {
    let name = &group.name;
    match group.membership.action {
        GroupAction::Join => (text::join(), text::join_named(name), "btn btn-primary"),
        GroupAction::RequestJoin => (text::request_join(), text::request_join_named(name), "btn btn-primary"),
        GroupAction::Leave => (text::leave(), text::leave_named(name), "btn btn-quiet"),
        GroupAction::RequestLeave => {
            (text::request_leave(), text::request_leave_named(name), "btn btn-quiet")
        }
        GroupAction::Retract => (text::retract(), text::retract_named(name), "btn btn-quiet"),
        GroupAction::None if group.membership.is_member => {
            (text::leave(), text::leave_named(name), "btn btn-quiet btn-off")
        }
        GroupAction::None => (text::join(), text::join_named(name), "btn btn-quiet btn-off"),
    }
}

/// The one button. It stays in its place while its meaning changes, and keeps the focus.
#[component]
fn ActionButton(#[prop(into)] group: Signal<GroupEntry>, actions: Actions) -> impl IntoView {
    let id = group.with_untracked(|group| group.id.clone());
    let busy = Memo::new(move |_| actions.is_busy(&id));
    let words = Memo::new(move |_| group.with(words));
    let off = Memo::new(move |_| group.with(|group| group.membership.action == GroupAction::None));
    view! {
        <button
            type="button"
            class=move || words.with(|words| words.2)
            aria-label=move || words.with(|words| words.1.clone())
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || (busy.get() || off.get()).then_some("true")
            on:click=move |_| {
                if !busy.get_untracked() && !off.get_untracked() { actions.begin(group.get_untracked()) }
            }
        >
            <Show when=move || busy.get()>
                <span class="spinner-border spinner-border-sm" aria-hidden="true"></span>
            </Show>
            <span>{move || words.with(|words| words.0)}</span>
        </button>
    }
}

/// One group of a list, or the only one of a page.
#[component]
pub fn GroupRow(
    /// Which.
    #[prop(into)]
    group: Signal<GroupEntry>,
    /// The page's actions.
    actions: Actions,
    /// On a page of its own, whose title is its name.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    let name = move || group.with(|group| group.name.clone());
    let href = group.with_untracked(|group| format!("/groups/{}", group.id.inner()));
    let badges = move || view! { <GroupBadges flags=group.with(|group| group.flags.clone()) /> };
    let head = if alone {
        view! { <div class="group-head">{badges}</div> }.into_any()
    } else {
        view! {
            <div class="group-head"><h2 class="group-name"><a href=href>{name}</a></h2>{badges}</div>
        }
        .into_any()
    };
    view! {
        <div class="group-text">
            {head}
            {move || group.with(|group| (!group.description.is_empty()).then(|| view! {
                <p class="group-description">{group.description.clone()}</p>
            }))}
            {move || group.with(|group| leaders(group.leaders.clone(), group.leader_groups.clone()))}
        </div>
        <div class="group-side">
            <div class="group-standing">{move || group.with(|group| standing(&group.membership))}</div>
            <ActionButton group=group actions=actions />
            {move || group.with(|group| {
                let detail = group.membership.detail.clone();
                detail.filter(|_| group.membership.action == GroupAction::None)
                    .map(|detail| view! { <p class="group-detail">{detail}</p> })
            })}
        </div>
    }
}
