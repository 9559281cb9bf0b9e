-- What the overview of permissions counts, so that indexes alone answer it: who is in a group, and users by permission
-- set and state.
alter table group_members
    drop constraint group_members_pkey,
    add constraint group_members_pkey primary key (group_id, user_id) include (is_started);
drop index users_permission_set_id;
create index users_permission_set_id on users (permission_set_id, state_id);
