create or replace function audit_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- The first entry of a transaction seals all of them.
    if not exists (select from audit_chain where audit_id = new.id) then
        perform audit_seal_from(new.id);
    end if;
    return null;
end $$;
