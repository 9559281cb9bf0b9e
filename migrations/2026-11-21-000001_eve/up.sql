-- What EVE Online says of characters, corporations, alliances and factions.
-- Ids are EVE's own. Facts the access rules read are the id columns; names may be unknown for a moment
-- (a character joined a corporation nobody has asked EVE about yet), so they are nullable there.
create extension if not exists pg_trgm;

create table factions (
    id bigint primary key check (id between 500000 and 599999),
    name text not null,
    corporation_id bigint,
    militia_corporation_id bigint,
    refreshed_at timestamptz
);
comment on column factions.militia_corporation_id is 'Set for the factions of faction warfare, the only ones a state may list';

create table alliances (
    id bigint primary key check (id > 0),
    name text,
    ticker text,
    executor_corporation_id bigint,
    is_closed boolean not null default false,
    etag text,
    refreshed_at timestamptz
);
create index alliances_name_trgm on alliances using gin (name gin_trgm_ops);
create index alliances_stale on alliances (refreshed_at nulls first);

create table corporations (
    id bigint primary key check (id > 0),
    name text,
    ticker text,
    alliance_id bigint references alliances on delete set null,
    faction_id bigint references factions on delete set null,
    ceo_id bigint,
    member_count integer check (member_count >= 0),
    is_closed boolean not null default false,
    etag text,
    refreshed_at timestamptz
);
create index corporations_alliance_id on corporations (alliance_id);
create index corporations_faction_id on corporations (faction_id);
create index corporations_name_trgm on corporations using gin (name gin_trgm_ops);
create index corporations_stale on corporations (refreshed_at nulls first) where not is_closed;

create table characters (
    id bigint primary key check (id > 0),
    name text not null,
    corporation_id bigint references corporations,
    alliance_id bigint references alliances,
    faction_id bigint references factions,
    is_biomassed boolean not null default false,
    created_at timestamptz not null
);
comment on table characters is 'corporation_id, alliance_id and faction_id come from POST /characters/affiliation alone, so that all three are of one moment; corporation_id is null as long as EVE has not answered';
create index characters_corporation_id on characters (corporation_id);
create index characters_alliance_id on characters (alliance_id);
create index characters_faction_id on characters (faction_id) where faction_id is not null;
create index characters_name_trgm on characters using gin (name gin_trgm_ops);
create index characters_name on characters (lower(name));
