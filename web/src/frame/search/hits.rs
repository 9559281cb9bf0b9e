//! What the search finds: pages of the SPA, and what the server knows by name.

use fealty_shared::{
    links,
    permission::{ViewGroup, ViewUser},
};

use crate::{
    api::{EveId, schema},
    i18n::texts::{access, conditions, frame, groups, inbox, manage, search as text},
    pages::admin::rights,
    session::Viewer,
    ui::icon::Glyph,
    web,
};

#[derive(cynic::QueryVariables, Clone, Debug)]
pub struct SearchVariables {
    /// What was typed.
    pub words: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "SearchVariables")]
pub struct Search {
    #[arguments(query: $words)]
    search: SearchResults,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct SearchResults {
    users: Vec<FoundUser>,
    characters: Vec<FoundCharacter>,
    corporations: Vec<FoundCorporation>,
    alliances: Vec<FoundAlliance>,
    groups: Vec<FoundGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct FoundUser {
    id: cynic::Id,
    username: String,
    main_character: Option<FoundMain>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
struct FoundMain {
    name: String,
    #[arguments(size: 64)]
    portrait_url: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
struct FoundCharacter {
    id: EveId,
    name: String,
    #[arguments(size: 64)]
    portrait_url: String,
    corporation: Option<NameOnly>,
    user: Option<Owner>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Corporation")]
struct NameOnly {
    name: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct Owner {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Corporation")]
struct FoundCorporation {
    id: EveId,
    name: String,
    ticker: String,
    #[arguments(size: 64)]
    logo_url: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Alliance")]
struct FoundAlliance {
    id: EveId,
    name: String,
    ticker: String,
    #[arguments(size: 64)]
    logo_url: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct FoundGroup {
    id: cynic::Id,
    name: String,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its name.
    pub name: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// Address of its picture; empty: its sign.
    pub picture: String,
    /// Whether the picture is a logo.
    pub is_logo: bool,
    /// Its sign.
    pub icon: Glyph,
    /// Where it leads.
    pub href: String,
}

/// Things of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What they are.
    pub name: &'static str,
    /// At least one.
    pub hits: Vec<Hit>,
}

fn section(name: &'static str, hits: impl Iterator<Item = Hit>) -> Option<Section> {
    let hits: Vec<Hit> = hits.collect();
    (!hits.is_empty()).then_some(Section { name, hits })
}

/// Pages the viewer may open whose name has a word that begins so; all of them for nothing.
pub fn pages(viewer: &Viewer, words: &str) -> Option<Section> {
    let mut all: Vec<(&str, &str, Glyph)> = vec![
        (frame::dashboard(), "/", Glyph::Dashboard),
        (groups::title(), "/groups", Glyph::People),
        (frame::services(), "/services", Glyph::Services),
    ];
    if viewer.manages_groups {
        all.push((inbox::title(), "/inbox", Glyph::Empty));
        all.push((manage::title(), "/manage/groups", Glyph::Members));
    }
    all.extend([
        (frame::characters(), "/characters", Glyph::Characters),
        (access::title(), "/access", Glyph::Key),
        (frame::history(), "/history", Glyph::History),
        (frame::notifications(), "/notifications", Glyph::Bell),
        (frame::settings(), "/settings", Glyph::Settings),
        (conditions::title(), "/status", Glyph::InfoMark),
    ]);
    all.extend(rights::areas(viewer).into_iter().map(|area| ((area.name)(), area.href, area.icon)));
    let hits = all.into_iter().filter(|(name, ..)| begins(name, words)).map(|(name, href, icon)| Hit {
        name: name.to_owned(),
        detail: if href.starts_with("/admin") { frame::administration().to_owned() } else { String::new() },
        picture: String::new(),
        is_logo: false,
        icon,
        href: href.to_owned(),
    });
    section(text::pages(), hits)
}

/// Whether a name, or a word in it, begins so.
fn begins(name: &str, words: &str) -> bool {
    let (name, words) = (name.to_lowercase(), words.trim().to_lowercase());
    name.starts_with(&words) || name.split_whitespace().any(|word| word.starts_with(&words))
}

impl Search {
    /// What was found, with where it leads the viewer.
    pub fn sections(self, viewer: &Viewer) -> Vec<Section> {
        let SearchResults { users, characters, corporations, alliances, groups } = self.search;
        let sees_users = viewer.can::<ViewUser>();
        let users = users.into_iter().map(|user| {
            let (name, picture) = match user.main_character {
                Some(main) => (main.name, main.portrait_url),
                None => (user.username.clone(), String::new()),
            };
            Hit {
                name,
                detail: user.username,
                picture,
                is_logo: false,
                icon: Glyph::People,
                href: format!("/admin/users/{}", user.id.inner()),
            }
        });
        let characters = characters.into_iter().map(|character| {
            let href = match character.user {
                Some(owner) if owner.id == viewer.user.id => "/characters".to_owned(),
                Some(owner) if sees_users => format!("/admin/users/{}", owner.id.inner()),
                _ => links::evewho_character(character.id.0),
            };
            Hit {
                name: character.name,
                detail: character.corporation.map(|corporation| corporation.name).unwrap_or_default(),
                picture: character.portrait_url,
                is_logo: false,
                icon: Glyph::Characters,
                href,
            }
        });
        let organisation = |name, detail, picture, href| Hit {
            name,
            detail,
            picture,
            is_logo: true,
            icon: Glyph::Members,
            href,
        };
        let list = |kind: &str, id: i64| format!("/admin/users?{kind}={id}");
        let corporations =
            corporations.into_iter().map(|FoundCorporation { id: EveId(id), name, ticker, logo_url }| {
                let href = if sees_users { list("corporation", id) } else { links::dotlan_corporation(id) };
                organisation(name, format!("[{ticker}]"), logo_url, href)
            });
        let alliances =
            alliances.into_iter().map(|FoundAlliance { id: EveId(id), name, ticker, logo_url }| {
                let href = if sees_users { list("alliance", id) } else { links::dotlan_alliance(id) };
                organisation(name, format!("<{ticker}>"), logo_url, href)
            });
        let area = if viewer.can::<ViewGroup>() { "/admin/groups" } else { "/groups" };
        let groups = groups.into_iter().map(|group| Hit {
            name: group.name,
            detail: String::new(),
            picture: String::new(),
            is_logo: false,
            icon: Glyph::Groups,
            href: format!("{area}/{}", group.id.inner()),
        });
        [
            section(text::users(), users),
            section(text::groups(), groups),
            section(text::characters(), characters),
            section(text::corporations(), corporations),
            section(text::alliances(), alliances),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Hit {
    /// The site it leads to, if that is another one.
    pub fn site(&self) -> Option<&str> {
        let rest = self.href.strip_prefix("https://")?;
        rest.split('/').next()
    }

    /// What is said of it beside its name.
    pub fn second(&self) -> String {
        let outside = self.site().map(text::outside);
        [Some(self.detail.clone()).filter(|detail| !detail.is_empty()), outside]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// Opens what is not on this site.
    pub fn leave(&self) {
        web::open_beside(&self.href);
    }
}

#[cfg(test)]
mod tests {
    use super::begins;

    #[test]
    fn pages_are_found_by_the_beginning_of_a_word() {
        assert!(begins("Access history", "his"));
        assert!(begins("Access history", "ACCESS h"));
        assert!(begins("Groups", ""));
        assert!(!begins("Access history", "story"));
    }
}
