package httpapi

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/id"
	"nghisu/internal/org/orgtest"
	"nghisu/internal/signing/images"
)

// uploadBytes uploads a file as the clerk and is its id.
func (o office) uploadBytes(who, name string, content []byte) id.Upload {
	o.t.Helper()
	u := call[Upload](o, who, "POST", "/uploads", 201, map[string]any{"name": name, "size": len(content)})
	path := "/uploads/" + u.ID.String()
	if r := o.do(who, "PUT", path+"/content", bytes.NewReader(content), "Content-Type", "application/octet-stream", "Upload-Offset", "0"); r.status/100 != 2 {
		o.t.Fatalf("upload: %d %s", r.status, r.body)
	}
	call[Upload](o, who, "POST", path+"/complete", 200, nil)
	return u.ID
}

func TestLayout_overHTTP(t *testing.T) {
	o := newOffice(t)
	d := o.Draft(t)
	path := "/documents/" + d.ID.String() + "/layout"
	l := call[DocumentLayout](o, "clerk", "GET", path, 200, nil)
	if l.Laid || len(l.Fields) != 4 || len(l.Pages) != 1 || l.Pages[0].Width != 210 || l.Fields[0].Kind != "person" || l.Fields[0].Source != "default" {
		t.Errorf("%+v", l)
	}
	in := LayoutInput{Fields: []LayoutPlace{{Kind: "person", Page: 1, X: 120, Y: 200, Width: 50, Height: 25}, {Kind: "seal", Page: 1, X: 100, Y: 195, Width: 36, Height: 36}}}
	changed := call[Document](o, "clerk", "PUT", path, 200, in, "If-Match", `"1"`)
	if changed.Version != 2 || changed.Fields != "none" {
		t.Errorf("changed %+v", changed)
	}
	l = call[DocumentLayout](o, "clerk", "GET", path, 200, nil)
	want := []LayoutField{{in.Fields[0], "placed", ""}, {in.Fields[1], "placed", ""}}
	if diff := cmp.Diff(want, l.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	call[Problem](o, "clerk", "PUT", path, 412, in, "If-Match", `"1"`)
	call[Problem](o, "their clerk", "GET", path, 404, nil)
	in.Fields[0].Page = 9
	if p := call[Problem](o, "clerk", "PUT", path, 422, in); len(p.Errors) != 1 || p.Errors[0].Path != "fields[0].page" {
		t.Errorf("%+v", p)
	}
}

func TestCopies_overHTTP(t *testing.T) {
	o := newOffice(t)
	if _, err := o.DB.Exec(t.Context(), `update agencies set symbol = 'STC' where id = $1`, o.Sender.Agency); err != nil {
		t.Fatal(err)
	}
	in := CopyInput{UploadID: o.Upload(t, o.Sender.Clerk, "ban-chup"), Form: "sao_y", TypeOfSource: "paper", Subject: "Quyết định số 12",
		RecipientIDs: []id.Agency{o.Receivers[0].Agency}}
	d := call[Document](o, "clerk", "POST", "/copies", 201, in)
	if d.TypeCode != "SY" || d.TypeName != "Bản sao y" || d.Signer != nil || d.Copy == nil || d.Copy.Form != "sao_y" || d.Copy.Warnings == nil {
		t.Errorf("%+v", d)
	}
	if diff := cmp.Diff([]string{"change", "number", "cancel"}, d.Can); diff != "" {
		t.Errorf("can (-want +got):\n%s", diff)
	}
	in.TypeOfSource = "electronic"
	if p := call[Problem](o, "clerk", "POST", "/copies", 422, in); len(p.Errors) != 1 || p.Errors[0].Path != "type_of_source" {
		t.Errorf("%+v", p)
	}
	call[Problem](o, "leader", "POST", "/copies", 403, in)
	// the number is given as to every document, and work asks for it
	if work := call[Work](o, "clerk", "GET", "/work", 200, nil); len(work.Items) != 1 || work.Items[0].Kind != "number" {
		t.Errorf("work %+v", work.Items)
	}
	n := call[DocumentNumber](o, "clerk", "GET", "/documents/"+d.ID.String()+"/number-suggestion", 200, nil)
	if d = call[Document](o, "clerk", "POST", "/documents/"+d.ID.String()+"/number", 200, n); d.Code != "01/SY-STC" {
		t.Errorf("numbered %+v", d)
	}
}

func TestImages_overHTTP(t *testing.T) {
	o := newOffice(t)
	admin := orgtest.Person(t, o.DB, o.Sender.Agency, "Quản trị", access.AgencyAdmin)
	their := orgtest.Person(t, o.DB, o.Receivers[0].Agency, "Quản trị khác", access.AgencyAdmin)
	o.serveAs(t, map[string]access.Actor{"admin": admin, "their admin": their, "clerk": o.Sender.Clerk, "leader": o.Sender.Leader, "their clerk": o.Receivers[0].Clerk})
	paper := image.NewNRGBA(image.Rect(0, 0, 120, 120))
	for i := range paper.Pix {
		paper.Pix[i] = 255
	}
	for y := 40; y < 80; y++ {
		for x := 30; x < 90; x++ {
			paper.SetNRGBA(x, y, color.NRGBA{210, 30, 40, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, paper); err != nil {
		t.Fatal(err)
	}
	seal, person := "/agencies/"+o.Sender.Agency.String()+"/seal-image", "/people/"+o.Sender.Leader.Person.String()+"/signature-image"
	up := o.uploadBytes("admin", "dau.png", file.Bytes())
	preview := o.do("admin", "POST", "/signature-images/preview", bytes.NewReader(encode(t, ImagePreviewInput{up, "seal"})))
	if preview.status != 200 || preview.header.Get("Content-Type") != "image/png" {
		t.Fatalf("preview: %d %s", preview.status, preview.body)
	}
	cfg, err := png.DecodeConfig(bytes.NewReader(preview.body))
	if err != nil || cfg.Width < 60 || cfg.Width > 66 || cfg.Height > 46 {
		t.Errorf("preview of %d by %d, %v", cfg.Width, cfg.Height, err)
	}
	kept := call[SignatureImage](o, "admin", "PUT", seal, 200, ImageInput{up, 36, 36.04})
	if kept.Width != 36 || kept.Height != 36 || kept.SHA256 == "" {
		t.Errorf("kept %+v", kept)
	}
	call[SignatureImage](o, "admin", "PUT", person, 200, ImageInput{up, 45, 20})
	for _, who := range []string{"admin", "clerk", "leader"} {
		r := o.do(who, "GET", seal, nil)
		if r.status != 200 || r.header.Get("X-Width-Mm") != "36" || !bytes.Equal(r.body, preview.body) {
			t.Errorf("seal to %s: %d", who, r.status)
		}
	}
	for name, c := range map[string]struct {
		who, method, path string
		body              any
		status            int
	}{
		"seal to another agency":         {"their clerk", "GET", seal, nil, 404},
		"signature to a colleague":       {"clerk", "GET", person, nil, 403},
		"own signature":                  {"leader", "GET", person, nil, 200},
		"set by the clerk":               {"clerk", "PUT", seal, ImageInput{up, 36, 36}, 403},
		"set by another's administrator": {"their admin", "PUT", seal, ImageInput{up, 36, 36}, 404},
		"another's person":               {"their admin", "PUT", person, ImageInput{up, 45, 20}, 404},
		"larger than any seal":           {"admin", "PUT", seal, ImageInput{up, 360, 36}, 422},
		"a PDF":                          {"admin", "PUT", seal, ImageInput{o.Upload(t, admin, "van-ban"), 36, 36}, 415},
		"another's upload":               {"their admin", "POST", "/signature-images/preview", ImagePreviewInput{up, "seal"}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			var content []byte
			if c.body != nil {
				content = encode(t, c.body)
			}
			if r := o.do(c.who, c.method, c.path, bytes.NewReader(content), "Content-Type", "application/json"); r.status != c.status {
				t.Errorf("%d instead of %d: %s", r.status, c.status, r.body)
			}
		})
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if r := o.do("admin", "DELETE", seal, nil); r.status != want {
			t.Errorf("delete: %d instead of %d", r.status, want)
		}
	}
	var events int
	if err := o.DB.QueryRow(t.Context(), `select count(*) from audit_events where kind like 'signing.image_%'`).Scan(&events); err != nil || events != 3 {
		t.Errorf("%d audit events, %v", events, err)
	}
	_, found, err := images.Find(t.Context(), o.DB, images.OfPerson(o.Sender.Leader.Person))
	if err != nil || !found {
		t.Errorf("the signature is gone with the seal: %v", err)
	}
}
