//! Login with a password, for accounts made on the server's command line.

use cynic::MutationBuilder;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::gate::Gate;
use crate::{
    api::{Problem, schema, use_mutation},
    i18n::texts::account as text,
    session::Session,
    ui::{
        banner::{Banner, Tone},
        button::SubmitButton,
        field::Field,
    },
    web,
};

#[derive(cynic::QueryVariables, Debug)]
pub struct LoginVariables {
    /// Account name.
    pub username: String,
    /// Its password.
    pub password: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "LoginVariables")]
pub struct LoginWithPassword {
    #[arguments(input: { username: $username, password: $password })]
    login_with_password: LoginPayload,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "LoginWithPasswordPayload")]
struct LoginPayload {
    status: LoginWithPasswordStatus,
    problems: Vec<Problem>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum LoginWithPasswordStatus {
    Invalid,
    LoggedIn,
}

/// This page's address, keeping where somebody wants to go.
pub fn address(next: &str) -> String {
    if next == "/" { "/admin/login".to_owned() } else { format!("/admin/login?next={}", web::encode(next)) }
}

/// The page.
#[component]
pub fn AdminLoginPage() -> impl IntoView {
    let session = Session::get();
    let query = use_query_map();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::<Problem>::new());
    let wrong = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if session.viewer.read().is_some() {
            let next =
                query.with_untracked(|q| web::safe_path(&q.get("next").unwrap_or_default()).to_owned());
            navigate(&next, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let login = use_mutation(
        |(username, password): (String, String)| {
            LoginWithPassword::build(LoginVariables { username, password })
        },
        move |data: LoginWithPassword| match data.login_with_password.status {
            LoginWithPasswordStatus::LoggedIn => session.reload(),
            LoginWithPasswordStatus::Invalid => {
                password.set(String::new());
                let given = data.login_with_password.problems;
                let of_form = given.iter().find(|p| p.field != "username" && p.field != "password");
                wrong.set(match (of_form, given.is_empty()) {
                    (Some(problem), _) => Some(problem.message.clone()),
                    (None, true) => Some(text::admin_login_wrong().to_owned()),
                    (None, false) => None,
                });
                problems.set(given);
            }
        },
    );
    view! {
        <Gate title=text::admin_login_title().to_owned()>
            <p class="gate-lead">{text::admin_login_lead()}</p>
            {move || wrong.get().map(|message| view! { <Banner tone=Tone::Danger><p>{message}</p></Banner> })}
            <form
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    wrong.set(None);
                    problems.set(Vec::new());
                    login.run((username.get_untracked(), password.get_untracked()));
                }
            >
                <Field name="username" label=text::username() autocomplete="username" value=username problems=problems />
                <Field
                    name="password"
                    label=text::password()
                    kind="password"
                    autocomplete="current-password"
                    value=password
                    problems=problems
                />
                    <SubmitButton text=text::login_title() busy=login.pending />
            </form>
            <p class="gate-aside"><a href="/login">{text::back_to_eve()}</a></p>
        </Gate>
    }
}
