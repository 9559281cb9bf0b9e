//! A database that no connection can be made to, as operators are told of it.

use std::fmt;

/// Why there is no connection, and to which database.
#[derive(Debug)]
pub struct Unreachable {
    place: String,
    why: String,
}

impl Unreachable {
    /// What an operator can do about it.
    pub const REMEDY: &str = "Start PostgreSQL, or set database.url in the file given by --config.";

    /// For the database at `url`.
    pub fn new(url: &str, why: impl fmt::Display) -> Self {
        Self { place: place(url), why: why.to_string() }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection to the database at {}: {}", self.place, self.why)
    }
}

impl std::error::Error for Unreachable {}

/// Host, port and name of a database, without user and password, whatever characters these contain.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A socket's folder does not fit where a host belongs.
    let folder = query.split('&').find_map(|pair| pair.strip_prefix("host="));
    match folder.filter(|_| address.is_empty() || address.starts_with('/')) {
        Some(folder) => format!("{folder}{address}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_told() {
        for (url, expected) in [
            ("postgres://fealty:secret@db:5433/fealty?connect_timeout=10", "db:5433/fealty"),
            ("postgres://fealty:se/c?r@et#@db/fealty", "db/fealty"),
            ("postgres://db/fealty", "db/fealty"),
            ("postgres:///fealty?user=x&password=secret&host=/run/postgresql", "/run/postgresql/fealty"),
        ] {
            assert_eq!(place(url), expected, "{url}");
        }
        let told = Unreachable::new("postgres://fealty:secret@db/fealty", "refused").to_string();
        assert_eq!(told, "no connection to the database at db/fealty: refused");
    }
}
