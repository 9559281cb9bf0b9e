-- Users, the characters they own, and everything that proves who somebody is.
create table users (
    id bigint generated always as identity primary key,
    username text not null check (username = btrim(username) and char_length(username) between 1 and 150),
    email text check (char_length(email) between 3 and 254),
    is_active boolean not null default false,
    is_staff boolean not null default false,
    is_superuser boolean not null default false,
    password_hash text,
    main_character_id bigint unique,
    state_id bigint not null references states,
    state_since timestamptz not null,
    permission_set_id bigint not null references permission_sets,
    services text[] not null default '{}',
    language text check (char_length(language) <= 10),
    theme text check (char_length(theme) <= 32),
    characters_refreshed_at timestamptz,
    created_at timestamptz not null,
    last_login_at timestamptz
);
comment on column users.state_id is 'Written by the access engine only';
comment on column users.permission_set_id is 'Effective permissions. Written by the access engine only';
comment on column users.services is 'Sorted keys of the services the user may have an account on. Written by the access engine only';
comment on column users.email is 'Null until a registration is finished: an inactive user without address has not finished, one with an address was switched off';
create unique index users_username on users (lower(username));
create index users_username_trgm on users using gin (username gin_trgm_ops);
create index users_state_id on users (state_id);
create index users_permission_set_id on users (permission_set_id);
create index users_created_at on users (created_at, id);

create table character_ownerships (
    character_id bigint primary key references characters on delete cascade,
    user_id bigint not null references users on delete cascade,
    owner_hash text not null unique check (char_length(owner_hash) between 1 and 254),
    created_at timestamptz not null,
    unique (character_id, user_id)
);
create index character_ownerships_user_id on character_ownerships (user_id);

-- A main is always one of the user's own characters; losing the character loses the main.
alter table users add constraint users_main_is_owned
    foreign key (main_character_id, id) references character_ownerships (character_id, user_id)
    on delete set null (main_character_id);

create table ownership_records (
    id bigint generated always as identity primary key,
    character_id bigint not null references characters on delete cascade,
    user_id bigint not null references users on delete cascade,
    owner_hash text not null,
    created_at timestamptz not null
);
comment on table ownership_records is 'Who owned a character under which owner hash, kept after the ownership ended: a returning owner is recognised by it';
create index ownership_records_character on ownership_records (character_id, owner_hash, id desc);
create index ownership_records_user_id on ownership_records (user_id);

create table esi_tokens (
    id bigint generated always as identity primary key,
    user_id bigint not null,
    character_id bigint not null,
    scopes text[] not null,
    refresh_token bytea not null,
    created_at timestamptz not null,
    checked_at timestamptz not null,
    refused_at timestamptz,
    -- a token never outlives the ownership it was given for
    foreign key (character_id, user_id) references character_ownerships (character_id, user_id) on delete cascade,
    unique (character_id, scopes)
);
comment on column esi_tokens.refresh_token is 'Sealed with the site''s secret key';
comment on column esi_tokens.refused_at is 'EVE refused it once; a second refusal at least an hour later ends the ownership';
create index esi_tokens_character_user on esi_tokens (character_id, user_id);
create index esi_tokens_checked_at on esi_tokens (checked_at);

create table user_permissions (
    user_id bigint not null references users on delete cascade,
    permission_id integer not null references permissions on delete cascade,
    primary key (user_id, permission_id)
);
create index user_permissions_permission_id on user_permissions (permission_id);

create table sessions (
    id bigint generated always as identity primary key,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    user_id bigint not null references users on delete cascade,
    -- a registration in progress may only finish itself
    is_registration boolean not null default false,
    user_agent text not null default '',
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null
);
create index sessions_user_id on sessions (user_id);
create index sessions_expires_at on sessions (expires_at);

create table oauth_attempts (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    purpose text not null check (purpose in ('login', 'add_character', 'link_discord')),
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    user_id bigint references users on delete cascade,
    code_verifier bytea,
    next_path text not null default '/',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    check (purpose = 'login' or user_id is not null)
);
comment on table oauth_attempts is 'Authorization requests under way. Deleted by the callback that uses them, so each answers once';
create index oauth_attempts_user_id on oauth_attempts (user_id);
create index oauth_attempts_expires_at on oauth_attempts (expires_at);

create table email_confirmations (
    id bigint generated always as identity primary key,
    user_id bigint not null unique references users on delete cascade,
    email text not null check (char_length(email) between 3 and 254),
    token_hash bytea unique check (octet_length(token_hash) = 32),
    next_path text not null default '/',
    sent_count integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
comment on column email_confirmations.token_hash is 'Null until the mail with the link is about to be sent: the link''s secret is never stored';

create table api_tokens (
    id bigint generated always as identity primary key,
    user_id bigint not null references users on delete cascade,
    name text not null check (char_length(name) between 1 and 100),
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    scopes text[],
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
comment on column api_tokens.scopes is 'Names of permissions the token is limited to; null: all of its user''s';
create index api_tokens_user_id on api_tokens (user_id);

create table login_failures (
    key text not null,
    at timestamptz not null
);
comment on table login_failures is 'Failed password logins, by user name and by address, to slow guessing down';
create index login_failures_key on login_failures (key, at);
