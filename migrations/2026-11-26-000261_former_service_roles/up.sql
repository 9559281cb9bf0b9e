-- A role stays ours when what it stood for is deleted, or when another role stands for that from now on: until it is taken
-- from everybody, its name alone, which may be reserved by then, must not let anybody keep it.
alter table service_roles
    drop constraint service_roles_state_id_fkey,
    add constraint service_roles_state_id_fkey foreign key (state_id) references states on delete set null,
    drop constraint service_roles_group_id_fkey,
    add constraint service_roles_group_id_fkey foreign key (group_id) references groups on delete set null,
    drop constraint service_roles_check,
    add constraint service_roles_check check (num_nonnulls(state_id, group_id) <= 1);
comment on table service_roles is 'Roles of services that are ours: for a state, for a group, or formerly for one that is gone';
