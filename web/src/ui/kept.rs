//! Lists whose rows stay while they stay the same: a new answer takes neither the focus out of a row nor closes what is
//! open in it.

use leptos::prelude::*;

use crate::web;

/// A row, and how it is drawn when it is new.
struct Row {
    number: u32,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Draws rows. Those that were there before keep what they were drawn as; what changed of one is drawn anew.
pub fn kept<T>(rows: Signal<Vec<T>>, draw: impl Fn(T) -> AnyView + Clone + Send + 'static) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let numbered = Memo::new(move |before: Option<&Vec<(u32, T)>>| {
        let before = before.map(Vec::as_slice).unwrap_or_default();
        rows.with(|rows| numbered(before, rows))
    });
    list(Box::new(move || {
        // A row that others come before may be moved.
        web::keep_focus();
        let row = |(number, row): &(u32, T)| {
            let (draw, row) = (draw.clone(), row.clone());
            Row { number: *number, draw: Box::new(move || draw(row)) }
        };
        numbered.with(|rows| rows.iter().map(row).collect())
    }))
}

/// The part that does not depend on the rows' type, so that it is compiled once.
fn list(rows: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    view! { <For each=rows key=|row| row.number children=|row: Row| (row.draw)() /> }.into_any()
}

/// Gives every row the number that an equal one had before, or a new one.
fn numbered<T: Clone + PartialEq>(before: &[(u32, T)], rows: &[T]) -> Vec<(u32, T)> {
    let mut next = before.iter().map(|(number, _)| number + 1).max().unwrap_or_default();
    let mut left: Vec<&(u32, T)> = before.iter().collect();
    let mut number = |row: &T| match left.iter().position(|(_, known)| known == row) {
        Some(at) => left.remove(at).0,
        None => {
            next += 1;
            next - 1
        }
    };
    rows.iter().map(|row| (number(row), row.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn rows_keep_their_numbers() {
        let first = numbered(&[], &["a", "b", "b"]);
        assert_eq!(first, [(0, "a"), (1, "b"), (2, "b")]);
        let second = numbered(&first, &["new", "b", "a"]);
        assert_eq!(second, [(3, "new"), (1, "b"), (0, "a")]);
        assert_eq!(numbered(&second, &["b", "b"]), [(1, "b"), (4, "b")]);
    }
}
