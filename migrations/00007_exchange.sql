-- +goose Up
-- One row per document and recipient agency. Columns that lists filter or sort by are copied from
-- the document at release; a released document no longer changes.
create table deliveries (
  id uuid primary key,
  document_id uuid not null references documents (id),
  sender_id uuid not null references agencies (id),
  recipient_id uuid not null references agencies (id),
  transport text not null constraint deliveries_transport check (transport in ('queued', 'sent', 'delivered', 'failed')),
  status smallint constraint deliveries_status check (status in (1, 2, 3)), -- 01 đã đến, 02 từ chối, 03 tiếp nhận
  urgency smallint not null,
  type_code text not null,
  number text not null,
  symbol text not null,
  issued_on date not null,
  subject text not null,
  sender_name text not null,
  file_count integer not null,
  attempts integer not null default 0, -- attempts that ended
  failure text not null default '', -- message key of the last attempt that failed
  next_try_at timestamptz, -- null when no attempt is planned
  queued_at timestamptz not null,
  changed_at timestamptz not null, -- of the last change of state
  arrived_at timestamptz,
  opened_at timestamptz, -- first opened by somebody of the recipient
  opened_by uuid references appointments (id),
  decided_at timestamptz,
  decided_by uuid references appointments (id),
  arrival_number integer,
  arrival_year integer,
  refusal_reason text not null default '',
  version integer not null default 1,
  constraint deliveries_once unique (document_id, recipient_id),
  constraint deliveries_arrival_number_unique unique (recipient_id, arrival_year, arrival_number),
  constraint deliveries_arrived check ((transport = 'delivered') = (status is not null) and (status is null) = (arrived_at is null)),
  constraint deliveries_accepted check (coalesce(status = 3, false) = (arrival_number is not null) and (arrival_number is null) = (arrival_year is null)),
  constraint deliveries_refused check (coalesce(status = 2, false) = (refusal_reason <> '')),
  constraint deliveries_waits check ((transport in ('queued', 'sent')) = (next_try_at is not null))
);
-- The three ways into the list of incoming documents (internal/exchange/list.go says which is taken when).
create index deliveries_incoming on deliveries (recipient_id, arrived_at desc, id desc) where status is not null;
create index deliveries_incoming_status on deliveries (recipient_id, status, urgency desc, arrived_at desc, id desc) where status is not null;
create index deliveries_incoming_sender on deliveries (recipient_id, sender_id, status, urgency desc, arrived_at desc, id desc) where status is not null;
create index deliveries_due on deliveries (next_try_at) where next_try_at is not null;
create index deliveries_failed on deliveries (sender_id, changed_at desc) where transport = 'failed';
-- History: each change of state is a new row; a state never goes back.
create table delivery_events (
  id uuid primary key,
  delivery_id uuid not null references deliveries (id),
  at timestamptz not null,
  transport text not null,
  status smallint,
  appointment_id uuid references appointments (id),
  reason text not null default ''
);
create index delivery_events_delivery on delivery_events (delivery_id, at, id);
-- Numbers of arrival: taken in the transaction that uses them (NĐ 30/2020 Đ.22).
create table number_series (
  agency_id uuid not null references agencies (id),
  series text not null,
  year integer not null, -- in Asia/Ho_Chi_Minh
  last integer not null constraint number_series_positive check (last > 0),
  primary key (agency_id, series, year)
);
