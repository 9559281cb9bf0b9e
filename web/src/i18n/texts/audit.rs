//! The audit log.

texts! {
    lead => En "Who changed what. Nothing is ever taken out of this list.";
    person => En "Person";
    person_placeholder => En "Who did it, or whom it happened to";
    object => En "What";
    any_object => En "Anything";
    object_user => En "Users";
    object_users => En "Everybody at once";
    object_state => En "States";
    object_group => En "Groups";
    object_token => En "API tokens";
    object_sync => En "Syncs";
    object_reserved => En "Reserved names";
    object_character => En "Characters";
    search => En "Words or names";
    none => En "Nothing matches";
    none_hint => En "Try fewer filters or a longer time.";
    entries(n: i32, count: &str) => En [n; one "{count} entry", other "{count} entries"];
    by_user(name: &str) => En "by {name}";
    by_token(name: &str) => En "by {name}, with an API token";
    by_operator(name: &str) => En "by {name}, on the server";
    by_system => En "by itself";
    affected(n: i32, count: &str) => En [n; one "{count} user's access changed", other "{count} users' access changed"];
    details => En "Details";
    before => En "Before";
    after => En "After";
    field => En "Field";
    nothing => En "–";
    request(id: &str) => En "Request {id}";
    only_kind(kind: &str) => En "Show only {kind}";
    filtered_kind(kind: &str) => En "Kind: {kind}";
    filtered_object => En "One thing only";
    remove_filter(what: &str) => En "Remove the filter {what}";
    export => En "Export JSON lines";
    yes => En "yes";
    no => En "no";
}
