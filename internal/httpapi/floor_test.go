package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/conference"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/internal/org"
)

// A page reads the same queue over HTTP and over the socket of a room.
func TestFloor_oneShape(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	item := id.New[id.Item]()
	turn := meeting.Turn{ID: id.New[id.Turn](), Person: org.Appointment{ID: id.New[id.Appointment](), FullName: "Đặng Hoài Nam", Position: "Giám đốc",
		AgencyName: "Sở Y tế", AgencyShortName: "SYT"}, Item: &item, Topic: "Về ngân sách", Asked: true, AskedAt: at, Seconds: 300, State: meeting.Speaking,
		CalledAt: &at, EndsAt: &at, EndedAt: &at}
	for _, f := range []meeting.Floor{
		{Meeting: id.New[id.Meeting](), Version: 7, Mode: meeting.CalledFloor, Chosen: true, Seconds: 300, Now: &turn, Waiting: []meeting.Turn{turn}, Spoken: 3, At: at},
		{Meeting: id.New[id.Meeting](), Mode: meeting.FreeFloor},
	} {
		body, err := json.Marshal(floorBody(f))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(body), string(conference.FloorJSON(f))); diff != "" {
			t.Errorf("the socket says something else (-HTTP +socket):\n%s", diff)
		}
	}
}

func TestFloor_overHTTP(t *testing.T) {
	t.Parallel()
	f, _, secretary, leader := meetingAPI(t)
	var m Meeting
	at := time.Now().UTC().Truncate(time.Second)
	secretary.ok(http.MethodPost, "/meetings", map[string]any{"title": "Họp", "starts_at": at.Add(10 * time.Minute), "ends_at": at.Add(time.Hour),
		"online": true, "chair_id": f.postB, "items": []any{map[string]any{"title": "Mục", "minutes": 5}}}, &m)
	secretary.ok(http.MethodPost, "/meetings/"+m.ID.String()+"/convene", nil, &m)
	floor := "/meetings/" + m.ID.String() + "/floor"
	var own, others Turn
	var now Floor
	secretary.ok(http.MethodPost, floor+"/turns", map[string]any{"topic": "Về tiến độ"}, &own)
	leader.ok(http.MethodPost, floor+"/turns", map[string]any{}, &others)
	if own.State != "waiting" || own.Topic != "Về tiến độ" || !own.Asked {
		t.Errorf("asked: %+v", own)
	}
	leader.ok(http.MethodGet, floor, nil, &now)
	seen := now.Version
	leader.ok(http.MethodPut, floor+"/order", map[string]any{"turn_ids": []id.Turn{others.ID, own.ID}}, &now)
	status, p := leader.do(http.MethodPut, floor+"/order", map[string]any{"turn_ids": []id.Turn{own.ID}}, nil, nil)
	if status != http.StatusConflict || p.Key != "floor.order_changed" {
		t.Errorf("half an order: %d %s", status, p.Key)
	}

	// "the next" of a queue that changed since is refused with the one that is there
	status, p = leader.do(http.MethodPost, floor+"/call", map[string]any{}, map[string]string{"If-Match": strconv.Quote(strconv.Itoa(seen))}, nil)
	current, _ := p.Current.(map[string]any)
	if status != http.StatusPreconditionFailed || current["version"] != float64(now.Version) || len(current["waiting"].([]any)) != 2 {
		t.Errorf("an old queue: %d %+v", status, p)
	}
	leader.ok(http.MethodPost, floor+"/call", map[string]any{"turn_id": own.ID, "seconds": 60}, &now)
	if now.Now == nil || now.Now.ID != own.ID || now.Now.Seconds != 60 || len(now.Waiting) != 1 {
		t.Errorf("called: %+v", now)
	}
	leader.ok(http.MethodPost, floor+"/turns/"+own.ID.String()+"/extend", map[string]any{"seconds": 60}, &now)
	if now.Now.Seconds != 120 || !now.Now.EndsAt.Equal(now.Now.CalledAt.Add(2*time.Minute)) {
		t.Errorf("extended: %+v", now.Now)
	}
	secretary.ok(http.MethodPost, floor+"/turns/"+own.ID.String()+"/end", nil, &now)
	leader.ok(http.MethodPost, floor+"/turns/"+others.ID.String()+"/withdraw", nil, &now)
	if now.Now != nil || len(now.Waiting) != 0 {
		t.Errorf("at the end: %+v", now)
	}
	for _, mode := range []struct {
		say, mode string
		chosen    bool
	}{{"called", "called", true}, {"by_size", "free", false}} {
		leader.ok(http.MethodPut, floor+"/settings", map[string]any{"mode": mode.say, "seconds": 90}, &now)
		if now.Mode != mode.mode || now.ModeChosen != mode.chosen || now.Seconds != 90 {
			t.Errorf("%s: %+v", mode.say, now)
		}
	}
	secretary.ok(http.MethodPost, floor+"/turns", map[string]any{}, nil)
	leader.ok(http.MethodPost, floor+"/clear", nil, &now)
	if len(now.Waiting) != 0 {
		t.Errorf("cleared: %+v", now.Waiting)
	}
	leader.ok(http.MethodPost, "/meetings/"+m.ID.String()+"/open", nil, &m)
	leader.ok(http.MethodPost, floor+"/call", map[string]any{"appointment_id": f.postA}, &now)
	var record TurnList
	secretary.ok(http.MethodGet, floor+"/record", nil, &record)
	if len(record.Items) != 1 || record.Items[0].Asked || record.Items[0].State != "speaking" {
		t.Errorf("record: %+v", record.Items)
	}
}
