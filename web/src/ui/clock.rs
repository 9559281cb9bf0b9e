//! One ticking clock for the whole app, and EVE's time in the top bar.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    i18n::{format, texts::time as text},
    web,
};

/// The time, as signals: whoever shows seconds reads one, relative times read the other.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Milliseconds since 1970, every second.
    pub second: RwSignal<i64>,
    /// The same, twice a minute.
    pub minute: RwSignal<i64>,
}

impl Clock {
    /// Starts it and puts it into the context.
    pub fn provide() {
        let now = web::now_ms();
        let clock = Self { second: RwSignal::new(now), minute: RwSignal::new(now) };
        set_interval(move || clock.second.set(web::now_ms()), Duration::from_secs(1));
        set_interval(move || clock.minute.set(web::now_ms()), Duration::from_secs(30));
        provide_context(clock);
    }

    /// The clock of this app.
    #[expect(clippy::expect_used, reason = "App provides it around everything that is drawn")]
    pub fn get() -> Self {
        use_context().expect("the clock is provided by App")
    }
}

/// EVE's time, ticking. Screen readers get it when they ask, not every second.
#[component]
pub fn EveClock() -> impl IntoView {
    let clock = Clock::get();
    let shown = move || {
        let (hours, minutes, seconds) = format::eve_clock(clock.second.get());
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    };
    view! {
        <span class="eve-clock" role="timer" aria-live="off" aria-label=text::eve_clock() title=text::eve_clock()>
            <span class="eve-clock-time">{shown}</span>
            <span class="eve-clock-label">"EVE"</span>
        </span>
    }
}
