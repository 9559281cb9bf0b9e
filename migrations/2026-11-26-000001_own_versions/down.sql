drop trigger organisation_moved on alliances;
drop trigger organisation_moved on corporations;
drop trigger own_characters_moved on characters;
do $$
declare
    shown text;
begin
    foreach shown in array array['notifications', 'group_members', 'group_requests', 'character_ownerships'] loop
        execute format('drop trigger own_rows_moved on %I', shown);
        execute format('drop trigger own_rows_went on %I', shown);
        execute format('drop trigger own_rows_came on %I', shown);
    end loop;
end $$;
drop trigger own_rows_came on access_changes;
drop trigger own_begins on users;
drop trigger own_versions_rise on own_touched;
drop function organisation_moved, own_characters_moved, own_rows_moved, own_rows_went, own_rows_came, own_begins,
              own_changed, own_versions_rise, this_transaction;
drop table organisation_catalogue;
drop table own_touched;
drop table own_versions;
