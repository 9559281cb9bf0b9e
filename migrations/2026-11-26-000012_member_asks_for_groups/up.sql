-- Members ask for groups from the start. Only where nobody has decided otherwise yet: the catalogue of permissions is written
-- after the first migrations, so it is empty at a new installation and at no other time.
with fresh as (
    insert into permissions (name, description)
    select 'groupmanagement.request_groups', '' where not exists (select from permissions)
    returning id
)
insert into state_permissions (state_id, permission_id) select s.id, f.id from states s, fresh f where s.name = 'Member';
