//! Tables as text for spreadsheets.

/// One line. Every field is one cell of text, and none is ever a formula.
pub fn line(fields: &[String]) -> String {
    let mut line = fields.iter().map(|text| field(text)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A field in quotes where it needs them. What a spreadsheet would take for a formula gets an apostrophe before it.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    let quoted =
        text.contains([',', ';', '"', '\n', '\r', '\t']) || text.starts_with(' ') || text.ends_with(' ');
    if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> String {
        line(&fields.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn fields_are_quoted_where_they_must() {
        assert_eq!(of(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(of(&["a,b", "say \"hi\"", "two\nlines"]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
        assert_eq!(of(&[" x "]), "\" x \"\r\n");
    }

    #[test]
    fn nothing_becomes_a_formula() {
        assert_eq!(of(&["=1+1", "+1", "-1", "@x"]), "'=1+1,'+1,'-1,'@x\r\n");
        assert_eq!(
            of(&["=HYPERLINK(\"http://x\",\"y\")"]),
            "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n"
        );
        assert_eq!(of(&["\t=1"]), "\"'\t=1\"\r\n");
        assert_eq!(of(&["a=1"]), "a=1\r\n");
    }
}
