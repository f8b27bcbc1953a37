-- +goose Up
-- The order of the trade (NĐ 30/2020 Đ.13-17): the leader signs, then the clerk gives number and date, then
-- the agency signs. Drafts have no number any more, and what the leader had signed under the old order has one.
alter table documents
  add column copy_form text constraint documents_copy_form check (copy_form in ('sao_y', 'sao_luc', 'trich_sao')), -- NĐ 30/2020 Đ.25
  add column copy_source text constraint documents_copy_source check (copy_source in ('paper', 'electronic')),
  add column copy_warnings text[] not null default '{}',
  add column fields text not null default 'none' constraint documents_fields check (fields in ('none', 'laid', 'impossible')), -- in the main file
  -- NĐ 30/2020 Đ.15 and Annex I.II.3: numbers run by symbol and year; those of copies in one series of their own (Annex I part II)
  add column series text not null generated always as (case when type_code in ('SY', 'SL', 'TrS') then 'bản sao' else symbol end) stored,
  alter column number set default '',
  alter column issued_on drop not null,
  alter column signer_id drop not null,
  drop constraint documents_state,
  drop constraint documents_number_format,
  add constraint documents_number_format check (number = '' or number ~ '^(0[1-9]|[1-9][0-9]{1,10})$'); -- as written, "05"
alter table documents add constraint documents_state
  check (state in ('draft', 'submitted', 'signed', 'numbered', 'sealed', 'released', 'cancelled'));
drop index documents_number_unique;
update documents set number = '', issued_on = null where state in ('draft', 'submitted');
update documents set state = 'numbered' where state = 'signed';
update documents d set number = '', issued_on = null where state = 'cancelled' and exists (select from documents o
  where o.id <> d.id and (o.agency_id, extract(year from o.issued_on), o.number, o.symbol) = (d.agency_id, extract(year from d.issued_on), d.number, d.symbol)
    and (o.state <> 'cancelled' or o.id > d.id));
-- A number is taken once per agency, series and year, for good: a document that is given up keeps it and its reason.
create unique index documents_number_unique on documents (agency_id, series, extract(year from issued_on), number) where number <> '';
alter table documents
  add constraint documents_numbered check ((number = '') = (issued_on is null) and case
    when state in ('draft', 'submitted', 'signed') then number = ''
    when state in ('numbered', 'sealed', 'released') then number <> '' else true end),
  add constraint documents_copy check ((type_code in ('SY', 'SL', 'TrS')) = (copy_form is not null) and (copy_form is null) = (copy_source is null)
    and (copy_form is null) = (signer_id is not null)); -- no person signs a copy (NĐ 30/2020 Đ.25)
alter table file_revisions drop constraint file_revisions_reason;
alter table file_revisions add constraint file_revisions_reason check (reason in ('upload', 'fields', 'leader', 'number', 'seal', 'renewal'));
-- Where the fields of a document stand on its main file, in millimetres from the top left of the page as displayed.
create table document_fields (
  document_id uuid not null references documents (id),
  kind text not null constraint document_fields_kind check (kind in ('person', 'number', 'date', 'seal')),
  page integer not null constraint document_fields_page check (page > 0),
  x double precision not null,
  y double precision not null,
  width double precision not null,
  height double precision not null,
  source text not null constraint document_fields_source check (source in ('found', 'default', 'placed')),
  printed text not null default '', -- what the page shows there already: "/QĐ-UBND"
  gaps jsonb not null default '[]', -- empty places of a printed line, each with the part that goes in
  primary key (document_id, kind)
);
-- Changes that the system itself makes to a file: the intent first, then the act, then its result.
create table file_edits (
  id uuid primary key,
  document_id uuid not null references documents (id),
  file_id uuid not null references document_files (id),
  kind text not null constraint file_edits_kind check (kind in ('fields', 'number')),
  appointment_id uuid not null references appointments (id),
  state text not null constraint file_edits_state check (state in ('intended', 'made', 'failed')),
  input_sha256 bytea not null,
  output_sha256 bytea,
  failure text not null default '',
  intended_at timestamptz not null,
  finished_at timestamptz
);
create index file_edits_document on file_edits (document_id);
create index file_edits_open on file_edits (intended_at) where state = 'intended';
-- Pictures of seals (red) and of handwritten signatures (blue), in real size (NĐ 30/2020 Annex I.II.7-8).
create table signature_images (
  id uuid primary key,
  agency_id uuid constraint signature_images_agency unique references agencies (id),
  person_id uuid constraint signature_images_person unique references persons (id),
  sha256 bytea not null references objects (sha256),
  width_mm double precision not null,
  height_mm double precision not null,
  set_by uuid references appointments (id),
  set_at timestamptz not null,
  constraint signature_images_one_holder check ((agency_id is null) <> (person_id is null))
);
create index signature_images_object on signature_images (sha256);
