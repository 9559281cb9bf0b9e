create or replace function group_catalogue_rises() returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    update group_catalogue set version = version + 1;
end $$;
comment on table group_catalogue is 'One row. version rises with whatever is shown of groups: themselves, their states and leaders, and the names of those who lead';
