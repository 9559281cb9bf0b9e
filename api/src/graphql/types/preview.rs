//! What an edit of the rules would do, or did.

use std::sync::Arc;

use async_graphql::{Context, Description, InputObject, Object, SimpleObject};
use fealty_shared::permission;

use super::{history::AccessKind, person::Person, rows};
use crate::{
    access::{Kind, UserDiff, edit::Edited},
    error::Result,
    graphql::{
        connection::{self, List, Page, PageArgs, Total, cost, count},
        context::{app, viewer},
        guards::shows,
        loaders::UserKey,
    },
    identity::directory,
    services,
};

/// What an edit would do (or did).
#[derive(Description)]
pub struct AccessPreview(Arc<Edited>);

impl From<Edited> for AccessPreview {
    fn from(edited: Edited) -> Self {
        Self(Arc::new(edited))
    }
}

/// How many users gain and lose one thing.
#[derive(SimpleObject)]
pub struct AccessCount {
    /// The kind of access.
    kind: AccessKind,
    /// The stable name.
    name: String,
    /// What people call it.
    title: String,
    /// How many users gain it.
    gained: i32,
    /// How many users lose it.
    lost: i32,
}

/// Filter for the changes.
#[derive(InputObject, Default, Clone)]
pub struct AccessPreviewFilter {
    /// Only of this kind.
    kind: Option<AccessKind>,
    /// Exact name of what is gained or lost.
    name: Option<String>,
    /// Part of the user name or the main's name, ignoring case.
    search: Option<String>,
    /// Only losses, or only gains.
    is_loss: Option<bool>,
}

impl AccessPreviewFilter {
    fn fits(&self, entry: &UserDiff) -> bool {
        self.kind.is_none_or(|kind| kind == entry.kind.into())
            && self
                .is_loss
                .is_none_or(|is_loss| !if is_loss { &entry.lost } else { &entry.gained }.is_empty())
            && self.name.as_ref().is_none_or(|name| entry.gained.contains(name) || entry.lost.contains(name))
    }
}

/// What one user gains and loses of one kind of access.
#[derive(SimpleObject)]
pub struct PreviewedChange {
    /// Whose access changes.
    person: Person,
    /// The kind of access.
    kind: AccessKind,
    /// Names, sorted.
    gained: Vec<String>,
    /// Names, sorted.
    lost: Vec<String>,
}

/// Where a change is in the list: user name, user, kind.
type Position = (String, i64, u8);

fn title(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Service => services::title_of(name).to_owned(),
        _ => name.to_owned(),
    }
}

#[Object(use_type_description)]
impl AccessPreview {
    /// The token for saving it.
    async fn token(&self) -> &str {
        &self.0.token
    }

    /// In words, for example "Removes Discord from 212 pilots."
    async fn summary(&self) -> String {
        self.0.diff.in_words(|kind, name| match kind {
            Kind::Permission => permission::named(name),
            _ => title(kind, name),
        })
    }

    /// Users who gain or lose anything.
    async fn user_count(&self) -> i32 {
        count(self.0.diff.users())
    }

    /// Users who lose something.
    async fn loser_count(&self) -> i32 {
        count(self.0.diff.all_losers())
    }

    /// By kind and name.
    async fn counts(&self) -> Vec<AccessCount> {
        self.0
            .diff
            .counts()
            .into_iter()
            .map(|((kind, name), (gained, lost))| AccessCount {
                kind: kind.into(),
                title: title(kind, &name),
                name,
                gained: count(gained),
                lost: count(lost),
            })
            .collect()
    }

    /// One row per user and kind, by user name; null without `auth.view_user` or `auth.change_user`: not everybody
    /// who may edit a rule may see who flies where.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        filter: Option<AccessPreviewFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<List<Position, PreviewedChange>>> {
        if !shows(viewer(ctx)?, "AccessPreview.changes") {
            return Ok(None);
        }
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default();
        let mut affected: Vec<i64> = self.0.diff.entries.iter().map(|entry| entry.user_id).collect();
        affected.dedup();
        let search = filter.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
        let names = {
            let mut conn = app(ctx)?.db.conn().await?;
            directory::names_of(&mut conn, affected, !search.is_empty()).await?
        };
        let found: Vec<(Position, &UserDiff)> = self
            .0
            .diff
            .entries
            .iter()
            .filter(|entry| filter.fits(entry))
            .filter_map(|entry| names.get(&entry.user_id).map(|names| (names, entry)))
            .filter(|((name, main), _)| name.contains(&search) || main.contains(&search))
            .map(|((name, _), entry)| ((name.clone(), entry.user_id, entry.kind as u8), entry))
            .collect();
        let total = Total::known(found.len());
        let found = page.cut(false, found);
        let people = rows(ctx)?.load_many(found.iter().map(|(at, _)| UserKey(at.1))).await?;
        let shown = found
            .into_iter()
            .filter_map(|(at, entry)| {
                let person = Person::from(people.get(&UserKey(at.1)).cloned()?);
                let (gained, lost) = (entry.gained.clone(), entry.lost.clone());
                Some((at, PreviewedChange { person, kind: entry.kind.into(), gained, lost }))
            })
            .collect();
        Ok(Some(connection::build(&page, shown, total)))
    }
}
