//! The way back: where one goes back to is shown as one left it, at the place one had read to.
//!
//! The last answers stay in memory. A page that is gone back to draws them at once and asks again all the same, so that it
//! is as long as it was and the place can be found. On every other way pages wait for the server, as what was is no answer
//! there. Memory ends with the page, and so with the session.

use std::{cell::RefCell, collections::HashMap};

use leptos::prelude::*;

use crate::web;

/// As many answers as are kept.
const KEPT: usize = 32;
/// Longer answers are not kept: bytes.
const LONGEST: usize = 400_000;
/// Milliseconds within which a page that is gone back to has asked what it asks, and is as long as it was.
const RETURN: i64 = 1_500;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::new(Memory::default());
}

#[derive(Default)]
struct Memory {
    /// Questions with their newest answers, the oldest first.
    answers: Vec<(String, String)>,
    /// How far each address was scrolled.
    places: HashMap<String, i32>,
    /// When one went back or forward last.
    returned_at: Option<i64>,
}

impl Memory {
    fn keep(&mut self, question: &str, answer: &str) {
        self.answers.retain(|(kept, _)| kept != question);
        if answer.len() <= LONGEST {
            self.answers.push((question.to_owned(), answer.to_owned()));
        }
        let surplus = self.answers.len().saturating_sub(KEPT);
        self.answers.drain(..surplus);
    }

    fn recall(&self, question: &str, now: i64) -> Option<String> {
        let is_return = self.returned_at.is_some_and(|at| (at..at + RETURN).contains(&now));
        let known = self.answers.iter().filter(|_| is_return).find(|(kept, _)| kept == question);
        known.map(|(_, answer)| answer.clone())
    }
}

/// An answer has come.
pub fn keep(question: &str, answer: &str) {
    MEMORY.with_borrow_mut(|memory| memory.keep(question, answer));
}

/// The last answer to a question of a page that one has just gone back to.
pub fn recall(question: &str) -> Option<String> {
    MEMORY.with_borrow(|memory| memory.recall(question, web::now_ms()))
}

fn note_place() {
    let (address, place) = (web::current_path(), web::scrolled());
    MEMORY.with_borrow_mut(|memory| memory.places.insert(address, place));
}

/// Notes where one is, and finds it again. To be called before the router listens, and after the guard of forms, which
/// may not let one go.
pub fn watch() {
    // Before a click leads away, and what it leads to is drawn.
    web::listen_first("click", note_place);
    web::listen_first("keydown", note_place);
    let back = window_event_listener_untyped("popstate", |_| {
        let wanted = MEMORY.with_borrow_mut(|memory| {
            memory.returned_at = Some(web::now_ms());
            memory.places.get(&web::current_path()).copied()
        });
        if let Some(wanted) = wanted {
            go_to(web::current_path(), wanted);
        }
    });
    // For as long as the page lives.
    std::mem::forget(back);
}

/// Scrolls to a place as soon as the page is long enough, unless one has left it meanwhile.
fn go_to(address: String, wanted: i32) {
    request_animation_frame(move || {
        let late =
            MEMORY.with_borrow(|memory| memory.returned_at.is_none_or(|at| web::now_ms() > at + RETURN));
        if late || web::current_path() != address {
            return;
        }
        if !web::scroll_to(wanted) {
            go_to(address, wanted);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_for_those_who_go_back() {
        let mut memory = Memory::default();
        memory.keep("q", "a");
        assert_eq!(memory.recall("q", 10), None, "nobody went back");
        memory.returned_at = Some(10);
        assert_eq!(memory.recall("q", 10).as_deref(), Some("a"));
        assert_eq!(memory.recall("other", 10), None);
        assert_eq!(memory.recall("q", 10 + RETURN), None, "that was long ago");
        memory.keep("q", "b");
        assert_eq!(memory.recall("q", 10).as_deref(), Some("b"), "the newest answer");
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        for at in 0..KEPT + 3 {
            memory.keep(&at.to_string(), "a");
        }
        assert_eq!(memory.answers.len(), KEPT);
        memory.keep("long", &"x".repeat(LONGEST + 1));
        assert!(memory.answers.iter().all(|(question, _)| question != "long"));
    }
}
