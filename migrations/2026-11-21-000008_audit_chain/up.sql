-- The audit log as a chain: when its transaction commits, each entry is sealed with a hash over its own text and the hash
-- before it. Whoever changes, removes, reorders or slips in an entry afterwards breaks the chain at that place, and who
-- cuts its end off is found out by a hash that was noted elsewhere. `fealtyctl audit verify` looks.
lock table audit_entries in share row exclusive mode;

-- What is hashed. It must not depend on a session's settings (time zone, style of dates, digits of floats), and two
-- different entries must never have the same text: hence JSON, of texts and whole numbers, and the time in exact seconds.
create function audit_canonical(e audit_entries) returns text stable parallel safe
    return json_build_array(e.id, extract(epoch from e.at)::text, e.actor_kind, e.actor_id, e.actor_name, e.kind,
                            e.object_kind, e.object_id, e.object_name, e.summary, e.before::text, e.after::text,
                            e.request_id)::text;
comment on function audit_canonical is 'Its answer for an entry that is sealed must never change';

create function audit_hash(previous bytea, e audit_entries) returns bytea stable parallel safe
    return sha256(coalesce(previous, decode(repeat('00', 32), 'hex')) || convert_to(audit_canonical(e), 'UTF8'));
comment on function audit_hash is 'The hash of an entry behind another one''s; before the first stand 32 bytes of zero';

-- The same as a running aggregate: entries in a row are sealed in one pass.
create function audit_step(state bytea, entry bytea, previous bytea) returns bytea immutable parallel safe
    return sha256(coalesce(state, previous, decode(repeat('00', 32), 'hex')) || entry);
create aggregate audit_running(entry bytea, previous bytea) (sfunc = audit_step, stype = bytea);

create table audit_chain (
    position bigint primary key check (position > 0),
    audit_id bigint not null unique,
    hash bytea not null check (octet_length(hash) = 32)
);
comment on table audit_chain is 'Append-only, in the order of commits, without gaps. It does not reference audit_entries on purpose: that would lock every entry once more, and the check finds a missing one';

-- Entries that were written before there was a chain.
insert into audit_chain (position, audit_id, hash)
select row_number() over w, e.id, audit_running(convert_to(audit_canonical(e), 'UTF8'), null) over w
from audit_entries e window w as (order by e.id rows unbounded preceding);

-- Seals what this transaction wrote, `first` and everything after it; what others committed is sealed already. These are
-- few rows at the end of a long log, which the planner cannot always know: it is told not to read all of it.
create function audit_seal_from(first bigint) returns void language plpgsql
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    head audit_chain;
begin
    perform pg_advisory_xact_lock(hashtext('fealty.audit'));
    select * into head from audit_chain order by position desc limit 1;
    insert into audit_chain (position, audit_id, hash)
    select coalesce(head.position, 0) + row_number() over w, e.id,
           audit_running(convert_to(audit_canonical(e), 'UTF8'), head.hash) over w
    from audit_entries e
    where e.id >= first and not exists (select from audit_chain c where c.audit_id = e.id)
    window w as (order by e.id rows unbounded preceding);
end $$;

-- Runs when the transaction commits, so that writers wait for one another only then, and a preview, which is rolled
-- back, never does. Nothing is locked after the chain's lock, so nobody can wait in a circle.
create function audit_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- The first entry of a transaction seals all of them.
    if not exists (select from audit_chain where audit_id = new.id) then
        perform audit_seal_from(new.id);
    end if;
    return null;
end $$;
create constraint trigger audit_entries_seal after insert on audit_entries deferrable initially deferred
    for each row execute function audit_seal();

create trigger audit_chain_append_only before update or delete or truncate on audit_chain
    for each statement execute function refuse_change();
-- Whatever session_replication_role says. (Sealing heeds it: a replica receives the links as they are.)
alter table audit_entries enable always trigger audit_entries_append_only;
alter table access_changes enable always trigger access_changes_append_only;
alter table audit_chain enable always trigger audit_chain_append_only;

-- The log is read newest first, by time.
drop index audit_entries_actor;
drop index audit_entries_object;
create index audit_entries_at on audit_entries (at, id);
create index audit_entries_actor on audit_entries (actor_id, at, id) where actor_id is not null;
create index audit_entries_object on audit_entries (object_id, at, id);
create index audit_entries_kind on audit_entries (kind, at, id);
-- Most entries are about users: those are found soon by going through all.
create index audit_entries_object_kind on audit_entries (object_kind, at, id) where object_kind <> 'user';
create index audit_entries_search on audit_entries
    using gin ((summary || E'\n' || object_name || E'\n' || actor_name) gin_trgm_ops);
