//! What is wrong with the site at the moment, above every page until it is over.

use std::time::Duration;

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{DateTime, Query, schema, use_query},
    i18n::texts::conditions as text,
    ui::{
        banner::Tone,
        icon::{Glyph, Icon},
    },
    web,
};

/// How often it is asked for; wake-ups of the live line ask, too.
const PAUSE: Duration = Duration::from_secs(60);

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct Conditions {
    site: Site,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct Site {
    conditions: Vec<Condition>,
}

/// Something that is wrong.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "SiteCondition")]
pub struct Condition {
    /// What is wrong.
    pub kind: SiteConditionKind,
    /// What of its kind.
    pub subject: Option<String>,
    /// How bad it is.
    pub level: SiteConditionLevel,
    /// Since when, as far as that is known.
    pub since: Option<DateTime>,
    /// What is the case.
    pub sentence: String,
    /// What to do about it.
    pub remedy: String,
    /// What went wrong last, for operators.
    pub detail: Option<String>,
}

/// What can be wrong.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum SiteConditionKind {
    /// A run stopped before it took too much.
    BrakePulled,
    /// Where characters fly is not known as it is now.
    EveDataLate,
    /// A service does not answer.
    ServicePaused,
    /// No worker runs.
    WorkerSilent,
}

/// How bad it is.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum SiteConditionLevel {
    /// An operator must act.
    Critical,
    /// Something is late.
    Warning,
}

impl SiteConditionLevel {
    /// The same as a tone of messages.
    pub fn tone(self) -> Tone {
        match self {
            Self::Critical => Tone::Danger,
            Self::Warning => Tone::Warning,
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => text::critical(),
            Self::Warning => text::warning(),
        }
    }
}

impl Condition {
    /// What tells it from others, and from itself at another time: as it is remembered in this tab when it was hidden.
    fn key(&self) -> String {
        let Self { kind, subject, since, .. } = self;
        let (subject, since) =
            (subject.as_deref().unwrap_or_default(), since.as_ref().map(|at| format!("{at:?}")));
        format!("fealty.hidden.{kind:?}.{subject}.{}", since.unwrap_or_default())
    }
}

/// What is wrong, asked for once for the banner and the page.
#[derive(Clone, Copy)]
pub struct Trouble(pub Query<Conditions>);

impl Trouble {
    /// Asks, now and then again, and puts it into the context.
    pub fn provide() {
        let query = use_query(|| Conditions::build(()));
        let ticking = set_interval_with_handle(
            move || {
                // Nobody looks.
                if !document().hidden() {
                    query.refetch();
                }
            },
            PAUSE,
        )
        .ok();
        on_cleanup(move || {
            if let Some(ticking) = ticking {
                ticking.clear();
            }
        });
        provide_context(Self(query));
    }

    /// That of the frame.
    #[expect(clippy::expect_used, reason = "the frame provides it around every page")]
    pub fn get() -> Self {
        use_context().expect("what is wrong is provided by the frame")
    }

    /// All of it, as it is known; nothing while it is not.
    pub fn list(&self) -> Vec<Condition> {
        self.0.state.with(|state| state.ready().map(|data| data.site.conditions.clone()).unwrap_or_default())
    }
}

/// The lines above the page; in it from the start, so that screen readers notice what is put there.
#[component]
pub fn ConditionsBar() -> impl IntoView {
    let trouble = Trouble::get();
    let hidden = RwSignal::new(0_u32);
    let shown = Memo::new(move |_| {
        hidden.track();
        let is_shown = |condition: &Condition| {
            condition.level == SiteConditionLevel::Critical || web::stored_in_tab(&condition.key()).is_none()
        };
        trouble.list().into_iter().filter(is_shown).collect::<Vec<_>>()
    });
    let line = move |condition: Condition| {
        let tone = condition.level.tone();
        let key = condition.key();
        let hide = (condition.level != SiteConditionLevel::Critical).then(|| {
            let label = text::dismiss(&condition.sentence);
            view! {
                <button
                    type="button"
                    class="btn btn-icon"
                    aria-label=label
                    on:click=move |_| {
                        web::store_in_tab(&key, "yes");
                        hidden.update(|count| *count = count.wrapping_add(1));
                        web::focus_if_lost("#content");
                    }
                >
                    <Icon of=Glyph::Close />
                </button>
            }
        });
        view! {
            <div class=format!("condition condition-{}", tone.class())>
                <Icon of=tone.glyph() />
                <p>
                    <span class="visually-hidden">{condition.level.name()} ": "</span>
                    {condition.sentence}
                    " "
                    <a href="/status">{text::details()}</a>
                </p>
                {hide}
            </div>
        }
    };
    view! {
        <div class="conditions" role="status">{move || shown.get().into_iter().map(line).collect_view()}</div>
    }
}
