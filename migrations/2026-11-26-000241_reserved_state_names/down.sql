drop trigger keep_state_names_apart on states;
create or replace function keep_group_names_apart() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and lower(new.name) = lower(old.name) then
        return new;
    end if;
    perform pg_advisory_xact_lock(hashtext('fealty.group_names'));
    if tg_table_name = 'groups' and exists (select from reserved_group_names where lower(name) = lower(new.name)) then
        raise exception 'the name % is reserved', new.name
            using errcode = 'unique_violation', constraint = 'groups_name_not_reserved', table = 'groups';
    end if;
    if tg_table_name = 'reserved_group_names' and exists (select from groups where lower(name) = lower(new.name)) then
        raise exception 'a group has the name %', new.name
            using errcode = 'unique_violation', constraint = 'reserved_group_names_not_in_use', table = 'reserved_group_names';
    end if;
    return new;
end $$;
