import { expect, it } from 'vitest';
import type { Meeting, RoomDevice } from '../types';
import { places, setups, tendsDevices } from './deviceSetup';

const device = { whip_path: '/api/v1/whip/d1', whep_path: '/api/v1/whep/d1' } as RoomDevice;

it('writes command lines with the whole address and the token', () => {
  const all = setups(device, 'https://hop.example.vn', 'bi-mat');
  expect(all.map((s) => `${s.program} ${s.way}`)).toEqual([
    'obs send',
    'ffmpeg send',
    'gstreamer send',
    'gstreamer receive',
  ]);
  expect(all[1]?.command).toContain('-f whip -authorization "bi-mat" "https://hop.example.vn/api/v1/whip/d1"');
  expect(all[2]?.command).toContain('signaller::whip-endpoint="https://hop.example.vn/api/v1/whip/d1"');
  expect(all[3]?.command).toContain('signaller::whep-endpoint="https://hop.example.vn/api/v1/whep/d1"');
});

it('shows only what the device may do', () => {
  expect(setups({ ...device, whip_path: '' }, '', 't').map((s) => s.way)).toEqual(['receive']);
  expect(setups({ ...device, whep_path: '' }, '', 't').every((s) => s.way === 'send')).toBe(true);
});

const person = (id: string, role: string) => ({ appointment: { id }, role });
const meeting = (my_role: string, state = 'live', can: string[] = []) =>
  ({
    online: true,
    state,
    can,
    my_role,
    invitations: [person('a', 'chair'), person('b', 'point'), person('c', 'hall')],
  }) as unknown as Meeting;

it('lets who leads look after all devices, a point after its own', () => {
  expect(tendsDevices(meeting('operator'))).toBe('all');
  expect(tendsDevices(meeting('', 'draft', ['change']))).toBe('all');
  expect(tendsDevices(meeting('point'))).toBe('own');
  expect(tendsDevices(meeting('member'))).toBe('none');
  expect(tendsDevices(meeting('chair', 'closed'))).toBe('none');
});

it('offers halls and points first, and a point only itself', () => {
  expect(places(meeting('chair'), 'a').map((i) => i.appointment.id)).toEqual(['c', 'b', 'a']);
  expect(places(meeting('point'), 'b').map((i) => i.appointment.id)).toEqual(['b']);
});
