-- Which role or group of a service stands for which state or group here. A role of the same name that is not listed is
-- somebody else's, whatever it is called.
create table service_roles (
    service text not null check (service ~ '^[a-z0-9_]+$'),
    external_id text not null,
    state_id bigint references states on delete cascade,
    group_id bigint references groups on delete cascade,
    primary key (service, external_id),
    unique (state_id, service),
    unique (group_id, service),
    check (num_nonnulls(state_id, group_id) = 1)
);

-- A call that was sent before a removal may arrive after it, and then nothing here would know of the account.
create table service_removals (
    service text not null check (service ~ '^[a-z0-9_]+$'),
    external_id text not null,
    removed_at timestamptz not null,
    primary key (service, external_id)
);
comment on table service_removals is 'Accounts that a service confirmed as removed: for a day they are removed again where they turn up with a role of ours';

alter table service_accounts add column failing_since timestamptz, add column reported_at timestamptz;
comment on column service_accounts.failing_since is 'When the first of the failures in a row happened; null: the last try succeeded';
comment on column service_accounts.reported_at is 'When superusers were told that the account fails';
