//! Moments entered by hand, in EVE's time.

use chrono::TimeDelta;
use leptos::{html, prelude::*};

use super::field::own_problem;
use crate::{
    api::{DateTime, Problem},
    i18n::texts::rules as text,
    url::Address,
    web,
};

/// What a browser's field for date and time holds, as a moment in EVE's time.
pub fn parse(entered: &str) -> Option<DateTime> {
    let entered = entered.get(..16).unwrap_or(entered);
    format!("{entered}:00Z").parse().ok()
}

/// A moment as a filter of a list.
#[component]
pub fn MomentFilter(
    /// Where it stands.
    address: Address,
    /// The parameter.
    name: &'static str,
    /// What happens then.
    label: &'static str,
) -> impl IntoView {
    view! {
        <label class="moment">
            <span>{label}</span>
            <input
                type="datetime-local"
                class="form-control"
                prop:value=move || address.text(name)
                on:change=move |event| address.set(&[(name, Some(&event_target_value(&event)))])
            />
        </label>
    }
}

/// A moment that may be entered, and the field it is entered in.
#[derive(Clone, Copy)]
pub struct Moment {
    value: RwSignal<String>,
    field: NodeRef<html::Input>,
}

/// A day without a time, or a date without its year: the browser calls that empty, and whoever entered it does not.
#[derive(Debug, PartialEq, Eq)]
pub struct HalfEntered;

impl Moment {
    /// Not entered.
    pub fn new() -> Self {
        Self { value: RwSignal::new(String::new()), field: NodeRef::new() }
    }

    /// What was entered, if anything was.
    pub fn read(self) -> Result<Option<DateTime>, HalfEntered> {
        let half = self.field.get_untracked().is_some_and(|field| field.validity().bad_input());
        if half { Err(HalfEntered) } else { Ok(parse(&self.value.get_untracked())) }
    }

    /// Enters a moment.
    pub fn enter(self, at: DateTime) {
        let entered = at.format("%Y-%m-%dT%H:%M").to_string();
        if let Some(field) = self.field.get_untracked() {
            // What is half entered is gone, too.
            field.set_value(&entered);
        }
        self.value.set(entered);
    }
}

/// So many days after what is entered in `start`, or after now.
fn days_after(start: Moment, days: i64) -> Option<DateTime> {
    let from = start.read().ok().flatten().or_else(|| DateTime::from_timestamp_millis(web::now_ms()))?;
    from.checked_add_signed(TimeDelta::try_days(days)?)
}

/// Offers the usual lengths of time for the end of something.
#[component]
pub fn Lengths(
    /// When it begins.
    start: Moment,
    /// When it ends.
    end: Moment,
) -> impl IntoView {
    let length = move |(days, name): (i64, &'static str)| {
        let enter = move |_| {
            if let Some(at) = days_after(start, days) {
                end.enter(at);
            }
        };
        view! { <button type="button" class="btn btn-sm btn-quiet" on:click=enter>{name}</button> }
    };
    view! {
        <div class="lengths" role="group" aria-label=text::lengths()>
            <span aria-hidden="true">{text::lengths()}</span>
            {[(1, text::one_day()), (7, text::one_week()), (30, text::thirty_days())].map(length)}
        </div>
    }
}

/// A moment in a form.
#[component]
pub fn MomentField(
    /// The input's name.
    name: &'static str,
    /// What happens then.
    label: &'static str,
    /// What is entered.
    moment: Moment,
    /// The server's word on the form.
    #[prop(into)]
    problems: Signal<Vec<Problem>>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let problem_id = format!("{id}-problem");
    // `permissions.3.endsAt` belongs to `endsAt`.
    let wrong = own_problem(problems, move |field| field.split('.').any(|part| part == name), moment.value);
    view! {
        <div class="field">
            <label class="form-label" for=id.clone()>{label}</label>
            <input
                node_ref=moment.field
                id=id
                name=name
                type="datetime-local"
                class="form-control"
                class:is-invalid=move || wrong.read().is_some()
                autocomplete="off"
                aria-describedby=problem_id.clone()
                aria-invalid=move || wrong.read().is_some().then_some("true")
                bind:value=moment.value
            />
            <p id=problem_id class="field-problem" role="alert">{move || wrong.get()}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entered_moments_are_eve_time() {
        let at = parse("2026-11-21T10:30");
        assert_eq!(at.map(|at| at.to_rfc3339()), Some("2026-11-21T10:30:00+00:00".to_owned()));
        assert_eq!(parse("2026-11-21T10:30:15"), at);
        assert_eq!(parse(""), None);
        assert_eq!(parse("yesterday"), None);
    }
}
