drop table notifications;
drop table access_changes;
drop table audit_entries;
drop function refuse_change();
