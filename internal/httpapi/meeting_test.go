package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/conference"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/sfu"
	"nghisu/storage/postgres/pgtest"
)

// person talks to the API as one person.
type person struct {
	t     *testing.T
	api   *API
	token string
}

// do sends one request and reads the answer into out; it returns status and problem.
func (c person) do(method, path string, body any, header map[string]string, out any) (int, Problem) {
	c.t.Helper()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			c.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, "/api/v1"+path, &text)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", id.New[id.Event]().String())
	for k, v := range header {
		r.Header.Set(k, v)
	}
	r.AddCookie(&http.Cookie{Name: SessionCookie, Value: c.token})
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	var p Problem
	if w.Code >= 400 {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	} else if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return w.Code, p
}

// ok is do for a call that must work.
func (c person) ok(method, path string, body any, out any) {
	c.t.Helper()
	if status, p := c.do(method, path, body, nil, out); status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s %+v", method, path, status, p.Key, p.Errors)
	}
}

// meetingAPI is the API with a secretary of agency A and a leader of agency B.
func meetingAPI(t *testing.T) (f *fixture, api *API, secretary, leader person) {
	t.Helper()
	db := pgtest.New(t)
	f = makeFixture(t, db)
	sessions := fakeSessions{
		"secretary": {Actor: f.actorA(access.Secretary, access.Leader), HasAppointment: true},
		"leader":    {Actor: f.actorB(access.Leader), HasAppointment: true},
	}
	api = apiUnderTest(t, db, sessions)
	return f, api, person{t, api, "secretary"}, person{t, api, "leader"}
}

func TestMeetings(t *testing.T) {
	t.Parallel()
	f, _, secretary, leader := meetingAPI(t)
	starts := time.Now().Add(20 * time.Minute).UTC().Truncate(time.Second)
	facts := map[string]any{"title": "Họp giao ban tháng", "starts_at": starts, "ends_at": starts.Add(time.Hour), "place": "Hội trường A",
		"online": true, "chair_id": f.postB, "items": []any{map[string]any{"title": "Khai mạc", "minutes": 5}, map[string]any{"title": "Báo cáo", "minutes": 20}}}
	var m Meeting
	secretary.ok(http.MethodPost, "/meetings", facts, &m)
	if m.State != "draft" || len(m.Items) != 2 || !m.Items[1].StartsAt.Equal(starts.Add(5*time.Minute)) || m.Items[0].Papers == nil {
		t.Errorf("created %+v", m)
	}
	if diff := cmp.Diff([]string{"change", "convene", "cancel"}, m.Can); diff != "" {
		t.Errorf("can (-want +got):\n%s", diff)
	}
	var more Meeting
	secretary.ok(http.MethodPost, "/meetings/"+m.ID.String()+"/items", map[string]any{"title": "Kết luận", "minutes": 5}, &more)

	// an update that names an older version is refused with what is there now, in the same shape
	status, p := secretary.do(http.MethodPut, "/items/"+m.Items[0].ID.String(), map[string]any{"title": "x", "minutes": 1},
		map[string]string{"If-Match": `"1"`}, nil)
	current, _ := p.Current.(map[string]any)
	if status != http.StatusPreconditionFailed || current["version"] != float64(2) || len(current["items"].([]any)) != 3 {
		t.Errorf("lost update: %d %+v", status, p)
	}
	status, p = secretary.do(http.MethodPost, "/meetings", map[string]any{"title": "", "starts_at": "hôm nay"}, nil, nil)
	if status != http.StatusUnprocessableEntity || len(p.Errors) < 3 {
		t.Errorf("bad facts: %d %+v", status, p)
	}
	secretary.ok(http.MethodPost, "/meetings/"+m.ID.String()+"/convene", nil, &m)
	var seen Meeting
	leader.ok(http.MethodGet, "/meetings/"+m.ID.String(), nil, &seen)
	if diff := cmp.Diff([]string{"open", "cancel", "answer", "join", "ask_floor", "lead_floor"}, seen.Can); diff != "" || seen.MyRole != "chair" {
		t.Errorf("chair %s can (-want +got):\n%s", seen.MyRole, diff)
	}
	leader.ok(http.MethodPost, "/meetings/"+m.ID.String()+"/answer", map[string]any{"answer": "accepted"}, &seen)
	var listed ListBody[MeetingSummary]
	leader.ok(http.MethodGet, "/meetings?when=upcoming", nil, &listed)
	if len(listed.Items) != 1 || listed.Items[0].MyAnswer != "accepted" || listed.Items[0].ItemCount != 3 {
		t.Errorf("list %+v", listed)
	}
	var attendance AttendanceList
	leader.ok(http.MethodGet, "/meetings/"+m.ID.String()+"/attendance", nil, &attendance)
	if attendance.Items == nil || len(attendance.Items) != 0 {
		t.Errorf("attendance %+v", attendance)
	}
	status, p = leader.do(http.MethodPost, "/meetings/"+m.ID.String()+"/cancel", map[string]any{"reason": "Bận"}, nil, &m)
	if status != http.StatusOK || m.CancelReason != "Bận" {
		t.Errorf("cancel: %d %+v", status, p)
	}
}

// A page joins a room over the socket of its tab.
func TestRooms_socket(t *testing.T) {
	t.Parallel()
	f, api, _, _ := meetingAPI(t)
	media, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = media.Close() })
	api.Rooms = conferenceRooms{conference.New(conference.Deps{DB: f.db, Meetings: api.Meetings, Media: media, Feed: live.NewFeed(), Hub: api.Hub,
		Log: api.Log, Address: "test"})}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	header := http.Header{"Cookie": {SessionCookie + "=secretary"}, "Origin": {server.URL}}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1)+"/api/v1/live", &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	hear := func(kind string) map[string]any {
		t.Helper()
		for {
			var m map[string]any
			if err := wsjson.Read(t.Context(), conn, &m); err != nil {
				t.Fatal(err)
			}
			if m["type"] == kind {
				return m
			}
		}
	}
	say := func(m map[string]any) {
		t.Helper()
		if err := wsjson.Write(t.Context(), conn, m); err != nil {
			t.Fatal(err)
		}
	}
	hear("hello")
	say(map[string]any{"type": "room.join", "meeting_id": f.params["meeting_id"], "device": "tab", "mic": false, "camera": false})
	joined := hear("room.joined")
	people := joined["participants"].([]any)
	if len(people) != 1 || people[0].(map[string]any)["full_name"] != "Nguyễn Văn A" || joined["leads"] != true {
		t.Errorf("joined %v", joined)
	}
	say(map[string]any{"type": "room.offer", "sdp": "rác"})
	if m := hear("room.closed"); m["reason"] != "bad_description" {
		t.Errorf("closed %v", m)
	}
	say(map[string]any{"type": "room.join", "meeting_id": id.New[id.Meeting](), "device": "tab"})
	if m := hear("room.error"); m["key"] != "request.not_found" {
		t.Errorf("error %v", m)
	}
	say(map[string]any{"type": "ping"})
	hear("pong")
}
