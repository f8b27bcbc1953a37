package keys_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nghisu/internal/signing/keys"
)

func TestReadSources(t *testing.T) {
	const token = `{"label": "con dau", "module": "/usr/lib/x.so", "pin": {"file": "/run/pin"}}`
	const provider = `{"name": "thu", "title": "Dịch vụ ký số", "url": "https://ky.example.vn/csc/v2", "client_id": "nghisu", "secret": {"env": "CSC_SECRET"}}`
	for name, c := range map[string]struct{ body, want string }{
		"a token and a provider":  {`{"tokens": [` + token + `], "providers": [` + provider + `]}`, ""},
		"nothing":                 {`{}`, ""},
		"no JSON":                 {`tokens:`, "invalid character"},
		"an unknown word":         {`{"token": []}`, "unknown field"},
		"a token twice":           {`{"tokens": [` + token + `,` + token + `]}`, "label of its own"},
		"a module without a path": {`{"tokens": [{"label": "a", "module": "x.so", "pin": {"file": "/x"}}]}`, "full path"},
		"a PIN from nowhere":      {`{"tokens": [{"label": "a", "module": "/x.so", "pin": {}}]}`, "pin"},
		"a PIN from two places":   {`{"tokens": [{"label": "a", "module": "/x.so", "pin": {"file": "/x", "env": "X"}}]}`, "pin"},
		"a provider twice":        {`{"providers": [` + provider + `,` + provider + `]}`, "name of its own"},
		"a provider without TLS":  {`{"providers": [` + strings.Replace(provider, "https", "http", 1) + `]}`, "https"},
		"a provider on loopback":  {`{"providers": [` + strings.Replace(provider, "https://ky.example.vn", "http://127.0.0.1:9", 1) + `]}`, ""},
		"a provider, no client":   {`{"providers": [` + strings.Replace(provider, `"nghisu"`, `""`, 1) + `]}`, "client_id"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sources.json")
			if err := os.WriteFile(path, []byte(c.body), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := keys.ReadSources(path)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if s, err := keys.ReadSources(""); err != nil || s.Tokens != nil {
		t.Errorf("without a file: %+v, %v", s, err)
	}
	if _, err := keys.ReadSources("/nothing"); err == nil {
		t.Error("a file that is not there is taken")
	}
}
