drop trigger protect_guest_lists on state_factions;
drop trigger protect_guest_lists on state_alliances;
drop trigger protect_guest_lists on state_corporations;
drop trigger protect_guest_lists on state_characters;
drop function protect_guest_lists();

create or replace function protect_guest_state() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.is_guest then
            raise exception 'the Guest state cannot be deleted' using errcode = 'restrict_violation';
        end if;
        return old;
    end if;
    if old.is_guest and (new.name <> old.name or not new.is_guest) then
        raise exception 'the Guest state cannot be renamed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
