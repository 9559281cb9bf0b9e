-- Whoever watches the audit log is woken up when entries are sealed: as they commit, in the order of the chain. The wake-up
-- carries no data and is one per transaction; it names nobody.
create or replace function audit_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- The first entry of a transaction seals all of them.
    if not exists (select from audit_chain where audit_id = new.id) then
        perform audit_seal_from(new.id);
        perform pg_notify('fealty_events', '{"t":"audit","u":[]}');
    end if;
    return null;
end $$;
