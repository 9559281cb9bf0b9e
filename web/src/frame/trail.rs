//! Where one is, as a trail of links.

use crate::{
    i18n::texts::{access, conditions, frame as text, groups, inbox, manage},
    pages::admin::rights,
};

/// One step; the last one has no address.
#[derive(Debug, PartialEq)]
pub struct Step {
    /// What it is called.
    pub name: &'static str,
    /// Where it leads.
    pub href: Option<&'static str>,
}

/// The steps to a page.
pub fn of(path: &str) -> Vec<Step> {
    let end = |name| Step { name, href: None };
    let step = |name, href| Step { name, href: Some(href) };
    match path.trim_end_matches('/') {
        "" => vec![end(text::dashboard())],
        "/groups" => vec![end(groups::title())],
        group if group.starts_with("/groups/") => vec![step(groups::title(), "/groups")],
        "/inbox" => vec![end(manage::section()), end(inbox::title())],
        "/manage/groups" => vec![end(manage::section()), end(manage::title())],
        group if group.starts_with("/manage/groups/") => {
            vec![end(manage::section()), step(manage::title(), "/manage/groups")]
        }
        "/access" => vec![end(access::title())],
        "/characters" => vec![end(text::characters())],
        "/services" => vec![end(text::services())],
        "/notifications" => vec![end(text::notifications())],
        "/history" => vec![end(text::history())],
        "/status" => vec![end(conditions::title())],
        "/settings" => vec![end(text::settings())],
        "/admin" => vec![end(text::administration())],
        admin => match rights::AREAS.iter().find(|area| admin.starts_with(area.href)) {
            Some(area) if area.href == admin => vec![end(text::administration()), end((area.name)())],
            Some(area) => vec![end(text::administration()), step((area.name)(), area.href)],
            None => vec![],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_lies_under_users() {
        let trail = of("/admin/users/user:7");
        assert_eq!(trail.last().and_then(|step| step.href), Some("/admin/users"));
        assert_eq!(of("/nowhere"), vec![]);
    }
}
