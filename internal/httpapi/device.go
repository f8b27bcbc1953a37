package httpapi

import (
	"context"
	"net/http"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/conference"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
)

// RoomDevice is a room codec, an encoder or a player in an invited person's place.
type RoomDevice struct {
	ID            id.Device      `json:"id" format:"uuid"`
	Name          string         `json:"name"`
	Appointment   AppointmentRef `json:"appointment" doc:"In whose place it stands"`
	Role          string         `json:"role" enum:",chair,secretary,operator,hall,point,member,observer" doc:"Of that invitation; empty when there is none any more"`
	MaySend       bool           `json:"may_send" doc:"By WHIP"`
	MayReceive    bool           `json:"may_receive" doc:"By WHEP"`
	State         string         `json:"state" enum:"working,revoked,expired"`
	CreatedByName string         `json:"created_by_name"`
	CreatedAt     time.Time      `json:"created_at"`
	ExpiresAt     time.Time      `json:"expires_at"`
	LastUsedAt    *time.Time     `json:"last_used_at"`
	SendsSince    *time.Time     `json:"sends_since" doc:"Null while it does not"`
	ReceivesSince *time.Time     `json:"receives_since" doc:"Null while it does not"`
	WHIPPath      string         `json:"whip_path" doc:"Path on this server that it sends to; empty when it may not"`
	WHEPPath      string         `json:"whep_path" doc:"Path on this server that it receives from; empty when it may not"`
}

// RoomDeviceList are the devices of a meeting that the caller looks after.
type RoomDeviceList struct {
	Items []RoomDevice `json:"items" nullable:"false"`
}

// NewRoomDevice is a device to be given a token.
type NewRoomDevice struct {
	AppointmentID id.Appointment `json:"appointment_id" format:"uuid" doc:"Of the invited person in whose place it stands"`
	Name          string         `json:"name" minLength:"1" maxLength:"100"`
	MaySend       bool           `json:"may_send"`
	MayReceive    bool           `json:"may_receive"`
}

// RoomDeviceAdded is a new device with its token.
type RoomDeviceAdded struct {
	Device RoomDevice `json:"device"`
	Token  string     `json:"token" doc:"Shown this once; empty in the answer to a repeat"`
}

// DevicePath names a device of a meeting in the address.
type DevicePath struct {
	MeetingPath
	Device id.Device `path:"device_id" format:"uuid"`
}

// registerDevices adds the routes by which people look after room devices.
func (a *API) registerDevices() {
	const tag, path = "meeting", "/meetings/{meeting_id}/devices"
	get(a, Op{ID: "list-devices", Path: path, Tag: tag, Access: Acting, Summary: "Room devices of a meeting that the caller looks after"},
		func(ctx context.Context, actor access.Actor, in *MeetingPath) (*Answer[RoomDeviceList], error) {
			found, err := a.Conference.Devices(ctx, actor, in.Meeting)
			if err != nil {
				return nil, err
			}
			out := RoomDeviceList{Items: make([]RoomDevice, len(found))}
			for i, d := range found {
				out.Items[i] = a.roomDevice(d)
			}
			return answer(out), nil
		})
	post(a, Op{ID: "add-device", Path: path, Tag: tag, Access: Acting, Status: http.StatusCreated, Summary: "Give a room device a token"},
		func(ctx context.Context, actor access.Actor, in *struct {
			MeetingPath
			Body NewRoomDevice
		}) (*Answer[RoomDeviceAdded], error) {
			added, err := a.Meetings.AddDevice(ctx, actor, in.Meeting, meeting.DeviceFacts{Appointment: in.Body.AppointmentID,
				Name: in.Body.Name, MaySend: in.Body.MaySend, MayReceive: in.Body.MayReceive})
			if err != nil {
				return nil, err
			}
			return answer(RoomDeviceAdded{Device: a.roomDevice(conference.DevicePresence{Device: added.Device}), Token: added.Token}), nil
		})
	del(a, Op{ID: "revoke-device", Path: path + "/{device_id}", Tag: tag, Access: Acting, Status: http.StatusNoContent,
		Summary: "End a device's token; the device leaves the room at once"},
		func(ctx context.Context, actor access.Actor, in *DevicePath) (*struct{}, error) {
			return nil, a.Meetings.RevokeDevice(ctx, actor, in.Meeting, in.Device)
		})
}

func (a *API) roomDevice(d conference.DevicePresence) RoomDevice {
	out := RoomDevice{ID: d.ID, Name: d.Name, Appointment: appointmentRef(d.Person), Role: string(d.Role), MaySend: d.MaySend, MayReceive: d.MayReceive,
		State: "working", CreatedByName: d.CreatedBy, CreatedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt, LastUsedAt: d.LastUsedAt,
		SendsSince: d.SendsSince, ReceivesSince: d.ReceivesSince}
	switch {
	case d.RevokedAt != nil:
		out.State = "revoked"
	case !d.Works(a.Now()):
		out.State = "expired"
	}
	if d.MaySend {
		out.WHIPPath = prefix + "/whip/" + d.ID.String()
	}
	if d.MayReceive {
		out.WHEPPath = prefix + "/whep/" + d.ID.String()
	}
	return out
}
