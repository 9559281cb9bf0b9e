-- Which token a bot acted with: without it, one that leaked cannot be told from its user's others.
alter table audit_entries
    add column token_id bigint,
    add column token_name text,
    add check (num_nonnulls(token_id, token_name) in (0, 2));
comment on column audit_entries.token_id is 'The API token that actor_id acted with; it may be gone';
comment on column audit_entries.token_name is 'Its name at that time';

-- Sealed with the rest. The text of entries without a token, which is every older one, stays what it was.
create or replace function audit_canonical(e audit_entries) returns text stable parallel safe
    return case when e.token_id is null
        then json_build_array(e.id, extract(epoch from e.at)::text, e.actor_kind, e.actor_id, e.actor_name, e.kind,
                              e.object_kind, e.object_id, e.object_name, e.summary, e.before::text, e.after::text,
                              e.request_id)
        else json_build_array(e.id, extract(epoch from e.at)::text, e.actor_kind, e.actor_id, e.actor_name, e.kind,
                              e.object_kind, e.object_id, e.object_name, e.summary, e.before::text, e.after::text,
                              e.request_id, e.token_id, e.token_name)
        end::text;
