//! What the viewer may do and why; and what he lacks, why, and what would change it.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::{
    explain::{Subject, WhyDialog},
    groups::row::GroupReference,
    service_card::{ServiceStatus, StatusBadge},
};
use crate::{
    api::{DateTime, schema, use_query},
    i18n::texts::{access as text, groups as words, manage},
    ui::{
        ago::{Ago, Until},
        badge::{StateBadge, StateName},
        empty::Empty,
        filter::SearchField,
        icon::{Glyph, Icon},
        identifier::identifier,
        loaded::loaded,
        page_header::PageHeader,
        search_box::matches,
        segments::Segments,
        skeleton::SkeletonRows,
    },
    url::Address,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct OwnAccess {
    viewer: Option<AccessViewer>,
    permissions: Vec<AccessPermission>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct AccessViewer {
    permissions: Vec<String>,
    groups: Vec<AccessGroup>,
    user: AccessUser,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct AccessUser {
    is_superuser: bool,
    state: AccessState,
    state_since: DateTime,
    groups: Vec<UserGroup>,
    services: Vec<AccessService>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct AccessState {
    id: cynic::Id,
    #[cynic(spread)]
    badge: StateName,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Permission")]
struct AccessPermission {
    name: String,
    description: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct AccessGroup {
    id: cynic::Id,
    name: String,
    membership: AccessMembership,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupMembership")]
struct AccessMembership {
    is_member: bool,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct UserGroup {
    group: GroupReference,
    since: DateTime,
    starts_at: Option<DateTime>,
    ends_at: Option<DateTime>,
    is_started: bool,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Service")]
struct AccessService {
    key: String,
    title: String,
    status: ServiceStatus,
}

/// One thing that one has or lacks.
#[derive(Clone, PartialEq)]
struct Line {
    /// As `why` in the address.
    key: String,
    name: String,
    /// A second line.
    about: Option<String>,
    badge: Badge,
}

#[derive(Clone, PartialEq)]
enum Badge {
    None,
    State(StateName, Option<DateTime>),
    Group(DateTime, Option<DateTime>),
    /// A membership that has not begun.
    Begins(DateTime),
    Service(ServiceStatus),
}

impl OwnAccess {
    /// State, groups, services and permissions: those one has, or the others.
    fn lines(&self, lack: bool) -> [Vec<Line>; 4] {
        let Some(viewer) = &self.viewer else { return Default::default() };
        let user = &viewer.user;
        let state = |state: &AccessState, since: Option<DateTime>| Line {
            key: state.id.inner().to_owned(),
            name: state.badge.name.clone(),
            about: None,
            badge: Badge::State(state.badge.clone(), since),
        };
        // What other states there are is not for everybody to know.
        let states = if lack { Vec::new() } else { vec![state(&user.state, Some(user.state_since))] };
        let line = |key: &str, name: &str, badge| Line {
            key: key.to_owned(),
            name: name.to_owned(),
            about: None,
            badge,
        };
        let groups = if lack {
            // What has not begun is no access yet.
            let begins = user.groups.iter().filter(|own| !own.is_started);
            let begins = begins.map(|own| {
                let badge = own.starts_at.map_or(Badge::None, Badge::Begins);
                line(own.group.id.inner(), &own.group.name, badge)
            });
            let is_own = |group: &&AccessGroup| user.groups.iter().any(|own| own.group.id == group.id);
            let others = viewer.groups.iter().filter(|group| !group.membership.is_member && !is_own(group));
            begins.chain(others.map(|group| line(group.id.inner(), &group.name, Badge::None))).collect()
        } else {
            let own = user.groups.iter().filter(|own| own.is_started);
            own.map(|own| line(own.group.id.inner(), &own.group.name, Badge::Group(own.since, own.ends_at)))
                .collect()
        };
        let services =
            user.services.iter().filter(|service| (service.status == ServiceStatus::NotAllowed) == lack);
        let services = services
            .map(|s| line(&format!("service:{}", s.key), &s.title, Badge::Service(s.status)))
            .collect();
        let has = |name: &String| user.is_superuser || viewer.permissions.contains(name);
        let permissions = self.permissions.iter().filter(|permission| has(&permission.name) != lack);
        let permissions = permissions
            .map(|permission| Line {
                key: format!("permission:{}", permission.name),
                name: permission.description.clone(),
                about: Some(permission.name.clone()),
                badge: Badge::None,
            })
            .collect();
        [states, groups, services, permissions]
    }

    /// What something in the address is called.
    fn name_of(&self, key: &str) -> Option<String> {
        let both = [self.lines(false), self.lines(true)];
        both.iter().flatten().flatten().find(|line| line.key == key).map(|line| line.name.clone())
    }
}

/// The page.
#[component]
pub fn AccessPage() -> impl IntoView {
    let address = Address::here();
    let query = use_query(|| OwnAccess::build(()));
    let words = RwSignal::new(address.text_now("q"));
    let lack = Memo::new(move |_| address.get("show").as_deref() == Some("lack"));
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead()>
            <a class="btn btn-quiet" href="/history" title=text::history_hint()><Icon of=Glyph::History />{text::history()}</a>
        </PageHeader>
        <search class="filters filters-line">
            <SearchField address=address label=text::search() words=words />
            <Segments
                label=text::show()
                options=vec![("", text::have().to_owned().into()), ("lack", text::lack().to_owned().into())]
                chosen=Signal::derive(move || if lack.get() { "lack".to_owned() } else { String::new() })
                on_choose=move |value| address.set(&[("show", Some(value))])
            />
        </search>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let sections = Memo::new(move |_| {
                    let (words, all) = (words.read(), data.with(|data| data.lines(lack.get())));
                    all.map(|lines| {
                        let count = lines.len();
                        let found = |line: &Line| matches(&words, &[&line.name, line.about.as_deref().unwrap_or_default()]);
                        (count, lines.into_iter().filter(found).collect::<Vec<_>>())
                    })
                });
                let superuser = Memo::new(move |_| data.with(|d| d.viewer.as_ref().is_some_and(|v| v.user.is_superuser)));
                let picked = Memo::new(move |_| {
                    let key = address.get("why")?;
                    let name = data.with(|data| data.name_of(&key)).unwrap_or_else(|| key.clone());
                    Some((name, Subject::parse(&key)?))
                });
                view! {
                    {move || draw(&sections.read(), lack.get(), superuser.get(), address)}
                    <WhyDialog picked=picked on_close=move |()| address.set(&[("why", None)]) />
                }
            },
        )}
    }
}

/// A section's id and title, and what stands in it when one has nothing there, or lacks nothing.
type Head = (&'static str, &'static str, &'static str, &'static str);

/// The sections that have something to show; all of them while nothing is searched for.
fn draw(sections: &[(usize, Vec<Line>); 4], lack: bool, superuser: bool, address: Address) -> AnyView {
    if sections.iter().all(|(_, lines)| lines.is_empty()) && sections.iter().any(|(count, _)| *count > 0) {
        let hint = if lack { text::nothing_found_lack_hint() } else { text::nothing_found_hint() };
        return view! {
            <div class="card"><Empty title=text::nothing_found() hint=hint icon=Glyph::Search /></div>
        }
        .into_any();
    }
    let heads: [Head; 4] = [
        ("state", text::state(), text::nothing_found(), text::nothing_found()),
        ("groups", text::groups(), text::no_groups(), text::no_groups_lack()),
        ("services", text::services(), text::no_services(), text::no_services_lack()),
        ("permissions", text::permissions(), text::no_permissions(), text::no_permissions_lack()),
    ];
    let section = |((id, title, none, none_lack), (count, lines)): (Head, &(usize, Vec<Line>))| {
        if lines.is_empty() && (*count > 0 || (lack && id == "state")) {
            return None;
        }
        let none = if lack { none_lack } else { none };
        let empty = lines.is_empty();
        let all = id == "permissions" && superuser && !lack;
        Some(view! {
            <section class="card" aria-labelledby=id>
                <div class="card-head">
                    <h2 id=id class="card-title">{title}</h2>
                    {(id != "state" || lack).then(|| view! { <span class="count-badge">{lines.len()}</span> })}
                </div>
                {all.then(|| view! { <p class="card-empty"><Icon of=Glyph::Lock class="text-accent" />{text::superuser()}</p> })}
                {empty.then(|| view! { <p class="card-empty">{none}</p> })}
                <ul class="rows">{lines.iter().cloned().map(|line| row(line, lack, address)).collect_view()}</ul>
            </section>
        })
    };
    let left: Vec<_> = heads.into_iter().zip(sections).map(section).collect();
    view! { <div class="access-grid">{left}</div> }.into_any()
}

fn row(line: Line, lack: bool, address: Address) -> impl IntoView {
    let (word, label) = if lack {
        (text::why_not(), text::why_not_named(&line.name))
    } else {
        (text::why(), text::why_named(&line.name))
    };
    let name = match &line.badge {
        Badge::State(state, _) => view! { <StateBadge state=state.clone() /> }.into_any(),
        _ if line.key.starts_with("group:") => {
            let href = format!("/groups/{}", line.key);
            view! { <a href=href>{line.name}</a> }.into_any()
        }
        _ => line.name.into_any(),
    };
    let when =
        |word: &'static str, what: AnyView| view! { <span class="group-when">{word} " " {what}</span> };
    let badge = match line.badge {
        Badge::State(_, since) => {
            since.map(|at| when(text::state_since(), view! { <Ago at=at /> }.into_any())).into_any()
        }
        Badge::Group(since, ends) => match ends {
            Some(at) => when(words::ends(), view! { <Until at=at /> }.into_any()).into_any(),
            None => when(words::joined(), view! { <Ago at=since /> }.into_any()).into_any(),
        },
        Badge::Begins(at) => when(manage::begins(), view! { <Until at=at /> }.into_any()).into_any(),
        Badge::Service(status) => view! { <StatusBadge status=status /> }.into_any(),
        Badge::None => ().into_any(),
    };
    let key = line.key;
    view! {
        <li class="access-line">
            <span class="access-name">
                <span>{name}</span>
                {line.about.map(|about| view! { <span class="access-code">{identifier(&about)}</span> })}
            </span>
            {badge}
            <button
                type="button"
                class="btn btn-sm btn-quiet"
                aria-label=label
                on:click=move |_| address.set(&[("why", Some(&key))])
            >
                <Icon of=Glyph::Question />
                {word}
            </button>
        </li>
    }
}
