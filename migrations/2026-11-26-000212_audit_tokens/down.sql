-- Entries that name a token are sealed with it: without the columns the chain would look broken for ever.
do $$ begin
    if exists (select from audit_entries where token_id is not null) then
        raise exception 'entries of the audit log name tokens and are sealed with them: this cannot be taken back';
    end if;
end $$;
create or replace function audit_canonical(e audit_entries) returns text stable parallel safe
    return json_build_array(e.id, extract(epoch from e.at)::text, e.actor_kind, e.actor_id, e.actor_name, e.kind,
                            e.object_kind, e.object_id, e.object_name, e.summary, e.before::text, e.after::text,
                            e.request_id)::text;
alter table audit_entries drop column token_id, drop column token_name;
