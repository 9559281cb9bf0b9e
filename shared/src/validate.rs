//! Checks that the form makes while the user is typing, and the server makes again.

/// What may be wrong with an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailProblem {
    /// Nothing was given.
    Required,
    /// More than 254 characters (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    TooLong,
    /// Not of the form `local@domain`.
    Invalid,
}

impl EmailProblem {
    /// Machine-readable code for `Problem.code`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::Invalid => "invalid",
        }
    }

    /// One sentence in English.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Required => "Enter your e-mail address.",
            Self::TooLong => "An e-mail address can have at most 254 characters.",
            Self::Invalid => "This does not look like an e-mail address.",
        }
    }
}

/// Trims and checks an address. Deliberately stricter than RFC 5322: no quoted local parts, no comments, no
/// address literals, only ASCII; such addresses do not occur in practice and often carry header injections.
///
/// # Errors
/// The first problem found.
pub fn email(text: &str) -> Result<&str, EmailProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(EmailProblem::Required);
    }
    if text.chars().count() > 254 {
        return Err(EmailProblem::TooLong);
    }
    let (local, domain) = text.rsplit_once('@').ok_or(EmailProblem::Invalid)?;
    let local_ok = (1..=64).contains(&local.len())
        && local.split('.').all(|part| !part.is_empty())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let domain_ok = domain.contains('.') && domain.split('.').all(label_ok);
    if local_ok && domain_ok { Ok(text) } else { Err(EmailProblem::Invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_addresses_pass() {
        for text in ["a@b.cc", " pilot+eve@example.co.uk ", "o'neil@sub.example.com"] {
            assert_eq!(email(text), Ok(text.trim()), "{text}");
        }
    }

    #[test]
    fn the_rest_is_named() {
        assert_eq!(email("  "), Err(EmailProblem::Required));
        assert_eq!(email(&format!("{}@example.com", "a".repeat(250))), Err(EmailProblem::TooLong));
        for text in [
            "a",
            "a@",
            "@b.cc",
            "a@b",
            "a b@c.dd",
            "a@b..c",
            "a@-b.cc",
            "a\r\nBcc:x@b.cc",
            "\"a\"@b.cc",
            "ä@b.cc",
            ".a@b.cc",
        ] {
            assert_eq!(email(text), Err(EmailProblem::Invalid), "{text}");
        }
    }
}
