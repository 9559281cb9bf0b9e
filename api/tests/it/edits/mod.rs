//! Edits of rules by the staff: looked at, then saved as they were looked at.

mod groups;
mod lists;
mod races;
mod reserved;
mod states;
mod users;

use fealty_api::access::{Change, PermissionGrant};
use serde_json::{Value, json};

use crate::support::{Browser, World};

/// What every edit is asked for.
const PAYLOAD: &str = "{status problems{field code} preview{token summary userCount loserCount
    counts{kind name title gained lost} changes(first:50){totalCount nodes{person{username} kind gained lost}}}}";

/// Sends an edit. `kind` is the mutation's name with a capital.
async fn edit(browser: &Browser<'_>, kind: &str, input: Value) -> Value {
    let field = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
    let document = format!("mutation($i:{kind}Input!){{ {field}(input:$i){PAYLOAD} }}");
    browser.gql(&document, json!({ "i": input })).await.data()[field].clone()
}

/// The code of an edit that is refused as a whole.
async fn refused(browser: &Browser<'_>, kind: &str, input: Value) -> String {
    let field = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
    let document = format!("mutation($i:{kind}Input!){{ {field}(input:$i){{status}} }}");
    browser.gql(&document, json!({ "i": input })).await.code()
}

fn with_token(input: &Value, preview: &Value) -> Value {
    let mut input = input.clone();
    input["previewToken"] = preview["preview"]["token"].clone();
    input
}

/// Looks at an edit and saves it. Returns the preview.
async fn save(browser: &Browser<'_>, kind: &str, input: Value) -> Value {
    let preview = edit(browser, kind, input.clone()).await;
    assert_eq!(preview["status"], "PREVIEW", "{preview:#}");
    let saved = edit(browser, kind, with_token(&input, &preview)).await;
    assert_eq!(saved["status"], "SAVED", "{saved:#}");
    assert_eq!(saved["preview"]["counts"], preview["preview"]["counts"]);
    preview
}

fn codes(payload: &Value) -> Vec<String> {
    assert_eq!(payload["status"], "INVALID", "{payload:#}");
    let problems = payload["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|p| format!("{} {}", p["field"].as_str().unwrap(), p["code"].as_str().unwrap()))
        .collect()
}

async fn superuser(world: &World, character: i64) -> Browser<'_> {
    let browser = world.pilot(character).await;
    let user_id = browser.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    browser
}

/// A member of the staff with these permissions.
async fn staff<'w>(world: &'w World, character: i64, permissions: &[&str]) -> Browser<'w> {
    let browser = world.pilot(character).await;
    let user_id = browser.user_id().await;
    let grants: Vec<PermissionGrant<'_>> =
        permissions.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
    world.apply(Change::StaffChanged { user_id, is_staff: true }).await.unwrap();
    browser
}

async fn state_id(world: &World, name: &str) -> String {
    format!("state:{}", world.number(&format!("select id from states where name = '{name}'")).await)
}
