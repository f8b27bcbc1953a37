package httpapi

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"nghisu/internal/access"
	"nghisu/internal/conference"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/sfu"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// deviceClient is a device with a token, before a server with a meeting that can be joined.
type deviceClient struct {
	t     *testing.T
	api   *API
	id    string
	token string
}

func newDeviceClient(t *testing.T) *deviceClient {
	t.Helper()
	db := pgtest.New(t)
	f := makeFixture(t, db)
	api := apiUnderTest(t, db, fakeSessions{})
	media, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = media.Close() })
	api.Conference = conference.New(conference.Deps{DB: db, Meetings: api.Meetings, Media: media, Feed: live.NewFeed(), Hub: live.NewHub(),
		Log: slog.New(slog.DiscardHandler), Now: postgres.Now, Address: "whip", ICEServers: func(id.Person) []conference.ICEServer {
			return []conference.ICEServer{{URLs: []string{"turn:turn.example.vn:3478?transport=udp"}, Username: "u", Credential: "c"}}
		}})
	meetingID, err := id.Parse[id.Meeting](f.params["meeting_id"])
	if err != nil {
		t.Fatal(err)
	}
	added, err := api.Meetings.AddDevice(t.Context(), f.actorA(access.Secretary), meetingID,
		meeting.DeviceFacts{Appointment: f.postA, Name: "Camera", MaySend: true})
	if err != nil {
		t.Fatal(err)
	}
	return &deviceClient{t: t, api: api, id: added.Device.ID.String(), token: added.Token}
}

func (c *deviceClient) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, bytes.NewReader([]byte(body)))
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/sdp")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	return w
}

func offerToSend(t *testing.T) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return o.SDP
}

// The life of a session as RFC 9725 has it: offer, later addresses, ICE restart, end.
func TestWhip_session(t *testing.T) {
	c := newDeviceClient(t)
	w := c.do(http.MethodPost, "/api/v1/whip/"+c.id, offerToSend(t))
	if w.Code != http.StatusCreated || w.Header().Get("Content-Type") != "application/sdp" || !strings.HasPrefix(w.Body.String(), "v=0") {
		t.Fatalf("%d %s %s", w.Code, w.Header(), w.Body)
	}
	session, tag := w.Header().Get("Location"), w.Header().Get("ETag")
	if link := w.Header().Get("Link"); link != `<turn:turn.example.vn:3478?transport=udp>; rel="ice-server"; username="u"; credential="c"; credential-type="password"` {
		t.Errorf("relays %s", link)
	}
	const sdpfrag = "application/trickle-ice-sdpfrag"
	restart := "a=ice-ufrag:neu1\r\na=ice-pwd:0123456789012345678901\r\n"
	for _, step := range []struct {
		name, match, kind, body string
		want                    int
	}{
		{"without the state", "", sdpfrag, restart, http.StatusPreconditionRequired},
		{"of another state", `"old"`, sdpfrag, restart, http.StatusPreconditionFailed},
		{"of another type", tag, "application/json", "{}", http.StatusUnsupportedMediaType},
		{"not a fragment", tag, sdpfrag, "xin chào", http.StatusUnprocessableEntity},
		{"restart", "*", sdpfrag, restart, http.StatusOK},
		{"the same again", "*", sdpfrag, restart + "a=end-of-candidates\r\n", http.StatusNoContent},
		{"of the state before", tag, sdpfrag, restart, http.StatusPreconditionFailed},
	} {
		w := c.do(http.MethodPatch, session, step.body, "If-Match", step.match, "Content-Type", step.kind)
		if w.Code != step.want {
			t.Errorf("%s: %d, want %d: %s", step.name, w.Code, step.want, w.Body)
		}
		if step.want == http.StatusOK && (w.Header().Get("ETag") == tag || !strings.Contains(w.Body.String(), "a=ice-ufrag:") || w.Header().Get("Content-Type") != sdpfrag) {
			t.Errorf("restarted as %s\n%s", w.Header(), w.Body)
		}
	}
	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		if w := c.do(http.MethodDelete, session, ""); w.Code != want {
			t.Errorf("ending: %d, want %d", w.Code, want)
		}
	}
}

func TestWhip_refusals(t *testing.T) {
	c := newDeviceClient(t)
	offer := offerToSend(t)
	own := "/api/v1/whip/" + c.id
	for name, r := range map[string]struct {
		path, body string
		headers    []string
		want       int
		key        string
	}{
		"another token":     {own, offer, []string{"Authorization", "Bearer guess"}, http.StatusUnauthorized, "device.bad_token"},
		"another scheme":    {own, offer, []string{"Authorization", "Basic " + c.token}, http.StatusUnauthorized, "device.bad_token"},
		"another device":    {"/api/v1/whip/" + id.New[id.Device]().String(), offer, nil, http.StatusNotFound, "request.not_found"},
		"the other way":     {"/api/v1/whep/" + c.id, offer, nil, http.StatusForbidden, "device.may_not_receive"},
		"another answer":    {own, offer, []string{"Accept", "application/json"}, http.StatusNotAcceptable, "device.sdp_only"},
		"no common codec":   {own, strings.NewReplacer("VP8", "AV1", "H264", "H265").Replace(offer), nil, http.StatusNotAcceptable, "device.no_codec"},
		"no description":    {own, "xin chào", nil, http.StatusBadRequest, "device.malformed"},
		"another type":      {own, "{}", []string{"Content-Type", "application/json"}, http.StatusUnsupportedMediaType, "device.sdp_only"},
		"too long":          {own, strings.Repeat("a", 300<<10), nil, http.StatusRequestEntityTooLarge, "request.too_large"},
		"receives by WHIP":  {own, strings.Replace(offer, "a=sendonly", "a=recvonly", 1), nil, http.StatusUnprocessableEntity, "device.wrong_direction"},
		"from another site": {own, offer, []string{"Origin", "https://xau.example"}, http.StatusForbidden, "request.cross_origin"},
	} {
		w := c.do(http.MethodPost, r.path, r.body, r.headers...)
		body, _ := io.ReadAll(w.Body)
		if w.Code != r.want || !bytes.Contains(body, []byte(`"key":"`+r.key+`"`)) {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, body, r.want, r.key)
		}
		if r.want == http.StatusUnauthorized && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no challenge", name)
		}
	}
	w := c.do(http.MethodOptions, own, "", "Authorization", "")
	if w.Code != http.StatusNoContent || w.Header().Get("Accept-Post") != "application/sdp" || w.Header().Get("Link") != "" {
		t.Errorf("options without a token: %d %v", w.Code, w.Header())
	}
	if w = c.do(http.MethodOptions, own, ""); w.Header().Get("Link") == "" {
		t.Errorf("options with a token: %d %v", w.Code, w.Header())
	}
	for range badBurst {
		w = c.do(http.MethodPost, own, offer, "Authorization", "Bearer guess")
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("guessing on: %d %v", w.Code, w.Header())
	}
}
