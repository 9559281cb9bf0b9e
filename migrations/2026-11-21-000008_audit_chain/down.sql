-- The links cannot be kept without this, and sealing the entries anew would hide whatever was changed in between.
do $$ begin
    if exists (select from audit_chain) then
        raise exception 'the audit log has entries that are sealed: this cannot be taken back';
    end if;
end $$;
drop trigger audit_entries_seal on audit_entries;
alter table audit_entries enable trigger audit_entries_append_only;
alter table access_changes enable trigger access_changes_append_only;
drop table audit_chain;
drop function audit_seal();
drop function audit_seal_from(bigint);
drop aggregate audit_running(bytea, bytea);
drop function audit_step(bytea, bytea, bytea);
drop function audit_hash(bytea, audit_entries);
drop function audit_canonical(audit_entries);
drop index audit_entries_search;
drop index audit_entries_object_kind;
drop index audit_entries_kind;
drop index audit_entries_object;
drop index audit_entries_actor;
drop index audit_entries_at;
create index audit_entries_actor on audit_entries (actor_id, id desc);
create index audit_entries_object on audit_entries (object_kind, object_id, id desc);
