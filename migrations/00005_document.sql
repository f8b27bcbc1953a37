-- +goose Up
create table documents (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  type_code text not null, -- abbreviation of NĐ 30/2020 Annex III: 'QĐ', ...; 'CV' and 'ThC' for the two without
  number text not null constraint documents_number_format check (number ~ '^[0-9]{2,11}$'), -- as written, "05"
  symbol text not null constraint documents_symbol_length check (length(symbol) between 1 and 30), -- "QĐ-UBND"
  issued_on date not null,
  subject text not null constraint documents_subject_length check (length(subject) between 1 and 500),
  urgency smallint not null constraint documents_urgency check (urgency between 0 and 3), -- 0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc
  state text not null constraint documents_state check (state in ('draft', 'submitted', 'signed', 'sealed', 'released', 'cancelled')),
  signer_id uuid not null references appointments (id), -- the leader asked to sign
  created_by uuid not null references appointments (id),
  return_reason text not null default '',
  released_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null, -- of the last change of content or state
  constraint documents_released check ((state = 'released') = (released_at is not null))
);
-- Number and symbol are used once per agency and year (NĐ 30/2020 Đ.15); a cancelled one is free again.
create unique index documents_number_unique on documents (agency_id, extract(year from issued_on), number, symbol) where state <> 'cancelled';
create index documents_agency on documents (agency_id, created_at desc, id desc);
create index documents_agency_state on documents (agency_id, state, created_at desc, id desc);
create index documents_signer on documents (signer_id, state);
create index documents_creator on documents (created_by, state, updated_at desc);
create table document_files (
  id uuid primary key,
  document_id uuid not null references documents (id),
  ordinal integer not null,
  main boolean not null,
  name text not null constraint document_files_name_length check (length(name) between 1 and 200),
  removed_at timestamptz, -- taken out of the draft; kept, because every draft is (NĐ 30/2020 Annex VI)
  constraint document_files_place unique (document_id, ordinal)
);
create unique index document_files_one_main on document_files (document_id) where main and removed_at is null;
-- Each step on a file is a new revision; the last is the file as it stands.
create table file_revisions (
  file_id uuid not null references document_files (id),
  revision integer not null constraint file_revisions_positive check (revision > 0),
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
create index document_steps_document on document_steps (document_id, at, id);
