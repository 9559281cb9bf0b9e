//! Fills the addresses into `index.html`.

use crate::Result;

/// Replaces every `{{name}}`; an unknown or an unused name is an error, so that template and bundler cannot drift.
pub fn render(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut html = template.to_owned();
    for (name, value) in values {
        let mark = format!("{{{{{name}}}}}");
        if !html.contains(&mark) {
            return Err(format!("index.html does not use {mark}"));
        }
        html = html.replace(&mark, value);
    }
    match html.find("{{") {
        Some(at) => Err(format!("index.html asks for something unknown: {:.30}", html.split_at(at).1)),
        None => Ok(html),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_filled() {
        assert_eq!(render("<a href=\"{{x}}\">{{x}}", &[("x", "/1")]).as_deref(), Ok("<a href=\"/1\">/1"));
        assert!(render("plain", &[("x", "/1")]).is_err());
        assert!(render("{{x}} {{y}}", &[("x", "/1")]).is_err());
    }
}
