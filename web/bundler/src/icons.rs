//! One SVG sprite with only the icons the SPA names in `icons.txt`.

use std::path::Path;

use crate::{Result, read_text};

/// Reads the list and the icons, and joins them.
pub fn sprite(web: &Path, modules: &Path) -> Result<String> {
    let list = read_text(&web.join("icons.txt"))?;
    let mut symbols = String::new();
    for name in names(&list) {
        let svg = read_text(&modules.join("bootstrap-icons/icons").join(format!("{name}.svg")))?;
        symbols.push_str(&symbol(name, &svg).ok_or_else(|| format!("icon {name} is not the SVG expected"))?);
    }
    Ok(format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{symbols}</svg>"))
}

/// The names in the list: one a line, empty lines and `#` comments left out.
fn names(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The drawing inside `<svg>…</svg>` as a `<symbol>`; the icons all use the same 16 by 16 box.
fn symbol(name: &str, svg: &str) -> Option<String> {
    let start = svg.find('>')? + 1;
    let end = svg.rfind("</svg>")?;
    let body: String = svg.get(start..end)?.lines().map(str::trim).collect();
    Some(format!("<symbol id=\"{name}\" viewBox=\"0 0 16 16\">{body}</symbol>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_may_have_comments() {
        assert_eq!(names("# menu\nbell\n\n gear \n").collect::<Vec<_>>(), ["bell", "gear"]);
    }

    #[test]
    fn a_symbol_holds_the_drawing_only() {
        let svg = "<svg width=\"16\">\n  <path d=\"M1 1\"/>\n</svg>";
        assert_eq!(
            symbol("dot", svg).as_deref(),
            Some("<symbol id=\"dot\" viewBox=\"0 0 16 16\"><path d=\"M1 1\"/></symbol>")
        );
        assert_eq!(symbol("dot", "nothing"), None);
    }
}
