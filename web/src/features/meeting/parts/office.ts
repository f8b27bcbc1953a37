import type { AppointmentRef } from '../types';

/** "Giám đốc · Sở Tài chính" */
export function office(person: AppointmentRef): string {
  return [person.position, person.unit_name, person.agency_name].filter(Boolean).join(' · ');
}
