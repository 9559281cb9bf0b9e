-- What reading access and its past needs.
create index users_username_order on users (lower(username) collate "C", id);
comment on index users_username_order is 'The order in which lists of users are read';
create index users_superusers on users (id) where is_superuser;
create index access_changes_at on access_changes (at, id);
comment on index access_changes_at is 'History of everybody, newest first';
