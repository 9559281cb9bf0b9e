//! The tables as diesel sees them. A test compares this with a freshly migrated database.

diesel::table! {
    factions (id) { id -> Int8, name -> Text, corporation_id -> Nullable<Int8>, militia_corporation_id -> Nullable<Int8>, refreshed_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    alliances (id) { id -> Int8, name -> Nullable<Text>, ticker -> Nullable<Text>, executor_corporation_id -> Nullable<Int8>, is_closed -> Bool, etag -> Nullable<Text>, refreshed_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    corporations (id) { id -> Int8, name -> Nullable<Text>, ticker -> Nullable<Text>, alliance_id -> Nullable<Int8>, faction_id -> Nullable<Int8>, ceo_id -> Nullable<Int8>, member_count -> Nullable<Int4>, is_closed -> Bool, etag -> Nullable<Text>, refreshed_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    characters (id) { id -> Int8, name -> Text, corporation_id -> Nullable<Int8>, alliance_id -> Nullable<Int8>, faction_id -> Nullable<Int8>, is_biomassed -> Bool, created_at -> Timestamptz, affiliation_refusals -> Int2, affiliation_ask_after -> Nullable<Timestamptz>, }
}
diesel::table! {
    permissions (id) { id -> Int4, name -> Text, description -> Text, }
}
diesel::table! {
    permission_sets (id) { id -> Int8, permission_ids -> Array<Int4>, }
}
diesel::table! {
    states (id) { id -> Int8, name -> Text, priority -> Int4, is_public -> Bool, is_guest -> Bool, created_at -> Timestamptz, revision -> Int8, }
}
diesel::table! {
    state_permissions (state_id, permission_id) { state_id -> Int8, permission_id -> Int4, }
}
diesel::table! {
    users (id) {
        id -> Int8, username -> Text, email -> Nullable<Text>, is_active -> Bool, is_staff -> Bool, is_superuser -> Bool,
        password_hash -> Nullable<Text>, main_character_id -> Nullable<Int8>, state_id -> Int8, state_since -> Timestamptz,
        permission_set_id -> Int8, services -> Array<Text>, language -> Nullable<Text>, theme -> Nullable<Text>,
        characters_refreshed_at -> Nullable<Timestamptz>, created_at -> Timestamptz, last_login_at -> Nullable<Timestamptz>,
        group_ids -> Array<Int8>, leads -> Array<Int8>, revision -> Int8, switched_off_at -> Nullable<Timestamptz>,
    }
}
diesel::table! {
    character_ownerships (character_id) { character_id -> Int8, user_id -> Int8, owner_hash -> Text, created_at -> Timestamptz, }
}
diesel::table! {
    ownership_records (id) { id -> Int8, character_id -> Int8, user_id -> Int8, owner_hash -> Text, created_at -> Timestamptz, }
}
diesel::table! {
    esi_tokens (id) { id -> Int8, user_id -> Int8, character_id -> Int8, scopes -> Array<Text>, refresh_token -> Bytea, created_at -> Timestamptz, checked_at -> Timestamptz, refused_at -> Nullable<Timestamptz>, attempted_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    user_permissions (user_id, permission_id) {
        user_id -> Int8, permission_id -> Int4, granted_at -> Timestamptz, starts_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>, is_started -> Bool, reason -> Text,
    }
}
diesel::table! {
    sessions (id) { id -> Int8, token_hash -> Bytea, user_id -> Int8, is_registration -> Bool, user_agent -> Text, created_at -> Timestamptz, last_seen_at -> Timestamptz, expires_at -> Timestamptz, is_by_password -> Bool, }
}
diesel::table! {
    oauth_attempts (state_hash) { state_hash -> Bytea, purpose -> Text, browser_hash -> Bytea, user_id -> Nullable<Int8>, code_verifier -> Nullable<Bytea>, next_path -> Text, created_at -> Timestamptz, expires_at -> Timestamptz, service -> Nullable<Text>, }
}
diesel::table! {
    email_confirmations (id) { id -> Int8, user_id -> Int8, email -> Text, token_hash -> Nullable<Bytea>, next_path -> Text, sent_count -> Int4, created_at -> Timestamptz, expires_at -> Timestamptz, }
}
diesel::table! {
    api_tokens (id) { id -> Int8, user_id -> Int8, name -> Text, token_hash -> Bytea, scopes -> Nullable<Array<Text>>, created_at -> Timestamptz, expires_at -> Nullable<Timestamptz>, last_used_at -> Nullable<Timestamptz>, revoked_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    login_failures (key, at) { key -> Text, at -> Timestamptz, }
}
diesel::table! {
    audit_entries (id) {
        id -> Int8, at -> Timestamptz, actor_kind -> Text, actor_id -> Nullable<Int8>, actor_name -> Text, kind -> Text,
        object_kind -> Text, object_id -> Text, object_name -> Text, summary -> Text, before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>, request_id -> Nullable<Text>, token_id -> Nullable<Int8>, token_name -> Nullable<Text>,
    }
}
diesel::table! {
    audit_chain (position) { position -> Int8, audit_id -> Int8, hash -> Bytea, }
}
diesel::table! {
    access_changes (id) { id -> Int8, user_id -> Int8, kind -> Text, gained -> Array<Text>, lost -> Array<Text>, audit_id -> Int8, at -> Timestamptz, gained_ids -> Array<Int8>, lost_ids -> Array<Int8>, }
}
diesel::table! {
    audit_concerned (user_id, audit_id) { user_id -> Int8, audit_id -> Int8, }
}
diesel::table! {
    notifications (id) { id -> Int8, user_id -> Int8, level -> Text, kind -> Text, title -> Text, body -> Text, created_at -> Timestamptz, read_at -> Nullable<Timestamptz>, about -> Nullable<Text>, }
}
diesel::table! {
    service_accounts (id) {
        id -> Int8, user_id -> Int8, service -> Text, external_id -> Text, external_name -> Text, credentials -> Nullable<Bytea>,
        wanted -> Nullable<Jsonb>, actual -> Nullable<Jsonb>, marked_revision -> Int8, settled_revision -> Int8, is_unlinked -> Bool, is_revocation -> Bool,
        marked_at -> Timestamptz, in_flight_until -> Nullable<Timestamptz>, attempts -> Int4, next_attempt_at -> Timestamptz,
        last_error -> Nullable<Text>, linked_at -> Timestamptz, confirmed_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>, reported_at -> Nullable<Timestamptz>, failure_kind -> Nullable<Text>,
    }
}
diesel::table! {
    service_health (service) { service -> Text, paused_until -> Nullable<Timestamptz>, failures -> Int4, last_error -> Nullable<Text>, last_ok_at -> Nullable<Timestamptz>, last_failed_at -> Nullable<Timestamptz>, }
}
diesel::table! {
    service_roles (service, external_id) { service -> Text, external_id -> Text, state_id -> Nullable<Int8>, group_id -> Nullable<Int8>, }
}
diesel::table! {
    service_removals (service, external_id) { service -> Text, external_id -> Text, removed_at -> Timestamptz, }
}
diesel::table! {
    sync_runs (kind) { kind -> Text, started_at -> Timestamptz, finished_at -> Nullable<Timestamptz>, stopped_at -> Nullable<Timestamptz>, cursor -> Int8, checked -> Int8, changed -> Int8, unresolved -> Int8, demoted -> Int8, last_error -> Nullable<Text>, batch_failures -> Int4, late_told_at -> Nullable<Timestamptz>, resolved_at -> Nullable<Timestamptz>, failing_since -> Nullable<Timestamptz>, }
}
diesel::table! {
    groups (id) {
        id -> Int8, name -> Text, description -> Text, is_internal -> Bool, is_hidden -> Bool, is_open -> Bool, is_public -> Bool,
        is_restricted -> Bool, is_state_limited -> Bool, revision -> Int8, created_at -> Timestamptz,
    }
}
diesel::table! {
    group_states (group_id, state_id) { group_id -> Int8, state_id -> Int8, }
}
diesel::table! {
    group_permissions (group_id, permission_id) { group_id -> Int8, permission_id -> Int4, }
}
diesel::table! {
    group_members (group_id, user_id) {
        group_id -> Int8, user_id -> Int8, since -> Timestamptz, starts_at -> Nullable<Timestamptz>, ends_at -> Nullable<Timestamptz>,
        is_started -> Bool, reason -> Text,
    }
}
diesel::table! {
    group_leaders (group_id, user_id) { group_id -> Int8, user_id -> Int8, }
}
diesel::table! {
    group_leader_groups (group_id, leader_group_id) { group_id -> Int8, leader_group_id -> Int8, }
}
diesel::table! {
    group_requests (id) { id -> Int8, group_id -> Int8, user_id -> Int8, kind -> Text, reason -> Text, created_at -> Timestamptz, }
}
diesel::table! {
    group_log (id) {
        id -> Int8, at -> Timestamptz, group_id -> Int8, group_name -> Text, user_id -> Int8, username -> Text,
        main_character_id -> Nullable<Int8>, main_name -> Nullable<Text>, corporation_name -> Nullable<Text>, kind -> Text,
        action -> Text, actor_kind -> Text, actor_id -> Nullable<Int8>, actor_name -> Text, note -> Text, audit_id -> Nullable<Int8>,
    }
}
diesel::table! {
    group_catalogue (is_only) { is_only -> Bool, version -> Int8, }
}
diesel::table! {
    own_versions (user_id) { user_id -> Int8, version -> Int8, }
}
diesel::table! {
    own_touched (transaction) { transaction -> Int8, users -> Array<Int8>, }
}
diesel::table! {
    organisation_catalogue (is_only) { is_only -> Bool, version -> Int8, }
}
diesel::table! {
    reserved_group_names (id) { id -> Int8, name -> Text, reason -> Text, created_by_id -> Nullable<Int8>, created_by -> Text, created_at -> Timestamptz, }
}

diesel::joinable!(characters -> corporations (corporation_id));
diesel::joinable!(users -> states (state_id));
diesel::joinable!(users -> permission_sets (permission_set_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(own_versions -> users (user_id));
diesel::joinable!(character_ownerships -> users (user_id));
diesel::joinable!(character_ownerships -> characters (character_id));
diesel::joinable!(access_changes -> audit_entries (audit_id));
diesel::joinable!(service_accounts -> users (user_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(group_members -> groups (group_id));
diesel::joinable!(group_members -> users (user_id));
diesel::joinable!(group_requests -> groups (group_id));
diesel::joinable!(group_requests -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    factions,
    alliances,
    corporations,
    characters,
    permissions,
    permission_sets,
    states,
    state_permissions,
    users,
    character_ownerships,
    ownership_records,
    esi_tokens,
    user_permissions,
    sessions,
    oauth_attempts,
    email_confirmations,
    api_tokens,
    login_failures,
    audit_entries,
    audit_chain,
    access_changes,
    notifications,
    service_accounts,
    service_health,
    service_roles,
    service_removals,
    sync_runs,
    groups,
    group_states,
    group_permissions,
    group_members,
    group_leaders,
    group_leader_groups,
    group_requests,
    group_log,
    group_catalogue,
    own_versions,
    own_touched,
    organisation_catalogue,
    reserved_group_names,
);
