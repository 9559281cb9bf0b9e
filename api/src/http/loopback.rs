//! The names that a machine has for itself. To the browser they are different hosts: a cookie that was set at
//! `localhost` is not sent to `127.0.0.1`.

use url::{Host, Url};

/// Whether `asked`, the `Host` of a request, and the site's address are two different ones of these names. Names that
/// others know the machine by do not count: a proxy may put any of them into the request.
#[must_use]
pub fn is_other_name(site: &Url, asked: &str) -> bool {
    let Ok(asked) = Url::parse(&format!("http://{asked}")) else { return false };
    match (site.host(), asked.host()) {
        (Some(ours), Some(asked)) => ours != asked && is_loopback(&ours) && is_loopback(&asked),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_machine_itself_are_exchanged() {
        for (site, asked, expected) in [
            ("http://127.0.0.1:8000", "localhost:8000", true),
            ("http://127.0.0.1:8000", "LocalHost", true),
            ("http://127.0.0.1:8000", "[::1]:8000", true),
            ("http://localhost:8000", "127.0.0.1:9000", true),
            // Cookies do not distinguish ports.
            ("http://127.0.0.1:8000", "127.0.0.1:9000", false),
            ("http://127.0.0.1:8000", "server:8000", false),
            ("http://127.0.0.1:8000", "192.0.2.7:8000", false),
            ("https://auth.example.org", "localhost:8000", false),
            ("https://auth.example.org", "auth.example.org", false),
            ("http://127.0.0.1:8000", "", false),
        ] {
            assert_eq!(is_other_name(&site.parse().unwrap(), asked), expected, "{asked} for {site}");
        }
    }
}
