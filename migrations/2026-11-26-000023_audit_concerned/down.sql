drop index group_log_user;
create index group_log_user on group_log (user_id, id desc);
drop index access_changes_user;
create index access_changes_user on access_changes (user_id, id desc);
drop table audit_concerned;
