-- What groups look like changes rarely and is shown often: programs keep it, and look at this number first.
create table group_catalogue (
    is_only boolean primary key default true check (is_only),
    version bigint not null
);
insert into group_catalogue (version) values (1);
comment on table group_catalogue is 'One row. version rises with whatever is shown of groups: themselves, their states and leaders, and the names of those who lead';

create function group_catalogue_moved() returns trigger language plpgsql as $$
begin
    update group_catalogue set version = version + 1;
    return null;
end $$;

create function group_leader_moved() returns trigger language plpgsql as $$
begin
    if exists (select from group_leaders where user_id = new.id) then
        update group_catalogue set version = version + 1;
    end if;
    return null;
end $$;

create function group_leaders_main_moved() returns trigger language plpgsql as $$
begin
    if exists (select from users u join group_leaders l on l.user_id = u.id where u.main_character_id = new.id) then
        update group_catalogue set version = version + 1;
    end if;
    return null;
end $$;

-- Deferred to the commit: the one row is locked last and not for long, so that nobody waits in a circle for it.
create constraint trigger group_catalogue_moved after insert or update or delete on groups
    deferrable initially deferred for each row execute function group_catalogue_moved();
create constraint trigger group_catalogue_moved after insert or update or delete on group_states
    deferrable initially deferred for each row execute function group_catalogue_moved();
create constraint trigger group_catalogue_moved after insert or update or delete on group_leaders
    deferrable initially deferred for each row execute function group_catalogue_moved();
create constraint trigger group_catalogue_moved after insert or update or delete on group_leader_groups
    deferrable initially deferred for each row execute function group_catalogue_moved();
create constraint trigger group_leader_moved after update of username, main_character_id on users
    deferrable initially deferred for each row
    when (old.username is distinct from new.username or old.main_character_id is distinct from new.main_character_id)
    execute function group_leader_moved();
create constraint trigger group_leaders_main_moved after update of name on characters
    deferrable initially deferred for each row when (old.name is distinct from new.name)
    execute function group_leaders_main_moved();
