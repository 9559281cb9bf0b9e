-- What people see of themselves is read all day and changes rarely: programs keep it, and look at these numbers first.
create table own_versions (
    user_id bigint primary key references users on delete cascade,
    version bigint not null default 0
) with (fillfactor = 50);
comment on table own_versions is 'version is the last transaction that changed what the user sees of himself: characters, history, notifications, groups';
-- Nobody comes between this and the trigger that makes the rows.
lock table users in share row exclusive mode;
insert into own_versions (user_id) select id from users;

create unlogged table own_touched (
    transaction bigint not null,
    users bigint[] not null
);
create index own_touched_transaction on own_touched (transaction);
comment on table own_touched is 'Users whose own a transaction under way has changed; empty between transactions';

create table organisation_catalogue (
    is_only boolean primary key default true check (is_only),
    version bigint not null default 0
);
insert into organisation_catalogue default values;
comment on table organisation_catalogue is 'One row. version is the last transaction that changed what is shown of corporations or alliances';

-- The number of this transaction. Equal numbers mean that nothing was committed in between: unlike a counter's, two changes
-- that do not know of each other never have the same.
create function this_transaction() returns bigint language sql as $$ select pg_current_xact_id()::text::bigint $$;

create function own_changed(users bigint[]) returns void language sql as $$
    insert into own_touched select this_transaction(), users where users <> '{}'
$$;

-- Once for each transaction, at its end, in the order of the ids, and behind the audit chain's lock as everything that is
-- locked so late: whoever changes users and accounts does so in orders of his own, and must not wait in a circle for these
-- rows as well.
create function own_versions_rise() returns trigger language plpgsql as $$
begin
    if exists (select from own_touched where transaction = new.transaction) then
        perform pg_advisory_xact_lock(hashtext('fealty.audit'));
        with touched as (
            delete from own_touched where transaction = new.transaction returning users
        ), changed as (
            select user_id from own_versions where user_id in (select unnest(users) from touched)
            order by user_id for no key update
        )
        update own_versions o set version = this_transaction() from changed c where o.user_id = c.user_id;
    end if;
    return null;
end $$;
create constraint trigger own_versions_rise after insert on own_touched
    deferrable initially deferred for each row execute function own_versions_rise();

create function own_begins() returns trigger language plpgsql as $$
begin
    insert into own_versions (user_id, version) select id, this_transaction() from new_rows;
    return null;
end $$;
create trigger own_begins after insert on users
    referencing new table as new_rows for each statement execute function own_begins();

-- Rows with a user_id that came, went or became others.
create function own_rows_came() returns trigger language plpgsql as $$
begin
    perform own_changed(array(select distinct user_id from new_rows));
    return null;
end $$;
create function own_rows_went() returns trigger language plpgsql as $$
begin
    perform own_changed(array(select distinct user_id from old_rows));
    return null;
end $$;
create function own_rows_moved() returns trigger language plpgsql as $$
begin
    perform own_changed(array(select user_id from new_rows union select user_id from old_rows));
    return null;
end $$;

do $$
declare
    shown text;
begin
    foreach shown in array array['access_changes', 'notifications', 'group_members', 'group_requests', 'character_ownerships'] loop
        execute format('create trigger own_rows_came after insert on %I referencing new table as new_rows '
                       'for each statement execute function own_rows_came()', shown);
        -- History is append-only.
        continue when shown = 'access_changes';
        execute format('create trigger own_rows_went after delete on %I referencing old table as old_rows '
                       'for each statement execute function own_rows_went()', shown);
        execute format('create trigger own_rows_moved after update on %I referencing old table as old_rows '
                       'new table as new_rows for each statement execute function own_rows_moved()', shown);
    end loop;
end $$;

create function own_characters_moved() returns trigger language plpgsql as $$
begin
    perform own_changed(array(
        select distinct o.user_id from new_rows n join old_rows b on b.id = n.id
        join character_ownerships o on o.character_id = n.id
        where (n.name, n.corporation_id, n.alliance_id, n.faction_id, n.is_biomassed)
              is distinct from (b.name, b.corporation_id, b.alliance_id, b.faction_id, b.is_biomassed)));
    return null;
end $$;
create trigger own_characters_moved after update on characters
    referencing old table as old_rows new table as new_rows
    for each statement execute function own_characters_moved();

-- As for groups: at the commit, behind the audit chain's lock, so that nobody waits in a circle for the one row.
create function organisation_moved() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    update organisation_catalogue set version = this_transaction() where version <> this_transaction();
    return null;
end $$;
create constraint trigger organisation_moved after update on corporations deferrable initially deferred
    for each row when ((old.name, old.ticker, old.alliance_id, old.member_count, old.is_closed)
                       is distinct from (new.name, new.ticker, new.alliance_id, new.member_count, new.is_closed))
    execute function organisation_moved();
create constraint trigger organisation_moved after update on alliances deferrable initially deferred
    for each row when ((old.name, old.ticker, old.executor_corporation_id)
                       is distinct from (new.name, new.ticker, new.executor_corporation_id))
    execute function organisation_moved();
