-- Progress of long synchronisations: a worker that dies goes on where it was.
create table sync_runs (
    kind text primary key,
    started_at timestamptz not null,
    finished_at timestamptz,
    stopped_at timestamptz,
    cursor bigint not null default 0,
    checked bigint not null default 0,
    changed bigint not null default 0,
    unresolved bigint not null default 0,
    demoted bigint not null default 0,
    last_error text
);
comment on column sync_runs.stopped_at is 'The brake was pulled: nothing goes on until an operator releases it';
comment on column sync_runs.demoted is 'Users this run made worse off';
comment on column sync_runs.cursor is 'The last id that was dealt with in this run';
