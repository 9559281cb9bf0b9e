drop index users_permission_set_id;
create index users_permission_set_id on users (permission_set_id);
alter table group_members
    drop constraint group_members_pkey,
    add constraint group_members_pkey primary key (group_id, user_id);
