//! URLs on EVE's image server (<https://developers.eveonline.com/docs/services/image-server/>).

use url::Url;

/// What there are pictures of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    Character,
    Corporation,
    Alliance,
    /// Factions are served as corporations.
    Faction,
}

/// The URL of a picture. Sizes are powers of two from 32 to 1024; others are rounded up.
#[must_use]
pub fn url(base: &Url, picture: Picture, id: i64, size: i32) -> String {
    let (category, variation) = match picture {
        Picture::Character => ("characters", "portrait"),
        Picture::Corporation | Picture::Faction => ("corporations", "logo"),
        Picture::Alliance => ("alliances", "logo"),
    };
    let size = u32::try_from(size).unwrap_or(0).clamp(32, 1024).next_power_of_two();
    format!("{}/{category}/{id}/{variation}?size={size}", base.as_str().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_the_server_has() {
        let base = Url::parse("https://images.evetech.net").unwrap();
        for (asked, got) in [(-5, 32), (0, 32), (64, 64), (65, 128), (5000, 1024)] {
            assert_eq!(
                url(&base, Picture::Faction, 500_001, asked),
                format!("https://images.evetech.net/corporations/500001/logo?size={got}")
            );
        }
    }
}
