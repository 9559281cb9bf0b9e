//! The answer: figures in aligned columns.

use std::{fmt::Write as _, path::Path};

use crate::settings::Settings;

/// What a budget allows.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// A number for comparison.
    None,
}

#[derive(Debug)]
struct Row {
    figure: String,
    value: f64,
    unit: &'static str,
    budget: Budget,
    note: String,
}

/// The figures measured so far.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

fn number(value: f64, unit: &str) -> String {
    match unit {
        "" => format!("{value:.2}"),
        _ if value >= 1000.0 => {
            let whole = format!("{value:.0}");
            let head = whole.len() % 3;
            let mut text = whole[..head].to_owned();
            for start in (head..whole.len()).step_by(3) {
                if !text.is_empty() {
                    text.push(',');
                }
                text.push_str(&whole[start..start + 3]);
            }
            format!("{text} {unit}")
        }
        _ if value >= 100.0 => format!("{value:.0} {unit}"),
        _ if value >= 10.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

impl Row {
    fn cells(&self) -> [String; 6] {
        let (budget, ratio) = match self.budget {
            Budget::AtMost(limit) => (format!("<= {}", number(limit, self.unit)), Some(self.value / limit)),
            Budget::AtLeast(limit) => (format!(">= {}", number(limit, self.unit)), Some(self.value / limit)),
            Budget::None => (String::new(), None),
        };
        let verdict = match self.budget {
            Budget::AtMost(limit) if self.value > limit => "MISSED",
            Budget::AtLeast(limit) if self.value < limit => "MISSED",
            Budget::None => "",
            _ => "ok",
        };
        let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        [
            self.figure.clone(),
            number(self.value, self.unit),
            budget,
            ratio,
            verdict.to_owned(),
            self.note.clone(),
        ]
    }
}

impl Table {
    /// Adds a figure and says so.
    pub fn add(
        &mut self,
        figure: &str,
        value: f64,
        unit: &'static str,
        budget: Budget,
        note: impl Into<String>,
    ) {
        let row = Row { figure: figure.to_owned(), value, unit, budget, note: note.into() };
        let [figure, measured, budget, _, verdict, note] = row.cells();
        let words: Vec<String> =
            [measured, budget, verdict, note].into_iter().filter(|word| !word.is_empty()).collect();
        crate::progress(format!("{figure}: {}", words.join("  ")));
        self.rows.push(row);
    }

    /// The whole table.
    pub fn render(&self, settings: &Settings) -> String {
        let header = ["figure", "measured", "budget", "ratio", "", "notes"].map(str::to_owned);
        let lines: Vec<[String; 6]> =
            std::iter::once(header).chain(self.rows.iter().map(Row::cells)).collect();
        let mut widths = [0; 6];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let [figure, measured, budget, ratio, verdict, _] = widths;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut text =
            format!("Fealty {}, {} users, {cores} cores\n\n", fealty_api::app::VERSION, settings.users());
        for (at, [a, b, c, d, e, f]) in lines.iter().enumerate() {
            let line = format!("{a:figure$}  {b:>measured$}  {c:>budget$}  {d:>ratio$}  {e:verdict$}  {f}");
            let _ = writeln!(text, "{}", line.trim_end());
            if at == 0 {
                let _ = writeln!(text, "{}", "-".repeat(widths.iter().sum::<usize>() + 10));
            }
        }
        text
    }
}

/// Keeps the table in `var/bench.txt`.
pub fn keep(text: &str) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../var");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("bench.txt"), text)
}
