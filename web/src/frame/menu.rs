//! The menu on the left; on a phone the same in a drawer.

use leptos::{html, prelude::*};
use leptos_router::{components::A, hooks::use_location};

use crate::{
    i18n::texts::{frame as text, groups, inbox, manage},
    pages::{
        admin::{part::ADMIN, rights},
        groups::part::LEAD,
    },
    part::fetch_ahead,
    session::Session,
    ui::icon::{Glyph, Icon},
    web,
};

/// The menu in both its shapes.
#[component]
pub fn SideMenu(
    /// Icons only.
    collapsed: RwSignal<bool>,
    /// Whether the drawer is open.
    drawer: RwSignal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if drawer.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !drawer.get() && dialog.open() {
            dialog.close();
        }
    });
    // Where one is may be below the fold.
    let session = Session::get();
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        session.viewer.track();
        request_animation_frame(|| web::reveal_within(".side .side-nav", ".side-item[aria-current]"));
    });
    view! {
        <nav class="side" aria-label=text::menu()>
            <div class="side-inner">
            <Brand />
            <Items />
            <button
                type="button"
                class="side-collapse"
                aria-expanded=move || (!collapsed.get()).to_string()
                aria-label=move || if collapsed.get() { text::expand() } else { text::collapse() }
                on:click=move |_| collapsed.update(|collapsed| *collapsed = !*collapsed)
            >
                {move || {
                    let glyph = if collapsed.get() { Glyph::Expand } else { Glyph::Collapse };
                    view! { <Icon of=glyph /> }
                }}
                <span class="side-text" aria-hidden="true">{text::collapse()}</span>
            </button>
            </div>
        </nav>
        <dialog
            node_ref=node
            class="drawer"
            aria-label=text::menu()
            on:close=move |_| drawer.set(false)
            on:click=move |event| if event.target() == event.current_target() { drawer.set(false) }
        >
            <div class="drawer-body">
                <div class="drawer-head">
                    <Brand />
                    <button
                        type="button"
                        class="btn btn-icon"
                        aria-label=text::close_menu()
                        on:click=move |_| drawer.set(false)
                    >
                        <Icon of=Glyph::Close />
                    </button>
                </div>
                <nav class="drawer-nav" aria-label=text::menu()>{move || drawer.get().then(|| view! {
                    <Items />
                })}</nav>
            </div>
        </dialog>
    }
}

/// Logo and name of the site.
#[component]
pub fn Brand() -> impl IntoView {
    let session = Session::get();
    view! {
        <a class="brand" href="/">
            <img class="brand-logo" src=web::meta("fealty-logo").unwrap_or_default() alt="" width="32" height="32" />
            <span class="brand-name side-text">{move || session.site_name()}</span>
        </a>
    }
}

#[component]
fn Items() -> impl IntoView {
    let session = Session::get();
    let areas = move || session.viewer.read().as_ref().map(rights::areas).unwrap_or_default();
    let leads =
        Memo::new(move |_| session.viewer.read().as_ref().is_some_and(|viewer| viewer.manages_groups));
    let waiting =
        Memo::new(move |_| session.viewer.read().as_ref().map_or(0, |viewer| viewer.group_request_count));
    let site = Memo::new(move |_| session.site());
    view! {
        <div class="side-nav">
            <ul>
                <Item href="/" exact=true icon=Glyph::Dashboard name=text::dashboard() />
                <Item href="/groups" icon=Glyph::People name=groups::title() />
                <Item href="/services" icon=Glyph::Services name=text::services() />
            </ul>
            <Show when=move || leads.get()>
                <p class="side-section">{manage::section()}</p>
                <ul>
                    <Item href="/inbox" icon=Glyph::Empty name=inbox::title() count=waiting ahead=|| fetch_ahead(&LEAD) />
                    <Item href="/manage/groups" icon=Glyph::Members name=manage::title() ahead=|| fetch_ahead(&LEAD) />
                </ul>
            </Show>
            {move || Some(areas()).filter(|areas| !areas.is_empty()).map(|areas| view! {
                <p class="side-section">{text::administration()}</p>
                <ul>
                    {areas.into_iter().map(|area| view! {
                        <Item href=area.href icon=area.icon name=(area.name)() ahead=|| fetch_ahead(&ADMIN) />
                    }).collect_view()}
                </ul>
            })}
            {move || site.get().filter(|site| site.is_development).map(|site| view! {
                <p class="side-section">{text::development()}</p>
                <ul>
                    {site.outbox_url.map(|url| view! { <Away href=url icon=Glyph::Mail name=text::outbox() /> })}
                    {site.simulator_url.map(|url| view! {
                        <Away href=url icon=Glyph::Rocket name=text::simulator() />
                    })}
                </ul>
            })}
        </div>
    }
}

#[component]
fn Item(
    href: &'static str,
    #[prop(optional)] exact: bool,
    icon: Glyph,
    name: &'static str,
    #[prop(optional, into)] count: Signal<i32>,
    /// Run when somebody points at it or focuses it: he will probably go there.
    #[prop(optional)]
    ahead: Option<fn()>,
) -> impl IntoView {
    let prepare = move || {
        if let Some(ahead) = ahead {
            ahead();
        }
    };
    view! {
        <li on:pointerenter=move |_| prepare() on:focusin=move |_| prepare()>
            <A href=href exact=exact attr:class="side-item" attr:title=name>
                <Icon of=icon />
                <span class="side-text">{name}</span>
                <Show when=move || { count.get() > 0 }>
                    <span class="side-count">{move || count.get()}</span>
                </Show>
            </A>
        </li>
    }
}

/// An entry that leaves the SPA.
#[component]
fn Away(href: String, icon: Glyph, name: &'static str) -> impl IntoView {
    view! {
        <li>
            <a class="side-item" href=href title=name target="_blank" rel="external noopener">
                <Icon of=icon />
                <span class="side-text">{name}</span>
            </a>
        </li>
    }
}
