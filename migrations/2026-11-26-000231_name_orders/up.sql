-- The orders in which long lists are read, exactly as `keyset` asks for them: without them a page sorts the whole table.
create index characters_name_order on characters ((coalesce(lower(name), '')) collate "C", id);
create index corporations_name_order on corporations ((coalesce(lower(name), '')) collate "C", id);
create index alliances_name_order on alliances ((coalesce(lower(name), '')) collate "C", id);

-- Moments as text that sorts: microseconds since 1970. What `to_char` says cannot be indexed.
drop index users_created_at;
create index users_created_order on users
    ((lpad(((extract(epoch from created_at at time zone 'utc') * 1000000)::bigint)::text, 20, '0')) collate "C", id);
create index users_last_login_order on users
    ((coalesce(lpad(((extract(epoch from last_login_at at time zone 'utc') * 1000000)::bigint)::text, 20, '0'), ''))
     collate "C", id);
