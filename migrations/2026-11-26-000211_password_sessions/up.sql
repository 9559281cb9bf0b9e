-- Passwords are for superusers. Whoever stops being one keeps none, and no session that one began.
alter table sessions add column is_by_password boolean not null default false;
comment on column sessions.is_by_password is 'Begun with a password, not by EVE SSO: ends when its user stops being superuser';
-- How the sessions that are there began is not known: of who has a password, it may have been with it.
update sessions s set is_by_password = true from users u
where u.id = s.user_id and u.password_hash is not null and not s.is_registration;
-- Who is no superuser any more.
delete from sessions s using users u
where u.id = s.user_id and u.password_hash is not null and not u.is_superuser and s.is_by_password;
update users set password_hash = null where password_hash is not null and not is_superuser;
