//! Asks why somebody has something or lacks it, and shows the answer. For pages about oneself and about others.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{ErrorCode, schema, use_query},
    i18n::texts::access as text,
    ui::{
        confirm::Dialog,
        empty::Empty,
        icon::Glyph,
        loaded::{failed, loaded_or},
        why::{self, Explanation, WhyPanel},
    },
};

/// What it is asked about.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessSubjectInput")]
pub enum Subject {
    /// By name.
    Permission(String),
    /// By id.
    GroupId(cynic::Id),
    /// By id.
    StateId(cynic::Id),
    /// By key.
    Service(String),
}

impl Subject {
    /// From the address: `service:discord`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        match kind {
            "permission" => Some(Self::Permission(name.to_owned())),
            "service" => Some(Self::Service(name.to_owned())),
            // Ids bring their kind.
            "group" => Some(Self::GroupId(cynic::Id::new(text))),
            "state" => Some(Self::StateId(cynic::Id::new(text))),
            _ => None,
        }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct ExplainVariables {
    /// Absent: oneself.
    pub user_id: Option<cynic::Id>,
    /// What about.
    pub subject: Subject,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "ExplainVariables")]
pub struct Explain {
    #[arguments(input: { userId: $user_id, subject: $subject })]
    explain: Option<Explanation>,
}

/// The explanation of one thing. Without `user_id` it is about the reader.
#[component]
pub fn Why(
    /// What about.
    subject: Subject,
    /// Whom; absent for oneself.
    #[prop(optional_no_strip)]
    user_id: Option<cynic::Id>,
) -> impl IntoView {
    let other = user_id.is_some();
    let query = use_query(move || {
        Explain::build(ExplainVariables { user_id: user_id.clone(), subject: subject.clone() })
    });
    let unknown =
        || view! { <Empty title=text::unknown() hint=text::unknown_hint() icon=Glyph::Search /> }.into_any();
    loaded_or(
        query,
        why::waiting,
        move |error| match error.code {
            ErrorCode::NotFound | ErrorCode::Invalid => unknown(),
            _ => failed(error, move || query.retry()),
        },
        move |data| {
            move || match data.with(|data| data.explain.clone()) {
                Some(explanation) => view! { <WhyPanel explanation=explanation other=other /> }.into_any(),
                None => unknown(),
            }
        },
    )
}

/// The same in a dialog, for whatever was picked: what it is called, and what to ask about.
#[component]
pub fn WhyDialog(
    /// None closes it.
    #[prop(into)]
    picked: Signal<Option<(String, Subject)>>,
    /// It was closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// Whom; absent for oneself.
    #[prop(optional, into)]
    user_id: Option<cynic::Id>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(picked.read().is_some()));
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now && picked.with_untracked(Option::is_some) {
            on_close.run(());
        }
        now
    });
    // The texts stay while the dialog closes.
    let shown = Memo::new(move |before: Option<&Option<(String, Subject)>>| {
        picked.get().or_else(|| before.cloned().flatten())
    });
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || shown.with(|s| s.as_ref().map(|(name, _)| text::about(name)).unwrap_or_default()))
        >
            {move || shown.get().map(|(_, subject)| view! { <Why subject=subject user_id=user_id.clone() /> })}
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_stand_in_addresses() {
        assert_eq!(
            Subject::parse("permission:auth.view_user"),
            Some(Subject::Permission("auth.view_user".to_owned()))
        );
        assert_eq!(Subject::parse("group:7"), Some(Subject::GroupId(cynic::Id::new("group:7"))));
        assert_eq!(Subject::parse("service:discord"), Some(Subject::Service("discord".to_owned())));
        assert_eq!(Subject::parse("nonsense"), None);
        assert_eq!(Subject::parse("user:7"), None);
    }
}
