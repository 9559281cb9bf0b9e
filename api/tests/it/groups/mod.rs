//! Groups: who sees, joins, leaves and manages them; what races; what it costs.

mod administered;
mod costs;
mod ended;
mod leaders;
mod lists;
mod live;
mod matrix;
mod members;
mod notices;
mod previews;
mod races;
mod records;
mod restricted;
mod self_service;
mod timed;

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use fealty_api::access::{Change, GroupSettings, Joined, Membership, NewId, PermissionGrant};
use serde_json::{Value, json};

use crate::support::{Browser, World};

/// What kind of group.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flags {
    pub internal: bool,
    pub hidden: bool,
    pub open: bool,
    pub public: bool,
    pub restricted: bool,
}

pub const CLOSED: Flags =
    Flags { internal: false, hidden: false, open: false, public: false, restricted: false };
pub const OPEN: Flags = Flags { open: true, ..CLOSED };
pub const HIDDEN: Flags = Flags { hidden: true, ..CLOSED };
pub const INTERNAL: Flags = Flags { internal: true, ..CLOSED };
pub const RESTRICTED: Flags = Flags { restricted: true, ..CLOSED };

pub fn settings(name: &str, flags: Flags) -> GroupSettings<'_> {
    GroupSettings {
        name,
        description: "",
        is_internal: flags.internal,
        is_hidden: flags.hidden,
        is_open: flags.open,
        is_public: flags.public,
        is_restricted: flags.restricted,
    }
}

/// A new group.
pub async fn group(world: &World, name: &str, flags: Flags) -> i64 {
    let id = NewId::of_group(&mut *world.conn().await).await.unwrap();
    let made = Change::GroupCreated {
        id,
        settings: settings(name, flags),
        states: None,
        leaders: &[],
        leader_groups: &[],
        permissions: &[],
    };
    world.apply(made).await.unwrap();
    id.0
}

pub async fn state(world: &World, name: &str) -> i64 {
    world.number(&format!("select id from states where name = '{name}'")).await
}

/// Limits a group to states.
pub async fn limit(world: &World, group_id: i64, states: &[i64]) {
    world.apply(Change::GroupStatesSet { group_id, states: Some(states) }).await.unwrap();
}

/// Who leads a group.
pub async fn lead(world: &World, group_id: i64, users: &[i64], groups: &[i64]) {
    world.apply(Change::GroupLeadersSet { group_id, users, groups }).await.unwrap();
}

/// Puts users into a group.
pub async fn put(world: &World, group_id: i64, users: &[i64]) {
    let membership =
        Membership { group_id, users, starts_at: None, ends_at: None, reason: "", how: Joined::Added };
    world.apply(Change::MembersAdded(membership)).await.unwrap();
}

/// Grants permissions to a user directly.
pub async fn grant(world: &World, user_id: i64, permissions: &[&str]) {
    let grants: Vec<_> = permissions.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
}

pub async fn superuser(world: &World, user_id: i64) {
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
}

/// The status of a mutation about one group, with a reason.
async fn about(browser: &Browser<'_>, mutation: &str, group_id: i64) -> String {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($i:{kind}!){{{mutation}(input:$i){{status group{{id}}}}}}");
    let reply = browser.gql(&document, json!({"i": {"groupId": format!("group:{group_id}")}})).await.data();
    reply[mutation]["status"].as_str().unwrap().to_owned()
}

pub async fn join(browser: &Browser<'_>, group_id: i64) -> String {
    about(browser, "joinGroup", group_id).await
}

pub async fn leave(browser: &Browser<'_>, group_id: i64) -> String {
    about(browser, "leaveGroup", group_id).await
}

pub async fn retract(browser: &Browser<'_>, group_id: i64) -> String {
    about(browser, "retractGroupRequest", group_id).await
}

/// Decides requests: the outcomes in order.
pub async fn decide(browser: &Browser<'_>, ids: &[i64], accept: bool) -> Vec<String> {
    let document = "mutation($ids:[ID!]!,$a:Boolean!){decideGroupRequests(input:{ids:$ids,accept:$a,note:\"So be it\"}){status results{id outcome message}}}";
    let mut ids: Vec<String> = ids.iter().map(|id| format!("group_request:{id}")).collect();
    let reply = browser.gql(document, json!({"ids": ids, "a": accept})).await.data();
    assert_eq!(reply["decideGroupRequests"]["status"], "DONE", "{reply}");
    let results = reply["decideGroupRequests"]["results"].as_array().unwrap().clone();
    // Asked twice for the same, one answer.
    ids.dedup();
    assert_eq!(results.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), ids);
    results.iter().map(|r| r["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Edits members: status and outcomes in order.
pub async fn edit(
    browser: &Browser<'_>,
    mutation: &str,
    group_id: i64,
    users: &[i64],
) -> (String, Vec<String>) {
    edit_with(browser, mutation, group_id, users, json!({})).await
}

pub async fn edit_with(
    browser: &Browser<'_>,
    mutation: &str,
    group_id: i64,
    users: &[i64],
    more: Value,
) -> (String, Vec<String>) {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($i:{kind}!){{{mutation}(input:$i){{status problems{{field code}} results{{userId outcome}}}}}}"
    );
    let mut input = json!({
        "groupId": format!("group:{group_id}"),
        "userIds": users.iter().map(|id| format!("user:{id}")).collect::<Vec<_>>(),
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = browser.gql(&document, json!({"i": input})).await.data();
    let payload = &reply[mutation];
    let outcomes = payload["results"].as_array().unwrap().iter();
    (
        payload["status"].as_str().unwrap().to_owned(),
        outcomes.map(|r| r["outcome"].as_str().unwrap().to_owned()).collect(),
    )
}

/// The id of somebody's request about a group, or 0.
pub async fn request_of(world: &World, group_id: i64, user_id: i64) -> i64 {
    world
        .number(&format!(
            "select coalesce(max(id), 0) from group_requests where group_id = {group_id} and user_id = {user_id}"
        ))
        .await
}

pub async fn is_member(world: &World, group_id: i64, user_id: i64) -> bool {
    world
        .number(&format!("select count(*) from users where id = {user_id} and {group_id} = any (group_ids)"))
        .await
        == 1
}

/// What a group's log says, oldest first, as `kind action actor`.
pub async fn log(world: &World, group_id: i64) -> Vec<String> {
    texts(
        world,
        &format!(
            "select kind || ' ' || action || ' by ' || actor_name as text from group_log where group_id = {group_id} order by id"
        ),
    )
    .await
}

/// A column of texts.
pub async fn texts(world: &World, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let mut conn = world.conn().await;
    let rows: Vec<Row> = sql_query(sql).load(&mut conn).await.expect(sql);
    rows.into_iter().map(|row| row.text).collect()
}

/// A group as somebody sees it.
pub async fn look(browser: &Browser<'_>, group_id: i64, fields: &str) -> Value {
    browser.ask(&format!("{{group(id:\"group:{group_id}\"){{{fields}}}}}")).await["group"].clone()
}

/// The names of the groups page.
pub async fn page(browser: &Browser<'_>) -> Vec<String> {
    let data = browser.ask("{viewer{groups{name}}}").await;
    let groups = data["viewer"]["groups"].as_array().unwrap().clone();
    groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
}
