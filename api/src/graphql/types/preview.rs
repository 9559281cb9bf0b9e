//! What an edit of rules would do, or did.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Description, InputObject, Object, SimpleObject};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{history::AccessKind, person::Person, rows};
use crate::{
    access::{AccessDiff, Kind, UserDiff, edit::Edited},
    db::schema::{characters as c, users as u},
    error::Result,
    graphql::{
        connection::{self, List, Page, PageArgs, Total},
        context::{app, viewer},
        guards::shows,
        loaders::UserKey,
    },
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
    /// What kind of access.
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

/// Which of the changes.
#[derive(InputObject, Default, Clone)]
pub struct AccessPreviewFilter {
    /// Of this kind only.
    kind: Option<AccessKind>,
    /// Exact name of what is gained or lost.
    name: Option<String>,
    /// Part of the user name or the main's name, any case.
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

/// What one user gains and loses of one kind.
#[derive(SimpleObject)]
pub struct PreviewedChange {
    /// Whose access changes.
    person: Person,
    /// What kind of access.
    kind: AccessKind,
    /// Names, sorted.
    gained: Vec<String>,
    /// Names, sorted.
    lost: Vec<String>,
}

/// Where a change stands in the list: user name, user, kind.
type Position = (String, i64, u8);

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn title(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Service => services::title_of(name).to_owned(),
        _ => name.to_owned(),
    }
}

/// Names of the affected users, lower case: for order and search.
async fn names_of(ctx: &Context<'_>, diff: &AccessDiff) -> Result<HashMap<i64, (String, String)>> {
    let mut ids: Vec<i64> = diff.entries.iter().map(|entry| entry.user_id).collect();
    ids.dedup();
    let mut conn = app(ctx)?.db.conn().await?;
    let names: Vec<(i64, String, Option<String>)> = u::table
        .left_join(c::table.on(u::main_character_id.eq(c::id.nullable())))
        .filter(u::id.eq_any(ids))
        .select((u::id, u::username, c::name.nullable()))
        .load(&mut conn)
        .await?;
    let lower = |name: Option<String>| name.unwrap_or_default().to_lowercase();
    Ok(names.into_iter().map(|(id, name, main)| (id, (name.to_lowercase(), lower(main)))).collect())
}

#[Object(use_type_description)]
impl AccessPreview {
    /// For saving.
    async fn token(&self) -> &str {
        &self.0.token
    }

    /// In words, for example "Removes Discord from 212 pilots."
    async fn summary(&self) -> String {
        self.0.diff.in_words(title)
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

    /// Per user and kind, by user name; null without `auth.view_user` or `auth.change_user`: whoever may edit a rule need
    /// not see who flies where.
    #[graphql(complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10")]
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
        let names = names_of(ctx, &self.0.diff).await?;
        let search = filter.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
        let mut found: Vec<(Position, &UserDiff)> = self
            .0
            .diff
            .entries
            .iter()
            .filter(|entry| filter.fits(entry))
            .filter_map(|entry| names.get(&entry.user_id).map(|names| (names, entry)))
            .filter(|((name, main), _)| name.contains(&search) || main.contains(&search))
            .map(|((name, _), entry)| ((name.clone(), entry.user_id, entry.kind as u8), entry))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        if let Some(cursor) = &page.cursor {
            found.retain(|(at, _)| if page.is_backward { at < cursor } else { at > cursor });
        }
        if page.is_backward {
            found.reverse();
        }
        found.truncate(page.limit + 1);
        let people = rows(ctx)?.load_many(found.iter().map(|(at, _)| UserKey(at.1))).await?;
        let shown = found
            .into_iter()
            .filter_map(|(at, entry)| {
                let person = Person::from(people.get(&UserKey(at.1)).cloned()?);
                let (gained, lost) = (entry.gained.clone(), entry.lost.clone());
                Some((at, PreviewedChange { person, kind: entry.kind.into(), gained, lost }))
            })
            .collect();
        Ok(Some(connection::build(&page, shown, Total::new(move || async move { Ok(total) }))))
    }
}
