//! One edit on its way through its preview.

use leptos::{prelude::*, task::spawn_local};

use super::{
    Edit,
    operations::{AccessPreview, EditStatus, Names, Outcome},
};
use crate::{
    api::{ApiError, ErrorCode, Problem},
    i18n::texts::rules as text,
    session::{self, Session},
    ui::toast::Toasts,
    web,
};

/// What was saved.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// Something new, with its id.
    Made(String),
    /// Something there.
    Changed,
    /// Something is gone.
    Deleted,
}

/// One edit on its way: what would happen, whether it is wanted, and what came of it.
#[derive(Clone, Copy)]
pub struct EditFlow {
    /// The edit that is looked at.
    pub edit: RwSignal<Option<Edit>>,
    /// Whether the dialog is shown.
    pub open: RwSignal<bool>,
    /// What the edit would do.
    pub preview: RwSignal<Option<AccessPreview>>,
    /// Whether the world has moved since the reader looked first.
    pub moved: RwSignal<bool>,
    /// Whether a preview is on its way.
    pub asking: RwSignal<bool>,
    /// How many were saved.
    pub saved: RwSignal<u32>,
    /// Whether it is being saved.
    pub saving: RwSignal<bool>,
    /// Which names are shown.
    pub names: RwSignal<Names>,
    /// What is wrong with the fields of the form.
    pub problems: RwSignal<Vec<Problem>>,
    newest: StoredValue<u32>,
    toasts: Toasts,
    done: Callback<Saved>,
}

impl EditFlow {
    /// `done` is told what was saved.
    pub fn new(done: impl Fn(Saved) + Send + Sync + 'static) -> Self {
        let flow = Self {
            edit: RwSignal::new(None),
            open: RwSignal::new(false),
            preview: RwSignal::new(None),
            moved: RwSignal::new(false),
            asking: RwSignal::new(false),
            saved: RwSignal::new(0),
            saving: RwSignal::new(false),
            names: RwSignal::new(Names::default()),
            problems: RwSignal::new(Vec::new()),
            newest: StoredValue::new(0),
            toasts: Toasts::get(),
            done: Callback::new(done),
        };
        // Whoever has closed the dialog waits for nothing any more.
        Effect::new(move |was_open: Option<bool>| {
            let is_open = flow.open.get();
            if was_open == Some(true) && !is_open {
                flow.stop();
            }
            is_open
        });
        flow
    }

    /// Waits no longer for what was asked.
    pub fn stop(self) {
        self.newest.update_value(|number| *number = number.wrapping_add(1));
        self.asking.set(false);
    }

    /// Asks what an edit would do, and shows it.
    pub fn look(self, edit: Edit) {
        self.edit.set(Some(edit));
        self.names.set(Names::default());
        self.moved.set(false);
        self.preview.set(None);
        self.problems.set(Vec::new());
        self.ask(true);
    }

    /// Shows other names.
    pub fn look_at(self, names: Names) {
        self.names.set(names);
        self.ask(false);
    }

    /// Asks; the answer `opens` the dialog, or changes what is in it.
    fn ask(self, opens: bool) {
        let Some(edit) = self.edit.get_untracked() else { return };
        let number = self.newest.get_value().wrapping_add(1);
        self.newest.set_value(number);
        self.asking.set(true);
        spawn_local(async move {
            let names = self.names.get_untracked();
            let answer = edit.send(&names).await;
            if self.newest.try_get_value() != Some(number) || session::is_ending() {
                return;
            }
            self.asking.set(false);
            match answer {
                Ok(Outcome { status: EditStatus::Preview, preview: Some(preview), .. }) => {
                    self.preview.set(Some(preview));
                    if opens {
                        self.open.set(true);
                    }
                }
                other => self.refused(other),
            }
        });
    }

    /// Does what was looked at.
    pub fn save(self) {
        let token =
            self.preview.with_untracked(|preview| preview.as_ref().map(|preview| preview.token.clone()));
        let (Some(edit), Some(token)) = (self.edit.get_untracked(), token) else { return };
        if self.saving.get_untracked() || self.asking.get_untracked() {
            return;
        }
        self.saving.set(true);
        let said = edit.done();
        spawn_local(async move {
            let names = self.names.get_untracked();
            let (new, deletes) = (edit.creates(), edit.deletes());
            let answer = edit.with_token(Some(token)).send(&names).await;
            if session::is_ending() || self.saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(Outcome { status: EditStatus::Saved, id, .. }) => {
                    self.open.set(false);
                    self.preview.set(None);
                    self.saved.update(|count| *count = count.wrapping_add(1));
                    self.toasts.done(said);
                    self.done.run(match id {
                        _ if deletes => Saved::Deleted,
                        Some(id) if new => Saved::Made(id),
                        _ => Saved::Changed,
                    });
                }
                Err(ApiError { code: ErrorCode::Conflict, .. }) => {
                    self.moved.set(true);
                    self.ask(false);
                }
                other => self.refused(other),
            }
        });
    }

    fn refused(self, answer: Result<Outcome, ApiError>) {
        match answer {
            Ok(Outcome { status: EditStatus::NotFound, .. }) => {
                self.open.set(false);
                self.toasts.warn(text::gone());
            }
            Ok(Outcome { problems, .. }) => {
                self.open.set(false);
                if problems.is_empty() {
                    self.toasts.failure(&ApiError::of(ErrorCode::Internal));
                }
                self.problems.set(problems.clone());
                let toasts = self.toasts;
                // After the fields have shown theirs, and the dialog has given the focus back.
                request_animation_frame(move || {
                    web::focus("main .is-invalid");
                    // What no field of the form shows must be said, too.
                    let shown = web::texts("main .field-problem");
                    if let Some(problem) = problems.iter().find(|problem| !shown.contains(&problem.message)) {
                        toasts.warn(problem.message.clone());
                    }
                });
            }
            Err(failure) => {
                if failure.code == ErrorCode::Unauthenticated {
                    Session::expired();
                }
                self.toasts.failure(&failure);
            }
        }
    }
}
