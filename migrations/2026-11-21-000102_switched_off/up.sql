-- Off stays off: an account without e-mail address, which is not registered yet, can be switched off like any other, and
-- is not mistaken for one whose registration may go on.
alter table users add column switched_off_at timestamptz;
comment on column users.switched_off_at is 'When the staff switched the account off; null for one that is active or not registered yet. Written by the access engine only';
update users set switched_off_at = now() where not is_active and email is not null;
alter table users add constraint users_switched_off_is_inactive check (switched_off_at is null or not is_active);

-- Whatever session_replication_role says, as for the other logs.
alter table group_log enable always trigger group_log_append_only;

-- A transaction raises the version once, however many rows it touches: at its commit, when nothing of it can be undone
-- any more on its own.
create or replace function group_catalogue_rises() returns void language plpgsql as $$
begin
    if current_setting('fealty.catalogue', true) = 'raised' then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    update group_catalogue set version = version + 1;
    perform set_config('fealty.catalogue', 'raised', true);
end $$;
