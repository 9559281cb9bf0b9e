//! A pilot, drawn the same everywhere: portrait, name, corporation, alliance, and a card with more on demand.

use fealty_shared::links;
use leptos::{ev, prelude::*};

use super::{
    icon::{Glyph, Icon},
    portrait::{Portrait, Size},
};
use crate::{
    api::{EveId, schema},
    i18n::texts::common as text,
};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
pub struct Pilot {
    /// EVE's id.
    pub id: EveId,
    /// His name.
    pub name: String,
    /// Portrait, sharp on dense screens.
    #[arguments(size: 128)]
    pub portrait_url: String,
    /// Where he flies; none while EVE has not been asked yet.
    pub corporation: Option<Corporation>,
    /// Where his corporation flies.
    pub alliance: Option<Alliance>,
    /// His owner's main.
    pub is_main: bool,
    /// Gone from EVE.
    pub is_biomassed: bool,
}

/// The corporation of a pilot.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Corporation {
    /// EVE's id.
    pub id: EveId,
    /// Full name.
    pub name: String,
    /// Short name.
    pub ticker: String,
    /// Logo.
    #[arguments(size: 64)]
    pub logo_url: String,
}

/// The alliance of a pilot.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Alliance {
    /// EVE's id.
    pub id: EveId,
    /// Full name.
    pub name: String,
    /// Short name.
    pub ticker: String,
    /// Logo.
    #[arguments(size: 64)]
    pub logo_url: String,
}

/// `[TICK] Alliance`: the second line under a name.
pub fn affiliation(pilot: &Pilot) -> String {
    match (&pilot.corporation, &pilot.alliance) {
        (Some(corporation), Some(alliance)) => format!("[{}] {}", corporation.ticker, alliance.name),
        (Some(corporation), None) => format!("[{}] {}", corporation.ticker, corporation.name),
        (None, _) => text::corporation_unknown().to_owned(),
    }
}

/// One line: portrait, name, affiliation. The name opens a card; with `href` it is a link there, and the card opens
/// on hover and focus.
#[component]
pub fn PilotLine(
    /// Whom.
    pilot: Pilot,
    /// Where the name leads.
    #[prop(optional, into)]
    href: Option<String>,
    /// Without the star of a main: where that is said in words beside it.
    #[prop(optional)]
    unstarred: bool,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let second = affiliation(&pilot);
    let name = pilot.name.clone();
    let title = match href {
        Some(href) => view! { <a class="pilot-name" href=href>{name}</a> }.into_any(),
        None => view! {
            <button
                type="button"
                class="pilot-name"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.set(true)
            >
                {name}
            </button>
        }
        .into_any(),
    };
    let is_main = pilot.is_main && !unstarred;
    let (src, alt) = (pilot.portrait_url.clone(), pilot.name.clone());
    let card = StoredValue::new(pilot);
    view! {
        <span
            class="pilot"
            on:mouseenter=move |_| open.set(true)
            on:mouseleave=move |_| open.set(false)
            on:focusin=move |_| open.set(true)
            on:focusout=move |event| if leaves(&event) { open.set(false) }
            on:keydown=move |event: ev::KeyboardEvent| if event.key() == "Escape" { open.set(false) }
        >
            <Portrait src=src name=alt size=Size::Small />
            <span class="pilot-text">
                <span class="pilot-first">
                    {title}
                    {is_main.then(|| view! {
                        <Icon of=Glyph::StarFull class="text-accent" />
                        <span class="visually-hidden">{text::main_character()}</span>
                    })}
                </span>
                <span class="pilot-second">{second}</span>
            </span>
            <Show when=move || open.get()>
                <PilotCard pilot=card.get_value() />
            </Show>
        </span>
    }
}

/// Whether the focus goes somewhere outside the element.
fn leaves(event: &ev::FocusEvent) -> bool {
    use wasm_bindgen::JsCast;
    let inside = event.current_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    !inside.is_some_and(|node| next.is_some_and(|next| node.contains(Some(&next))))
}

/// Where he flies, and links to what other sites know about him.
#[component]
fn PilotCard(pilot: Pilot) -> impl IntoView {
    let id = pilot.id.0;
    let label = text::about_pilot(&pilot.name);
    let dotlan = pilot.corporation.as_ref().map(|corporation| links::dotlan_corporation(corporation.id.0));
    view! {
        <span class="pilot-card" role="group" aria-label=label>
            <span class="pilot-card-head">
                <Portrait src=pilot.portrait_url name=pilot.name.clone() size=Size::Medium />
                <strong>{pilot.name}</strong>
            </span>
            <Organisations corporation=pilot.corporation alliance=pilot.alliance />
            <span class="pilot-card-links">
                <Outside href=links::zkillboard_character(id) name="zKillboard" />
                <Outside href=links::evewho_character(id) name="EveWho" />
                {dotlan.map(|href| view! { <Outside href=href name="dotlan" /> })}
            </span>
        </span>
    }
}

/// Where somebody flies: corporation and alliance, one line each.
#[component]
pub fn Organisations(
    /// None while it is not known.
    corporation: Option<Corporation>,
    /// None for corporations without one.
    alliance: Option<Alliance>,
) -> impl IntoView {
    let corporation = match corporation {
        Some(c) => view! { <Organisation logo=c.logo_url name=c.name ticker=c.ticker /> }.into_any(),
        None => view! { <span class="organisation text-muted-own">{text::corporation_unknown()}</span> }
            .into_any(),
    };
    let alliance = alliance.map(|a| view! { <Organisation logo=a.logo_url name=a.name ticker=a.ticker /> });
    view! { <span class="organisations">{corporation}{alliance}</span> }
}

/// A corporation or an alliance in one line: logo, name, ticker.
#[component]
pub fn Organisation(
    /// Address of the logo.
    #[prop(into)]
    logo: String,
    /// Full name.
    #[prop(into)]
    name: String,
    /// Short name.
    #[prop(into)]
    ticker: String,
) -> impl IntoView {
    let whole = format!("{name} [{ticker}]");
    view! {
        <span class="organisation" title=whole>
            <Portrait src=logo name=name.clone() size=Size::Tiny logo=true />
            <span>{name} " " <span class="organisation-ticker">"[" {ticker} "]"</span></span>
        </span>
    }
}

/// A link to another site, in a new tab and without telling it where we come from.
#[component]
pub fn Outside(
    /// Where to.
    #[prop(into)]
    href: String,
    /// What it is called.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <a href=href target="_blank" rel="noreferrer noopener">
            {name}
            <span class="visually-hidden">{format!(" ({})", text::new_window())}</span>
        </a>
    }
}
