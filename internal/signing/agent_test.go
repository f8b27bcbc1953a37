package signing_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdftest"
)

// computer is that of a leader, with an agent on it that holds a key.
type computer struct {
	world
	key         devpki.Key
	certificate id.Certificate
}

func newComputer(t *testing.T) computer {
	t.Helper()
	c := computer{world: newWorld(t), certificate: id.New[id.Certificate]()}
	who := c.Sender.Leader
	c.key = c.token(t, "agent", who)
	leaf := c.key.Certificate
	c.exec(t, `insert into certificates (id, holder, person_id, subject, issuer, der, chain, serial, kind, valid_from, valid_to, created_at)
		values ($1, 'person', $2, $3, '', $4, $5, $6, 'agent', $7, $8, $7)`, c.certificate, who.Person, leaf.Subject.String(), leaf.Raw,
		[][]byte{c.pki.Issuing.Raw}, leaf.SerialNumber.Text(16), leaf.NotBefore.UTC(), leaf.NotAfter.UTC())
	c.exec(t, `insert into sessions (id, token_hash, person_id, device, address, idle_seconds, created_at, last_used_at, expires_at)
		values ($1, sha256('x'), $2, '', '', 3600, $3, $3, $4)`, who.Session, who.Person, c.Clock.Now(), c.Clock.Now().Add(8*time.Hour))
	return c
}

func (c computer) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := c.DB.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// token is a key that somebody carries.
func (c computer) token(t *testing.T, name string, who access.Actor) devpki.Key {
	t.Helper()
	key, err := c.pki.Obtain(name, devpki.Holder{Name: who.Name, Organisation: c.Sender.Name, Identifier: name}, c.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// asked is a document whose signature waits for the agent, with its link.
func (c computer) asked(t *testing.T) (document.Document, signing.AgentLink) {
	t.Helper()
	d := c.submitted(t, pdftest.Page("x"))
	in := batchOf(document.ByLeader, d)
	in.Certificate = c.certificate
	d, err := c.SignOne(t.Context(), c.Sender.Leader, in)
	if err != nil || d.Pending == nil {
		t.Fatalf("pending %v, %v", d.Pending, err)
	}
	return d, c.link(t, d)
}

func (c computer) link(t *testing.T, d document.Document) signing.AgentLink {
	t.Helper()
	links, err := c.AgentLinks(t.Context(), c.Sender.Leader, *d.Pending)
	if err != nil || len(links) != 1 {
		t.Fatalf("%d links, %v", len(links), err)
	}
	return links[0]
}

func (c computer) download(t *testing.T, token string) []byte {
	t.Helper()
	_, ref, err := c.AgentFile(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return c.content(t, ref)
}

// signs is what an agent does with a file.
func (c computer) signs(t *testing.T, file []byte, key devpki.Key) []byte {
	t.Helper()
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), pades.Request{Name: key.Certificate.Subject.CommonName, At: c.Clock.Now(), Hole: 8 << 10})
	if err == nil {
		err = plan.Embed(bytes.NewReader(file), pades.Signer{Key: key.Signer, Certificate: key.Certificate, Chain: c.pki.Chain()})
	}
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), plan.Appendix...)
}

func (c computer) brings(t *testing.T, token string, file []byte) error {
	t.Helper()
	limit, err := c.AgentLimit(t.Context(), token)
	if err != nil {
		return err
	}
	return c.AgentReturn(t.Context(), token, io.LimitReader(bytes.NewReader(file), limit))
}

func TestAgent_honest(t *testing.T) {
	c := newComputer(t)
	d, l := c.asked(t)
	r, err := c.Request(t.Context(), c.Sender.Leader, *d.Pending)
	if err != nil || r.State != signing.Waiting || r.Consent == nil || r.Consent.Kind != "agent" {
		t.Fatalf("%+v, %v", r, err)
	}
	c.sweep(t, c.node()) // nothing to do for us
	file := c.signs(t, c.download(t, l.Token), c.key)
	if err := c.brings(t, l.Token, file); err != nil {
		t.Fatal(err)
	}
	if d = c.get(t, d); d.State != document.Signed || d.Pending != nil || !bytes.Equal(c.content(t, d.Files[0].Ref), file) {
		t.Errorf("afterwards %s, pending %v", d.State, d.Pending)
	}
	c.wantRows(t, d, "leader done")
	c.wantVerdict(t, d, "valid; person valid whole", "missing [seal]")
	want := []string{"signing.certificate_issued", "signing.intended", "signing.made"}
	if diff := cmp.Diff(want[1:], c.events(t, d.ID)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	// used is used
	if err := c.brings(t, l.Token, file); key(err) != "signing.link_ended" {
		t.Errorf("brought twice: %v", err)
	}
	if _, _, err := c.AgentFile(t.Context(), l.Token); key(err) != "signing.link_ended" {
		t.Errorf("fetched afterwards: %v", err)
	}
}

func TestAgent_refusesOtherFiles(t *testing.T) {
	c := newComputer(t)
	stranger := c.token(t, "stranger", c.Sender.Clerk)
	for name, returned := range map[string]func(file []byte) ([]byte, string){
		"the file as it was": func(file []byte) ([]byte, string) { return file, "signing.other_file" },
		"a changed beginning": func(file []byte) ([]byte, string) {
			return c.signs(t, bytes.Replace(file, []byte("(x)"), []byte("(y)"), 1), c.key), "signing.other_file"
		},
		"another file": func([]byte) ([]byte, string) {
			return c.signs(t, pdftest.Page("z"), c.key), "signing.other_file"
		},
		"two signatures": func(file []byte) ([]byte, string) {
			return c.signs(t, c.signs(t, file, c.key), c.key), "signing.file_refused"
		},
		"another certificate": func(file []byte) ([]byte, string) {
			return c.signs(t, file, stranger), "signing.file_refused"
		},
		"changes before the signature": func(file []byte) ([]byte, string) {
			changed := pdftest.Append(file, nil, "/Root 1 0 R", nil)
			return c.signs(t, changed, c.key), "signing.file_refused"
		},
		"something after the signature": func(file []byte) ([]byte, string) {
			return append(c.signs(t, file, c.key), "\n% x\n"...), "signing.file_refused"
		},
		"a broken signature": func(file []byte) ([]byte, string) {
			signed := c.signs(t, file, c.key)
			return bytes.Replace(signed, []byte("/Contents <30"), []byte("/Contents <31"), 1), "signing.file_refused"
		},
		"too much": func(file []byte) ([]byte, string) {
			return append(c.signs(t, file, c.key), strings.Repeat("x", 6<<20)...), "signing.file_refused"
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, l := c.asked(t)
			file, want := returned(c.download(t, l.Token))
			if err := c.brings(t, l.Token, file); key(err) != want {
				t.Fatalf("got %v, want %q", err, want)
			}
			c.wantRows(t, d, "leader prepared")
			// the right one is still taken
			if err := c.brings(t, l.Token, c.signs(t, c.download(t, l.Token), c.key)); err != nil {
				t.Errorf("the right file afterwards: %v", err)
			}
			c.wantRows(t, d, "leader done")
		})
	}
}

func TestAgent_links(t *testing.T) {
	c := newComputer(t)
	d, l := c.asked(t)
	file := c.signs(t, c.download(t, l.Token), c.key)
	unsure := c.Sender.Leader
	unsure.SteppedUpUntil = c.Clock.Now()
	for name, x := range map[string]struct {
		who  access.Actor
		want string
	}{
		"somebody else":        {c.Sender.Clerk, "request.not_found"},
		"without the password": {unsure, "auth.step_up_needed"},
	} {
		if _, err := c.AgentLinks(t.Context(), x.who, *d.Pending); key(err) != x.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.brings(t, "nobody-knows-this", file); key(err) != "signing.link_ended" {
		t.Errorf("an invented link: %v", err)
	}
	next := c.link(t, d)
	if err := c.brings(t, l.Token, file); key(err) != "signing.link_ended" {
		t.Errorf("an earlier link: %v", err)
	}
	for range 3 {
		if err := c.brings(t, next.Token, []byte("x")); key(err) != "signing.other_file" {
			t.Errorf("rubbish: %v", err)
		}
	}
	if err := c.brings(t, next.Token, file); key(err) != "signing.link_worn" {
		t.Errorf("after three tries: %v", err)
	}
	next = c.link(t, d)
	c.Clock.Add(11 * time.Minute)
	if err := c.brings(t, next.Token, file); key(err) != "signing.link_ended" {
		t.Errorf("too late: %v", err)
	}
	next = c.link(t, d)
	c.exec(t, `update sessions set ended_at = $2, end_reason = 'signed_out' where id = $1`, c.Sender.Leader.Session, c.Clock.Now())
	if err := c.brings(t, next.Token, file); key(err) != "signing.link_ended" {
		t.Errorf("after signing out: %v", err)
	}
	c.exec(t, `update sessions set ended_at = null, end_reason = null where id = $1`, c.Sender.Leader.Session)
	if _, err := c.Cancel(t.Context(), c.Sender.Leader, *d.Pending); err != nil {
		t.Fatal(err)
	}
	if err := c.brings(t, next.Token, file); key(err) != "signing.link_ended" {
		t.Errorf("after the request was cancelled: %v", err)
	}
	c.wantRows(t, d, "leader cancelled signing.cancelled")
}
