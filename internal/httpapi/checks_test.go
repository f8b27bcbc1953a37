package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/id"
	"nghisu/internal/signing/pdftest"
	"nghisu/storage/postgres/pgtest"
)

// desk is one person's way to the API.
type desk struct {
	t     *testing.T
	api   *API
	token string
}

func (d desk) do(method, path string, body []byte, header ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, prefix+path, bytes.NewReader(body))
	r.AddCookie(&http.Cookie{Name: SessionCookie, Value: d.token})
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", id.New[id.Event]().String())
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, r)
	return w
}

// get reads JSON into out.
func (d desk) get(method, path string, body any, out any) {
	d.t.Helper()
	var text []byte
	if body != nil {
		text = encode(d.t, body)
	}
	w := d.do(method, path, text)
	if w.Code/100 != 2 {
		d.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (d desk) upload(name string, content []byte) id.Upload {
	d.t.Helper()
	var u Upload
	d.get(http.MethodPost, "/uploads", map[string]any{"name": name, "size": len(content)}, &u)
	if w := d.do(http.MethodPut, "/uploads/"+u.ID.String()+"/content", content, "Upload-Offset", "0"); w.Code/100 != 2 {
		d.t.Fatalf("%d %s", w.Code, w.Body)
	}
	d.get(http.MethodPost, "/uploads/"+u.ID.String()+"/complete", nil, &u)
	return u.ID
}

// changed is a file of two states that differ in one figure.
func changed() (first, both []byte) {
	first = pdftest.Page("Pay 100")
	return first, pdftest.Append(first, []pdftest.Object{{Num: 4, Body: pdftest.Stream("", "BT /F1 18 Tf 72 700 Td (Pay 900) Tj ET")}}, "/Root 1 0 R", nil)
}

func twoDesks(t *testing.T) (mine, theirs desk) {
	t.Helper()
	db := pgtest.New(t)
	f := makeFixture(t, db)
	api := apiUnderTest(t, db, fakeSessions{
		"a": auth.Resolved{Actor: f.actorA(access.Specialist), HasAppointment: true},
		"b": auth.Resolved{Actor: f.actorB(access.Roles...), HasAppointment: true},
	})
	return desk{t, api, "a"}, desk{t, api, "b"}
}

// Anybody has a file checked, opens its states, sees what changed, and forgets it; nobody else sees any of it.
func TestChecks(t *testing.T) {
	mine, theirs := twoDesks(t)
	first, both := changed()
	var c SignatureCheck
	mine.get(http.MethodPost, "/signature-checks", map[string]any{"upload_id": mine.upload("Hợp đồng.pdf", both)}, &c)
	if c.Verdict.Overall != "unsigned" || c.CheckedAt == nil || c.Name != "Hợp đồng.pdf" || c.Size != int64(len(both)) || len(c.SHA256) != 64 {
		t.Errorf("check %+v", c)
	}
	path := "/signature-checks/" + c.ID.String()
	var list ListBody[SignatureCheck]
	mine.get(http.MethodGet, "/signature-checks?limit=1", nil, &list)
	if len(list.Items) != 1 || list.Items[0].ID != c.ID || list.Items[0].Verdict.Overall != "unsigned" || list.Next == "" {
		t.Errorf("list %+v", list)
	}
	var revisions PDFRevisions
	mine.get(http.MethodGet, path+"/pdf-revisions", nil, &revisions)
	if len(revisions.Revisions) != 2 || revisions.Revisions[0].Size != int64(len(first)) || revisions.Revisions[1].Kind != "update" {
		t.Errorf("revisions %+v", revisions)
	}
	var diff PDFComparison
	mine.get(http.MethodGet, path+"/pdf-revisions/1/compare/2", nil, &diff)
	if diff.PageCount != 1 || len(diff.Pages) != 1 || len(diff.Pages[0].Areas) != 1 {
		t.Errorf("comparison %+v", diff)
	}
	var again SignatureCheck
	mine.get(http.MethodPost, path+"/rerun", nil, &again)
	if again.ID != c.ID || again.CheckedAt == nil || again.CheckedAt.Before(*c.CheckedAt) {
		t.Errorf("again %+v", again)
	}
	w := mine.do(http.MethodGet, path+"/report", nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"checked_by": "Nguyễn Văn A"`) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("report %d %s", w.Code, w.Body)
	}
	for _, x := range []string{"", "/pdf-revisions", "/pdf-revisions/1/compare/2", "/pdf-revisions/1/file", "/pdf-revisions/1/pages/1", "/file", "/report"} {
		if w := theirs.do(http.MethodGet, path+x, nil); w.Code != http.StatusNotFound {
			t.Errorf("another person reads %q: %d", x, w.Code)
		}
	}
	if w := mine.do(http.MethodDelete, path, nil); w.Code != http.StatusNoContent {
		t.Errorf("delete: %d %s", w.Code, w.Body)
	}
	if w := mine.do(http.MethodGet, path, nil); w.Code != http.StatusNotFound {
		t.Errorf("after that: %d", w.Code)
	}
}

// States are files of their own, with ranges; pictures are kept by the browser.
func TestChecks_bytes(t *testing.T) {
	mine, _ := twoDesks(t)
	first, both := changed()
	var c SignatureCheck
	mine.get(http.MethodPost, "/signature-checks", map[string]any{"upload_id": mine.upload("a.pdf", both)}, &c)
	path := "/signature-checks/" + c.ID.String() + "/pdf-revisions/"
	w := mine.do(http.MethodGet, path+"1/file", nil)
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), first) || w.Header().Get("Content-Type") != "application/pdf" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("first state: %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	end := fmt.Sprintf("bytes %d-%d/%d", len(first)-6, len(first)-1, len(first))
	if w := mine.do(http.MethodGet, path+"1/file", nil, "Range", "bytes=-6"); w.Code != http.StatusPartialContent || w.Body.String() != "%%EOF\n" || w.Header().Get("Content-Range") != end {
		t.Errorf("its end: %d %q %v", w.Code, w.Body, w.Header())
	}
	if w := mine.do(http.MethodGet, path+"2/file", nil); !bytes.Equal(w.Body.Bytes(), both) {
		t.Errorf("second state: %d, %d bytes", w.Code, w.Body.Len())
	}
	w = mine.do(http.MethodGet, path+"2/pages/1?dpi=36", nil)
	img, err := png.Decode(w.Body)
	if err != nil || img.Bounds().Dx() != 298 || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("picture: %d, %v, %v", w.Code, w.Header(), err)
	}
	if w := mine.do(http.MethodGet, path+"2/pages/1?dpi=36", nil, "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("the same picture again: %d", w.Code)
	}
	for address, want := range map[string]int{"3/file": 404, "0/file": 404, "x/file": 404, "3/pages/1": 404, "1/pages/2": 404, "1/pages/1?dpi=9000": 422, "1/pages/1?dpi=x": 422} {
		if w := mine.do(http.MethodGet, path+address, nil); w.Code != want || w.Header().Get("ETag") != "" && w.Code == 404 {
			t.Errorf("%s: %d %s", address, w.Code, w.Body)
		}
	}
}
