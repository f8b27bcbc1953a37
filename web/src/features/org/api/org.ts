import { queryOptions } from '@tanstack/react-query';
import { api, ifMatch, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import { useCommand } from '../../../api/useCommand';
import type { Agency, Role } from '../types';

type Schemas = components['schemas'];
export type AgencyState = 'active' | 'dissolved' | 'all';

export const orgKeys = {
  agencies: ['agencies'] as const,
  list: (filter: AgencyFilter) => ['agencies', 'list', filter] as const,
  one: (id: string) => ['agencies', 'one', id] as const,
  members: (id: string, state: string) => ['agencies', 'members', id, state] as const,
};

export interface AgencyFilter {
  q: string;
  level: string;
  state: AgencyState;
}

/** All agencies of the filter: a city has a few hundred, and a tree needs them together. */
export const agenciesQuery = (filter: AgencyFilter) =>
  queryOptions({
    queryKey: orgKeys.list(filter),
    queryFn: async ({ signal }) => {
      const all: Agency[] = [];
      let after = '';
      do {
        const page = await take(
          api.GET('/api/v1/agencies', { params: { query: { ...filter, after, limit: 200 } }, signal }),
        );
        all.push(...page.items);
        after = page.next;
      } while (after);
      return all;
    },
    placeholderData: (before) => before,
  });

export const levelsQuery = queryOptions({
  queryKey: ['agency-levels'],
  staleTime: 300_000,
  queryFn: async ({ signal }) => (await take(api.GET('/api/v1/agency-levels', { signal }))).items,
});

export const agencyQuery = (id: string) =>
  queryOptions({
    queryKey: orgKeys.one(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/agencies/{agency_id}', { params: { path: { agency_id: id } }, signal })),
  });

export const membersQuery = (id: string, state: 'active' | 'all') =>
  queryOptions({
    queryKey: orgKeys.members(id, state),
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET('/api/v1/agencies/{agency_id}/people', {
            params: { path: { agency_id: id }, query: { state } },
            signal,
          }),
        )
      ).items,
  });

const touches = () => [orgKeys.agencies, ['directory']];

export function useSaveAgency(agency: Agency | null, onDone: (agency: Agency) => void) {
  return useCommand({
    run: (body: Schemas['AgencyChange'], act) =>
      agency
        ? take(
            api.PUT('/api/v1/agencies/{agency_id}', {
              params: { path: { agency_id: agency.id }, header: ifMatch(agency.version) },
              body,
            }),
          )
        : take(api.POST('/api/v1/agencies', { params: { header: act.headers }, body })),
    touches,
    onDone,
  });
}

export function useDissolve(agency: Agency, onDone: () => void) {
  return useCommand({
    run: (body: Schemas['Dissolution'], act) =>
      take(
        api.POST('/api/v1/agencies/{agency_id}/dissolve', {
          params: { path: { agency_id: agency.id }, header: { ...act.headers, ...ifMatch(agency.version) } },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export function useSaveUnit(agencyId: string, unit: Schemas['Unit'] | null, onDone: () => void) {
  return useCommand({
    run: (body: Schemas['UnitChange'], act) =>
      unit
        ? take(
            api.PUT('/api/v1/units/{unit_id}', {
              params: { path: { unit_id: unit.id }, header: ifMatch(unit.version) },
              body,
            }),
          )
        : take(
            api.POST('/api/v1/agencies/{agency_id}/units', {
              params: { path: { agency_id: agencyId }, header: act.headers },
              body,
            }),
          ),
    touches,
    onDone,
  });
}

export function useAddPerson(agencyId: string, onDone: (created: Schemas['PersonCreated']) => void) {
  return useCommand({
    run: (body: Schemas['NewPerson'], act) =>
      take(
        api.POST('/api/v1/agencies/{agency_id}/people', {
          params: { path: { agency_id: agencyId }, header: act.headers },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export interface PersonData {
  full_name: string;
  digital_identity: string;
  email: string;
  phone: string;
}

export function useChangePerson(person: { id: string; version: number }, onDone: () => void) {
  return useCommand({
    run: (body: PersonData) =>
      take(
        api.PUT('/api/v1/people/{person_id}', {
          params: { path: { person_id: person.id }, header: ifMatch(person.version) },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export function useAppoint(personId: string, onDone: () => void) {
  return useCommand({
    run: (body: Schemas['AppointmentChange'], act) =>
      take(
        api.POST('/api/v1/people/{person_id}/appointments', {
          params: { path: { person_id: personId }, header: act.headers },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export function useChangeAppointment(appointmentId: string, version: number, onDone: () => void) {
  return useCommand({
    run: (body: { unit_id?: string; roles: Role[] }) =>
      take(
        api.PUT('/api/v1/appointments/{appointment_id}', {
          params: { path: { appointment_id: appointmentId }, header: ifMatch(version) },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export function useEndAppointment(appointmentId: string, onDone: () => void) {
  return useCommand({
    run: (on: string, act) =>
      take(
        api.POST('/api/v1/appointments/{appointment_id}/end', {
          params: { path: { appointment_id: appointmentId }, header: act.headers },
          body: { on },
        }),
      ),
    touches,
    onDone,
  });
}

export function useResetPassword(personId: string, onDone: (password: string) => void) {
  return useCommand({
    run: (_: null, act) =>
      take(
        api.POST('/api/v1/people/{person_id}/password-reset', {
          params: { path: { person_id: personId }, header: act.headers },
        }),
      ),
    touches,
    onDone: (result) => onDone(result.temporary_password),
  });
}

export type AccountAct = 'unlock' | 'disable' | 'enable';

export function useAccountAct(personId: string, act: AccountAct, onDone: () => void) {
  return useCommand({
    run: (_: null, { headers }) =>
      take(
        api.POST(`/api/v1/people/{person_id}/${act}`, {
          params: { path: { person_id: personId }, header: headers },
        }),
      ),
    touches,
    onDone,
  });
}

export interface ImportInput {
  kind: 'agencies' | 'people';
  csv: string;
  dry_run: boolean;
}

export function useImport() {
  return useCommand({
    run: (body: ImportInput, act) => take(api.POST('/api/v1/org/import', { params: { header: act.headers }, body })),
    touches,
  });
}
