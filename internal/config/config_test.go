package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, args ...string) Server {
	t.Helper()
	var s Server
	k, err := kong.New(&s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse(args); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("giấu kỹ\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		args []string
		want string // part of the refusal; empty when it passes
	}{
		"defaults":                   {nil, ""},
		"certificate without key":    {[]string{"--tls-cert", "a"}, "go together"},
		"proxies":                    {[]string{"--trusted-proxies", "10.0.0.1, 192.168.0.0/16,::1"}, ""},
		"proxies of nonsense":        {[]string{"--trusted-proxies", "10.0.0.1,proxy"}, `"proxy" is no address`},
		"S3 without keys":            {[]string{"--s3-endpoint", "minio:9000"}, "--s3-access-key"},
		"S3 with a secret file":      {[]string{"--s3-endpoint", "minio:9000", "--s3-access-key", "a", "--s3-secret-key-file", secret}, ""},
		"secret given twice":         {[]string{"--s3-secret-key", "a", "--s3-secret-key-file", secret}, "both directly and by file"},
		"secret file that is absent": {[]string{"--database-url-file", secret + "x"}, "no such file"},
		"signing for ever":           {[]string{"--session-sign", "2h"}, "--session-sign"},
		"authority by name":          {[]string{"--tsa-url", "tsa.example.vn"}, "--tsa-url"},
		"authority by address":       {[]string{"--tsa-url", "https://tsa.example.vn/tsr"}, ""},
		"renewal never":              {[]string{"--renew-days", "0"}, "--renew-days"},
		"idle longer than total":     {[]string{"--session-idle", "2h", "--session-total", "1h"}, "--session-idle"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := parse(t, c.args...)
			err := s.Check()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
	s := parse(t, "--data", "somewhere", "--database-url-file", secret)
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if s.Database.URL != "giấu kỹ" || !filepath.IsAbs(s.Data) || s.PKIDir != filepath.Join(s.Data, "pki") {
		t.Errorf("filled in: %+v", s)
	}
}

func TestProxyList(t *testing.T) {
	s := Server{Proxies: "10.0.0.1, 192.168.0.0/16"}
	got, err := s.ProxyList()
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("192.168.0.0/16")}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// Every setting has a flag that kong knows, an environment variable of the same name, and a text.
func TestSettings_areWhatTheProgramTakes(t *testing.T) {
	var s Server
	k, err := kong.New(&s)
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]*kong.Flag{}
	for _, f := range k.Model.Flags {
		flags[f.Name] = f
	}
	for _, setting := range Settings() {
		f, ok := flags[setting.Flag]
		if !ok {
			t.Errorf("--%s is documented and does not exist", setting.Flag)
			continue
		}
		if setting.Help == "" || !strings.HasPrefix(setting.Env, "NGHISU_") || len(f.Envs) != 1 || f.Envs[0] != setting.Env {
			t.Errorf("--%s: %+v", setting.Flag, setting)
		}
		delete(flags, setting.Flag)
	}
	delete(flags, "help")
	for name := range flags {
		t.Errorf("--%s is not documented", name)
	}
	if parse(t).SessionIdle != 8*time.Hour {
		t.Error("defaults are not read")
	}
}
