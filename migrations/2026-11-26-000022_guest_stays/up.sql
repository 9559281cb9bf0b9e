-- Of Guest, the state of last resort, only the permissions change: it stays last, public, and lists nobody.
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
    if old.is_guest and (new.priority <> old.priority or new.is_public <> old.is_public) then
        raise exception 'of the Guest state only the permissions change' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create function protect_guest_lists() returns trigger language plpgsql as $$
begin
    if exists (select from states where id = new.state_id and is_guest) then
        raise exception 'the Guest state lists nobody' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger protect_guest_lists before insert or update on state_characters
    for each row execute function protect_guest_lists();
create trigger protect_guest_lists before insert or update on state_corporations
    for each row execute function protect_guest_lists();
create trigger protect_guest_lists before insert or update on state_alliances
    for each row execute function protect_guest_lists();
create trigger protect_guest_lists before insert or update on state_factions
    for each row execute function protect_guest_lists();
