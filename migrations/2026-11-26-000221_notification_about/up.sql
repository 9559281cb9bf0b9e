alter table notifications add column about text check (about ~ '^[a-z_]+:[1-9][0-9]*$');
comment on column notifications.about is 'The opaque id of what it is about, where its kind alone does not lead there; null in rows from before and where there is nothing to see';
