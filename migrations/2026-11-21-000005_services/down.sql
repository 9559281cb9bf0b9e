drop table service_health;
drop table service_accounts;
