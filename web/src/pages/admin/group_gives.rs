//! What a group gives, said before somebody is put into it or taken out of it.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::catalogue::chips;
use crate::{
    api::{Remote, schema, use_query},
    i18n::texts::rules as text,
    ui::skeleton::SkeletonRows,
};

#[derive(cynic::QueryVariables, Debug)]
pub struct GivesVariables {
    /// Which group.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "GivesVariables")]
pub struct GroupGives {
    #[arguments(id: $id)]
    group: Option<GivingGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct GivingGroup {
    settings: Option<GivenPermissions>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupSettings")]
struct GivenPermissions {
    permissions: Vec<String>,
}

/// The services that follow from permissions: a service is open to whoever has its `access` permission.
fn opened(permissions: &[String], services: &[(String, String)]) -> Vec<String> {
    let opens = |key: &str| permissions.contains(&format!("{key}.access_{key}"));
    services.iter().filter(|(key, _)| opens(key)).map(|(_, title)| title.clone()).collect()
}

/// Says it.
#[component]
pub fn Gives(
    /// Which group.
    group: cynic::Id,
    /// The services of this site: key and title.
    services: Vec<(String, String)>,
) -> impl IntoView {
    let query = use_query(move || GroupGives::build(GivesVariables { id: group.clone() }));
    let draw = move || {
        let state = query.state.read();
        let group = match &*state {
            Remote::Loading => return view! { <SkeletonRows rows=1 /> }.into_any(),
            Remote::Failed(_) => None,
            Remote::Ready(data) => data.group.as_ref().and_then(|group| group.settings.as_ref()),
        };
        let Some(GivenPermissions { permissions }) = group else {
            return view! { <p class="text-muted-own">{text::gives_unknown()}</p> }.into_any();
        };
        if permissions.is_empty() {
            return view! { <p class="text-muted-own">{text::gives_nothing()}</p> }.into_any();
        }
        let services = opened(permissions, &services);
        view! {
            {(!services.is_empty()).then(|| view! {
                <p>{text::gives_services()} " " <strong>{services.join(", ")}</strong></p>
            })}
            {chips(permissions.clone())}
            <p class="form-text">{text::gives_hint()}</p>
        }
        .into_any()
    };
    view! {
        <section class="group-gives" aria-label=text::gives()>
            <p class="form-label">{text::gives()}</p>
            {draw}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_follow_from_their_permission() {
        let services =
            [("discord".to_owned(), "Discord".to_owned()), ("mumble".to_owned(), "Mumble".to_owned())];
        let permissions = ["auth.view_user".to_owned(), "discord.access_discord".to_owned()];
        assert_eq!(opened(&permissions, &services), ["Discord"]);
        assert!(opened(&[], &services).is_empty());
    }
}
