import type { components } from '../../api/schema';

type Schemas = components['schemas'];

export type Meeting = Schemas['Meeting'];
export type MeetingSummary = Schemas['MeetingSummary'];
export type AgendaItem = Schemas['AgendaItem'];
export type Paper = Schemas['Paper'];
export type Invitation = Schemas['Invitation'];
export type AppointmentRef = Schemas['AppointmentRef'];
export type HeldTurn = Schemas['Turn'];
export type RoomDevice = Schemas['RoomDevice'];
export type NewRoomDevice = Schemas['NewRoomDevice'];
export type RoomDeviceAdded = Schemas['RoomDeviceAdded'];
