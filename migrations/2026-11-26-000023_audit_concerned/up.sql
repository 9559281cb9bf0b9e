-- Whom an entry of the audit log concerns besides its actor and its object: who lost and who got a character, whose grants
-- began or ended. What changed somebody's access or a group's log finds by those.
create table audit_concerned (
    user_id bigint not null,
    audit_id bigint not null,
    primary key (user_id, audit_id)
);
comment on table audit_concerned is 'Append-only. It references nothing, so that it outlives the user and costs an entry no lock';
create trigger audit_concerned_append_only before update or delete or truncate on audit_concerned
    for each statement execute function refuse_change();
alter table audit_concerned enable always trigger audit_concerned_append_only;

-- Characters that were lost before: they concern whoever owned them last.
insert into audit_concerned (user_id, audit_id)
select r.user_id, e.id
from audit_entries e
cross join lateral (
    select user_id from ownership_records
    where character_id = e.object_id::bigint and created_at <= e.at order by id desc limit 1
) r
where e.object_kind = 'character' and e.object_id ~ '^\d{1,18}$';

-- With the entries in the indexes, those of one user are found without a look at his history or the groups' logs.
drop index access_changes_user;
create index access_changes_user on access_changes (user_id, id desc) include (audit_id);
drop index group_log_user;
create index group_log_user on group_log (user_id, id desc) include (audit_id);
