drop index access_changes_kind_at;
-- Append-only, but the kind the older program does not know has to go.
alter table access_changes disable trigger access_changes_append_only;
delete from access_changes where kind = 'leadership';
alter table access_changes enable trigger access_changes_append_only;
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes
    add constraint access_changes_kind_check check (kind in ('state', 'group', 'permission', 'service')),
    drop column gained_ids,
    drop column lost_ids;
alter table users drop column group_ids, drop column leads, drop column revision;
-- Grants that have not begun would begin at once.
delete from user_permissions where not is_started;
alter table user_permissions
    drop column granted_at, drop column starts_at, drop column ends_at, drop column is_started, drop column reason;
drop table reserved_group_names, group_log, group_requests, group_leader_groups, group_leaders, group_members,
    group_permissions, group_states, groups;
drop function keep_group_names_apart();
alter table states drop column revision;
drop trigger only_militias on state_factions;
drop function only_militias();
