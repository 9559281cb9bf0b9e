-- Accounts on other services. The access engine marks, the reconciler works the marks off.
create table service_accounts (
    id bigint generated always as identity primary key,
    -- a user cannot be deleted while he has accounts elsewhere: they would be forgotten there
    user_id bigint not null references users on delete restrict,
    service text not null check (service ~ '^[a-z0-9_]+$'),
    external_id text not null,
    external_name text not null,
    credentials bytea,
    wanted jsonb,
    actual jsonb,
    marked_revision bigint not null default 1,
    settled_revision bigint not null default 0,
    is_unlinked boolean not null default false,
    is_revocation boolean not null default false,
    marked_at timestamptz not null,
    in_flight_until timestamptz,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    last_error text,
    linked_at timestamptz not null,
    confirmed_at timestamptz,
    unique (user_id, service),
    unique (service, external_id),
    check (settled_revision <= marked_revision)
);
comment on column service_accounts.wanted is 'What the service should hold, as last computed; null: no account';
comment on column service_accounts.actual is 'What the service last confirmed; null: never confirmed';
comment on column service_accounts.marked_revision is 'Raised by everything that may change what is wanted. Work is due while it exceeds settled_revision';
comment on column service_accounts.is_unlinked is 'The user does not want the account any more, whatever he may';
comment on column service_accounts.in_flight_until is 'A worker has claimed the row until then; a claim that ran out is free again';
comment on column service_accounts.credentials is 'What the connector needs to add the account again, sealed with the site''s secret key';
create index service_accounts_due on service_accounts (service, is_revocation desc, marked_at)
    where marked_revision > settled_revision;

create table service_health (
    service text primary key,
    paused_until timestamptz,
    failures integer not null default 0,
    last_error text,
    last_ok_at timestamptz,
    last_failed_at timestamptz
);
comment on table service_health is 'Shared by all workers: a service that is down or limits us is left alone until paused_until';
