//! Leaves out of Bootstrap what the SPA cannot use.
//!
//! Bootstrap has a class for nearly everything, and a browser loads them all before the first page is drawn. A rule
//! stays if one of its selectors needs no class that the SPA's sources do not name. Names are looked for in all
//! words of the sources, so a word in a sentence keeps a rule too many; it never costs one that is needed. A name
//! that a format string completes (`notice-{}`) keeps every class that begins like it.

use std::{collections::HashSet, fs, path::Path};

use cssparser::{
    AtRuleParser, CowRcStr, ParseError, Parser, ParserState, QualifiedRuleParser, StyleSheetParser, Token,
};

use crate::{Result, read_text};

/// The words of the SPA's sources: whatever may be the name of a class.
#[derive(Default)]
pub struct Words {
    whole: HashSet<String>,
    beginnings: Vec<String>,
}

impl Words {
    /// Reads all Rust sources below a folder, and these files.
    pub fn of(sources: &Path, files: &[&Path]) -> Result<Self> {
        let mut words = Self::default();
        words.add_folder(sources)?;
        for file in files {
            words.add(&read_text(file)?);
        }
        Ok(words)
    }

    fn add_folder(&mut self, folder: &Path) -> Result<()> {
        let fail = |e: std::io::Error| format!("cannot read {}: {e}", folder.display());
        for entry in fs::read_dir(folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            if path.is_dir() {
                self.add_folder(&path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.add(&read_text(&path)?);
            }
        }
        Ok(())
    }

    fn add(&mut self, text: &str) {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let (_, from) = rest.split_at(start);
            let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
            if word.ends_with('-')
                && after.starts_with('{')
                && word.contains(|c: char| c.is_ascii_alphanumeric())
            {
                self.beginnings.push(word.to_owned());
            } else if !self.whole.contains(word) {
                self.whole.insert(word.to_owned());
            }
            rest = after;
        }
    }

    fn know(&self, class: &str) -> bool {
        self.whole.contains(class) || self.beginnings.iter().any(|beginning| class.starts_with(beginning))
    }
}

/// The style sheet without the rules that nothing can match, and without comments but for the notices of its licence.
pub fn leave_out(css: &str, words: &Words) -> Result<String> {
    let rules = rules(&mut Parser::new(css), &mut Keeper { words })?;
    Ok(notices(css) + &rules)
}

/// The comments that are to be kept: those that begin with an exclamation mark.
fn notices(css: &str) -> String {
    css.split("/*!").skip(1).filter_map(|from| Some(format!("/*!{}*/", from.split_once("*/")?.0))).collect()
}

fn rules<'i>(input: &mut Parser<'i>, keeper: &mut Keeper<'_>) -> Result<String> {
    StyleSheetParser::new(input, keeper)
        .map(|rule| {
            rule.map_err(|(_, text, at)| format!("a rule in line {} cannot be read: {text}", at.line + 1))
        })
        .collect()
}

/// Returns each rule as text; what is left out as an empty one.
struct Keeper<'a> {
    words: &'a Words,
}

/// Everything up to the end of this piece, as it is written.
fn text<'i>(input: &mut Parser<'i>) -> &'i str {
    let start = input.position();
    while input.next_including_whitespace().is_ok() {}
    input.slice_from(start)
}

/// One selector, and whether the SPA has every class that it demands. What stands in parentheses, such as `:not(.active)`,
/// demands nothing.
fn selector<'i>(input: &mut Parser<'i>, words: &Words) -> (&'i str, bool) {
    let start = input.position();
    let (mut is_known, mut after_dot) = (true, false);
    while let Ok(token) = input.next_including_whitespace() {
        if let (Token::Ident(name), true) = (token, after_dot) {
            is_known = is_known && words.know(name);
        }
        after_dot = matches!(token, Token::Delim('.'));
    }
    (input.slice_from(start), is_known)
}

impl<'i> QualifiedRuleParser<'i> for Keeper<'_> {
    type Prelude = String;
    type QualifiedRule = String;
    type Error = String;

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> std::result::Result<String, ParseError<String>> {
        let selectors = input.parse_comma_separated(|input| Ok(selector(input, self.words)))?;
        let kept: Vec<&str> =
            selectors.into_iter().filter(|(_, is_known)| *is_known).map(|(text, _)| text).collect();
        Ok(kept.join(","))
    }

    fn parse_block(
        &mut self,
        selectors: String,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> std::result::Result<String, ParseError<String>> {
        let declarations = text(input);
        Ok(if selectors.is_empty() { selectors } else { format!("{selectors}{{{declarations}}}") })
    }
}

impl<'i> AtRuleParser<'i> for Keeper<'_> {
    type Prelude = (CowRcStr<'i>, &'i str);
    type AtRule = String;
    type Error = String;

    fn parse_prelude(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
    ) -> std::result::Result<Self::Prelude, ParseError<String>> {
        Ok((name, text(input)))
    }

    fn rule_without_block(
        &mut self,
        (name, prelude): Self::Prelude,
        _start: &ParserState,
    ) -> std::result::Result<String, ()> {
        Ok(format!("@{name}{prelude};"))
    }

    fn parse_block(
        &mut self,
        (name, prelude): Self::Prelude,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> std::result::Result<String, ParseError<String>> {
        if !matches!(&*name, "media" | "supports") {
            return Ok(format!("@{name}{prelude}{{{}}}", text(input)));
        }
        let inner = rules(input, self).map_err(ParseError::custom)?;
        Ok(if inner.is_empty() { inner } else { format!("@{name}{prelude}{{{inner}}}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(css: &str, sources: &str) -> String {
        let mut words = Words::default();
        words.add(sources);
        leave_out(css, &words).unwrap_or_else(|problem| problem)
    }

    #[test]
    fn a_rule_stays_for_its_known_selectors() {
        assert_eq!(left(".a,.b,.c .a,p{color:red}", r#"class="a c""#), ".a,.c .a,p{color:red}");
        assert_eq!(left(".b{color:red}.c.b>a{x:y}.a{}", "a"), ".a{}");
        assert_eq!(left(".a:not(.b),.a:is(.b,.c)::after{x:y}", "a"), ".a:not(.b),.a:is(.b,.c)::after{x:y}");
        assert_eq!(left(".p-1\\.5,[data-x=\".q\"]{x:y}", ""), "[data-x=\".q\"]{x:y}");
    }

    #[test]
    fn a_completed_name_keeps_all_that_begin_like_it() {
        assert_eq!(left(".btn-a{x:y}.btn{x:y}.nav-a{x:y}", r#"format!("btn-{tone}")"#), ".btn-a{x:y}");
        assert_eq!(left(".btn-a{x:y}", "btn-"), "");
    }

    #[test]
    fn conditions_go_with_their_last_rule_and_the_rest_stays() {
        assert_eq!(
            left("@media (min-width:1px){.a{x:y}.b{x:y}}@media print{.b{x:y}}", "a"),
            "@media (min-width:1px){.a{x:y}}"
        );
        assert_eq!(
            left("@charset 'x';/*! by A *//* why */.b{}/*! by B */p{x:y}", ""),
            "/*! by A *//*! by B */p{x:y}"
        );
        let kept = "@keyframes b{to{x:y}}@font-face{src:url(\"b;{\")}";
        assert_eq!(left(kept, ""), kept);
        assert_eq!(
            left("@charset \"utf-8\";:root{--a:url(\"data:x,{};\")}", ""),
            ":root{--a:url(\"data:x,{};\")}"
        );
    }
}
