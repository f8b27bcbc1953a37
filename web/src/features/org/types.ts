import type { components } from '../../api/schema';

type Schemas = components['schemas'];

export type Agency = Schemas['Agency'];
export type AgencyDetail = Schemas['AgencyDetail'];
export type AgencyLevel = Schemas['AgencyLevel'];
export type Unit = Schemas['Unit'];
export type Member = Schemas['Member'];
export type ImportReport = Schemas['ImportReport'];
export type Role = Schemas['AppointmentRef']['roles'][number];

/** Roles of an appointment in the order in which pages show them. */
export const roles: readonly Role[] = [
  'leader',
  'clerk',
  'secretary',
  'specialist',
  'agency_admin',
  'system_admin',
  'auditor',
];
