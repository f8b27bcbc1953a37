package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"
)

// crashCity is a city small enough to be made by hand: one agency that sends, two that receive.
type crashCity struct {
	*machine
	clerk, leader *clerk
	secretary     *clerk
	recipients    []*clerk
}

// clerk is a signed-in person who repeats each request, under the same key, until it is answered.
type clerk struct {
	*machine
	name        string
	agency      string
	appointment string
	cookie      string
}

type request struct {
	method, path string
	body         any    // sent as JSON
	raw          []byte // sent as it is
	offset       int
}

var errRefused = errors.New("refused")

// call sends until a 2xx arrives. A lost connection or a 5xx says nothing about what happened, so the
// same request goes out again; so does one that finds its predecessor still at work. An internal error
// may come from a database that dies, but not again and again.
func (c *clerk) call(ctx context.Context, r request, out any) error {
	key := rand.Text()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for busy, broken := 0, 0; ; {
		status, answer, err := c.once(ctx, r, key)
		switch {
		case err == nil && status/100 == 2:
			if out == nil {
				return nil
			}
			return json.Unmarshal(answer, out)
		case err == nil && status == http.StatusConflict && strings.Contains(string(answer), "signing.i") && busy < 500:
			busy++ // in_progress, interrupted
		case err == nil && status == http.StatusInternalServerError && broken < 3:
			broken++
		case err == nil && status <= 500:
			return fmt.Errorf("%s %s by %s: %d %s: %w", r.method, r.path, c.name, status, answer, errRefused)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s %s: last answer %d, %v: %w", r.method, r.path, status, err, ctx.Err())
		case <-tick.C:
		}
	}
}

func (c *clerk) once(ctx context.Context, r request, key string) (int, []byte, error) {
	base := c.base.Load().(string)
	body := r.raw
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return 0, nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, base+"/api/v1"+r.path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Origin", base)
	req.Header.Set("Idempotency-Key", key)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.raw != nil {
		req.Header.Set("Upload-Offset", fmt.Sprint(r.offset))
	}
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "nghisu_session", Value: c.cookie})
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	for _, cookie := range res.Cookies() {
		if cookie.Name == "nghisu_session" {
			c.cookie = cookie.Value
		}
	}
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// must is call for what has to succeed before the crashes begin.
func (c *clerk) must(method, path string, body, out any) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	if err := c.call(ctx, request{method: method, path: path, body: body}, out); err != nil {
		c.t.Fatal(err)
	}
}

type object = map[string]any

// found makes the installation: an administrator by the operator's command, the rest over HTTP.
func (m *machine) found() *crashCity {
	m.t.Helper()
	m.start()
	printed := m.command("user", "create-admin", "--username", "quantri", "--full-name", "Quản Trị Viên", "--agency-code", "T77",
		"--agency-name", "Ủy ban nhân dân thành phố", "--log-level", "error")
	_, rest, _ := strings.Cut(printed, "temporary password: ")
	first, _, _ := strings.Cut(rest, "\n")
	admin := &clerk{machine: m, name: "quantri"}
	admin.signIn(first)
	var agencies struct {
		Items []struct{ ID string }
	}
	admin.must("GET", "/agencies", nil, &agencies)
	city := &crashCity{machine: m}
	sender := admin.addAgency(agencies.Items[0].ID, "T77.1", "Sở Tài chính")
	city.clerk = admin.addPerson(sender, "vanthu.1", "Văn thư", "clerk")
	city.leader = admin.addPerson(sender, "lanhdao.1", "Giám đốc", "leader")
	city.secretary = admin.addPerson(sender, "thuky.1", "Thư ký", "secretary")
	for _, n := range []string{"2", "3"} {
		agency := admin.addAgency(agencies.Items[0].ID, "T77."+n, "Sở Nội vụ "+n)
		city.recipients = append(city.recipients, admin.addPerson(agency, "vanthu."+n, "Văn thư", "clerk"))
	}
	return city
}

func (c *clerk) signIn(firstPassword string) {
	c.t.Helper()
	password := "Nui Thanh 84 Bien Xanh " + rand.Text()[:6]
	c.must("POST", "/sign-in", object{"username": c.name, "password": firstPassword}, nil)
	c.must("POST", "/me/password", object{"current_password": firstPassword, "new_password": password}, nil)
	c.must("POST", "/step-up", object{"password": password}, nil) // counts for the whole test, see start
}

func (c *clerk) addAgency(parent, code, name string) string {
	c.t.Helper()
	var a struct{ ID string }
	c.must("POST", "/agencies", object{"code": code, "name": name, "level_code": "department", "parent_id": parent, "valid_from": "2020-01-01"}, &a)
	return a.ID
}

func (c *clerk) addPerson(agency, username, position, role string) *clerk {
	c.t.Helper()
	var created struct {
		Member struct{ Appointment struct{ ID string } }
		First  string `json:"temporary_password"`
	}
	c.must("POST", "/agencies/"+agency+"/people", object{"full_name": "Trần Thị " + strings.ToUpper(username[:1]) + username[1:2],
		"digital_identity": "CD." + username, "username": username, "position": position, "roles": []string{role}, "valid_from": "2020-01-01"}, &created)
	p := &clerk{machine: c.machine, name: username, agency: agency, appointment: created.Member.Appointment.ID}
	p.signIn(created.First)
	return p
}

// carry takes one document all the way: upload, prepare, submit, sign, seal, send, accept.
func (city *crashCity) carry(ctx context.Context, book *ledger, number int) error {
	upload, err := city.clerk.upload(ctx, book, samplePDF(number))
	if err != nil {
		return err
	}
	recipients := []string{}
	for _, r := range city.recipients {
		recipients = append(recipients, r.agency)
	}
	var doc struct{ ID string }
	err = city.clerk.call(ctx, request{method: "POST", path: "/documents", body: object{"type_code": "QĐ", "symbol": "QĐ-STC",
		"subject": "Về việc thử nghiệm số " + fmt.Sprint(number), "urgency": 0,
		"signer_id": city.leader.appointment, "recipient_ids": recipients, "files": []object{{"upload_id": upload, "main": true}}}}, &doc)
	if err != nil {
		return err
	}
	book.add(fact{"created", city.clerk, doc.ID, ""})
	// the date in Vietnam, where the server keeps its calendar
	numbering := object{"number": fmt.Sprintf("%02d", number), "issued_on": time.Now().UTC().Add(7 * time.Hour).Format(time.DateOnly)}
	for _, step := range []struct {
		by         *clerk
		verb, kind string
		body       any
	}{{city.clerk, "submit", "submitted", nil}, {city.leader, "sign", "signed", nil}, {city.clerk, "number", "numbered", numbering},
		{city.clerk, "seal", "sealed", nil}, {city.clerk, "send", "released", nil}} {
		if err := step.by.call(ctx, request{method: "POST", path: "/documents/" + doc.ID + "/" + step.verb, body: step.body}, nil); err != nil {
			return err
		}
		book.add(fact{step.kind, city.clerk, doc.ID, ""})
	}
	return city.accept(ctx, book, doc.ID)
}

// upload sends a file in three parts, going on at what the server has after each interruption.
func (c *clerk) upload(ctx context.Context, book *ledger, file []byte) (string, error) {
	var u struct {
		ID       string
		Received int
		SHA256   string
	}
	if err := c.call(ctx, request{method: "POST", path: "/uploads", body: object{"name": "quyết định.pdf", "size": len(file)}}, &u); err != nil {
		return "", err
	}
	for u.Received < len(file) {
		acknowledged := u.Received
		part := file[u.Received:min(len(file), u.Received+len(file)/3+1)]
		err := c.call(ctx, request{method: "PUT", path: "/uploads/" + u.ID + "/content", raw: part, offset: u.Received}, &u)
		if errors.Is(err, errRefused) { // the part had arrived, only the answer was lost
			err = c.call(ctx, request{method: "GET", path: "/uploads/" + u.ID}, &u)
		}
		if err != nil {
			return "", err
		}
		if u.Received < acknowledged {
			return "", fmt.Errorf("upload %s lost acknowledged bytes: %d of %d", u.ID, u.Received, acknowledged)
		}
	}
	if err := c.call(ctx, request{method: "POST", path: "/uploads/" + u.ID + "/complete"}, &u); err != nil {
		return "", err
	}
	sum := sha256.Sum256(file)
	if want := hex.EncodeToString(sum[:]); u.SHA256 != want {
		return "", fmt.Errorf("upload %s is %s, want %s", u.ID, u.SHA256, want)
	}
	book.add(fact{"uploaded", c, u.ID, u.SHA256})
	return u.ID, nil
}

// accept waits until the document has arrived everywhere and accepts it there.
func (city *crashCity) accept(ctx context.Context, book *ledger, document string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var deliveries struct {
		Items []struct {
			ID, Transport string
			RecipientID   string `json:"recipient_id"`
		}
	}
	for arrived := 0; arrived < len(city.recipients); {
		if err := city.clerk.call(ctx, request{method: "GET", path: "/documents/" + document + "/deliveries"}, &deliveries); err != nil {
			return err
		}
		arrived = 0
		for _, d := range deliveries.Items {
			if d.Transport == "delivered" {
				arrived++
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	for _, d := range deliveries.Items {
		for _, r := range city.recipients {
			if r.agency != d.RecipientID {
				continue
			}
			var accepted struct {
				Number int `json:"arrival_number"`
			}
			if err := r.call(ctx, request{method: "POST", path: "/deliveries/" + d.ID + "/accept"}, &accepted); err != nil {
				return err
			}
			book.add(fact{"accepted", r, d.ID, fmt.Sprint(accepted.Number)})
		}
	}
	return nil
}

// samplePDF is a page with a picture of noise: a few hundred kilobytes, different each time.
func samplePDF(number int) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 250, 250))
	_, _ = rand.Read(picture.Pix)
	for i := 3; i < len(picture.Pix); i += 4 {
		picture.Pix[i] = 255
	}
	var encoded, out bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		panic(err)
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddPage()
	pdf.SetFont("Helvetica", "", 14)
	pdf.Cell(100, 10, fmt.Sprintf("So: %d/QD-STC", number))
	pdf.RegisterImageOptionsReader("noise", fpdf.ImageOptions{ImageType: "PNG"}, &encoded)
	pdf.ImageOptions("noise", 20, 40, 100, 0, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	if err := pdf.Output(&out); err != nil {
		panic(err)
	}
	return out.Bytes()
}
