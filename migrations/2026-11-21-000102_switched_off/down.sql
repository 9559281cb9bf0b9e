create or replace function group_catalogue_rises() returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    update group_catalogue set version = version + 1;
end $$;
alter table group_log enable trigger group_log_append_only;
alter table users drop column switched_off_at;
