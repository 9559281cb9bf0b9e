-- One batch that fails each time must not hold up a run for ever, and nobody but the log would know.
alter table sync_runs add column batch_failures integer not null default 0, add column late_told_at timestamptz;
comment on column sync_runs.batch_failures is 'How often the batch behind the cursor failed in a row';
comment on column sync_runs.late_told_at is 'When superusers were told that this run does not come to its end';
