-- As own_versions: the last transaction that changed anything, not a counter. After a failover that lost a change a counter
-- gives its number to another one, and a program that kept the lost one's groups would go on showing them.
create or replace function group_catalogue_rises() returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    update group_catalogue set version = this_transaction() where version <> this_transaction();
end $$;
update group_catalogue set version = this_transaction();
comment on table group_catalogue is 'One row. version is the last transaction that changed what is shown of groups: themselves, their states and leaders, and the names of those who lead';
