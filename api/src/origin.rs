//! Where work comes from.
//!
//! Work belongs to the id of an HTTP request (`X-Request-Id` in its response) or of a job. Log lines and audit
//! entries carry it, so that each can be found from the other.

use std::net::{IpAddr, Ipv6Addr};

tokio::task_local! {
    static ORIGIN: String;
}

/// Does `work` as part of the request or job `id`.
pub async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    ORIGIN.scope(id, work).await
}

/// The current request or job, if there is one. Not known in tasks that it spawned.
#[must_use]
pub fn current() -> Option<String> {
    ORIGIN.try_with(Clone::clone).ok()
}

/// The part of an address that stands for one customer.
#[must_use]
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(v4) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn one_customer_is_one_address() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("", ""),
        ] {
            assert_eq!(network(address), expected, "{address}");
        }
    }
}
