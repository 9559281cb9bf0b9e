drop index characters_refused;
alter table sync_runs drop column resolved_at, drop column failing_since;
comment on column sync_runs.late_told_at is 'When superusers were told that this run does not come to its end';
