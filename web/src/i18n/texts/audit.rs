//! The audit log.

texts! {
    lead => En "Who changed what. Nothing is ever taken out of this list.";
    person => En "Person";
    object => En "What";
    any_object => En "Anything";
    kind => En "Kind";
    any_kind => En "Any kind";
    which => En "Which one";
    any_state => En "Any state";
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
    by_token(name: &str, token: &str, number: &str) => En "by {name}, with the API token {token} (number {number})";
    by_some_token(name: &str) => En "by {name}, with an API token";
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

// Kinds of entries.
texts! {
    registered => En "Registered";
    activated => En "Activated";
    deactivated => En "Switched off";
    staff_granted => En "Joined the staff";
    staff_revoked => En "Left the staff";
    superuser_created => En "Superuser made on the server";
    superuser_granted => En "Became superuser";
    superuser_revoked => En "No longer superuser";
    permissions_edited => En "Own permissions changed";
    main_changed => En "Main changed";
    character_added => En "Character added";
    character_returned => En "Character came back";
    character_transferred => En "Character moved to another EVE account";
    character_biomassed => En "Character biomassed";
    ownership_lost => En "Character's access token lost";
    service_linked => En "Service linked";
    service_unlinked => En "Service unlinked";
    service_account_removed => En "Service account gone";
    service_role_adopted => En "Role on a service adopted";
    group_created => En "Group created";
    group_edited => En "Group edited";
    group_deleted => En "Group deleted";
    group_joined => En "Joined a group";
    group_left => En "Left a group";
    group_requested => En "Asked to join or leave a group";
    group_request_accepted => En "Group request accepted";
    group_request_rejected => En "Group request rejected";
    group_request_retracted => En "Group request retracted";
    group_members_added => En "Group members added";
    group_members_removed => En "Group members removed";
    group_name_reserved => En "Group name reserved";
    group_name_released => En "Group name released";
    state_created => En "State created";
    state_edited => En "State edited";
    state_deleted => En "State deleted";
    token_created => En "API token created";
    token_revoked => En "API token revoked";
    affiliations_changed => En "Characters fly elsewhere";
    characters_renamed => En "Characters renamed";
    time_passed => En "A time was over";
    recomputed => En "Access computed anew";
}
