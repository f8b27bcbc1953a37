-- +goose Up
-- Agencies form a tree; levels are data. A change of name, level or parent is a new row of

create table agency_levels (
  code text primary key,
  name text not null,
  name_en text not null,
  ordinal integer not null,
  valid_from date not null,
  valid_to date
);
create table agencies (
  id uuid primary key,
  code text not null constraint agencies_code_format check (code ~ '^[A-Z0-9.]{1,35}$') constraint agencies_code_unique unique, -- QĐ 20/2020 Đ.4
  name text not null,
  short_name text not null,
  symbol text not null, -- letters in document numbers, "SYT"
  level_code text not null references agency_levels (code),
  parent_id uuid references agencies (id),
  valid_from date not null,
  valid_to date, -- first day on which it no longer exists
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint agencies_validity check (valid_to is null or valid_to > valid_from)
);
create index agencies_parent on agencies (parent_id);
-- Former and parallel identifiers ("000.00.01.H77"), with their validity.
create table agency_aliases (
  agency_id uuid not null references agencies (id),
  code text not null,
  valid_from date not null,
  valid_to date,
  primary key (agency_id, code)
);
-- What an agency was called, and where it stood, before a change.
create table agency_history (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  name text not null,
  short_name text not null,
  level_code text not null,
  parent_id uuid,
  valid_from date not null,
  valid_to date not null,
  reason text not null
);
-- Dissolved agencies and who took over their work.
create table agency_successors (
  agency_id uuid not null references agencies (id),
  successor_id uuid not null references agencies (id),
  primary key (agency_id, successor_id),
  constraint agency_successors_other check (agency_id <> successor_id)
);
create table units (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  name text not null,
  symbol text not null default '',
  valid_from date not null,
  valid_to date,
  version integer not null default 1,
  constraint units_name_unique unique (agency_id, name)
);
create table persons (
  id uuid primary key,
  full_name text not null,
  digital_identity text not null constraint persons_identity_unique unique, -- personal identification number or staff code
  email text not null default '',
  phone text not null default '',
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create table appointments (
  id uuid primary key,
  person_id uuid not null references persons (id),
  agency_id uuid not null references agencies (id),
  unit_id uuid references units (id),
  position text not null, -- "Giám đốc", as documents write it
  roles text[] not null,
  ordinal integer not null default 100, -- order among the people of an agency
  valid_from date not null,
  valid_to date,
  version integer not null default 1,
  created_at timestamptz not null,
  constraint appointments_roles check (roles <@ array['leader','clerk','secretary','specialist','agency_admin','system_admin','auditor']),
  constraint appointments_validity check (valid_to is null or valid_to >= valid_from)
);
create index appointments_person on appointments (person_id);
create index appointments_agency on appointments (agency_id, ordinal);
