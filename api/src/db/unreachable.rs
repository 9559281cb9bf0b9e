//! A database that no connection can be made to, as operators are told of it.

use std::fmt;

use tokio_postgres::config::Host;

/// Why there is no connection, and to which database.
#[derive(Debug)]
pub struct Unreachable {
    place: Option<String>,
    why: String,
}

impl Unreachable {
    /// What an operator can do about it.
    pub const REMEDY: &str = "Is PostgreSQL running there, and is that the right database and user? They are set by \
                              database.url in the file given by --config, or by FEALTY_DATABASE__URL or DATABASE_URL.";

    /// For the database at `url`.
    pub fn new(url: &str, why: impl fmt::Display) -> Self {
        Self { place: place(url), why: why.to_string() }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "no connection to the database at {place}: {}", self.why),
            None => write!(f, "no connection to the database: {}", self.why),
        }
    }
}

impl std::error::Error for Unreachable {}

/// PostgreSQL's, where none is named.
const PORT: u16 = 5432;

/// Hosts, ports and name of a database. `None` where they cannot be told from the password for certain.
fn place(url: &str) -> Option<String> {
    // The last @ of all begins the host, even one in a password at the end.
    if url.split_once('?').is_some_and(|(_, query)| query.contains('@')) {
        return None;
    }
    let config: tokio_postgres::Config = url.parse().ok()?;
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(at, host)| match host {
            Host::Tcp(name) => {
                let port = config.get_ports().get(at).or(config.get_ports().first()).unwrap_or(&PORT);
                format!("{name}:{port}")
            }
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        })
        .collect();
    (!hosts.is_empty()).then(|| format!("{}/{}", hosts.join(","), config.get_dbname().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_told() {
        for (url, expected) in [
            ("postgres://fealty:secret@db:5433/fealty?connect_timeout=10", Some("db:5433/fealty")),
            ("postgres://fealty:sec%40ret@db/fealty", Some("db:5432/fealty")),
            ("postgres://db/fealty", Some("db:5432/fealty")),
            ("postgres://db/fealty?user=x&password=p@ss", None),
            (
                "postgres:///fealty?user=x&password=secret&host=/run/postgresql",
                Some("/run/postgresql/fealty"),
            ),
            // The host was forgotten: what stands in its place is the user, and the password in that of the port.
            ("postgres://fealty:secret/fealty", None),
            ("nothing of the kind: secret", None),
        ] {
            assert_eq!(place(url).as_deref(), expected, "{url}");
        }
        for url in
            ["postgres://fealty:se/c?r@et#@db/fealty", "postgres://fealty:secret/fealty?application_name=a@b"]
        {
            let told = Unreachable::new(url, "refused").to_string();
            assert!(!told.contains("se/c") && !told.contains("et#") && !told.contains("secret"), "{told}");
        }
        let told = Unreachable::new("postgres://fealty:secret@db/fealty", "refused").to_string();
        assert_eq!(told, "no connection to the database at db:5432/fealty: refused");
    }
}
