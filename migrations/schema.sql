-- The schema that the steps in this folder make, written by `make gen`. Do not edit.

-- Functions
CREATE OR REPLACE FUNCTION public.refuse_demo_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ begin
  if new.demo and not (select demo from installation) then
    raise exception 'demo accounts exist in a demo installation only' using errcode = 'check_violation', constraint = 'accounts_demo_only';
  end if;
  return new;
end $function$
;
CREATE OR REPLACE FUNCTION public.refuse_end_of_demo()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ begin
  if old.demo and not new.demo and exists (select from accounts where demo) then
    raise exception 'this installation has demo accounts' using errcode = 'check_violation', constraint = 'accounts_demo_only';
  end if;
  return new;
end $function$
;

-- Tables
create table accounts (
  person_id uuid not null,
  username text not null,
  password_hash text not null,
  must_change boolean default true not null,
  disabled_at timestamp with time zone,
  demo boolean default false not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint accounts_pkey PRIMARY KEY (person_id),
  constraint accounts_username_unique UNIQUE (username),
  constraint accounts_username_format CHECK ((username ~ '^[a-z0-9_.-]{3,64}$'::text)),
  constraint accounts_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
create table agencies (
  id uuid not null,
  code text not null,
  sort text not null,
  name text not null,
  short_name text not null,
  symbol text not null,
  level_code text not null,
  parent_id uuid,
  valid_from date not null,
  valid_to date,
  search text not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint agencies_pkey PRIMARY KEY (id),
  constraint agencies_code_unique UNIQUE (code),
  constraint agencies_code_format CHECK (((code ~ '^[A-Z0-9]+(\.[A-Z0-9]+)*$'::text) AND (length(code) <= 35))),
  constraint agencies_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint agencies_short_name_length CHECK (((length(short_name) >= 1) AND (length(short_name) <= 80))),
  constraint agencies_symbol_length CHECK ((length(symbol) <= 30)),
  constraint agencies_validity CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
  constraint agencies_level FOREIGN KEY (level_code) REFERENCES agency_levels(code),
  constraint agencies_parent FOREIGN KEY (parent_id) REFERENCES agencies(id)
);
create table agency_aliases (
  agency_id uuid not null,
  code text not null,
  valid_from date not null,
  valid_to date,
  constraint agency_aliases_pkey PRIMARY KEY (agency_id, code),
  constraint agency_aliases_code_length CHECK (((length(code) >= 1) AND (length(code) <= 35))),
  constraint agency_aliases_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id)
);
create table agency_history (
  id uuid not null,
  agency_id uuid not null,
  code text not null,
  name text not null,
  short_name text not null,
  symbol text not null,
  level_code text not null,
  parent_id uuid,
  valid_from date not null,
  valid_to date not null,
  reason text not null,
  constraint agency_history_pkey PRIMARY KEY (id),
  constraint agency_history_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id)
);
create table agency_levels (
  code text not null,
  name text not null,
  name_en text not null,
  ordinal integer not null,
  valid_from date not null,
  valid_to date,
  constraint agency_levels_pkey PRIMARY KEY (code),
  constraint agency_levels_code_format CHECK ((code ~ '^[a-z][a-z0-9_]{1,30}$'::text)),
  constraint agency_levels_validity CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);
create table agency_successors (
  agency_id uuid not null,
  successor_id uuid not null,
  constraint agency_successors_pkey PRIMARY KEY (agency_id, successor_id),
  constraint agency_successors_other CHECK ((agency_id <> successor_id)),
  constraint agency_successors_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint agency_successors_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES agencies(id)
);
create table agenda_items (
  id uuid not null,
  meeting_id uuid not null,
  ordinal integer not null,
  title text not null,
  minutes integer not null,
  presenter text default ''::text not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  removed_at timestamp with time zone,
  constraint agenda_items_pkey PRIMARY KEY (id),
  constraint agenda_items_place EXCLUDE USING btree (meeting_id WITH =, ordinal WITH =) WHERE ((removed_at IS NULL)) DEFERRABLE INITIALLY DEFERRED,
  constraint agenda_items_minutes CHECK (((minutes >= 0) AND (minutes <= 600))),
  constraint agenda_items_times CHECK (((ended_at IS NULL) OR (started_at IS NOT NULL))),
  constraint agenda_items_title_length CHECK (((length(title) >= 1) AND (length(title) <= 500))),
  constraint agenda_items_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id)
);
create table agent_links (
  token_hash bytea not null,
  item_id uuid not null,
  session_id uuid not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  reads integer default 0 not null,
  writes integer default 0 not null,
  used_at timestamp with time zone,
  constraint agent_links_pkey PRIMARY KEY (token_hash),
  constraint agent_links_item_id_fkey FOREIGN KEY (item_id) REFERENCES signature_items(id),
  constraint agent_links_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id)
);
create table appointments (
  id uuid not null,
  person_id uuid not null,
  agency_id uuid not null,
  unit_id uuid,
  "position" text not null,
  roles text[] not null,
  ordinal integer default 100 not null,
  valid_from date not null,
  valid_to date,
  search text not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  constraint appointments_pkey PRIMARY KEY (id),
  constraint appointments_position_length CHECK (((length("position") >= 1) AND (length("position") <= 120))),
  constraint appointments_roles CHECK ((roles <@ ARRAY['leader'::text, 'clerk'::text, 'secretary'::text, 'specialist'::text, 'agency_admin'::text, 'system_admin'::text, 'auditor'::text])),
  constraint appointments_validity CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  constraint appointments_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint appointments_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
  constraint appointments_unit FOREIGN KEY (unit_id, agency_id) REFERENCES units(id, agency_id)
);
create table audit_events (
  id uuid not null,
  at timestamp with time zone not null,
  kind text not null,
  object_id uuid,
  agency_id uuid,
  person_id uuid,
  appointment_id uuid,
  session_id uuid,
  address text not null,
  request_id text not null,
  details jsonb not null,
  constraint audit_events_pkey PRIMARY KEY (id)
);
create table audit_links (
  seq bigint not null,
  event_id uuid not null,
  hash bytea not null,
  linked_at timestamp with time zone default now() not null,
  constraint audit_links_pkey PRIMARY KEY (seq),
  constraint audit_links_once UNIQUE (event_id),
  constraint audit_links_hash_length CHECK ((length(hash) = 32)),
  constraint audit_links_event_id_fkey FOREIGN KEY (event_id) REFERENCES audit_events(id)
);
create table audit_pending (
  event_id uuid not null,
  constraint audit_pending_pkey PRIMARY KEY (event_id),
  constraint audit_pending_event_id_fkey FOREIGN KEY (event_id) REFERENCES audit_events(id)
);
create table certificates (
  id uuid not null,
  holder text not null,
  person_id uuid,
  agency_id uuid,
  subject text not null,
  der bytea not null,
  serial text not null,
  key_name text,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone not null,
  created_at timestamp with time zone not null,
  kind text not null,
  chain bytea[] default '{}'::bytea[] not null,
  issuer text default ''::text not null,
  source jsonb default '{}'::jsonb not null,
  added_by uuid,
  disabled_at timestamp with time zone,
  disabled_by uuid,
  constraint certificates_pkey PRIMARY KEY (id),
  constraint certificates_key_unique UNIQUE (key_name),
  constraint certificates_holder CHECK ((holder = ANY (ARRAY['person'::text, 'agency'::text]))),
  constraint certificates_key_name CHECK (((kind = 'development'::text) = (key_name IS NOT NULL))),
  constraint certificates_kind CHECK ((kind = ANY (ARRAY['development'::text, 'pkcs12'::text, 'pkcs11'::text, 'csc'::text, 'agent'::text]))),
  constraint certificates_one_holder CHECK (((person_id IS NULL) <> (agency_id IS NULL))),
  constraint certificates_added_by_fkey FOREIGN KEY (added_by) REFERENCES appointments(id),
  constraint certificates_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint certificates_disabled_by_fkey FOREIGN KEY (disabled_by) REFERENCES appointments(id),
  constraint certificates_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
create table deliveries (
  id uuid not null,
  document_id uuid not null,
  sender_id uuid not null,
  recipient_id uuid not null,
  transport text not null,
  status smallint,
  urgency smallint not null,
  type_code text not null,
  number text not null,
  symbol text not null,
  issued_on date not null,
  subject text not null,
  sender_name text not null,
  file_count integer not null,
  attempts integer default 0 not null,
  failure text default ''::text not null,
  next_try_at timestamp with time zone,
  queued_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  arrived_at timestamp with time zone,
  opened_at timestamp with time zone,
  opened_by uuid,
  decided_at timestamp with time zone,
  decided_by uuid,
  arrival_number integer,
  arrival_year integer,
  refusal_reason text default ''::text not null,
  version integer default 1 not null,
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_arrival_number_unique UNIQUE (recipient_id, arrival_year, arrival_number),
  constraint deliveries_once UNIQUE (document_id, recipient_id),
  constraint deliveries_accepted CHECK (((COALESCE((status = 3), false) = (arrival_number IS NOT NULL)) AND ((arrival_number IS NULL) = (arrival_year IS NULL)))),
  constraint deliveries_arrived CHECK ((((transport = 'delivered'::text) = (status IS NOT NULL)) AND ((status IS NULL) = (arrived_at IS NULL)))),
  constraint deliveries_refused CHECK ((COALESCE((status = 2), false) = (refusal_reason <> ''::text))),
  constraint deliveries_status CHECK ((status = ANY (ARRAY[1, 2, 3]))),
  constraint deliveries_transport CHECK ((transport = ANY (ARRAY['queued'::text, 'sent'::text, 'delivered'::text, 'failed'::text]))),
  constraint deliveries_waits CHECK (((transport = ANY (ARRAY['queued'::text, 'sent'::text])) = (next_try_at IS NOT NULL))),
  constraint deliveries_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES appointments(id),
  constraint deliveries_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id),
  constraint deliveries_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES appointments(id),
  constraint deliveries_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES agencies(id),
  constraint deliveries_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES agencies(id)
);
create table delivery_events (
  id uuid not null,
  delivery_id uuid not null,
  at timestamp with time zone not null,
  transport text not null,
  status smallint,
  appointment_id uuid,
  reason text default ''::text not null,
  constraint delivery_events_pkey PRIMARY KEY (id),
  constraint delivery_events_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint delivery_events_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries(id)
);
create table document_fields (
  document_id uuid not null,
  kind text not null,
  page integer not null,
  x double precision not null,
  y double precision not null,
  width double precision not null,
  height double precision not null,
  source text not null,
  printed text default ''::text not null,
  gaps jsonb default '[]'::jsonb not null,
  constraint document_fields_pkey PRIMARY KEY (document_id, kind),
  constraint document_fields_kind CHECK ((kind = ANY (ARRAY['person'::text, 'number'::text, 'date'::text, 'seal'::text]))),
  constraint document_fields_page CHECK ((page > 0)),
  constraint document_fields_source CHECK ((source = ANY (ARRAY['found'::text, 'default'::text, 'placed'::text]))),
  constraint document_fields_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id)
);
create table document_files (
  id uuid not null,
  document_id uuid not null,
  ordinal integer not null,
  main boolean not null,
  name text not null,
  removed_at timestamp with time zone,
  constraint document_files_pkey PRIMARY KEY (id),
  constraint document_files_place UNIQUE (document_id, ordinal),
  constraint document_files_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint document_files_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id)
);
create table document_recipients (
  document_id uuid not null,
  agency_id uuid not null,
  ordinal integer not null,
  constraint document_recipients_pkey PRIMARY KEY (document_id, agency_id),
  constraint document_recipients_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint document_recipients_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id)
);
create table document_steps (
  id uuid not null,
  document_id uuid not null,
  at timestamp with time zone not null,
  state text not null,
  appointment_id uuid,
  reason text default ''::text not null,
  constraint document_steps_pkey PRIMARY KEY (id),
  constraint document_steps_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint document_steps_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id)
);
create table documents (
  id uuid not null,
  agency_id uuid not null,
  type_code text not null,
  number text default ''::text not null,
  symbol text not null,
  issued_on date,
  subject text not null,
  urgency smallint not null,
  state text not null,
  signer_id uuid,
  created_by uuid not null,
  return_reason text default ''::text not null,
  released_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  pending_request_id uuid,
  copy_form text,
  copy_source text,
  copy_warnings text[] default '{}'::text[] not null,
  fields text default 'none'::text not null,
  series text generated always as (
CASE
    WHEN (type_code = ANY (ARRAY['SY'::text, 'SL'::text, 'TrS'::text])) THEN 'bản sao'::text
    ELSE symbol
END) stored not null,
  constraint documents_pkey PRIMARY KEY (id),
  constraint documents_copy CHECK ((((type_code = ANY (ARRAY['SY'::text, 'SL'::text, 'TrS'::text])) = (copy_form IS NOT NULL)) AND ((copy_form IS NULL) = (copy_source IS NULL)) AND ((copy_form IS NULL) = (signer_id IS NOT NULL)))),
  constraint documents_copy_form CHECK ((copy_form = ANY (ARRAY['sao_y'::text, 'sao_luc'::text, 'trich_sao'::text]))),
  constraint documents_copy_source CHECK ((copy_source = ANY (ARRAY['paper'::text, 'electronic'::text]))),
  constraint documents_fields CHECK ((fields = ANY (ARRAY['none'::text, 'laid'::text, 'impossible'::text]))),
  constraint documents_number_format CHECK (((number = ''::text) OR (number ~ '^(0[1-9]|[1-9][0-9]{1,10})$'::text))),
  constraint documents_numbered CHECK ((((number = ''::text) = (issued_on IS NULL)) AND
CASE
    WHEN (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'signed'::text])) THEN (number = ''::text)
    WHEN (state = ANY (ARRAY['numbered'::text, 'sealed'::text, 'released'::text])) THEN (number <> ''::text)
    ELSE true
END)),
  constraint documents_released CHECK (((state = 'released'::text) = (released_at IS NOT NULL))),
  constraint documents_state CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'signed'::text, 'numbered'::text, 'sealed'::text, 'released'::text, 'cancelled'::text]))),
  constraint documents_subject_length CHECK (((length(subject) >= 1) AND (length(subject) <= 500))),
  constraint documents_symbol_length CHECK (((length(symbol) >= 1) AND (length(symbol) <= 30))),
  constraint documents_urgency CHECK (((urgency >= 0) AND (urgency <= 3))),
  constraint documents_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint documents_created_by_fkey FOREIGN KEY (created_by) REFERENCES appointments(id),
  constraint documents_pending_request_id_fkey FOREIGN KEY (pending_request_id) REFERENCES signature_requests(id),
  constraint documents_signer_id_fkey FOREIGN KEY (signer_id) REFERENCES appointments(id)
);
create table evidence (
  sha256 bytea not null,
  kind text not null,
  body bytea not null,
  fetched_at timestamp with time zone not null,
  constraint evidence_pkey PRIMARY KEY (sha256),
  constraint evidence_kind CHECK ((kind = ANY (ARRAY['crl'::text, 'ocsp'::text])))
);
create table file_edits (
  id uuid not null,
  document_id uuid not null,
  file_id uuid not null,
  kind text not null,
  appointment_id uuid not null,
  state text not null,
  input_sha256 bytea not null,
  output_sha256 bytea,
  failure text default ''::text not null,
  intended_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint file_edits_pkey PRIMARY KEY (id),
  constraint file_edits_kind CHECK ((kind = ANY (ARRAY['fields'::text, 'number'::text]))),
  constraint file_edits_state CHECK ((state = ANY (ARRAY['intended'::text, 'made'::text, 'failed'::text]))),
  constraint file_edits_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint file_edits_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id),
  constraint file_edits_file_id_fkey FOREIGN KEY (file_id) REFERENCES document_files(id)
);
create table file_revisions (
  file_id uuid not null,
  revision integer not null,
  sha256 bytea not null,
  size bigint not null,
  reason text not null,
  made_by uuid,
  made_at timestamp with time zone not null,
  constraint file_revisions_pkey PRIMARY KEY (file_id, revision),
  constraint file_revisions_positive CHECK ((revision > 0)),
  constraint file_revisions_reason CHECK ((reason = ANY (ARRAY['upload'::text, 'fields'::text, 'leader'::text, 'number'::text, 'seal'::text, 'renewal'::text]))),
  constraint file_revisions_file_id_fkey FOREIGN KEY (file_id) REFERENCES document_files(id),
  constraint file_revisions_made_by_fkey FOREIGN KEY (made_by) REFERENCES appointments(id),
  constraint file_revisions_sha256_fkey FOREIGN KEY (sha256) REFERENCES objects(sha256)
);
create table floor_turns (
  id uuid not null,
  meeting_id uuid not null,
  item_id uuid,
  appointment_id uuid not null,
  topic text default ''::text not null,
  asked boolean not null,
  asked_at timestamp with time zone not null,
  ordinal integer not null,
  seconds integer not null,
  state text not null,
  called_at timestamp with time zone,
  called_by uuid,
  ends_at timestamp with time zone,
  ended_at timestamp with time zone,
  end_reason text default ''::text not null,
  constraint floor_turns_pkey PRIMARY KEY (id),
  constraint floor_turns_place EXCLUDE USING btree (meeting_id WITH =, ordinal WITH =) WHERE ((state = 'waiting'::text)) DEFERRABLE INITIALLY DEFERRED,
  constraint floor_turns_called CHECK ((((state = ANY (ARRAY['speaking'::text, 'spoken'::text])) = (called_at IS NOT NULL)) AND ((called_at IS NULL) = (called_by IS NULL)) AND ((called_at IS NULL) = (ends_at IS NULL)))),
  constraint floor_turns_ended CHECK ((((state = ANY (ARRAY['waiting'::text, 'speaking'::text])) = (ended_at IS NULL)) AND ((ended_at IS NULL) = (end_reason = ''::text)))),
  constraint floor_turns_reason CHECK ((end_reason = ANY (ARRAY[''::text, 'ended'::text, 'given_back'::text, 'next'::text, 'withdrawn'::text, 'removed'::text, 'cleared'::text, 'not_invited'::text, 'closed'::text]))),
  constraint floor_turns_seconds CHECK (((seconds >= 1) AND (seconds <= 36000))),
  constraint floor_turns_state CHECK ((state = ANY (ARRAY['waiting'::text, 'speaking'::text, 'spoken'::text, 'withdrawn'::text, 'removed'::text]))),
  constraint floor_turns_topic_length CHECK ((length(topic) <= 300)),
  constraint floor_turns_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint floor_turns_called_by_fkey FOREIGN KEY (called_by) REFERENCES appointments(id),
  constraint floor_turns_item_id_fkey FOREIGN KEY (item_id) REFERENCES agenda_items(id),
  constraint floor_turns_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id)
);
create table idempotency_keys (
  person_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  result jsonb,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (person_id, key),
  constraint idempotency_keys_key_length CHECK (((length(key) >= 8) AND (length(key) <= 100)))
);
create table installation (
  only_row boolean default true not null,
  demo boolean default false not null,
  city_name text default ''::text not null,
  support_phone text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  second_factor_roles text[] default '{}'::text[] not null,
  constraint installation_pkey PRIMARY KEY (only_row),
  constraint installation_one_row CHECK (only_row)
);
create table invitations (
  meeting_id uuid not null,
  appointment_id uuid not null,
  role text not null,
  ordinal integer not null,
  sent_at timestamp with time zone,
  seen_at timestamp with time zone,
  answer text default 'none'::text not null,
  answer_reason text default ''::text not null,
  answered_at timestamp with time zone,
  constraint invitations_pkey PRIMARY KEY (meeting_id, appointment_id),
  constraint invitations_answer CHECK ((answer = ANY (ARRAY['none'::text, 'accepted'::text, 'declined'::text]))),
  constraint invitations_role CHECK ((role = ANY (ARRAY['chair'::text, 'secretary'::text, 'operator'::text, 'hall'::text, 'point'::text, 'member'::text, 'observer'::text]))),
  constraint invitations_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint invitations_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id)
);
create table meetings (
  id uuid not null,
  agency_id uuid not null,
  title text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  place text default ''::text not null,
  online boolean default true not null,
  state text not null,
  chair_id uuid not null,
  secretary_id uuid not null,
  current_item_id uuid,
  cancel_reason text default ''::text not null,
  opened_at timestamp with time zone,
  closed_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  floor_mode text,
  floor_seconds integer default 300 not null,
  floor_version integer default 0 not null,
  constraint meetings_pkey PRIMARY KEY (id),
  constraint meetings_floor_mode CHECK ((floor_mode = ANY (ARRAY['free'::text, 'called'::text]))),
  constraint meetings_floor_seconds CHECK (((floor_seconds >= 30) AND (floor_seconds <= 3600))),
  constraint meetings_state CHECK ((state = ANY (ARRAY['draft'::text, 'convened'::text, 'live'::text, 'closed'::text, 'cancelled'::text]))),
  constraint meetings_times CHECK ((ends_at > starts_at)),
  constraint meetings_title_length CHECK (((length(title) >= 1) AND (length(title) <= 300))),
  constraint meetings_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint meetings_chair_id_fkey FOREIGN KEY (chair_id) REFERENCES appointments(id),
  constraint meetings_current_item FOREIGN KEY (current_item_id) REFERENCES agenda_items(id) ON DELETE SET NULL,
  constraint meetings_secretary_id_fkey FOREIGN KEY (secretary_id) REFERENCES appointments(id)
);
create table nodes (
  id uuid not null,
  internal_address text not null,
  seen_at timestamp with time zone not null,
  constraint nodes_pkey PRIMARY KEY (id),
  constraint nodes_address_unique UNIQUE (internal_address)
);
create table number_series (
  agency_id uuid not null,
  series text not null,
  year integer not null,
  last integer not null,
  constraint number_series_pkey PRIMARY KEY (agency_id, series, year),
  constraint number_series_positive CHECK ((last > 0)),
  constraint number_series_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id)
);
create table objects (
  sha256 bytea not null,
  size bigint not null,
  content_type text not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone default now() not null,
  constraint objects_pkey PRIMARY KEY (sha256),
  constraint objects_hash_length CHECK ((length(sha256) = 32))
);
create table paper_revisions (
  paper_id uuid not null,
  revision integer not null,
  sha256 bytea not null,
  size bigint not null,
  added_by uuid not null,
  added_at timestamp with time zone not null,
  constraint paper_revisions_pkey PRIMARY KEY (paper_id, revision),
  constraint paper_revisions_from_one CHECK ((revision >= 1)),
  constraint paper_revisions_added_by_fkey FOREIGN KEY (added_by) REFERENCES appointments(id),
  constraint paper_revisions_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint paper_revisions_sha256_fkey FOREIGN KEY (sha256) REFERENCES objects(sha256)
);
create table papers (
  id uuid not null,
  item_id uuid not null,
  ordinal integer not null,
  name text not null,
  removed_at timestamp with time zone,
  constraint papers_pkey PRIMARY KEY (id),
  constraint papers_place UNIQUE (item_id, ordinal),
  constraint papers_name_length CHECK (((length(name) >= 1) AND (length(name) <= 300))),
  constraint papers_item_id_fkey FOREIGN KEY (item_id) REFERENCES agenda_items(id)
);
create table persons (
  id uuid not null,
  full_name text not null,
  digital_identity text not null,
  email text default ''::text not null,
  phone text default ''::text not null,
  search text not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint persons_pkey PRIMARY KEY (id),
  constraint persons_identity_unique UNIQUE (digital_identity),
  constraint persons_name_length CHECK (((length(full_name) >= 1) AND (length(full_name) <= 100)))
);
create table preserved_files (
  sha256 bytea not null,
  level text not null,
  ends_at timestamp with time zone not null,
  preserved_at timestamp with time zone not null,
  tried_at timestamp with time zone,
  failure text default ''::text not null,
  constraint preserved_files_pkey PRIMARY KEY (sha256),
  constraint preserved_files_level CHECK ((level = ANY (ARRAY['B-B'::text, 'B-T'::text, 'B-LT'::text, 'B-LTA'::text])))
);
create table private_keys (
  certificate_id uuid not null,
  sealed_with text not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint private_keys_pkey PRIMARY KEY (certificate_id),
  constraint private_keys_certificate_id_fkey FOREIGN KEY (certificate_id) REFERENCES certificates(id)
);
create table remote_signings (
  id uuid not null,
  certificate_id uuid not null,
  person_id uuid not null,
  session_id uuid not null,
  hash text not null,
  digests bytea[] not null,
  label text not null,
  fingerprint bytea not null,
  state text not null,
  browser_state bytea,
  sealed_with text not null,
  sealed bytea not null,
  signature_values bytea[],
  failure text default ''::text not null,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint remote_signings_pkey PRIMARY KEY (id),
  constraint remote_signings_hash CHECK ((hash = ANY (ARRAY['SHA-256'::text, 'SHA-384'::text, 'SHA-512'::text]))),
  constraint remote_signings_state CHECK ((state = ANY (ARRAY['consent'::text, 'granted'::text, 'sending'::text, 'polling'::text, 'done'::text, 'failed'::text]))),
  constraint remote_signings_certificate_id_fkey FOREIGN KEY (certificate_id) REFERENCES certificates(id),
  constraint remote_signings_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
create table revocation_cache (
  key text not null,
  body bytea not null,
  expires_at timestamp with time zone not null,
  constraint revocation_cache_pkey PRIMARY KEY (key)
);
create table room_devices (
  id uuid not null,
  meeting_id uuid not null,
  appointment_id uuid not null,
  name text not null,
  may_send boolean not null,
  may_receive boolean not null,
  token_hash bytea not null,
  created_by uuid not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  revoked_by uuid,
  last_used_at timestamp with time zone,
  constraint room_devices_pkey PRIMARY KEY (id),
  constraint room_devices_token_unique UNIQUE (token_hash),
  constraint room_devices_name_length CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  constraint room_devices_revoked CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  constraint room_devices_token_length CHECK ((length(token_hash) = 32)),
  constraint room_devices_way CHECK ((may_send OR may_receive)),
  constraint room_devices_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint room_devices_created_by_fkey FOREIGN KEY (created_by) REFERENCES appointments(id),
  constraint room_devices_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id),
  constraint room_devices_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES appointments(id)
);
create table room_leases (
  meeting_id uuid not null,
  node_id uuid not null,
  expires_at timestamp with time zone not null,
  constraint room_leases_pkey PRIMARY KEY (meeting_id),
  constraint room_leases_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id)
);
create table room_stays (
  id uuid not null,
  meeting_id uuid not null,
  appointment_id uuid not null,
  node_id uuid not null,
  device text not null,
  joined_at timestamp with time zone not null,
  left_at timestamp with time zone,
  leave_reason text default ''::text not null,
  room_device_id uuid,
  constraint room_stays_pkey PRIMARY KEY (id),
  constraint room_stays_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint room_stays_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meetings(id),
  constraint room_stays_room_device_id_fkey FOREIGN KEY (room_device_id) REFERENCES room_devices(id)
);
create table sessions (
  id uuid not null,
  token_hash bytea not null,
  person_id uuid not null,
  appointment_id uuid,
  second_factor_due boolean default false not null,
  device text not null,
  address text not null,
  idle_seconds integer not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  stepped_up_at timestamp with time zone,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_unique UNIQUE (token_hash),
  constraint sessions_end CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  constraint sessions_idle CHECK ((idle_seconds > 0)),
  constraint sessions_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
create table sign_in_failures (
  address text not null,
  at timestamp with time zone not null
);
create table sign_in_names (
  name_hash bytea not null,
  failures integer not null,
  locked_until timestamp with time zone,
  at timestamp with time zone not null,
  constraint sign_in_names_pkey PRIMARY KEY (name_hash)
);
create table signature_checks (
  id uuid not null,
  person_id uuid not null,
  agency_id uuid not null,
  name text not null,
  size bigint not null,
  sha256 bytea not null,
  verdict jsonb,
  created_at timestamp with time zone not null,
  constraint signature_checks_pkey PRIMARY KEY (id),
  constraint signature_checks_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint signature_checks_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
  constraint signature_checks_sha256_fkey FOREIGN KEY (sha256) REFERENCES objects(sha256)
);
create table signature_images (
  id uuid not null,
  agency_id uuid,
  person_id uuid,
  sha256 bytea not null,
  width_mm double precision not null,
  height_mm double precision not null,
  set_by uuid,
  set_at timestamp with time zone not null,
  constraint signature_images_pkey PRIMARY KEY (id),
  constraint signature_images_agency UNIQUE (agency_id),
  constraint signature_images_person UNIQUE (person_id),
  constraint signature_images_one_holder CHECK (((agency_id IS NULL) <> (person_id IS NULL))),
  constraint signature_images_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint signature_images_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
  constraint signature_images_set_by_fkey FOREIGN KEY (set_by) REFERENCES appointments(id),
  constraint signature_images_sha256_fkey FOREIGN KEY (sha256) REFERENCES objects(sha256)
);
create table signature_items (
  id uuid not null,
  document_id uuid not null,
  file_id uuid,
  purpose text not null,
  state text not null,
  input_sha256 bytea,
  output_sha256 bytea,
  failure text default ''::text not null,
  intended_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  request_id uuid not null,
  ordinal integer default 1 not null,
  input_size bigint default 0 not null,
  appendix bytea,
  hole_start bigint default 0 not null,
  hole_end bigint default 0 not null,
  digest bytea,
  attributes bytea,
  value bytea,
  level text default ''::text not null,
  constraint signature_items_pkey PRIMARY KEY (id),
  constraint signature_items_file CHECK (((state = 'failed'::text) OR ((file_id IS NOT NULL) AND (input_sha256 IS NOT NULL)))),
  constraint signature_items_purpose CHECK ((purpose = ANY (ARRAY['leader'::text, 'seal'::text]))),
  constraint signature_items_state CHECK ((state = ANY (ARRAY['prepared'::text, 'waiting'::text, 'signed'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint signature_items_value CHECK (((state <> 'signed'::text) OR (value IS NOT NULL) OR (output_sha256 IS NOT NULL))),
  constraint signature_items_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents(id),
  constraint signature_items_file_id_fkey FOREIGN KEY (file_id) REFERENCES document_files(id),
  constraint signature_items_request_id_fkey FOREIGN KEY (request_id) REFERENCES signature_requests(id)
);
create table signature_requests (
  id uuid not null,
  person_id uuid not null,
  appointment_id uuid not null,
  agency_id uuid not null,
  session_id uuid not null,
  purpose text not null,
  certificate_id uuid not null,
  state text not null,
  ticket text default ''::text not null,
  consent jsonb,
  reason text default ''::text not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint signature_requests_pkey PRIMARY KEY (id),
  constraint signature_requests_purpose CHECK ((purpose = ANY (ARRAY['leader'::text, 'seal'::text]))),
  constraint signature_requests_state CHECK ((state = ANY (ARRAY['prepared'::text, 'waiting'::text, 'done'::text, 'failed'::text, 'cancelled'::text, 'declined'::text, 'expired'::text]))),
  constraint signature_requests_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint signature_requests_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointments(id),
  constraint signature_requests_certificate_id_fkey FOREIGN KEY (certificate_id) REFERENCES certificates(id),
  constraint signature_requests_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
create table trust_anchors (
  id uuid not null,
  list text not null,
  name text not null,
  subject text not null,
  issuer text not null,
  der bytea not null,
  sha256 bytea not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone not null,
  added_at timestamp with time zone not null,
  added_by uuid not null,
  constraint trust_anchors_pkey PRIMARY KEY (id),
  constraint trust_anchors_once UNIQUE (list, sha256),
  constraint trust_anchors_list CHECK ((list = ANY (ARRAY['public_service'::text, 'public'::text, 'tsa'::text]))),
  constraint trust_anchors_added_by_fkey FOREIGN KEY (added_by) REFERENCES appointments(id)
);
create table units (
  id uuid not null,
  agency_id uuid not null,
  name text not null,
  symbol text default ''::text not null,
  valid_from date not null,
  valid_to date,
  version integer default 1 not null,
  constraint units_pkey PRIMARY KEY (id),
  constraint units_in_agency UNIQUE (id, agency_id),
  constraint units_name_unique UNIQUE (agency_id, name),
  constraint units_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint units_validity CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  constraint units_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id)
);
create table upload_parts (
  upload_id uuid not null,
  start bigint not null,
  size bigint not null,
  object text not null,
  constraint upload_parts_pkey PRIMARY KEY (upload_id, start),
  constraint upload_parts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES uploads(id) ON DELETE CASCADE
);
create table uploads (
  id uuid not null,
  person_id uuid not null,
  agency_id uuid not null,
  name text not null,
  size bigint not null,
  received bigint default 0 not null,
  state text default 'open'::text not null,
  sha256 bytea,
  content_type text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint uploads_pkey PRIMARY KEY (id),
  constraint uploads_complete CHECK (((state = 'complete'::text) = ((sha256 IS NOT NULL) AND (content_type IS NOT NULL)))),
  constraint uploads_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint uploads_received CHECK (((received >= 0) AND (received <= size))),
  constraint uploads_size CHECK (((size >= 1) AND (size <= 209715200))),
  constraint uploads_state CHECK ((state = ANY (ARRAY['open'::text, 'complete'::text]))),
  constraint uploads_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES agencies(id),
  constraint uploads_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
  constraint uploads_sha256_fkey FOREIGN KEY (sha256) REFERENCES objects(sha256)
);
create table verdict_evidence (
  sha256 bytea not null,
  verifier integer not null,
  evidence bytea not null,
  constraint verdict_evidence_pkey PRIMARY KEY (sha256, verifier, evidence),
  constraint verdict_evidence_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(sha256),
  constraint verdict_evidence_sha256_verifier_fkey FOREIGN KEY (sha256, verifier) REFERENCES verdicts(sha256, verifier) ON DELETE CASCADE
);
create table verdicts (
  sha256 bytea not null,
  verifier integer not null,
  result jsonb not null,
  checked_at timestamp with time zone not null,
  trust text default ''::text not null,
  retry_at timestamp with time zone,
  constraint verdicts_pkey PRIMARY KEY (sha256, verifier)
);

-- Indexes
CREATE INDEX agencies_parent_index ON agencies USING btree (parent_id);
CREATE UNIQUE INDEX agencies_sort ON agencies USING btree (sort);
CREATE INDEX agency_aliases_code ON agency_aliases USING btree (code);
CREATE INDEX agency_history_agency ON agency_history USING btree (agency_id, valid_to DESC);
CREATE INDEX agency_successors_successor ON agency_successors USING btree (successor_id);
CREATE INDEX agenda_items_meeting ON agenda_items USING btree (meeting_id);
CREATE INDEX agent_links_item ON agent_links USING btree (item_id);
CREATE INDEX appointments_agency ON appointments USING btree (agency_id, ordinal);
CREATE INDEX appointments_person ON appointments USING btree (person_id);
CREATE INDEX audit_events_agency ON audit_events USING btree (agency_id, id DESC);
CREATE INDEX audit_events_object ON audit_events USING btree (object_id, id DESC);
CREATE INDEX certificates_agency ON certificates USING btree (agency_id) WHERE (agency_id IS NOT NULL);
CREATE UNIQUE INDEX certificates_once ON certificates USING btree (sha256(der)) WHERE (disabled_at IS NULL);
CREATE INDEX certificates_person ON certificates USING btree (person_id) WHERE (person_id IS NOT NULL);
CREATE INDEX certificates_valid_to ON certificates USING btree (valid_to) WHERE (disabled_at IS NULL);
CREATE INDEX deliveries_due ON deliveries USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
CREATE INDEX deliveries_failed ON deliveries USING btree (sender_id, changed_at DESC) WHERE (transport = 'failed'::text);
CREATE INDEX deliveries_incoming ON deliveries USING btree (recipient_id, arrived_at DESC, id DESC) WHERE (status IS NOT NULL);
CREATE INDEX deliveries_incoming_sender ON deliveries USING btree (recipient_id, sender_id, status, urgency DESC, arrived_at DESC, id DESC) WHERE (status IS NOT NULL);
CREATE INDEX deliveries_incoming_status ON deliveries USING btree (recipient_id, status, urgency DESC, arrived_at DESC, id DESC) WHERE (status IS NOT NULL);
CREATE INDEX delivery_events_delivery ON delivery_events USING btree (delivery_id, at, id);
CREATE UNIQUE INDEX document_files_one_main ON document_files USING btree (document_id) WHERE (main AND (removed_at IS NULL));
CREATE INDEX document_steps_document ON document_steps USING btree (document_id, at, id);
CREATE INDEX documents_agency ON documents USING btree (agency_id, created_at DESC, id DESC);
CREATE INDEX documents_agency_state ON documents USING btree (agency_id, state, created_at DESC, id DESC);
CREATE INDEX documents_creator ON documents USING btree (created_by, state, updated_at DESC);
CREATE UNIQUE INDEX documents_number_unique ON documents USING btree (agency_id, series, EXTRACT(year FROM issued_on), number) WHERE (number <> ''::text);
CREATE INDEX documents_pending ON documents USING btree (pending_request_id) WHERE (pending_request_id IS NOT NULL);
CREATE INDEX documents_signer ON documents USING btree (signer_id, state);
CREATE INDEX file_edits_document ON file_edits USING btree (document_id);
CREATE INDEX file_edits_open ON file_edits USING btree (intended_at) WHERE (state = 'intended'::text);
CREATE INDEX file_revisions_object ON file_revisions USING btree (sha256);
CREATE INDEX floor_turns_meeting ON floor_turns USING btree (meeting_id, called_at);
CREATE UNIQUE INDEX floor_turns_one_each ON floor_turns USING btree (meeting_id, appointment_id) WHERE (state = ANY (ARRAY['waiting'::text, 'speaking'::text]));
CREATE UNIQUE INDEX floor_turns_one_speaks ON floor_turns USING btree (meeting_id) WHERE (state = 'speaking'::text);
CREATE INDEX idempotency_keys_created ON idempotency_keys USING btree (created_at);
CREATE INDEX invitations_appointment ON invitations USING btree (appointment_id, meeting_id);
CREATE INDEX meetings_agency ON meetings USING btree (agency_id, starts_at DESC, id DESC);
CREATE INDEX objects_seen ON objects USING btree (seen_at);
CREATE INDEX paper_revisions_object ON paper_revisions USING btree (sha256);
CREATE INDEX preserved_files_end ON preserved_files USING btree (ends_at);
CREATE UNIQUE INDEX remote_signings_browser ON remote_signings USING btree (browser_state) WHERE (browser_state IS NOT NULL);
CREATE INDEX remote_signings_created ON remote_signings USING btree (created_at);
CREATE UNIQUE INDEX remote_signings_once ON remote_signings USING btree (fingerprint) WHERE (state <> 'failed'::text);
CREATE INDEX revocation_cache_expiry ON revocation_cache USING btree (expires_at);
CREATE INDEX room_devices_meeting ON room_devices USING btree (meeting_id, created_at, id);
CREATE INDEX room_stays_device ON room_stays USING btree (room_device_id) WHERE ((room_device_id IS NOT NULL) AND (left_at IS NULL));
CREATE INDEX room_stays_meeting ON room_stays USING btree (meeting_id, joined_at);
CREATE INDEX room_stays_open ON room_stays USING btree (node_id) WHERE (left_at IS NULL);
CREATE INDEX sessions_person ON sessions USING btree (person_id, created_at DESC);
CREATE INDEX sign_in_failures_address ON sign_in_failures USING btree (address, at);
CREATE INDEX sign_in_names_at ON sign_in_names USING btree (at);
CREATE INDEX signature_checks_object ON signature_checks USING btree (sha256);
CREATE INDEX signature_checks_person ON signature_checks USING btree (person_id, created_at DESC, id DESC);
CREATE INDEX signature_images_object ON signature_images USING btree (sha256);
CREATE INDEX signature_items_document ON signature_items USING btree (document_id);
CREATE INDEX signature_items_input ON signature_items USING btree (input_sha256);
CREATE UNIQUE INDEX signature_items_once ON signature_items USING btree (file_id, purpose) WHERE (state <> ALL (ARRAY['failed'::text, 'cancelled'::text]));
CREATE INDEX signature_items_output ON signature_items USING btree (output_sha256);
CREATE INDEX signature_items_request ON signature_items USING btree (request_id, ordinal);
CREATE INDEX signature_requests_agency ON signature_requests USING btree (agency_id, created_at DESC, id DESC);
CREATE INDEX signature_requests_open ON signature_requests USING btree (changed_at) WHERE (state = ANY (ARRAY['prepared'::text, 'waiting'::text]));
CREATE INDEX signature_requests_person ON signature_requests USING btree (person_id, created_at DESC, id DESC);
CREATE INDEX upload_parts_object ON upload_parts USING btree (object);
CREATE INDEX uploads_object ON uploads USING btree (sha256);
CREATE INDEX uploads_person_open ON uploads USING btree (person_id) WHERE (state = 'open'::text);
CREATE INDEX uploads_updated ON uploads USING btree (updated_at);
CREATE INDEX verdict_evidence_evidence ON verdict_evidence USING btree (evidence);
CREATE INDEX verdicts_retry ON verdicts USING btree (retry_at) WHERE (retry_at IS NOT NULL);

-- Triggers
CREATE TRIGGER accounts_demo_only BEFORE INSERT OR UPDATE OF demo ON public.accounts FOR EACH ROW EXECUTE FUNCTION refuse_demo_account();
CREATE TRIGGER installation_demo_stays BEFORE UPDATE OF demo ON public.installation FOR EACH ROW EXECUTE FUNCTION refuse_end_of_demo();

-- Rights of nghisu_app
grant delete, insert, select, update on accounts to nghisu_app;
grant delete, insert, select, update on agencies to nghisu_app;
grant delete, insert, select, update on agency_aliases to nghisu_app;
grant delete, insert, select, update on agency_history to nghisu_app;
grant delete, insert, select, update on agency_levels to nghisu_app;
grant delete, insert, select, update on agency_successors to nghisu_app;
grant delete, insert, select, update on agenda_items to nghisu_app;
grant delete, insert, select, update on agent_links to nghisu_app;
grant delete, insert, select, update on appointments to nghisu_app;
grant insert, select on audit_events to nghisu_app;
grant insert, select on audit_links to nghisu_app;
grant delete, insert, select, update on audit_pending to nghisu_app;
grant delete, insert, select, update on certificates to nghisu_app;
grant delete, insert, select, update on deliveries to nghisu_app;
grant delete, insert, select, update on delivery_events to nghisu_app;
grant delete, insert, select, update on document_fields to nghisu_app;
grant delete, insert, select, update on document_files to nghisu_app;
grant delete, insert, select, update on document_recipients to nghisu_app;
grant delete, insert, select, update on document_steps to nghisu_app;
grant delete, insert, select, update on documents to nghisu_app;
grant delete, insert, select, update on evidence to nghisu_app;
grant delete, insert, select, update on file_edits to nghisu_app;
grant delete, insert, select, update on file_revisions to nghisu_app;
grant delete, insert, select, update on floor_turns to nghisu_app;
grant select on goose_db_version to nghisu_app;
grant delete, insert, select, update on idempotency_keys to nghisu_app;
grant delete, insert, select, update on installation to nghisu_app;
grant delete, insert, select, update on invitations to nghisu_app;
grant delete, insert, select, update on meetings to nghisu_app;
grant delete, insert, select, update on nodes to nghisu_app;
grant delete, insert, select, update on number_series to nghisu_app;
grant delete, insert, select, update on objects to nghisu_app;
grant delete, insert, select, update on paper_revisions to nghisu_app;
grant delete, insert, select, update on papers to nghisu_app;
grant delete, insert, select, update on persons to nghisu_app;
grant delete, insert, select, update on preserved_files to nghisu_app;
grant delete, insert, select, update on private_keys to nghisu_app;
grant delete, insert, select, update on remote_signings to nghisu_app;
grant delete, insert, select, update on revocation_cache to nghisu_app;
grant delete, insert, select, update on river_job to nghisu_app;
grant delete, insert, select, update on river_leader to nghisu_app;
grant select on river_migration to nghisu_app;
grant delete, insert, select, update on river_notification to nghisu_app;
grant delete, insert, select, update on river_queue to nghisu_app;
grant delete, insert, select, update on room_devices to nghisu_app;
grant delete, insert, select, update on room_leases to nghisu_app;
grant delete, insert, select, update on room_stays to nghisu_app;
grant delete, insert, select, update on sessions to nghisu_app;
grant delete, insert, select, update on sign_in_failures to nghisu_app;
grant delete, insert, select, update on sign_in_names to nghisu_app;
grant delete, insert, select, update on signature_checks to nghisu_app;
grant delete, insert, select, update on signature_images to nghisu_app;
grant delete, insert, select, update on signature_items to nghisu_app;
grant delete, insert, select, update on signature_requests to nghisu_app;
grant delete, insert, select, update on trust_anchors to nghisu_app;
grant delete, insert, select, update on units to nghisu_app;
grant delete, insert, select, update on upload_parts to nghisu_app;
grant delete, insert, select, update on uploads to nghisu_app;
grant delete, insert, select, update on verdict_evidence to nghisu_app;
grant delete, insert, select, update on verdicts to nghisu_app;
