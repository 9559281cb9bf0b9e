//! A right that is checked again and again, for anything that outlives a request.

use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl;

use crate::{db::Conn, error::Result};

/// What let somebody in.
#[derive(Debug, Clone)]
pub struct Held {
    user_id: i64,
    /// Any of these is enough; `None`: simply being this user.
    names: Option<Vec<String>>,
    /// Whether they are a superuser and not using a limited token.
    is_superuser: bool,
}

impl Held {
    /// For a user with any of `names`: those they have, and for a limited token only those it lists.
    pub(crate) const fn new(user_id: i64, names: Option<Vec<String>>, is_superuser: bool) -> Self {
        Self { user_id, names, is_superuser }
    }

    /// Whether they still have it at this moment, and their account is on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn still(&self, conn: &mut Conn) -> Result<bool> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Bool)]
            may: bool,
        }
        let row: Option<Row> = sql_query(
            "select $2 is null or ($3 and u.is_superuser) or exists (
                 select from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
                 where ps.id = u.permission_set_id and p.name = any ($2)) as may
             from users u where u.id = $1 and u.is_active",
        )
        .bind::<BigInt, _>(self.user_id)
        .bind::<Nullable<Array<Text>>, _>(&self.names)
        .bind::<Bool, _>(self.is_superuser)
        .get_result(conn)
        .await
        .optional()?;
        Ok(row.is_some_and(|row| row.may))
    }
}
