//! Short messages that come and go: done, failed, a new notification. They may lead somewhere, or offer to take back what
//! was done.

use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};

use super::{
    banner::Tone,
    icon::{Glyph, Icon},
};
use crate::{
    api::{ApiError, schema},
    i18n::texts::{common as text, errors, notifications},
    web,
};

/// Milliseconds a message stays; a warning stays longer, and a failure until it is dismissed.
const STAY: u32 = 6_000;
const STAY_WARNED: u32 = 12_000;
/// Milliseconds after which a message that is pointed at is looked at again.
const HELD: u32 = 1_000;

/// How serious a notification is.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum NotificationLevel {
    /// Something was lost or must be done.
    Danger,
    /// Good to know.
    Info,
    /// Something was gained.
    Success,
    /// Needs a look.
    Warning,
}

impl NotificationLevel {
    /// The same as a tone of messages.
    pub fn tone(self) -> Tone {
        match self {
            Self::Danger => Tone::Danger,
            Self::Info => Tone::Info,
            Self::Success => Tone::Success,
            Self::Warning => Tone::Warning,
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Danger => notifications::level_danger(),
            Self::Info => notifications::level_info(),
            Self::Success => notifications::level_success(),
            Self::Warning => notifications::level_warning(),
        }
    }
}

/// What a message does when it is clicked. It outlives the page that said it.
pub type Act = Arc<dyn Fn() + Send + Sync>;

/// Where a message leads.
#[derive(Clone)]
pub struct Lead {
    /// A path of this site.
    pub href: String,
    /// Runs when it is followed.
    pub on_follow: Act,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    detail: Option<String>,
    lead: Option<Lead>,
    undo: Option<Act>,
}

impl Toast {
    fn new(tone: Tone, text: String) -> Self {
        Self { id: 0, tone, text, detail: None, lead: None, undo: None }
    }
}

/// The messages on the screen, in the context of the whole app.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    /// Whether somebody points at them or has the focus in them.
    held: RwSignal<bool>,
    /// The modal dialogs that are open, the topmost last: what is not in it can neither be heard nor clicked.
    dialogs: RwSignal<Vec<u32>>,
}

impl Toasts {
    /// Makes it and puts it into the context.
    pub fn provide() -> Self {
        let toasts = Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            held: RwSignal::new(false),
            dialogs: RwSignal::new(Vec::new()),
        };
        provide_context(toasts);
        toasts
    }

    /// The toasts of this app.
    #[expect(clippy::expect_used, reason = "App provides it around everything that is drawn")]
    pub fn get() -> Self {
        use_context().expect("toasts are provided by App")
    }

    /// Says that something is done.
    pub fn done(&self, text: impl Into<String>) {
        self.push(Toast::new(Tone::Success, text.into()), Some(STAY));
    }

    /// The same of something that can be taken back: there is a button for it, and time to find it.
    pub fn done_with_undo(&self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        let undo: Option<Act> = Some(Arc::new(undo));
        self.push(Toast { undo, ..Toast::new(Tone::Success, text.into()) }, Some(STAY_WARNED));
    }

    /// Says something worth knowing.
    pub fn info(&self, text: impl Into<String>) {
        self.push(Toast::new(Tone::Info, text.into()), Some(STAY));
    }

    /// Says that something did not happen, and why.
    pub fn warn(&self, text: impl Into<String>) {
        self.push(Toast::new(Tone::Warning, text.into()), Some(STAY_WARNED));
    }

    /// Says that a request failed, until somebody has read it.
    pub fn failure(&self, error: &ApiError) {
        let detail = error.trace_id.as_deref().map(errors::trace);
        self.push(Toast { detail, ..Toast::new(Tone::Danger, error.sentence()) }, None);
    }

    /// Shows a notification that has just come, and leads to what it is about.
    pub fn notification(&self, level: NotificationLevel, title: String, lead: Option<Lead>) {
        self.push(Toast { lead, ..Toast::new(level.tone(), title) }, Some(STAY));
    }

    /// A dialog has opened: the messages appear in it from now on. What it is called here.
    pub fn enter_dialog(self) -> u32 {
        let id = self.number();
        self.dialogs.try_update(|open| open.push(id));
        id
    }

    /// It has closed.
    pub fn leave_dialog(self, id: u32) {
        self.dialogs.try_update(|open| open.retain(|other| *other != id));
    }

    fn number(self) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        id
    }

    /// `stay`: for how many milliseconds; for ever without.
    fn push(self, mut toast: Toast, stay: Option<u32>) {
        let id = self.number();
        toast.id = id;
        self.list.update(|list| {
            // The same message twice is one message.
            list.retain(|shown| shown.text != toast.text);
            list.push(toast);
            let surplus = list.len().saturating_sub(4);
            list.drain(..surplus);
        });
        let Some(stay) = stay else { return };
        spawn_local(async move {
            TimeoutFuture::new(stay).await;
            while self.held.try_get_untracked() == Some(true) {
                TimeoutFuture::new(HELD).await;
            }
            self.dismiss(id);
        });
    }

    fn dismiss(self, id: u32) {
        self.list.try_update(|list| list.retain(|toast| toast.id != id));
        // What is gone is no longer left by the pointer.
        if self.list.try_with_untracked(Vec::is_empty) == Some(true) {
            self.held.try_set(false);
        }
    }
}

/// Where they appear: in the page, and in each open dialog, of which the topmost shows them. There from the start, so that
/// screen readers notice what is put into it.
#[component]
pub fn ToastRegion(
    /// The dialog that it stands in.
    #[prop(optional)]
    dialog: Option<u32>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let shown = move || {
        if toasts.dialogs.read().last().copied() == dialog { toasts.list.get() } else { Vec::new() }
    };
    let hold = move |held: bool| toasts.held.set(held);
    view! {
        <div
            class="toasts"
            role="status"
            aria-live="polite"
            aria-atomic="false"
            on:mouseenter=move |_| hold(true)
            on:mouseleave=move |_| hold(false)
            on:focusin=move |_| hold(true)
            on:focusout=move |_| hold(false)
        >
            <For each=shown key=|toast| toast.id let:toast>
                <div class=format!("toast-item toast-{}", toast.tone.class())>
                    <Icon of=toast.tone.glyph() />
                    <div class="toast-text">
                        {match toast.lead {
                            None => view! { <p>{toast.text}</p> }.into_any(),
                            Some(Lead { href, on_follow }) => view! {
                                <p>
                                    <a href=web::safe_path(&href).to_owned() on:click=move |_| { on_follow(); toasts.dismiss(toast.id) }>{toast.text}</a>
                                </p>
                            }
                            .into_any(),
                        }}
                        {toast.detail.map(|detail| view! { <p class="trace">{detail}</p> })}
                    </div>
                    {toast.undo.map(|undo| view! {
                        <button
                            type="button"
                            class="btn btn-quiet btn-sm toast-undo"
                            on:click=move |_| {
                                toasts.dismiss(toast.id);
                                undo();
                                web::focus_if_lost("#content");
                            }
                        >
                            {text::undo()}
                        </button>
                    })}
                    <button
                        type="button"
                        class="btn btn-icon"
                        aria-label=text::dismiss()
                        on:click=move |_| toasts.dismiss(toast.id)
                    >
                        <Icon of=Glyph::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
