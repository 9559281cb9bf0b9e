-- Groups: who may be in them, who is, who leads them, who asks to be, and what they carry.
create table groups (
    id bigint generated always as identity primary key,
    name text not null check (name = btrim(name) and char_length(name) between 1 and 150),
    description text not null default '' check (char_length(description) <= 512),
    is_internal boolean not null default true,
    is_hidden boolean not null default true,
    is_open boolean not null default false,
    is_public boolean not null default false,
    is_restricted boolean not null default false,
    is_state_limited boolean not null default false,
    -- raised by every edit: a preview of an older one is refused
    revision bigint not null default 1,
    created_at timestamptz not null
);
create unique index groups_name on groups (lower(name));
create index groups_name_trgm on groups using gin (name gin_trgm_ops);
comment on column groups.is_state_limited is 'Only users in one of group_states may be members. Stays when the last of them is deleted: a limited group never opens by itself';

alter table states add column revision bigint not null default 1;

create function only_militias() returns trigger language plpgsql as $$
begin
    if not exists (select from factions where id = new.faction_id and militia_corporation_id is not null) then
        raise exception 'faction % takes no part in faction warfare', new.faction_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger only_militias before insert or update on state_factions
    for each row execute function only_militias();

create table group_states (
    group_id bigint not null references groups on delete cascade,
    state_id bigint not null references states on delete cascade,
    primary key (group_id, state_id)
);
create index group_states_state_id on group_states (state_id);

create table group_permissions (
    group_id bigint not null references groups on delete cascade,
    permission_id integer not null references permissions on delete cascade,
    primary key (group_id, permission_id)
);
create index group_permissions_permission_id on group_permissions (permission_id);

create table group_members (
    group_id bigint not null references groups on delete cascade,
    user_id bigint not null references users on delete cascade,
    since timestamptz not null,
    starts_at timestamptz,
    ends_at timestamptz,
    is_started boolean not null default true,
    reason text not null default '' check (char_length(reason) <= 1000),
    primary key (group_id, user_id),
    check (ends_at > coalesce(starts_at, since))
);
create index group_members_user_id on group_members (user_id);
create index group_members_starts_at on group_members (starts_at) where not is_started;
create index group_members_ends_at on group_members (ends_at) where ends_at is not null;
comment on table group_members is 'Written by the access engine only';
comment on column group_members.is_started is 'False for a membership whose start lies ahead: it grants nothing yet';

create table group_leaders (
    group_id bigint not null references groups on delete cascade,
    user_id bigint not null references users on delete cascade,
    primary key (group_id, user_id)
);
create index group_leaders_user_id on group_leaders (user_id);

create table group_leader_groups (
    group_id bigint not null references groups on delete cascade,
    leader_group_id bigint not null references groups on delete cascade,
    primary key (group_id, leader_group_id)
);
create index group_leader_groups_leader_group_id on group_leader_groups (leader_group_id);
comment on table group_leader_groups is 'Members of leader_group_id lead group_id';

create table group_requests (
    id bigint generated always as identity primary key,
    group_id bigint not null references groups on delete cascade,
    user_id bigint not null references users on delete cascade,
    kind text not null check (kind in ('join', 'leave')),
    reason text not null default '' check (char_length(reason) <= 1000),
    created_at timestamptz not null,
    unique (group_id, user_id)
);
create index group_requests_user_id on group_requests (user_id);
create index group_requests_created_at on group_requests (created_at, id);

create table group_log (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    group_id bigint not null,
    group_name text not null,
    user_id bigint not null,
    username text not null,
    main_character_id bigint,
    main_name text,
    corporation_name text,
    kind text not null check (kind in ('join', 'leave', 'addition', 'removal')),
    action text not null check (action in ('accepted', 'rejected', 'retracted', 'added', 'removed', 'ended')),
    actor_kind text not null,
    actor_id bigint,
    actor_name text not null,
    note text not null default '',
    audit_id bigint references audit_entries
);
comment on table group_log is 'Append-only. Requests and memberships by ids, with names as they were; nothing but the audit entry is referenced, so that it survives renames and deletions';
create index group_log_group on group_log (group_id, id desc);
create index group_log_user on group_log (user_id, id desc);
create index group_log_audit_id on group_log (audit_id);
create trigger group_log_append_only before update or delete or truncate on group_log
    for each statement execute function refuse_change();

create table reserved_group_names (
    id bigint generated always as identity primary key,
    name text not null check (name = btrim(name) and char_length(name) between 1 and 150),
    reason text not null check (char_length(reason) between 1 and 1000),
    created_by_id bigint,
    created_by text not null,
    created_at timestamptz not null
);
create unique index reserved_group_names_name on reserved_group_names (lower(name));

-- A name is a group's or reserved, never both. The lock makes two racing transactions see each other.
create function keep_group_names_apart() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and lower(new.name) = lower(old.name) then
        return new;
    end if;
    perform pg_advisory_xact_lock(hashtext('fealty.group_names'));
    if tg_table_name = 'groups' and exists (select from reserved_group_names where lower(name) = lower(new.name)) then
        raise exception 'the name % is reserved', new.name
            using errcode = 'unique_violation', constraint = 'groups_name_not_reserved', table = 'groups';
    end if;
    if tg_table_name = 'reserved_group_names' and exists (select from groups where lower(name) = lower(new.name)) then
        raise exception 'a group has the name %', new.name
            using errcode = 'unique_violation', constraint = 'reserved_group_names_not_in_use', table = 'reserved_group_names';
    end if;
    return new;
end $$;
create trigger keep_group_names_apart before insert or update of name on groups
    for each row execute function keep_group_names_apart();
create trigger keep_group_names_apart before insert or update of name on reserved_group_names
    for each row execute function keep_group_names_apart();

-- Direct grants, with times like memberships.
alter table user_permissions
    add column granted_at timestamptz not null default now(),
    add column starts_at timestamptz,
    add column ends_at timestamptz,
    add column is_started boolean not null default true,
    add column reason text not null default '' check (char_length(reason) <= 1000),
    add check (ends_at > coalesce(starts_at, granted_at));
create index user_permissions_starts_at on user_permissions (starts_at) where not is_started;
create index user_permissions_ends_at on user_permissions (ends_at) where ends_at is not null;

alter table users
    add column group_ids bigint[] not null default '{}',
    add column leads bigint[] not null default '{}',
    add column revision bigint not null default 1;
comment on column users.group_ids is 'Sorted ids of the groups the user is in (memberships that have begun). Written by the access engine only';
comment on column users.leads is 'Sorted ids of the groups the user leads, directly or through a leader group. Written by the access engine only';
comment on column users.revision is 'Raised by every edit of an admin: a preview of an older one is refused';

alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes
    add constraint access_changes_kind_check check (kind in ('state', 'group', 'permission', 'service', 'leadership')),
    add column gained_ids bigint[] not null default '{}',
    add column lost_ids bigint[] not null default '{}';
comment on column access_changes.gained_ids is 'Ids of the states or groups in `gained`, sorted; empty for other kinds. Names change, ids do not';
create index access_changes_kind_at on access_changes (kind, at);
