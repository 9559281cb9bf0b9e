alter table service_accounts drop column failing_since, drop column reported_at;
drop table service_removals;
drop table service_roles;
