-- The list of what is unread is paged by id.
drop index notifications_unread;
create index notifications_unread on notifications (user_id, id desc) where read_at is null;
