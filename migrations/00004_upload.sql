-- +goose Up
-- Every object the system relies on. Features refer to it by sha256; the sweep removes what nobody
-- refers to. seen_at is the last time somebody stored this content: for a day after it the sweep
-- leaves the object alone, so that whoever stored it has time to write the row that refers to it.
create table objects (
  sha256 bytea primary key constraint objects_hash_length check (length(sha256) = 32),
  size bigint not null,
  content_type text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null default now()
);
create index objects_seen on objects (seen_at);
-- An upload arrives in parts and becomes one object named by its hash. A day after its last change it goes.
create table uploads (
  id uuid primary key,
  person_id uuid not null references persons (id),
  agency_id uuid not null references agencies (id),
  name text not null constraint uploads_name_length check (length(name) between 1 and 200),
  size bigint not null constraint uploads_size check (size between 1 and 209715200),
  received bigint not null default 0,
  state text not null default 'open' constraint uploads_state check (state in ('open', 'complete')),
  sha256 bytea references objects (sha256),
  content_type text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint uploads_received check (received between 0 and size),
  constraint uploads_complete check ((state = 'complete') = (sha256 is not null and content_type is not null))
);
create index uploads_updated on uploads (updated_at);
create index uploads_person_open on uploads (person_id) where state = 'open';
create index uploads_object on uploads (sha256);
create table upload_parts (
  upload_id uuid not null references uploads (id) on delete cascade,
  start bigint not null, -- first byte of the part
  size bigint not null,
  object text not null, -- key in the staging area of the store
  primary key (upload_id, start)
);
create index upload_parts_object on upload_parts (object);
