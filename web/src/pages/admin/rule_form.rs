//! The frame of the forms for rules, states and groups: what is entered against what is there, the way through the
//! preview, deleting, and what is said to those who may only read.

use std::collections::BTreeSet;

use cynic::Id;
use fealty_shared::permission::Permission;
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    catalogue::{self, Catalogue, PermissionChecks},
    edit::{Edit, EditFlow, Saved},
    form::FormActions,
    preview::PreviewDialog,
    rights,
};
use crate::{
    api::{Problem, Query},
    i18n::{Text, texts::rules as text},
    ui::{
        banner::{Banner, Tone},
        button::Button,
        guard::Guard,
        icon::Glyph,
        loaded::loaded,
        skeleton::SkeletonRows,
    },
};

/// The fields of a form, as signals.
pub trait Fields: Copy + Send + Sync + 'static {
    /// What they show.
    type Rule: Clone + PartialEq + Send + Sync + 'static;
    /// What they hold, comparable.
    type Draft: Clone + PartialEq + Send + Sync + 'static;
    /// What making one takes.
    type Add: Permission;
    /// What changing one takes.
    type Change: Permission;
    /// What deleting one takes.
    type Delete: Permission;
    /// The page with all of them.
    const LIST: &'static str;
    /// The titles of the card that deletes it, and what follows.
    const DELETE: (Text, Text);

    /// As they are for a new one.
    fn new() -> Self;
    /// As they are for one that is there.
    fn fill(self, rule: Self::Rule);
    /// As they were in the beginning, for a new one.
    fn clear(self);
    /// What they hold now.
    fn draft(self) -> Self::Draft;
    /// The permissions chosen.
    fn permissions(self) -> RwSignal<BTreeSet<String>>;
    /// Its id.
    fn id(rule: &Self::Rule) -> Id;
    /// The edit that makes a draft of what was there before; or what is wrong with the draft.
    fn edit(draft: Self::Draft, id: Option<Id>, before: &Self::Draft) -> Result<Edit, Problem>;
    /// The edit that deletes it.
    fn delete(id: Id) -> Edit;
    /// Why this very rule is not the viewer's to edit or delete, whatever his permissions.
    fn locked(_rule: &Self::Rule) -> Option<&'static str> {
        None
    }
}

/// A form in its frame.
pub struct RuleForm<F: Fields> {
    /// Its fields.
    pub fields: F,
    /// Its edits.
    pub flow: EditFlow,
    /// Whether the viewer may change it.
    pub may: bool,
    /// Why not; empty where he may.
    why: StoredValue<String>,
    /// Why he may not delete it, though his permissions let him.
    kept: Option<&'static str>,
    dirty: Memo<bool>,
    target: StoredValue<Option<Id>>,
    before: RwSignal<F::Draft>,
    /// What the fields held when it was last asked what saving them would do.
    reviewed: StoredValue<Option<F::Draft>>,
    /// Goes to another page in place of this one.
    go: Callback<String>,
    there: Option<Memo<Option<F::Rule>>>,
}

impl<F: Fields> Clone for RuleForm<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Fields> Copy for RuleForm<F> {}

impl<F: Fields> RuleForm<F> {
    /// The form for what is there, or for something new. `on_change` runs when what is there was changed here.
    pub fn new(there: Option<Memo<Option<F::Rule>>>, on_change: Callback<()>) -> Self {
        let fields = F::new();
        let now = move || there.and_then(|rule| rule.get());
        let first = untrack(now);
        if let Some(rule) = first.clone() {
            fields.fill(rule);
        }
        let before = RwSignal::new(untrack(|| fields.draft()));
        let dirty = Memo::new(move |_| fields.draft() != before.get());
        // Somebody else's change is taken over while nothing was entered here; else saving will tell.
        Effect::new(move |seen: Option<Option<F::Rule>>| {
            let newest = now();
            if seen.is_some_and(|seen| seen != newest)
                && !dirty.get_untracked()
                && let Some(rule) = newest.clone()
            {
                fields.fill(rule);
                before.set(untrack(|| fields.draft()));
            }
            newest
        });
        let (permission, holds) = match first {
            None => (F::Add::in_words(), rights::may_edit::<F::Add>()),
            Some(_) => (F::Change::in_words(), rights::may_edit::<F::Change>()),
        };
        let kept = first.as_ref().and_then(F::locked);
        let why = if holds { kept.map(str::to_owned).unwrap_or_default() } else { text::needs(&permission) };
        let (may, why) = (why.is_empty(), StoredValue::new(why));
        let navigate = StoredValue::new_local(use_navigate());
        let go = Callback::new(move |to: String| {
            let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate.try_with_value(|navigate| navigate(&to, replace));
        });
        let target = StoredValue::new(first.as_ref().map(F::id));
        let reviewed = StoredValue::new(None::<F::Draft>);
        let flow = EditFlow::new(move |saved| {
            if saved == Saved::Deleted {
                before.set(untrack(|| fields.draft()));
                return go.run(F::LIST.to_owned());
            }
            // What was entered since it was reviewed is not saved yet.
            before.set(reviewed.get_value().unwrap_or_else(|| untrack(|| fields.draft())));
            match saved {
                Saved::Made(id) => target.set_value(Some(Id::new(id))),
                _ => on_change.run(()),
            }
            // Something new has a page of its own, unless more was entered here that is to be saved first.
            if let Some(id) = target.get_value().filter(|_| there.is_none() && !dirty.get_untracked()) {
                go.run(address_of::<F>(&id));
            }
        });
        Self { fields, flow, may, why, kept, dirty, target, before, reviewed, go, there }
    }

    /// Shows what saving would do.
    fn review(self) {
        let draft = untrack(|| self.fields.draft());
        let edit =
            self.before.with_untracked(|before| F::edit(draft.clone(), self.target.get_value(), before));
        match edit {
            Ok(edit) => {
                self.reviewed.set_value(Some(draft));
                self.flow.look(edit);
            }
            Err(problem) => self.flow.problems.set(vec![problem]),
        }
    }

    /// Forgets what was entered.
    fn discard(self) {
        self.flow.stop();
        match untrack(|| self.there.and_then(|rule| rule.get())) {
            Some(rule) => self.fields.fill(rule),
            None => self.fields.clear(),
        }
        self.before.set(untrack(|| self.fields.draft()));
        self.flow.problems.set(Vec::new());
        // Nothing more is to be said about what was made here.
        if let Some(id) = self.target.get_value().filter(|_| self.there.is_none()) {
            self.go.run(address_of::<F>(&id));
        }
    }

    /// The card that deletes it; nothing for something new.
    fn delete_card(self) -> Option<AnyView> {
        let id = self.target.get_value().filter(|_| rights::may_edit::<F::Delete>())?;
        let (title, hint) = F::DELETE;
        let delete = move |()| self.flow.look(F::delete(id.clone()));
        let kept = Signal::stored(self.kept.map(str::to_owned));
        let card = view! {
            <section class="card danger-card" aria-labelledby="delete">
                <div>
                    <h2 id="delete" class="card-title">{title()}</h2>
                    <p class="card-lead">{hint()}</p>
                </div>
                <Button
                    text=text::delete_ask().to_owned()
                    icon=Glyph::Trash
                    busy=self.flow.asking
                    locked=kept
                    on_click=delete
                />
            </section>
        };
        Some(card.into_any())
    }

    /// Draws it. `notes` stand above the form, `cards` are its fields besides the permissions.
    pub fn draw(
        self,
        catalogue: Vec<catalogue::Permission>,
        deletable: bool,
        notes: AnyView,
        cards: AnyView,
    ) -> AnyView {
        let Self { flow, dirty, may, why, .. } = self;
        let permissions_locked = match (may, rights::superuser()) {
            (false, _) => Some(why.get_value()),
            (true, false) => Some(text::superusers_only().to_owned()),
            (true, true) => None,
        };
        view! {
            <Guard dirty=dirty />
            <PreviewDialog flow=flow />
            {notes}
            {(!may).then(|| view! { <Banner tone=Tone::Info><p>{why.get_value()}</p></Banner> })}
            <form
                class="edit-form"
                novalidate=true
                on:submit=move |event| { event.prevent_default(); if dirty.get_untracked() { self.review() } }
            >
                <div class="dashboard">
                    <div class="dashboard-main">{cards}</div>
                    <div class="dashboard-side">
                        <section class="card" aria-labelledby="permissions">
                            <h2 id="permissions" class="card-title">{text::permissions()}</h2>
                            <PermissionChecks
                                chosen=self.fields.permissions()
                                catalogue=catalogue
                                locked=permissions_locked
                            />
                        </section>
                        {deletable.then(|| self.delete_card())}
                    </div>
                </div>
                {may.then(|| view! {
                    <FormActions
                        flow=flow
                        dirty=dirty
                        on_review=move |()| self.review()
                        on_discard=move |()| self.discard()
                    />
                })}
            </form>
        }
        .into_any()
    }
}

/// The page about one.
fn address_of<F: Fields>(id: &Id) -> String {
    format!("{}/{}", F::LIST, id.inner())
}

/// A form, as soon as it is known what may be granted.
pub fn with_catalogue(
    catalogue: Query<Catalogue>,
    draw: impl Fn(Vec<catalogue::Permission>) -> AnyView + Send + 'static,
) -> AnyView {
    loaded(
        catalogue,
        || view! { <div class="card"><SkeletonRows rows=6 /></div> },
        move |all| draw(all.get_untracked().permissions),
    )
    .into_any()
}
