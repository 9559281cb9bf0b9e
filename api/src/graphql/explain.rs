//! Why somebody has or lacks something.

use async_graphql::{Context, Object};
use fealty_shared::{
    id::UserId,
    permission::{SEES_STATES, SEES_USERS},
};

use super::{
    context::{app, viewer},
    guards::Declared,
    input,
    loaders::UserKey,
    types::{
        explanation::{ExplainInput, Explanation},
        person::Person,
        rows,
    },
};
use crate::{
    access::explain::{self, Asker},
    error::Result,
};

/// Explanations.
#[derive(Debug, Default)]
pub struct ExplainQuery;

#[Object]
impl ExplainQuery {
    /// Why somebody has or lacks something: the viewer, or anybody with `auth.view_user` or `auth.change_user`. Null
    /// if there is no such person or thing, or the viewer may not know of it.
    #[graphql(guard = "Declared(\"Query.explain\")", complexity = "20 + child_complexity")]
    async fn explain(&self, ctx: &Context<'_>, input: ExplainInput) -> Result<Option<Explanation>> {
        let viewer = viewer(ctx)?;
        let user_id = input::some_id::<UserId>("userId", input.user_id.as_ref())?.unwrap_or(viewer.user.id);
        let subject = input.subject.parse()?;
        if user_id != viewer.user.id && !viewer.may_any(SEES_USERS) {
            return Ok(None);
        }
        let asker = Asker { who: viewer.asker(), sees_states: viewer.may_any(SEES_STATES) };
        let facts = {
            let mut conn = app(ctx)?.db.conn().await?;
            // One snapshot: all parts of the answer must describe the same moment.
            conn.build_transaction()
                .read_only()
                .repeatable_read()
                .run(async |conn| explain::load(conn, user_id, viewer.user.id, &subject).await)
                .await?
        };
        let Some(said) = facts.and_then(|facts| explain::explain(&facts, &asker)) else { return Ok(None) };
        let Some(person) = rows(ctx)?.load_one(UserKey(user_id)).await? else { return Ok(None) };
        Ok(Some(Explanation::new(Person::from(person), said)))
    }
}
