package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/inbox"
	"nghisu/internal/signing/images"
)

// office is a server with documents, exchange and work, on a small city.
type office struct {
	transfers
	*exchangetest.World
}

func newOffice(t *testing.T) office {
	t.Helper()
	w := exchangetest.New(t)
	o := office{transfers{t, "", ""}, w}
	first := w.Receivers[0]
	o.serveAs(t, map[string]access.Actor{"clerk": w.Sender.Clerk, "leader": w.Sender.Leader, "specialist": w.Sender.Specialist,
		"their clerk": first.Clerk, "their leader": first.Leader, "their specialist": first.Specialist, "third": w.Receivers[1].Clerk})
	return o
}

// serveAs serves the office to people by their names.
func (o *office) serveAs(t *testing.T, people map[string]access.Actor) {
	t.Helper()
	a := New(Deps{DB: o.DB, Log: slog.New(slog.DiscardHandler), Version: "test", Objects: o.Store, Uploads: o.Uploads,
		Documents: o.Documents, Exchange: o.Exchange, Inbox: inbox.New(inbox.Deps{DB: o.DB, Now: o.Clock.Now}),
		Images: images.New(images.Deps{DB: o.DB, Store: o.Store, Uploads: o.Uploads}), Sessions: knownSessions(people)})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	o.url = server.URL + prefix
}

// call sends JSON and reads JSON.
func call[T any](o office, who, method, path string, status int, body any, header ...string) (out T) {
	o.t.Helper()
	var content []byte
	if body != nil {
		content = encode(o.t, body)
	}
	if method == http.MethodPut {
		header = append(header, "Content-Type", "application/json")
	}
	r := o.do(who, method, path, bytes.NewReader(content), header...)
	if r.status != status {
		o.t.Fatalf("%s %s as %s: %d instead of %d: %s", method, path, who, r.status, status, r.body)
	}
	if len(r.body) > 0 {
		if err := json.Unmarshal(r.body, &out); err != nil {
			o.t.Fatalf("%s %s: %v in %s", method, path, err, r.body)
		}
	}
	return out
}

func (o office) input() DocumentInput {
	annex, main := o.Upload(o.t, o.Sender.Clerk, "phu-luc"), o.Upload(o.t, o.Sender.Clerk, "quyet-dinh")
	in := DocumentInput{TypeCode: "QĐ", Symbol: "QĐ-STC", Subject: "Về việc phân bổ kinh phí",
		Urgency: 2, SignerID: &o.Sender.Leader.Appointment, Files: []DocumentFileInput{{UploadID: &annex}, {UploadID: &main, Main: true}}}
	for _, r := range o.Receivers {
		in.RecipientIDs = append(in.RecipientIDs, r.Agency)
	}
	return in
}

// The road of a document over HTTP, from the upload to the number of arrival.
func TestExchange_story(t *testing.T) {
	o := newOffice(t)
	types := call[ListBody[DocumentType]](o, "clerk", "GET", "/document-types", 200, nil)
	if len(types.Items) != 29 {
		t.Errorf("%d types", len(types.Items))
	}
	d := call[Document](o, "clerk", "POST", "/documents", 201, o.input())
	if d.Code != "" || d.IssuedOn != nil || d.TypeName == "" || d.Files[0].Name != "quyet-dinh.pdf" || d.Signer.FullName != o.Sender.Leader.Name {
		t.Errorf("created %+v", d)
	}
	if diff := cmp.Diff([]string{"change", "layout", "submit", "cancel"}, d.Can); diff != "" {
		t.Errorf("can (-want +got):\n%s", diff)
	}
	path := "/documents/" + d.ID.String()
	d = call[Document](o, "clerk", "POST", path+"/submit", 200, nil, "If-Match", fmt.Sprintf(`"%d"`, d.Version))
	if work := call[Work](o, "leader", "GET", "/work", 200, nil); len(work.Items) != 1 || work.Items[0].Kind != "sign" || work.Items[0].Code != d.Code {
		t.Errorf("the leader's work: %+v", work)
	}
	d = call[Document](o, "leader", "POST", path+"/return", 200, ReasonInput{"Sai căn cứ"})
	in := o.input()
	in.Files = []DocumentFileInput{{FileID: &d.Files[0].ID, Main: true}, {FileID: &d.Files[1].ID}}
	in.Subject = "Về việc phân bổ kinh phí năm 2027"
	d = call[Document](o, "clerk", "PUT", path, 200, in, "If-Match", fmt.Sprintf(`"%d"`, d.Version))
	call[Document](o, "clerk", "POST", path+"/submit", 200, nil)
	o.Sign(t, d.ID, o.Sender.Leader, document.ByLeader)
	n := call[DocumentNumber](o, "clerk", "GET", path+"/number-suggestion", 200, nil)
	if diff := cmp.Diff(DocumentNumber{Number: "01", IssuedOn: "2026-11-24"}, n); diff != "" {
		t.Errorf("suggested number (-want +got):\n%s", diff)
	}
	n.Number = "05"
	if d = call[Document](o, "clerk", "POST", path+"/number", 200, n); d.Code != "05/QĐ-STC" || *d.IssuedOn != "2026-11-24" || d.State != "numbered" {
		t.Errorf("numbered %+v", d)
	}
	o.Sign(t, d.ID, o.Sender.Clerk, document.BySeal)
	d = call[Document](o, "clerk", "POST", path+"/send", 200, nil)
	if d.State != "released" || d.ReleasedAt == nil {
		t.Errorf("sent %+v", d)
	}
	sent := call[ListBody[OutgoingDelivery]](o, "clerk", "GET", path+"/deliveries", 200, nil)
	if len(sent.Items) != 4 || sent.Items[0].Transport != "queued" || sent.Items[0].Status != nil {
		t.Fatalf("deliveries %+v", sent)
	}
	if got := call[ListBody[Delivery]](o, "their clerk", "GET", "/deliveries", 200, nil); len(got.Items) != 0 {
		t.Errorf("seen before arrival: %+v", got)
	}
	for _, x := range sent.Items {
		if err := o.Exchange.Deliver(t.Context(), x.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	o.receive(t, d)
	list := call[ListBody[DocumentSummary]](o, "clerk", "GET", "/documents?state=released", 200, nil)
	if len(list.Items) != 1 || list.Items[0].DeliveryCounts != (DeliveryCounts{Delivered: 2, Accepted: 1, Refused: 1}) {
		t.Errorf("list %+v", list)
	}
}

// receive is the recipients' half of the story.
func (o office) receive(t *testing.T, d Document) {
	t.Helper()
	if n := call[WaitingCounts](o, "their leader", "GET", "/deliveries/counts", 200, nil); n.Waiting != 1 {
		t.Errorf("%d waiting", n.Waiting)
	}
	page := call[ListBody[Delivery]](o, "their clerk", "GET", "/deliveries?state=waiting&urgency=2&from=2026-11-24&to=2026-11-24&sender_id="+o.Sender.Agency.String(), 200, nil)
	if len(page.Items) != 1 || page.Items[0].Code != d.Code || page.Items[0].SenderName != o.Sender.Name || page.Items[0].Status != 1 {
		t.Fatalf("incoming %+v", page)
	}
	path := "/deliveries/" + page.Items[0].ID.String()
	detail := call[DeliveryDetail](o, "their clerk", "GET", path, 200, nil)
	if detail.DocumentTypeName == "" || detail.SignerName != o.Sender.Leader.Name || len(detail.Files) != 2 || len(detail.Events) != 3 || detail.SuggestedArrivalNumber != 1 {
		t.Errorf("detail %+v", detail)
	}
	if diff := cmp.Diff([]string{"open", "accept", "refuse"}, detail.Can); diff != "" {
		t.Errorf("can (-want +got):\n%s", diff)
	}
	r := o.do("their clerk", "GET", path+"/files/"+detail.Files[0].ID.String(), nil, "Range", "bytes=0-7")
	if r.status != http.StatusPartialContent || string(r.body) != "%PDF-1.7" || r.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("file: %d %s %s", r.status, r.header, r.body)
	}
	call[Delivery](o, "their clerk", "POST", path+"/open", 200, nil)
	version := page.Items[0].Version
	accepted := call[Delivery](o, "their clerk", "POST", path+"/accept", 200, nil, "If-Match", fmt.Sprintf(`"%d"`, version), "Idempotency-Key", "accept-05-QD")
	again := call[Delivery](o, "their clerk", "POST", path+"/accept", 200, nil, "If-Match", fmt.Sprintf(`"%d"`, version), "Idempotency-Key", "accept-05-QD")
	if diff := cmp.Diff(accepted, again); diff != "" || *accepted.ArrivalNumber != 1 || accepted.Status != 3 {
		t.Errorf("accepted %+v, repeated (-first +again):\n%s", accepted, diff)
	}
	conflict := call[Problem](o, "their clerk", "POST", path+"/refuse", 409, ReasonInput{"Nhầm"})
	if now, ok := conflict.Current.(map[string]any); !ok || now["arrival_number"] != 1.0 || !strings.Contains(conflict.Title, "số đến 1") {
		t.Errorf("conflict %+v", conflict)
	}
	third := call[ListBody[Delivery]](o, "third", "GET", "/deliveries", 200, nil)
	refused := call[Delivery](o, "third", "POST", "/deliveries/"+third.Items[0].ID.String()+"/refuse", 200, ReasonInput{"Sai nơi nhận"})
	if refused.Status != 2 || refused.RefusalReason != "Sai nơi nhận" {
		t.Errorf("refused %+v", refused)
	}
	seen := call[ListBody[OutgoingDelivery]](o, "clerk", "GET", "/documents/"+d.ID.String()+"/deliveries", 200, nil)
	if s := seen.Items[0]; s.OpenedAt == nil || *s.ArrivalNumber != 1 || *s.Status != 3 || seen.Items[1].Note != "Sai nơi nhận" {
		t.Errorf("the sender sees %+v", seen)
	}
	work := call[Work](o, "clerk", "GET", "/work", 200, nil)
	if len(work.Sent) != 1 || work.Sent[0].Total != 4 || work.Sent[0].Accepted != 1 || work.Sent[0].Refused != 1 || work.Sent[0].Waiting != 2 {
		t.Errorf("work %+v", work)
	}
}

func TestExchange_refusals(t *testing.T) {
	o := newOffice(t)
	draft := o.Draft(t)
	arrived := o.Arrived(t)
	detail, err := o.Exchange.GetIncoming(t.Context(), o.Receivers[0].Clerk, arrived[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	document, delivery := "/documents/"+draft.ID.String(), "/deliveries/"+arrived[0].ID.String()
	file := "/files/" + detail.Files[0].ID.String()
	nobody := id.New[id.Delivery]().String()
	bad := o.input()
	bad.Symbol = "QĐ STC"
	for name, c := range map[string]struct {
		who, method, path string
		body              any
		status            int
		key               string
	}{
		"document of another agency":     {"their clerk", "GET", document, nil, 404, "request.not_found"},
		"document that is none":          {"clerk", "GET", "/documents/" + nobody, nil, 404, "request.not_found"},
		"submit by another agency":       {"their clerk", "POST", document + "/submit", nil, 404, "request.not_found"},
		"submit by the leader":           {"leader", "POST", document + "/submit", nil, 403, "access.role_missing"},
		"return of a draft":              {"leader", "POST", document + "/return", ReasonInput{"x"}, 409, "document.wrong_state.draft"},
		"cancel without a reason":        {"clerk", "POST", document + "/cancel", ReasonInput{" "}, 422, "request.invalid"},
		"number of a draft":              {"clerk", "POST", document + "/number", DocumentNumber{"01", "2026-11-24"}, 409, "document.wrong_state.draft"},
		"number by the leader":           {"leader", "POST", document + "/number", DocumentNumber{"01", "2026-11-24"}, 403, "access.role_missing"},
		"number on no day":               {"clerk", "POST", document + "/number", DocumentNumber{"01", "2026-13-01"}, 422, "request.invalid"},
		"suggestion to the leader":       {"leader", "GET", document + "/number-suggestion", nil, 403, "access.role_missing"},
		"suggestion to another agency":   {"their clerk", "GET", document + "/number-suggestion", nil, 404, "request.not_found"},
		"send of a draft":                {"clerk", "POST", document + "/send", nil, 409, "document.wrong_state.draft"},
		"bad input":                      {"clerk", "POST", "/documents", bad, 422, "request.invalid"},
		"deliveries of another's":        {"their clerk", "GET", "/documents/" + arrived[0].Document.String() + "/deliveries", nil, 404, "request.not_found"},
		"list with a bad cursor":         {"clerk", "GET", "/documents?after=x", nil, 422, "request.bad_cursor"},
		"incoming by a specialist":       {"their specialist", "GET", "/deliveries", nil, 403, "access.role_missing"},
		"incoming with a bad day":        {"their clerk", "GET", "/deliveries?from=yesterday", nil, 422, "request.invalid"},
		"incoming with a bad sender":     {"their clerk", "GET", "/deliveries?sender_id=x", nil, 422, "request.invalid"},
		"delivery of another recipient":  {"third", "GET", delivery, nil, 404, "request.not_found"},
		"delivery read by its sender":    {"clerk", "GET", delivery, nil, 404, "request.not_found"},
		"accepted by another":            {"third", "POST", delivery + "/accept", nil, 404, "request.not_found"},
		"accepted by the leader":         {"their leader", "POST", delivery + "/accept", nil, 403, "access.role_missing"},
		"refused without a reason":       {"their clerk", "POST", delivery + "/refuse", ReasonInput{}, 422, "request.invalid"},
		"retry by the recipient":         {"their clerk", "POST", delivery + "/retry", nil, 404, "request.not_found"},
		"retry of what arrived":          {"clerk", "POST", delivery + "/retry", nil, 409, "exchange.not_failed"},
		"file of a delivery to another":  {"third", "GET", delivery + file, nil, 404, "request.not_found"},
		"file that is no id":             {"their clerk", "GET", delivery + "/files/x", nil, 404, "request.not_found"},
		"own file of another document":   {"clerk", "GET", document + file, nil, 404, "request.not_found"},
		"revision that is no number":     {"clerk", "GET", document + "/files/" + draft.Files[0].ID.String() + "?revision=x", nil, 422, "request.invalid"},
		"revision that never was":        {"clerk", "GET", document + "/files/" + draft.Files[0].ID.String() + "?revision=7", nil, 404, "request.not_found"},
		"another's document as incoming": {"their clerk", "GET", "/deliveries/" + nobody, nil, 404, "request.not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			p := call[Problem](o, c.who, c.method, c.path, c.status, c.body)
			if p.Key != c.key {
				t.Errorf("key %s instead of %s", p.Key, c.key)
			}
		})
	}
	stale := call[Problem](o, "clerk", "POST", document+"/submit", 412, nil, "If-Match", `"9"`)
	if now, ok := stale.Current.(map[string]any); !ok || now["code"] != draft.Code() || now["can"] == nil {
		t.Errorf("stale: %+v", stale)
	}
}
