drop index access_changes_at;
drop index users_superusers;
drop index users_username_order;
