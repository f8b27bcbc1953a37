-- +goose Up
-- Application nodes that are alive; a room lives on one of them by a lease.
create table nodes (
  id uuid primary key,
  internal_address text not null constraint nodes_address_unique unique, -- the same after a restart
  seen_at timestamptz not null
);
-- Expired leases stay until the room moves or its open stays are ended with them.
create table room_leases (
  meeting_id uuid primary key references meetings (id),
  node_id uuid not null,
  expires_at timestamptz not null
);
-- Who was in the room, from when to when: the attendance of the meeting's record.
create table room_stays (
  id uuid primary key,
  meeting_id uuid not null references meetings (id),
  appointment_id uuid not null references appointments (id),
  node_id uuid not null, -- where the person was connected to the room
  device text not null,  -- one browser tab; a reload of it replaces itself
  joined_at timestamptz not null,
  left_at timestamptz,
  leave_reason text not null default ''
);
create index room_stays_open on room_stays (node_id) where left_at is null;
create index room_stays_meeting on room_stays (meeting_id, joined_at);
