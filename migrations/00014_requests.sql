-- +goose Up
-- When the person last gave the password again in this session, before signing.
alter table sessions add stepped_up_at timestamptz;

-- One act of will of one person: to sign one or many documents, with one certificate.
create table signature_requests (
  id uuid primary key,
  person_id uuid not null references persons (id),
  appointment_id uuid not null references appointments (id), -- that they act in
  agency_id uuid not null references agencies (id),
  session_id uuid not null, -- in which the password was given again; of long ago it may be gone
  purpose text not null constraint signature_requests_purpose check (purpose in ('leader', 'seal')),
  certificate_id uuid not null references certificates (id),
  state text not null constraint signature_requests_state
    check (state in ('prepared', 'waiting', 'done', 'failed', 'cancelled', 'declined', 'expired')),
  ticket text not null default '', -- of the provider, to ask for the values with
  consent jsonb, -- what the person must do meanwhile
  reason text not null default '', -- why it was declined
  attempts integer not null default 0, -- beginnings of work on it, waiting left out
  created_at timestamptz not null,
  expires_at timestamptz not null, -- when nobody waits for the values any more
  changed_at timestamptz not null
);
create index signature_requests_person on signature_requests (person_id, created_at desc, id desc);
create index signature_requests_agency on signature_requests (agency_id, created_at desc, id desc);
create index signature_requests_open on signature_requests (changed_at) where state in ('prepared', 'waiting');
-- A document is held for at most one open request: nothing else changes it meanwhile.
alter table documents add pending_request_id uuid references signature_requests (id);
create index documents_pending on documents (pending_request_id) where pending_request_id is not null;

-- The signatures of a request, one per file. They were intents with a result before; each of those is
-- a request of its own.
insert into signature_requests (id, person_id, appointment_id, agency_id, session_id, purpose, certificate_id, state, created_at, expires_at, changed_at)
  select s.id, o.person_id, o.id, o.agency_id, s.id, s.purpose, s.certificate_id, case s.state when 'made' then 'done' else 'failed' end,
    s.intended_at, s.intended_at, coalesce(s.finished_at, s.intended_at)
  from signatures s join appointments o on o.id = s.appointment_id;
alter table signatures rename to signature_items;
alter table signature_items rename constraint signatures_pkey to signature_items_pkey;
alter table signature_items rename constraint signatures_purpose to signature_items_purpose;
alter table signature_items rename constraint signatures_document_id_fkey to signature_items_document_id_fkey;
alter table signature_items rename constraint signatures_file_id_fkey to signature_items_file_id_fkey;
alter index signatures_document rename to signature_items_document;
drop index signatures_once;
alter table signature_items
  drop constraint signatures_state,
  drop certificate_id,
  drop appointment_id,
  add request_id uuid references signature_requests (id),
  add ordinal integer not null default 1,
  add input_size bigint not null default 0,
  -- what is to be appended, with its hole, once it was prepared; gone when the item is at its end
  add appendix bytea,
  add hole_start bigint not null default 0,
  add hole_end bigint not null default 0,
  add digest bytea, -- over the ByteRange
  add attributes bytea, -- DER of the signed attributes
  add value bytea, -- the raw signature over them; kept before anything else is done with it
  add level text not null default '',
  alter file_id drop not null, -- a document of a batch that could not even begin
  alter input_sha256 drop not null;
update signature_items set request_id = id, state = case state when 'made' then 'done' else 'failed' end;
alter table signature_items
  alter request_id set not null,
  add constraint signature_items_state check (state in ('prepared', 'waiting', 'signed', 'done', 'failed', 'cancelled')),
  add constraint signature_items_file check (state = 'failed' or (file_id is not null and input_sha256 is not null)),
  add constraint signature_items_value check (state <> 'signed' or value is not null or output_sha256 is not null);
create index signature_items_request on signature_items (request_id, ordinal);
create index signature_items_input on signature_items (input_sha256);
create index signature_items_output on signature_items (output_sha256);
-- one signature at a time, and one success, per file and purpose
create unique index signature_items_once on signature_items (file_id, purpose) where state not in ('failed', 'cancelled');

-- Links by which an agent on the user's computer fetches a whole file and brings it back signed.
create table agent_links (
  token_hash bytea primary key, -- SHA-256 of the secret in the address
  item_id uuid not null references signature_items (id),
  session_id uuid not null references sessions (id), -- ends with the link's
  created_at timestamptz not null,
  expires_at timestamptz not null,
  reads integer not null default 0,
  writes integer not null default 0,
  used_at timestamptz -- when the signed file was taken
);
create index agent_links_item on agent_links (item_id);
