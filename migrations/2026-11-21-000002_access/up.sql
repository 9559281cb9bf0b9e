-- Rules: states and the permissions they carry. The catalogue of permissions is kept in step with the code by
-- `fealtyctl migrate` and at every start.
create table permissions (
    id integer generated always as identity primary key,
    name text not null unique check (name ~ '^[a-z0-9_]+\.[a-z0-9_]+$'),
    description text not null
);

create table permission_sets (
    id bigint generated always as identity primary key,
    permission_ids integer[] not null unique
);
comment on table permission_sets is 'Interned: users with the same effective permissions share one row. permission_ids is sorted and without duplicates';
insert into permission_sets (permission_ids) values ('{}');

create table states (
    id bigint generated always as identity primary key,
    name text not null check (name = btrim(name) and char_length(name) between 1 and 32),
    priority integer not null unique check (priority >= 0),
    is_public boolean not null default false,
    is_guest boolean not null default false check (not is_guest or name = 'Guest'),
    created_at timestamptz not null default now()
);
create unique index states_name on states (lower(name));
create unique index states_guest on states (is_guest) where is_guest;
comment on column states.is_guest is 'The state of last resort: exactly one, never renamed or deleted';

create function protect_guest_state() returns trigger language plpgsql as $$
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
create trigger protect_guest_state before update or delete on states
    for each row execute function protect_guest_state();

insert into states (name, priority, is_public, is_guest) values
    ('Guest', 0, true, true), ('Blue', 50, false, false), ('Member', 100, false, false);

create table state_characters (
    state_id bigint not null references states on delete cascade,
    character_id bigint not null references characters,
    primary key (state_id, character_id)
);
create index state_characters_character_id on state_characters (character_id);

create table state_corporations (
    state_id bigint not null references states on delete cascade,
    corporation_id bigint not null references corporations,
    primary key (state_id, corporation_id)
);
create index state_corporations_corporation_id on state_corporations (corporation_id);

create table state_alliances (
    state_id bigint not null references states on delete cascade,
    alliance_id bigint not null references alliances,
    primary key (state_id, alliance_id)
);
create index state_alliances_alliance_id on state_alliances (alliance_id);

create table state_factions (
    state_id bigint not null references states on delete cascade,
    faction_id bigint not null references factions,
    primary key (state_id, faction_id)
);
create index state_factions_faction_id on state_factions (faction_id);

create table state_permissions (
    state_id bigint not null references states on delete cascade,
    permission_id integer not null references permissions on delete cascade,
    primary key (state_id, permission_id)
);
create index state_permissions_permission_id on state_permissions (permission_id);
