-- Services show states and groups side by side, as roles. A group that is called like a state would look like it. Names
-- that are so already stay until they are changed. Edits of both hold the engine's lock, so this cannot be raced.
create function states_and_groups_differ() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and lower(new.name) = lower(old.name) then
        return new;
    end if;
    if tg_table_name = 'groups' and exists (select from states where lower(name) = lower(new.name))
        or tg_table_name = 'states' and exists (select from groups where lower(name) = lower(new.name)) then
        raise unique_violation using message = format('a state and a group would both be called "%s"', new.name);
    end if;
    return new;
end $$;
create trigger groups_differ_from_states before insert or update of name on groups
    for each row execute function states_and_groups_differ();
create trigger states_differ_from_groups before insert or update of name on states
    for each row execute function states_and_groups_differ();
