drop index users_last_login_order;
drop index users_created_order;
create index users_created_at on users (created_at, id);
drop index alliances_name_order;
drop index corporations_name_order;
drop index characters_name_order;
