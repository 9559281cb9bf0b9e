//! The end of the e-mail's link: a button, so that a mail scanner that follows links confirms nothing.

use cynic::MutationBuilder;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::gate::{EveButton, Gate};
use crate::{
    api::{schema, use_mutation},
    i18n::texts::account as text,
    session::Session,
    ui::{
        banner::{Banner, Tone},
        button::{Button, Look},
        icon::Glyph,
        toast::Toasts,
    },
    web,
};

#[derive(cynic::QueryVariables, Debug)]
pub struct ConfirmEmailVariables {
    /// From the link.
    pub token: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "ConfirmEmailVariables")]
pub struct ConfirmEmail {
    #[arguments(input: { token: $token })]
    confirm_email: ConfirmEmailPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct ConfirmEmailPayload {
    status: ConfirmEmailStatus,
    next: Option<String>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum ConfirmEmailStatus {
    Confirmed,
    Invalid,
}

/// The page.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|q| q.get("token")).filter(|token| !token.is_empty()));
    let refused = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    let confirm = use_mutation(
        |token: String| ConfirmEmail::build(ConfirmEmailVariables { token }),
        move |data: ConfirmEmail| match data.confirm_email.status {
            ConfirmEmailStatus::Invalid => refused.set(true),
            ConfirmEmailStatus::Confirmed => {
                toasts.done(text::confirm_done());
                session.reload();
                let next = data.confirm_email.next.unwrap_or_default();
                let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
                navigate.try_with_value(|navigate| navigate(web::safe_path(&next), replace));
            }
        },
    );
    let bad = move || refused.get() || token.read().is_none();
    let title = Signal::derive(move || {
        if bad() { text::confirm_bad_title() } else { text::confirm_title() }.to_owned()
    });
    view! {
        <Gate title=title>
            <Show
                when=move || !bad()
                fallback=|| view! {
                    <Banner tone=Tone::Warning><p>{text::confirm_bad()}</p></Banner>
                    <EveButton href="/sso/login".to_owned() />
                }
            >
                <p class="gate-lead">{text::confirm_lead()}</p>
                <div class="gate-actions">
                    <Button
                        text=text::confirm_button().to_owned()
                        look=Look::Primary
                        icon=Glyph::Check
                        busy=confirm.pending
                        on_click=move |()| token.get_untracked().into_iter().for_each(|token| confirm.run(token))
                    />
                </div>
            </Show>
        </Gate>
    }
}
