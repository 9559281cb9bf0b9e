//! Long lists are read in the order of an index, and what is counted often is counted from one: a page costs what it
//! shows, not what there is.

use diesel_async::AsyncConnection;
use fealty_api::{
    db::{
        Conn,
        keyset::{Position, Slice},
    },
    error::Error,
    eve::directory::{self as eve, What},
    identity::directory::{self as people, OrderBy},
    permissions::{Grant, usage},
};

use crate::support::{World, entries_read};

/// Enough that sorting them all would be dearer than the index.
const MANY: &str = "
    insert into alliances (id, name) select 99500000 + n, case when n % 50 > 0 then 'A ' || md5(n::text) end
    from generate_series(1, 5000) n;
    insert into corporations (id, name) select 98500000 + n, case when n % 50 > 0 then 'C ' || md5(n::text) end
    from generate_series(1, 5000) n;
    insert into characters (id, name, created_at) select 95000000 + n, md5(n::text), now() from generate_series(1, 5000) n;
    insert into users (username, state_id, state_since, permission_set_id, created_at, last_login_at)
    select md5(n::text), (select id from states where is_guest), now(), (select min(id) from permission_sets),
           now() - n * interval '1 second', case when n % 50 > 0 then now() - n * interval '1 second' end
    from generate_series(1, 5000) n;
    insert into groups (name, created_at) select 'Group ' || n, now() from generate_series(1, 100) n;
    insert into group_members (group_id, user_id, since) select g.id, u.id, now() from groups g join users u
    on u.id % 10 = g.id % 10;
    insert into group_permissions (group_id, permission_id) select g.id, p.id from groups g join permissions p
    on p.id % 10 = g.id % 10;";

async fn many() -> World {
    let world = World::empty("").await;
    let mut conn = world.conn().await;
    fealty_api::permissions::sync_catalogue(&mut conn).await.unwrap();
    for statement in MANY.split(";\n").chain(["vacuum analyze"]) {
        world.sql(statement).await;
    }
    drop(conn);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_read_in_order() {
    let world = many().await;
    let filter = eve::Filter::default();
    for (what, index) in [
        (What::Characters, "characters_name_order"),
        (What::Corporations, "corporations_name_order"),
        (What::Alliances, "alliances_name_order"),
    ] {
        let page_of = async |conn: &mut Conn, is_descending: bool, after: Option<Position>| {
            eve::page(conn, what, &filter, &Slice { is_descending, after, limit: 26 }).await
        };
        let mut conn = world.conn().await;
        conn.transaction::<_, Error, _>(async |conn| {
            for is_descending in [false, true] {
                let before = entries_read(conn, index).await;
                let page = page_of(conn, is_descending, None).await?;
                let more = page_of(conn, is_descending, page.last().cloned()).await?;
                assert_eq!((page.len(), more.len()), (26, 26), "{index}");
                let read = entries_read(conn, index).await - before;
                assert!((52..60).contains(&read), "{index}: {read} entries for two pages");
            }
            Ok(())
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_read_in_order() {
    let world = many().await;
    let (grant, filter) = (Grant::operator(), people::Filter::default());
    for (order, index) in [
        (OrderBy::Username, "users_username_order"),
        (OrderBy::CreatedAt, "users_created_order"),
        (OrderBy::LastLoginAt, "users_last_login_order"),
    ] {
        let mut conn = world.conn().await;
        conn.transaction::<_, Error, _>(async |conn| {
            for is_descending in [false, true] {
                let before = entries_read(conn, index).await;
                let mut slice = Slice { is_descending, after: None, limit: 26 };
                let page = people::page(conn, &grant, &filter, order, &slice).await?;
                slice.after = page.last().cloned();
                let more = people::page(conn, &grant, &filter, order, &slice).await?;
                assert_eq!((page.len(), more.len()), (26, 26), "{index}");
                let read = entries_read(conn, index).await - before;
                assert!((52..60).contains(&read), "{index}: {read} entries for two pages");
            }
            Ok(())
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_sort_as_they_passed() {
    let world = many().await;
    for (order, column) in [(OrderBy::CreatedAt, "created_at"), (OrderBy::LastLoginAt, "last_login_at")] {
        let mut conn = world.conn().await;
        let slice = Slice { is_descending: false, after: None, limit: 6_000 };
        let filter = people::Filter::default();
        let page = people::page(&mut conn, &Grant::operator(), &filter, order, &slice).await.unwrap();
        let expected = world.ids(&format!("select id from users order by {column} nulls first, id")).await;
        assert!(page.iter().map(|position| position.1).eq(expected), "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_counted_from_indexes() {
    let world = many().await;
    let mut conn = world.conn().await;
    conn.transaction::<_, Error, _>(async |conn| {
        let (of_users, of_members) = ("users_permission_set_id", "group_members_pkey");
        let before = (entries_read(conn, of_users).await, entries_read(conn, of_members).await);
        let grant = Grant::operator();
        let filter = usage::Filter { includes_unused: true, ..usage::Filter::default() };
        let mut found = usage::overview(conn, &grant, &filter).await?;
        usage::count_group_users(conn, &grant, found.iter_mut()).await?;
        assert!(found.iter().all(|usage| usage.group_users == 500), "{found:?}");
        let users = entries_read(conn, of_users).await - before.0;
        let members = entries_read(conn, of_members).await - before.1;
        assert!((5_000..5_010).contains(&users), "each user once: {users}");
        assert!((50_000..50_010).contains(&members), "each member of each group once: {members}");
        Ok(())
    })
    .await
    .unwrap();
}
