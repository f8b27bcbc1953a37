-- +goose Up
-- The application works as nghisu_app; the owner of the tables is whoever runs the migrations.
-- +goose StatementBegin
do $$ begin
  if not exists (select from pg_roles where rolname = 'nghisu_app') then
    create role nghisu_app nologin;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this server was first
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
do $$ begin
  execute format('grant nghisu_app to %I', current_user);
  execute format('grant usage on schema public to nghisu_app');
end $$;
-- +goose StatementEnd
alter default privileges in schema public grant select, insert, update, delete on tables to nghisu_app;
alter default privileges in schema public grant usage, select on sequences to nghisu_app;

-- What kind of installation this database belongs to; one row.
create table installation (
  only_row boolean primary key default true constraint installation_one_row check (only_row),
  demo boolean not null default false,
  city_name text not null default '',
  support_phone text not null default '',
  created_at timestamptz not null default now()
);
insert into installation default values;

-- Answers of commands that may be repeated (postgres.Once).
create table idempotency_keys (
  person_id uuid not null,
  key text not null constraint idempotency_keys_key_length check (length(key) between 8 and 100),
  fingerprint bytea not null,
  result jsonb,
  created_at timestamptz not null default now(),
  primary key (person_id, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);

-- Everything that happened. Append-only for the application.
create table audit_events (
  id uuid primary key,
  at timestamptz not null,
  kind text not null,
  object_id uuid,
  agency_id uuid,
  person_id uuid,
  appointment_id uuid,
  session_id uuid,
  address text not null,
  request_id text not null,
  details jsonb not null
);
create index audit_events_agency on audit_events (agency_id, id desc);
create index audit_events_object on audit_events (object_id, id desc);

-- The hash chain over the events, in the order of linking.
create table audit_links (
  seq bigint primary key,
  event_id uuid not null references audit_events (id) constraint audit_links_once unique,
  hash bytea not null constraint audit_links_hash_length check (length(hash) = 32),
  linked_at timestamptz not null default now()
);
-- Events that the chainer has not linked yet.
create table audit_pending (event_id uuid primary key references audit_events (id));

revoke update, delete, truncate on audit_events, audit_links from nghisu_app;
