//! The viewer's services.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::service_card::{Service, ServiceCard};
use crate::{
    api::{Remote, schema, use_query},
    i18n::texts::services as text,
    ui::{
        banner::{Banner, Tone},
        empty::Empty,
        icon::Glyph,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    web,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct OwnServices {
    viewer: Option<ServicesViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct ServicesViewer {
    user: ServicesUser,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct ServicesUser {
    services: Vec<Service>,
}

/// What the server's error code means, and what to do.
fn explain(code: &str) -> &'static str {
    match code {
        "access_denied" => text::err_access_denied(),
        "state_mismatch" => text::err_state_mismatch(),
        "not_allowed" => text::err_not_allowed(),
        "already_used" => text::err_already_used(),
        "too_many" => text::err_too_many(),
        "malformed" => text::err_malformed(),
        "internal" => text::err_internal(),
        _ => text::err_upstream(),
    }
}

/// The page.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let toasts = Toasts::get();
    let params = use_query_map();
    // Read once and taken out of the address: a reload is not another linking.
    let (linked, error, service) =
        params.with_untracked(|q| (q.get("linked"), q.get("error"), q.get("service")));
    if linked.is_some() || error.is_some() {
        web::clean_address();
    }
    let query = use_query(|| OwnServices::build(()));
    // What the service is called that was not linked: known as soon as there is an answer, whatever the answer.
    let refused = Memo::new(move |_| match &*query.state.read() {
        Remote::Loading => None,
        Remote::Ready(data) => {
            let mut all = data.viewer.iter().flat_map(|viewer| &viewer.user.services);
            let found = all.find(|known| Some(&known.key) == service.as_ref());
            Some(
                found.map_or_else(|| text::err_title_any().to_owned(), |found| text::err_title(&found.title)),
            )
        }
        Remote::Failed(_) => Some(text::err_title_any().to_owned()),
    });
    let greeted = StoredValue::new(false);
    let list = move |services: Vec<Service>| {
        services
            .into_iter()
            .map(|service| view! { <ServiceCard service=service on_change=move |()| query.refetch() /> })
            .collect_view()
    };
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead() />
        {error.map(|code| {
            let sentence = explain(&code);
            move || refused.get().map(|title| view! {
                <Banner tone=Tone::Warning title=title><p>{sentence}</p></Banner>
            })
        })}
        {loaded(
            query,
            || view! { <SkeletonRows rows=2 /> },
            move |data| {
                let services = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|v| v.user.services.clone()).unwrap_or_default())
                });
                if let Some(key) = linked.as_ref().filter(|_| !greeted.get_value()) {
                    greeted.set_value(true);
                    let title = services.with_untracked(|all| all.iter().find(|s| s.key == *key).map(|s| s.title.clone()));
                    toasts.done(text::linked_toast(&title.unwrap_or_else(|| key.clone())));
                }
                view! {
                    <div class="card-grid">{move || list(services.get())}</div>
                    <Show when=move || services.read().is_empty()>
                        <Empty title=text::empty() hint=text::empty_hint() icon=Glyph::Services>
                            <a class="btn btn-primary" href="/characters">{crate::i18n::texts::dashboard::characters()}</a>
                        </Empty>
                    </Show>
                }
            },
        )}
    }
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn every_code_has_its_own_sentence() {
        let codes = [
            "access_denied",
            "state_mismatch",
            "not_allowed",
            "already_used",
            "too_many",
            "malformed",
            "internal",
            "upstream",
        ];
        let mut sentences: Vec<&str> = codes.iter().map(|code| explain(code)).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), codes.len());
    }
}
