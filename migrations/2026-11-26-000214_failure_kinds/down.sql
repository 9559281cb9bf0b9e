alter table service_accounts drop column failure_kind;
