-- +goose Up
-- Agencies form a tree; levels are data of the city (the law ended one level in 2025 and will change
-- again). Columns named search hold org.Fold of what people look for: lower case, without marks.
create table agency_levels (
  code text primary key constraint agency_levels_code_format check (code ~ '^[a-z][a-z0-9_]{1,30}$'),
  name text not null,
  name_en text not null,
  ordinal integer not null,
  valid_from date not null,
  valid_to date,
  constraint agency_levels_validity check (valid_to is null or valid_to > valid_from)
);
insert into agency_levels (code, name, name_en, ordinal, valid_from) values
  ('city', 'Thành phố', 'City', 10, '1900-01-01'),
  ('department', 'Sở, ban, ngành', 'Department', 20, '1900-01-01'),
  ('district', 'Quận, huyện', 'District', 30, '1900-01-01'),
  ('commune', 'Phường, xã, đặc khu', 'Ward, commune, special zone', 40, '1900-01-01');

create table agencies (
  id uuid primary key,
  code text not null constraint agencies_code_format check (code ~ '^[A-Z0-9]+(\.[A-Z0-9]+)*$' and length(code) <= 35) constraint agencies_code_unique unique, -- QĐ 20/2020 Đ.4
  sort text not null collate "C", -- the code with its numbers padded, so that .2 comes before .10
  name text not null constraint agencies_name_length check (length(name) between 1 and 200),
  short_name text not null constraint agencies_short_name_length check (length(short_name) between 1 and 80),
  symbol text not null constraint agencies_symbol_length check (length(symbol) <= 30), -- letters in document numbers, "SYT"
  level_code text not null constraint agencies_level references agency_levels (code),
  parent_id uuid constraint agencies_parent references agencies (id),
  valid_from date not null,
  valid_to date, -- first day on which it no longer exists
  search text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint agencies_validity check (valid_to is null or valid_to > valid_from)
);
create index agencies_parent_index on agencies (parent_id);
create unique index agencies_sort on agencies (sort);
-- Former and parallel identifiers ("000.00.01.H77"), with their validity. Never parse a level from them.
create table agency_aliases (
  agency_id uuid not null references agencies (id),
  code text not null constraint agency_aliases_code_length check (length(code) between 1 and 35),
  valid_from date not null,
  valid_to date,
  primary key (agency_id, code)
);
create index agency_aliases_code on agency_aliases (code);
-- What an agency was called, and where it stood, before a change.
create table agency_history (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  code text not null,
  name text not null,
  short_name text not null,
  symbol text not null,
  level_code text not null,
  parent_id uuid,
  valid_from date not null,
  valid_to date not null,
  reason text not null
);
create index agency_history_agency on agency_history (agency_id, valid_to desc);
-- Dissolved agencies and who took over their work.
create table agency_successors (
  agency_id uuid not null references agencies (id),
  successor_id uuid not null references agencies (id),
  primary key (agency_id, successor_id),
  constraint agency_successors_other check (agency_id <> successor_id)
);
create index agency_successors_successor on agency_successors (successor_id);
create table units (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  name text not null constraint units_name_length check (length(name) between 1 and 200),
  symbol text not null default '',
  valid_from date not null,
  valid_to date,
  version integer not null default 1,
  constraint units_name_unique unique (agency_id, name),
  constraint units_in_agency unique (id, agency_id),
  constraint units_validity check (valid_to is null or valid_to >= valid_from)
);
create table persons (
  id uuid primary key,
  full_name text not null constraint persons_name_length check (length(full_name) between 1 and 100),
  digital_identity text not null constraint persons_identity_unique unique, -- personal identification number or staff code
  email text not null default '',
  phone text not null default '',
  search text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create table appointments (
  id uuid primary key,
  person_id uuid not null references persons (id),
  agency_id uuid not null references agencies (id),
  unit_id uuid,
  position text not null constraint appointments_position_length check (length(position) between 1 and 120), -- "Giám đốc", as documents write it
  roles text[] not null,
  ordinal integer not null default 100, -- order among the people of an agency
  valid_from date not null,
  valid_to date, -- first day on which it no longer holds
  search text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  constraint appointments_unit foreign key (unit_id, agency_id) references units (id, agency_id),
  constraint appointments_roles check (roles <@ array['leader','clerk','secretary','specialist','agency_admin','system_admin','auditor']),
  constraint appointments_validity check (valid_to is null or valid_to >= valid_from)
);
create index appointments_person on appointments (person_id);
create index appointments_agency on appointments (agency_id, ordinal);
