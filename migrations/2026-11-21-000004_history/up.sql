-- What happened: causes, the access they gave and took, and what people are told of it.
create table audit_entries (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('user', 'token', 'operator', 'system')),
    actor_id bigint,
    actor_name text not null,
    kind text not null check (kind ~ '^[a-z_]+$'),
    object_kind text not null,
    object_id text not null,
    object_name text not null,
    summary text not null,
    before jsonb,
    after jsonb,
    request_id text
);
comment on table audit_entries is 'Append-only. Names are kept as they were and nothing here references other tables, so that an entry survives whatever it speaks of';
create index audit_entries_actor on audit_entries (actor_id, id desc);
create index audit_entries_object on audit_entries (object_kind, object_id, id desc);

create table access_changes (
    id bigint generated always as identity primary key,
    user_id bigint not null,
    kind text not null check (kind in ('state', 'group', 'permission', 'service')),
    gained text[] not null,
    lost text[] not null,
    audit_id bigint not null references audit_entries,
    at timestamptz not null,
    check (cardinality(gained) + cardinality(lost) > 0)
);
comment on table access_changes is 'Append-only. One row per user, kind and cause; user_id outlives the user on purpose';
create index access_changes_user on access_changes (user_id, id desc);
create index access_changes_audit_id on access_changes (audit_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
    for each statement execute function refuse_change();
create trigger access_changes_append_only before update or delete or truncate on access_changes
    for each statement execute function refuse_change();

create table notifications (
    id bigint generated always as identity primary key,
    user_id bigint not null references users on delete cascade,
    level text not null check (level in ('info', 'success', 'warning', 'danger')),
    kind text not null check (kind ~ '^[a-z_]+$'),
    title text not null check (char_length(title) between 1 and 254),
    body text not null default '',
    created_at timestamptz not null,
    read_at timestamptz
);
create index notifications_user on notifications (user_id, id desc);
create index notifications_unread on notifications (user_id) where read_at is null;
