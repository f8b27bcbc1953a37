package devpki_test

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nghisu/internal/signing/devpki"
)

var now = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)

var nghia = devpki.Holder{Name: "Trần Văn Nghĩa", Organisation: "Sở Y tế", Identifier: "079000000001"}

func open(t *testing.T, dir string) *devpki.PKI {
	t.Helper()
	p, err := devpki.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOpen_manyAtOnceMakeOneAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	var wg sync.WaitGroup
	serials := make([]string, 16)
	for i := range serials {
		wg.Go(func() {
			p, err := devpki.Open(dir, now)
			if err != nil {
				t.Error(err)
				return
			}
			k, err := p.Obtain("person-1", nghia, now)
			if err != nil {
				t.Error(err)
				return
			}
			serials[i] = p.Root.SerialNumber.String() + " " + k.Certificate.SerialNumber.String()
		})
	}
	wg.Wait()
	for _, s := range serials {
		if s != serials[0] {
			t.Fatalf("two authorities or keys: %v", serials)
		}
	}
}

func TestObtain_issuesAMarkedCertificate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	p := open(t, dir)
	k, err := p.Obtain("person-1", nghia, now)
	if err != nil {
		t.Fatal(err)
	}
	c := k.Certificate
	if c.Subject.CommonName != nghia.Name || c.Subject.OrganizationalUnit[0] != devpki.Marker || c.Subject.SerialNumber != nghia.Identifier {
		t.Errorf("subject %s", c.Subject)
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(p.Root)
	middle.AddCert(p.Issuing)
	if _, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Error(err)
	}
	again, err := open(t, dir).Load("person-1")
	if err != nil || !again.Certificate.Equal(c) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := p.Load("person-2"); !errors.Is(err, devpki.ErrLost) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := p.Obtain("../x", nghia, now); err == nil {
		t.Error("a name that leaves the folder is taken")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), fi.Mode(), err)
		}
	}
	if len(entries) != 2 {
		t.Errorf("files left behind: %v", entries)
	}
}

func TestOpen_saysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		want  string
	}{
		"readable by others": {func(p string) error { return os.Chmod(p, 0o644) }, "0600"},
		"damaged":            {func(p string) error { return os.WriteFile(p, []byte("x"), 0o600) }, "damaged"},
		"cut off":            {func(p string) error { return os.Truncate(p, 700) }, "authorities"},
		"empty":              {func(p string) error { return os.Truncate(p, 0) }, "expected"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pki")
			open(t, dir)
			if err := c.spoil(filepath.Join(dir, "authority.pem")); err != nil {
				t.Fatal(err)
			}
			if _, err := devpki.Open(dir, now); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something with %q", err, c.want)
			}
		})
	}
}

// What a crash between writing and linking leaves does not disturb.
func TestOpen_afterACrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".new-123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}
