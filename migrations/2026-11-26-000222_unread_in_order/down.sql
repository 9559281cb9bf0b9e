drop index notifications_unread;
create index notifications_unread on notifications (user_id) where read_at is null;
