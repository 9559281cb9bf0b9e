drop table characters;
drop table corporations;
drop table alliances;
drop table factions;
drop extension if exists pg_trgm;
