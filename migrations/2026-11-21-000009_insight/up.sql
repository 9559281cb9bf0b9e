-- What reading access and its past needs.
create index users_username_order on users (lower(username) collate "C", id);
comment on index users_username_order is 'The order in which lists of users are read';
create index users_superusers on users (id) where is_superuser;
create index access_changes_at on access_changes (at, id);
comment on index access_changes_at is 'History of everybody, newest first';

-- Changes of states from before their ids were kept: by name, once, so that later renames do not matter to them either.
alter table access_changes disable trigger access_changes_append_only;
update access_changes h
set gained_ids = array(select s.id from states s where s.name = any (h.gained) order by s.id),
    lost_ids = array(select s.id from states s where s.name = any (h.lost) order by s.id)
where h.kind = 'state' and h.gained_ids = '{}' and h.lost_ids = '{}';
alter table access_changes enable always trigger access_changes_append_only;
