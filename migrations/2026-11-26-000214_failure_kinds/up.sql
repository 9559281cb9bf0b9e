-- What kind of failure last_error speaks of, so that nobody has to read it to know.
alter table service_accounts add column failure_kind text
    check (failure_kind in ('rate_limited', 'unavailable', 'misconfigured', 'rejected', 'partial'));
comment on column service_accounts.failure_kind is 'rate_limited, unavailable: passes by itself; misconfigured: an operator has to act; rejected: the service refuses the account; partial: a part of what is wanted was refused';
update service_accounts set failure_kind = case last_error
    when 'the service asks for a pause' then 'rate_limited'
    when 'the service does not answer' then 'unavailable'
    when 'the service refuses us; the administrators see why' then 'misconfigured'
    else 'rejected' end
where last_error is not null;
alter table service_accounts add check (num_nonnulls(last_error, failure_kind) in (0, 2));
