//! Step two of a registration: the e-mail address, then waiting for the click on the link.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::gate::{EveButton, Gate};
use crate::{
    api::{Problem, schema, use_mutation, use_query},
    i18n::texts::account as text,
    session::Session,
    ui::{
        banner::{Banner, Tone},
        button::{Button, Look, SubmitButton},
        empty::Empty,
        field::Field,
        icon::{Glyph, Icon},
        loaded::loaded,
        pilot::Pilot,
        portrait::{Portrait, Size},
        skeleton::SkeletonRows,
        toast::Toasts,
    },
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct RegistrationQuery {
    registration: Option<Registration>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct Registration {
    character: Pilot,
    pending_email: Option<String>,
    is_open: bool,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RegisterVariables {
    /// The address to confirm.
    pub email: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "RegisterVariables")]
pub struct Register {
    #[arguments(input: { email: $email })]
    register: RegisterPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct RegisterPayload {
    status: RegisterStatus,
    problems: Vec<Problem>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum RegisterStatus {
    Activated,
    Invalid,
    MailSent,
}

/// The page.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    // Who is logged in has nothing to register: the link was confirmed in another tab, and this one comes along.
    Effect::new(move |_| {
        if session.viewer.read().is_some() {
            navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let returning = window_event_listener(ev::focus, move |_| session.reload());
    on_cleanup(move || returning.remove());
    let query = use_query(|| RegistrationQuery::build(()));
    let changing = RwSignal::new(false);
    let title = Signal::derive(move || {
        let title = query.state.with(|state| match state.ready().map(|data| data.registration.as_ref()) {
            Some(None) => text::register_none_title(),
            Some(Some(r)) if r.pending_email.is_some() && !changing.get() => text::register_sent_title(),
            _ => text::register_title(),
        });
        title.to_owned()
    });
    view! {
        <Gate title=title>
            {loaded(
                query,
                || view! { <SkeletonRows rows=2 /> },
                move |data| {
                    let registration = Memo::new(move |_| data.with(|data| data.registration.clone()));
                    move || match registration.get() {
                        None => view! { <NoRegistration /> }.into_any(),
                        Some(r) if !r.is_open => view! {
                            <Banner tone=Tone::Warning><p>{text::err_registration_closed()}</p></Banner>
                        }
                        .into_any(),
                        Some(Registration { character, pending_email: Some(email), .. }) if !changing.get() => {
                            view! { <Sent character=character email=email changing=changing /> }.into_any()
                        }
                        Some(Registration { character, pending_email, .. }) => view! {
                            <Form
                                character=character
                                email=pending_email.unwrap_or_default()
                                on_sent=move |()| { changing.set(false); query.refetch() }
                            />
                        }
                        .into_any(),
                    }
                },
            )}
        </Gate>
    }
}

#[component]
fn NoRegistration() -> impl IntoView {
    view! {
        <Empty hint=text::register_none() icon=Glyph::AddPerson>
            <EveButton href="/sso/login".to_owned() />
        </Empty>
    }
}

#[component]
fn Who(character: Pilot) -> impl IntoView {
    view! {
        <div class="gate-who">
            <Portrait src=character.portrait_url name=character.name.clone() size=Size::Medium />
            <div>
                <p class="gate-who-name">{character.name}</p>
                <p class="gate-who-corp">{character.corporation.map(|corporation| corporation.name)}</p>
            </div>
        </div>
    }
}

#[component]
fn Form(character: Pilot, email: String, #[prop(into)] on_sent: Callback<()>) -> impl IntoView {
    let session = Session::get();
    let navigate = StoredValue::new_local(use_navigate());
    let email = RwSignal::new(email);
    let problems = RwSignal::new(Vec::<Problem>::new());
    let register = use_mutation(
        |email: String| Register::build(RegisterVariables { email }),
        move |data: Register| match data.register.status {
            RegisterStatus::MailSent => on_sent.run(()),
            RegisterStatus::Invalid => problems.set(data.register.problems),
            RegisterStatus::Activated => {
                session.reload();
                navigate.try_with_value(|navigate| navigate("/", NavigateOptions::default()));
            }
        },
    );
    let lead = text::register_lead(&character.name);
    view! {
        <p class="gate-lead">{lead}</p>
        <Who character=character />
        <form
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                match fealty_shared::validate::email(&email.get_untracked()) {
                    Ok(address) => {
                        problems.set(Vec::new());
                        register.run(address.to_owned());
                    }
                    Err(problem) => problems.set(vec![Problem {
                        field: "email".to_owned(),
                        code: problem.code().to_owned(),
                        message: problem.message().to_owned(),
                    }]),
                }
            }
        >
            <Field
                name="email"
                label=text::register_email()
                hint=text::register_email_hint()
                kind="email"
                autocomplete="email"
                value=email
                problems=problems
            />
            <SubmitButton text=text::register_send() busy=register.pending />
        </form>
        <p class="gate-aside"><a href="/sso/login" rel="external">{text::register_other()}</a></p>
    }
}

#[component]
fn Sent(character: Pilot, email: String, changing: RwSignal<bool>) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let again = use_mutation(
        |email: String| Register::build(RegisterVariables { email }),
        move |data: Register| match data.register.problems.into_iter().next() {
            Some(problem) => toasts.warn(problem.message),
            None => toasts.done(text::register_again()),
        },
    );
    let sentence = text::register_sent(&email);
    view! {
        <div class="gate-mark"><Icon of=Glyph::MailConfirmed /></div>
        <p class="gate-lead" role="status">{sentence}</p>
        <Who character=character />
        <p class="gate-hint">{text::register_sent_hint()}</p>
        {move || session.site().and_then(|site| site.outbox_url).map(|url| view! {
            <Banner tone=Tone::Info>
                <p>{text::register_outbox_hint()}</p>
                <p><a href=url target="_blank" rel="external noopener">{text::register_outbox()}</a></p>
            </Banner>
        })}
        <div class="gate-actions">
            <Button text=text::register_change().to_owned() on_click=move |()| changing.set(true) />
            <Button
                text=text::register_resend().to_owned()
                look=Look::Primary
                busy=again.pending
                on_click=move |()| again.run(email.clone())
            />
        </div>
    }
}
