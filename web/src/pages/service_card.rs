//! A service and the viewer's account on it: status in words and colour, and the one thing to do next.

use cynic::MutationBuilder;
use leptos::prelude::*;

use crate::{
    api::{DateTime, Mutation, schema, use_mutation},
    i18n::texts::{access, services as text},
    session::Session,
    ui::{
        ago::Ago,
        button::{Button, Look},
        confirm::Confirm,
        icon::{Glyph, Icon},
        toast::Toasts,
    },
    web,
};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Service {
    /// Stable key.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub status: ServiceStatus,
    /// The account's name there.
    pub account_name: Option<String>,
    /// Why it stands there.
    pub detail: Option<String>,
    /// Roles it has there.
    pub roles: Vec<String>,
    /// Since when.
    pub linked_at: Option<DateTime>,
}

/// Where an account stands.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum ServiceStatus {
    /// Not allowed with the present access.
    NotAllowed,
    /// Allowed, not linked.
    Available,
    /// In order.
    Linked,
    /// A change is under way.
    Pending,
    /// Being taken away.
    Revoking,
    /// The service refuses.
    Failed,
}

impl ServiceStatus {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAllowed => text::closed(),
            Self::Available => text::available(),
            Self::Linked => text::linked(),
            Self::Pending => text::pending(),
            Self::Revoking => text::revoking(),
            Self::Failed => text::failed(),
        }
    }

    /// Whether the viewer may use it.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::NotAllowed | Self::Revoking)
    }

    fn hint(self) -> &'static str {
        match self {
            Self::NotAllowed => text::closed_hint(),
            Self::Available => text::available_hint(),
            Self::Linked => text::linked_hint(),
            Self::Pending => text::pending_hint(),
            Self::Revoking => text::revoking_hint(),
            Self::Failed => text::failed_hint(),
        }
    }

    /// As `hint`, about somebody else.
    fn hint_of_other(self) -> &'static str {
        match self {
            Self::NotAllowed => text::others_closed_hint(),
            Self::Available => text::others_available_hint(),
            Self::Revoking => text::others_revoking_hint(),
            other => other.hint(),
        }
    }

    fn look(self) -> (&'static str, Glyph) {
        match self {
            Self::NotAllowed => ("status status-neutral", Glyph::Lock),
            Self::Available => ("status status-neutral", Glyph::Plus),
            Self::Linked => ("status status-good", Glyph::Check),
            Self::Pending | Self::Revoking => ("status status-busy", Glyph::Waiting),
            Self::Failed => ("status status-bad", Glyph::WarningMark),
        }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct ServiceVariables {
    /// The service's key.
    pub service: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "ServiceVariables")]
pub struct LinkService {
    #[arguments(input: { service: $service })]
    link_service: LinkServicePayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct LinkServicePayload {
    status: LinkServiceStatus,
    redirect_url: Option<String>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum LinkServiceStatus {
    AlreadyLinked,
    NotAllowed,
    Redirect,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "ServiceVariables")]
pub struct UnlinkService {
    #[arguments(input: { service: $service })]
    unlink_service: UnlinkServicePayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct UnlinkServicePayload {
    status: UnlinkServiceStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum UnlinkServiceStatus {
    NotLinked,
    Unlinking,
}

fn use_link(title: String) -> Mutation<String> {
    let toasts = Toasts::get();
    use_mutation(
        |service| LinkService::build(ServiceVariables { service }),
        move |data: LinkService| match (data.link_service.status, data.link_service.redirect_url) {
            (LinkServiceStatus::Redirect, Some(url)) => web::leave_to(&url),
            (LinkServiceStatus::AlreadyLinked, _) => toasts.info(text::already(&title)),
            _ => toasts.warn(text::not_allowed(&title)),
        },
    )
}

/// The status, in colour and in words.
#[component]
pub fn StatusBadge(
    /// Which.
    status: ServiceStatus,
) -> impl IntoView {
    let (class, glyph) = status.look();
    view! { <span class=class><Icon of=glyph />{status.name()}</span> }
}

/// The button that links an account, where that is the thing to do.
#[component]
pub fn LinkButton(
    /// The service.
    service: Service,
    /// Small, for rows.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let Service { key, title, status, .. } = service;
    let words = match status {
        ServiceStatus::Available => text::link(&title),
        ServiceStatus::Failed => text::relink(&title),
        _ => return ().into_any(),
    };
    let link = use_link(title);
    view! {
        <Button
            text=words
            look=Look::Primary
            icon=Glyph::Link
            small=small
            busy=link.pending
            on_click=move |()| link.run(key.clone())
        />
    }
    .into_any()
}

impl Service {
    /// Whether the worker has something to do for the account.
    pub fn is_under_way(&self) -> bool {
        matches!(self.status, ServiceStatus::Pending | ServiceStatus::Revoking)
    }
}

/// The sign of a service.
fn service_icon(key: &str) -> impl IntoView + use<> {
    let glyph = if key == "discord" { Glyph::Discord } else { Glyph::Services };
    let class = if key == "discord" { "service-icon service-discord" } else { "service-icon" };
    view! { <span class=class aria-hidden="true"><Icon of=glyph /></span> }
}

/// The way to the explanation of a service that is not open.
fn why_not(service: &Service, small: bool) -> Option<impl IntoView + use<>> {
    let href = format!("/access?show=lack&why=service:{}", service.key);
    let label = access::why_not_named(&service.title);
    let class = if small { "btn btn-quiet btn-sm" } else { "btn btn-quiet" };
    (service.status == ServiceStatus::NotAllowed).then(|| {
        view! { <a class=class href=href aria-label=label><Icon of=Glyph::Question />{access::why_not()}</a> }
    })
}

/// One line on the dashboard.
#[component]
pub fn ServiceRow(
    /// The service.
    service: Service,
) -> impl IntoView {
    let second = service.account_name.clone().or_else(|| service.detail.clone());
    view! {
        <li class="service-row">
            {service_icon(&service.key)}
            <span class="service-row-text">
                <span class="service-row-name">{service.title.clone()}</span>
                <span class="service-row-second">{second.unwrap_or_else(|| service.status.hint().to_owned())}</span>
            </span>
            <StatusBadge status=service.status />
            {why_not(&service, true)}
            <LinkButton service=service small=true />
        </li>
    }
}

/// A card with everything about it. `read_only` is for looking at other people's.
#[component]
pub fn ServiceCard(
    /// The service.
    service: Service,
    /// Without its buttons.
    #[prop(optional)]
    read_only: bool,
    /// What one can do instead.
    #[prop(optional)]
    aside: Option<AnyView>,
    /// Runs after a change.
    #[prop(into)]
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let session = Session::get();
    let asking = RwSignal::new(false);
    let title = StoredValue::new(service.title.clone());
    let key = StoredValue::new(service.key.clone());
    let unlink = use_mutation(
        |service| UnlinkService::build(ServiceVariables { service }),
        move |data: UnlinkService| {
            asking.set(false);
            match data.unlink_service.status {
                UnlinkServiceStatus::Unlinking => {
                    toasts.done(title.with_value(|title| text::unlinking(title)));
                }
                UnlinkServiceStatus::NotLinked => {
                    toasts.info(title.with_value(|title| text::not_linked(title)));
                }
            }
            session.reload();
            on_change.run(());
        },
    );
    let has_account =
        matches!(service.status, ServiceStatus::Linked | ServiceStatus::Pending | ServiceStatus::Failed);
    let roles = service.roles.clone();
    let facts = service.account_name.clone().map(|name| {
        view! {
            <dl class="facts">
                <div><dt>{text::account()}</dt><dd>{name}</dd></div>
                {service.linked_at.map(|at| view! { <div><dt>{text::since()}</dt><dd><Ago at=at /></dd></div> })}
                {(!roles.is_empty()).then(|| view! {
                    <div><dt>{text::roles()}</dt><dd class="chips">{roles.into_iter().map(|role| view! {
                        <span class="chip">{role}</span>
                    }).collect_view()}</dd></div>
                })}
            </dl>
        }
    });
    let hint = if read_only { service.status.hint_of_other() } else { service.status.hint() };
    let sentence = service.detail.clone().unwrap_or_else(|| hint.to_owned());
    let (name, label) = (service.title.clone(), service.title.clone());
    let (icon, status) = (service_icon(&service.key), service.status);
    view! {
        <article class="card service-card" aria-label=label>
            <div class="service-head">
                {icon}
                <h2 class="service-title">{name}</h2>
                <StatusBadge status=status />
            </div>
            <p class="service-sentence">{sentence}</p>
            {facts}
            {aside.map(|aside| view! { <div class="card-actions">{aside}</div> })}
            {(!read_only).then(move || view! {
                <div class="card-actions">
                    {why_not(&service, false)}
                    {has_account.then(|| view! {
                        <Button
                            text=title.with_value(|title| text::unlink(title))
                            on_click=move |()| asking.set(true)
                        />
                    })}
                    <LinkButton service=service />
                </div>
                <Confirm
                    open=asking
                    title=title.with_value(|title| text::unlink_title(title))
                    body=title.with_value(|title| text::unlink_body(title))
                    action=title.with_value(|title| text::unlink(title))
                    danger=true
                    busy=unlink.pending
                    on_confirm=move |()| unlink.run(key.get_value())
                />
            })}
        </article>
    }
}
