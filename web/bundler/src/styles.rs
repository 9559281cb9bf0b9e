//! Style sheets: Bootstrap or one of its Bootswatch variants, and the SPA's own rules on top.

use std::path::Path;

use crate::{
    Result,
    assets::Assets,
    read_text,
    unused::{self, Words},
};

/// Bootswatch themes one may choose: those that read well and need no web font to look right.
/// The SPA has the same list (`src/ui/theme.rs`).
const THEMES: &[&str] = &["cosmo", "darkly", "flatly", "slate", "superhero", "yeti", "zephyr"];

/// Addresses of what was written.
pub struct Styles {
    /// Bootstrap itself, on which the default theme builds.
    pub default_theme: String,
    /// The SPA's own rules.
    pub app: String,
    /// `name=address` pairs, separated by spaces, for the page to swap themes by.
    pub manifest: String,
}

/// Writes all style sheets.
pub fn write(assets: &mut Assets, web: &Path, modules: &Path) -> Result<Styles> {
    let words = Words::of(&web.join("src"), &[&web.join("index.html"), &web.join("boot.js")])?;
    let bootstrap = read_text(&modules.join("bootstrap/dist/css/bootstrap.min.css"))?;
    let bootstrap = unused::leave_out(&clean(&bootstrap), &words)?;
    let default_theme = assets.hashed("bootstrap", "css", bootstrap.as_bytes())?;
    let mut own = String::new();
    for part in read_text(&web.join("styles/order.txt"))?.lines().filter(|line| !line.is_empty()) {
        own.push_str(&minify(&read_text(&web.join("styles").join(part))?));
    }
    let app = assets.hashed("fealty", "css", own.as_bytes())?;
    let mut pairs = vec![format!("default={default_theme}")];
    for name in THEMES {
        let css = read_text(&modules.join(format!("bootswatch/dist/{name}/bootstrap.min.css")))?;
        let css = unused::leave_out(&clean(&css), &words)?;
        pairs.push(format!("{name}={}", assets.hashed(name, "css", css.as_bytes())?));
    }
    Ok(Styles { default_theme, app, manifest: pairs.join(" ") })
}

/// Takes out `@import`s of web fonts, which the content security policy would block, and the source map's name.
fn clean(css: &str) -> String {
    let mut css = css.to_owned();
    while let Some(start) = css.find("@import") {
        // The address itself may hold semicolons, so the end is that of the parenthesis or quote.
        let Some(end) = css.get(start..).and_then(|rest| rest.find(");").map(|at| start + at + 2)) else {
            break;
        };
        css.replace_range(start..end, "");
    }
    match css.find("/*# sourceMappingURL") {
        Some(at) => css.split_at(at).0.to_owned(),
        None => css,
    }
}

/// Takes out comments and indentation; compression does the rest.
fn minify(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        let (before, comment) = rest.split_at(start);
        text.push_str(before);
        rest = comment.find("*/").and_then(|end| comment.get(end + 2..)).unwrap_or_default();
    }
    text.push_str(rest);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).fold(String::new(), |mut all, line| {
        all.push_str(line);
        if !line.ends_with(['{', '}', ';', ',']) {
            all.push(' ');
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_fonts_and_source_maps_go() {
        let css = "@import url(https://fonts.example/a;b);body{color:red}\n/*# sourceMappingURL=x.map */";
        assert_eq!(clean(css), "body{color:red}\n");
        assert_eq!(clean("a{b:c}"), "a{b:c}");
    }

    #[test]
    fn comments_and_indentation_go() {
        assert_eq!(minify("/* why */\na {\n  b: c;\n}\n"), "a {b: c;}");
        assert_eq!(minify("a,\nb > c\n{ d: e }"), "a,b > c { d: e }");
    }
}
