-- +goose Up
-- An upload arrives in parts and becomes one object named by its hash.
create table uploads (
  id uuid primary key,
  person_id uuid not null references persons (id),
  agency_id uuid not null references agencies (id),
  name text not null,
  size bigint not null constraint uploads_size check (size between 1 and 209715200),
  received bigint not null default 0,
  state text not null default 'open' constraint uploads_state check (state in ('open', 'complete', 'cancelled')),
  sha256 bytea,
  content_type text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint uploads_complete check ((state = 'complete') = (sha256 is not null))
);
create index uploads_updated on uploads (updated_at);
create table upload_parts (
  upload_id uuid not null references uploads (id) on delete cascade,
  start bigint not null, -- first byte of the part
  size bigint not null,
  object text not null, -- key in the staging area of the store
  primary key (upload_id, start)
);
-- Every object the system relies on. Features refer to it by sha256; the sweep compares.
create table objects (
  sha256 bytea primary key constraint objects_hash_length check (length(sha256) = 32),
  size bigint not null,
  content_type text not null,
  created_at timestamptz not null
);
