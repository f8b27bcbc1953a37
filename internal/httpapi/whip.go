package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"nghisu/internal/access"
	"nghisu/internal/conference"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/internal/sfu/whip"
)

// Device is a route for room devices: the caller shows a device's token (Authorization: Bearer) and is no
// person, whatever cookie comes along.
var Device = Access{kind: "device"}

// How often devices may ask. A device that lost its network comes back every few seconds.
const (
	deviceBurst = 30
	deviceEvery = 2 * time.Second
	badBurst    = 20 // wrong tokens from one address
	badEvery    = 3 * time.Second
	retryAfter  = 5 // seconds that a device is asked to wait
)

// registerWhip adds the resources of WHIP (RFC 9725), by which devices send, and WHEP, by which they receive.
// They are no pages of other sites, so there are no CORS headers: a browser of our own origin needs none, and
// others shall not act with a token.
func (a *API) registerWhip() {
	a.goodDevices, a.badTokens = newLimiter(deviceBurst, deviceEvery), newLimiter(badBurst, badEvery)
	for _, way := range []struct {
		name, verb string
		way        conference.Way
	}{{"whip", "sends into", conference.Sends}, {"whep", "receives from", conference.Receives}} {
		op := Op{ID: way.name, Path: "/" + way.name + "/{device_id}", Tag: "meeting", Access: Device}
		session := op
		session.Path += "/sessions/{stay_id}"
		a.device(http.MethodPost, named(op, "open-", http.StatusCreated, "A device "+way.verb+" its meeting's room: offer in, answer out"), whip.TypeOffer,
			func(w http.ResponseWriter, r *http.Request, d meeting.Device) error {
				return a.openDevice(w, r, d, way.way)
			})
		a.device(http.MethodPatch, named(session, "patch-", http.StatusOK, "Later addresses, or an ICE restart"), whip.TypeFragment,
			func(w http.ResponseWriter, r *http.Request, d meeting.Device) error {
				found, err := a.Conference.DeviceSession(d.ID, way.way, chi.URLParam(r, "stay_id"))
				if err != nil {
					return err
				}
				return whip.Patch(w, r, found)
			})
		a.device(http.MethodDelete, named(session, "end-", http.StatusOK, "End the session"), "application/json",
			func(w http.ResponseWriter, r *http.Request, d meeting.Device) error {
				if err := a.Conference.EndDevice(d.ID, way.way, chi.URLParam(r, "stay_id")); err != nil {
					return err
				}
				w.WriteHeader(http.StatusOK)
				return nil
			})
		options := named(op, "options-", http.StatusNoContent, "What may be posted; relays too, for a device that shows its token")
		options.Access = Public
		a.raw(http.MethodOptions, options, "application/json", a.deviceOptions)
	}
}

func named(op Op, verb string, status int, summary string) Op {
	op.ID, op.Status, op.Summary = verb+op.ID, status, summary
	return op
}

// device registers a handler of a device's requests.
func (a *API) device(method string, op Op, contentType string, h func(w http.ResponseWriter, r *http.Request, d meeting.Device) error) {
	a.raw(method, op, contentType, func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		d, err := a.deviceOf(r)
		if err == nil {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyPause)) // not every server has deadlines
			err = h(w, r, d)
		}
		return a.deviceProblem(w, err)
	})
}

// deviceOf finds the device whose token the request shows.
func (a *API) deviceOf(r *http.Request) (meeting.Device, error) {
	address, now := callerOf(r.Context()).address, a.Now()
	if a.badTokens.spent(address, now) {
		return meeting.Device{}, errs.New(errs.TooMany, "device.too_often")
	}
	d, err := meeting.Device{}, error(errs.New(errs.Unauthenticated, "device.bad_token"))
	if token := whip.Bearer(r); token != "" {
		d, err = a.Meetings.DeviceByToken(r.Context(), token)
	}
	switch {
	case errs.Is(err, errs.Unauthenticated):
		a.badTokens.allow(address, now)
		return meeting.Device{}, err
	case err != nil:
		return meeting.Device{}, err
	}
	eventOf(r.Context()).add(slog.String("device", d.ID.String()))
	switch named, err := id.Parse[id.Device](chi.URLParam(r, "device_id")); {
	case err != nil || named != d.ID:
		return meeting.Device{}, errs.Missing()
	case !a.goodDevices.allow(d.ID.String(), now):
		return meeting.Device{}, errs.New(errs.TooMany, "device.too_often")
	}
	return d, nil
}

func (a *API) openDevice(w http.ResponseWriter, r *http.Request, d meeting.Device, way conference.Way) error {
	offer, err := whip.ReadOffer(w, r)
	if err != nil {
		return err
	}
	session, err := a.Conference.JoinDevice(r.Context(), conference.DeviceJoin{Device: d, Way: way, Offer: offer})
	if err != nil {
		return err
	}
	links(w, session.ICEServers)
	whip.Created(w, r.URL.Path+"/sessions/"+session.ID, session, session.Answer)
	return nil
}

func links(w http.ResponseWriter, servers []conference.ICEServer) {
	out := make([]whip.Server, len(servers))
	for i, s := range servers {
		out[i] = whip.Server(s)
	}
	whip.Links(w, out)
}

// deviceOptions tells what may be posted. Relays have passwords, so they are told to the device only.
func (a *API) deviceOptions(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if whip.Bearer(r) != "" {
		d, err := a.deviceOf(r)
		if err != nil {
			return a.deviceProblem(w, err)
		}
		if a.Conference.ICEServers != nil {
			links(w, a.Conference.ICEServers(d.Person.Person))
		}
	}
	w.Header().Set("Allow", "POST, OPTIONS")
	w.Header().Set("Accept-Post", whip.TypeOffer)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// statusError answers with a status of its own instead of that of the error's code.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// The statuses that RFC 9725 gives to refusals which are one code for us.
var deviceStatuses = map[string]int{"device.malformed": http.StatusBadRequest, "device.no_codec": http.StatusNotAcceptable}

// refusals are the keys of what the protocol refuses by itself.
var refusals = map[int]error{
	http.StatusBadRequest:            errs.New(errs.Invalid, "device.malformed"),
	http.StatusNotFound:              errs.Missing(),
	http.StatusNotAcceptable:         errs.New(errs.Invalid, "device.sdp_only"),
	http.StatusPreconditionFailed:    errs.New(errs.Stale, "device.stale"),
	http.StatusRequestEntityTooLarge: errs.New(errs.TooLarge, "request.too_large"),
	http.StatusUnsupportedMediaType:  errs.New(errs.Unsupported, "device.sdp_only"),
	http.StatusUnprocessableEntity:   errs.New(errs.Invalid, "device.bad_description"),
	http.StatusPreconditionRequired:  errs.New(errs.Invalid, "device.stale"),
}

// deviceProblem gives an error the status and the headers that devices look at.
func (a *API) deviceProblem(w http.ResponseWriter, err error) error {
	var refused *whip.Refusal
	if errors.As(err, &refused) {
		if known, ok := refusals[refused.Status]; ok {
			err = statusError{known, refused.Status}
		}
	}
	var known *errs.Error
	if !errors.As(err, &known) {
		return err
	}
	if status, ok := deviceStatuses[known.Key]; ok {
		err = statusError{err, status}
	}
	switch {
	case known.Code == errs.Unauthenticated:
		w.Header().Set("WWW-Authenticate", `Bearer realm="nghisu", error="invalid_token"`)
	case known.Code == errs.TooMany, known.Code == errs.Unavailable, known.Key == "conference.other_node":
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	return err
}
