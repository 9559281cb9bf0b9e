//! What is wrong with the site at the moment, with what to do about it.

use leptos::prelude::*;

use crate::{
    frame::conditions::{Condition, Trouble},
    i18n::texts::conditions as text,
    ui::{
        ago::Ago,
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
    },
};

/// The page.
#[component]
pub fn StatusPage() -> impl IntoView {
    let trouble = Trouble::get();
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead() />
        {loaded(
            trouble.0,
            || view! { <div class="card"><SkeletonRows rows=3 /></div> },
            move |_| {
                let all = Memo::new(move |_| trouble.list());
                view! {
                    <Show
                        when=move || !all.read().is_empty()
                        fallback=|| view! {
                            <div class="card">
                                <Empty title=text::well() hint=text::well_hint() icon=Glyph::Check />
                            </div>
                        }
                    >
                        <ul class="trouble">{move || all.get().into_iter().map(card).collect_view()}</ul>
                    </Show>
                }
            },
        )}
    }
}

fn card(condition: Condition) -> impl IntoView {
    let tone = condition.level.tone();
    let Condition { level, since, sentence, remedy, detail, .. } = condition;
    view! {
        <li class=format!("card trouble-card condition-{}", tone.class())>
            <p class="trouble-level"><Icon of=tone.glyph() />{level.name()}</p>
            <h2 class="trouble-sentence">{sentence}</h2>
            <dl class="facts">
                {since.map(|at| view! { <div><dt>{text::since()}</dt><dd><Ago at=at /></dd></div> })}
                <div><dt>{text::what_to_do()}</dt><dd>{remedy}</dd></div>
                {detail.map(|detail| view! { <div><dt>{text::detail()}</dt><dd class="trace">{detail}</dd></div> })}
            </dl>
        </li>
    }
}
