//! URLs of pilots and organisations on the sites EVE players use.

/// The pilot's killboard.
pub fn zkillboard_character(id: i64) -> String {
    format!("https://zkillboard.com/character/{id}/")
}

/// The corporation's killboard.
pub fn zkillboard_corporation(id: i64) -> String {
    format!("https://zkillboard.com/corporation/{id}/")
}

/// The alliance's killboard.
pub fn zkillboard_alliance(id: i64) -> String {
    format!("https://zkillboard.com/alliance/{id}/")
}

/// The pilot's corporation history.
pub fn evewho_character(id: i64) -> String {
    format!("https://evewho.com/character/{id}")
}

/// The corporation's members.
pub fn evewho_corporation(id: i64) -> String {
    format!("https://evewho.com/corporation/{id}")
}

/// The corporation on the maps site; it takes ids as well as names.
pub fn dotlan_corporation(id: i64) -> String {
    format!("https://evemaps.dotlan.net/corp/{id}")
}

/// The alliance on the maps site.
pub fn dotlan_alliance(id: i64) -> String {
    format!("https://evemaps.dotlan.net/alliance/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_id() {
        assert_eq!(zkillboard_character(7), "https://zkillboard.com/character/7/");
        assert_eq!(evewho_character(7), "https://evewho.com/character/7");
        assert_eq!(dotlan_corporation(98), "https://evemaps.dotlan.net/corp/98");
    }
}
