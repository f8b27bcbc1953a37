-- +goose Up
create table documents (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  type_code text not null, -- abbreviation of NĐ 30/2020 Annex III: 'QĐ', 'CV', ...
  number text not null,    -- digits as written, "05"
  symbol text not null,    -- "QĐ-UBND"
  issued_on date not null,
  subject text not null constraint documents_subject_length check (length(subject) between 1 and 500),
  urgency smallint not null constraint documents_urgency check (urgency between 0 and 3), -- 0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc
  state text not null constraint documents_state check (state in ('draft', 'submitted', 'signed', 'sealed', 'released', 'cancelled')),
  signer_id uuid references appointments (id), -- the leader asked to sign
  created_by uuid not null references appointments (id),
  return_reason text not null default '',
  released_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index documents_agency on documents (agency_id, created_at desc, id desc);
create index documents_agency_state on documents (agency_id, state, created_at desc, id desc);
create index documents_signer on documents (signer_id, state);
create table document_files (
  id uuid primary key,
  document_id uuid not null references documents (id),
  ordinal integer not null,
  main boolean not null,
  name text not null,
  constraint document_files_place unique (document_id, ordinal)
);
create unique index document_files_one_main on document_files (document_id) where main;
-- Each step on a file is a new revision; the last is the file as it stands.
create table file_revisions (
  file_id uuid not null references document_files (id),
  revision integer not null,
  sha256 bytea not null references objects (sha256),
  size bigint not null,
  reason text not null constraint file_revisions_reason check (reason in ('upload', 'leader', 'seal')),
  made_by uuid references appointments (id),
  made_at timestamptz not null,
  primary key (file_id, revision)
);
create index file_revisions_object on file_revisions (sha256);
create table document_recipients (
  document_id uuid not null references documents (id),
  agency_id uuid not null references agencies (id),
  ordinal integer not null,
  primary key (document_id, agency_id)
);
-- Road of a document: one row per step.
create table document_steps (
  id uuid primary key,
  document_id uuid not null references documents (id),
  at timestamptz not null,
  state text not null,
  appointment_id uuid references appointments (id),
  reason text not null default ''
);
create index document_steps_document on document_steps (document_id, at);
