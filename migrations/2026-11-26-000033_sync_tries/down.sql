alter table sync_runs drop column batch_failures, drop column late_told_at;
