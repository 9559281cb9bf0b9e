-- A run that learns nothing is no success, and somebody must hear of it.
alter table sync_runs add column resolved_at timestamptz, add column failing_since timestamptz;
comment on column sync_runs.resolved_at is 'When EVE last answered what was asked';
comment on column sync_runs.failing_since is 'Since when each check in a row learnt nothing (kind tokens)';
comment on column sync_runs.late_told_at is 'When superusers were last told that this run does not come to its end, or that the check learns nothing';
create index characters_refused on characters (affiliation_refusals) where affiliation_refusals > 0;
