//! Takes a whole list home as CSV: page by page from the server, everything that the filters leave.

use std::{future::Future, pin::Pin};

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{ApiError, DateTime, PageInfo},
    csv,
    i18n::{format, texts::rules as text},
    session,
    ui::{button::Button, icon::Glyph, pilot::Pilot, toast::Toasts},
    web,
};

/// Rows asked for at once: as many as the server gives.
pub const PAGE: i32 = 100;

/// Some rows of a list.
pub struct Batch {
    /// Their fields.
    pub rows: Vec<Vec<String>>,
    /// Whether there is more.
    pub page_info: PageInfo,
    /// How many there are in all.
    pub total: i32,
}

/// A user's main, and where it flies: name, corporation, alliance.
pub fn main_fields(main: Option<Pilot>) -> [String; 3] {
    let Some(Pilot { name, corporation, alliance, .. }) = main else { return Default::default() };
    [
        name,
        corporation.map(|corporation| corporation.name).unwrap_or_default(),
        alliance.map(|alliance| alliance.name).unwrap_or_default(),
    ]
}

/// A yes or no.
pub fn yes_field(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// A moment, if there is one.
pub fn time_field(at: Option<DateTime>) -> String {
    at.map(|at| at.to_rfc3339()).unwrap_or_default()
}

/// Asks for the rows behind a cursor.
pub type Ask = Box<dyn Fn(Option<String>) -> Pin<Box<dyn Future<Output = Result<Batch, ApiError>>>>>;

/// What makes an [`Ask`] from the filters as they are when the export begins.
#[derive(Clone, Copy)]
pub struct Begin(StoredValue<Box<dyn Fn() -> Ask>, LocalStorage>);

impl Begin {
    /// Of a function.
    pub fn new(begin: impl Fn() -> Ask + 'static) -> Self {
        Self(StoredValue::new_local(Box::new(begin)))
    }
}

/// The button, and how far it is.
#[component]
pub fn ExportButton(
    /// The file's name, without its ending.
    #[prop(into)]
    name: Signal<String>,
    /// The first line.
    head: fn() -> Vec<&'static str>,
    /// Begins: what it gives is asked for one batch after the other.
    begin: Begin,
) -> impl IntoView {
    let toasts = Toasts::get();
    // Rows there and rows in all, while it runs.
    let progress = RwSignal::new(None::<(i64, i64)>);
    // Whoever stops one and begins another one wants the file of the other one alone.
    let newest = StoredValue::new(0_u32);
    let run = move |()| {
        let ask = begin.0.with_value(|begin| begin());
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        progress.set(Some((0, 0)));
        spawn_local(async move {
            let mut file = String::from("\u{feff}");
            file.push_str(&csv::line(&head().into_iter().map(str::to_owned).collect::<Vec<_>>()));
            let (mut cursor, mut count) = (None, 0_i64);
            loop {
                let answer = ask(cursor).await;
                // Whoever left the page or stopped it wants no file.
                let is_wanted = matches!(progress.try_get_untracked(), Some(Some(_)))
                    && newest.try_get_value() == Some(number);
                if session::is_ending() || !is_wanted {
                    return;
                }
                match answer {
                    Ok(batch) => {
                        count += batch.rows.len() as i64;
                        batch.rows.iter().for_each(|row| file.push_str(&csv::line(row)));
                        progress.set(Some((count, batch.total.into())));
                        cursor = batch.page_info.end_cursor;
                        if !batch.page_info.has_next_page || cursor.is_none() {
                            break;
                        }
                    }
                    Err(failure) => {
                        progress.set(None);
                        return toasts.failure(&failure);
                    }
                }
            }
            progress.set(None);
            web::download(&format!("{}.csv", name.get_untracked()), "text/csv;charset=utf-8", &file);
            toasts.done(text::exported(count as i32, &format::number(count)));
        });
    };
    let words = move || {
        progress.get().map(|(done, total)| text::exporting(&format::number(done), &format::number(total)))
    };
    view! {
        <span class="export">
            <Show
                when=move || progress.read().is_some()
                fallback=move || view! {
                    <Button text=text::export_csv().to_owned() icon=Glyph::Download on_click=run />
                }
            >
                <span class="export-progress" role="status">{words}</span>
                <progress
                    aria-label=text::export_csv()
                    max=move || progress.get().map_or(1, |(_, total)| total.max(1)).to_string()
                    value=move || progress.get().map_or(0, |(done, _)| done).to_string()
                ></progress>
                <Button text=text::export_stop().to_owned() on_click=move |()| progress.set(None) />
            </Show>
        </span>
    }
}
