package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"nghisu/internal/config"
	"nghisu/storage/objects/miniotest"
)

// compose is the part of docker-compose.yml that we use; unknown keys are refused.
type compose struct {
	Name     string
	Services map[string]composeService
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type composeService struct {
	Image       string
	Build       struct{ Context, Target string }
	Command     []string
	Environment map[string]string
	Secrets     []string
	Volumes     []string
	Ports       []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		Retries           int
	}
	StopGracePeriod string `yaml:"stop_grace_period"`
	Restart         string
}

const root = "../.."

func readCompose(t *testing.T) compose {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	var c compose
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// dockerfile is what the test reads of the Dockerfile: per stage its parent and its instructions.
type stage struct {
	from  string
	lines []string
}

func readDockerfile(t *testing.T) map[string]stage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]stage{}
	var name string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case words[0] == "FROM":
			if len(words) != 4 || words[2] != "AS" {
				t.Fatalf("stage without name: %s", line)
			}
			name = words[3]
			stages[name] = stage{from: words[1]}
		default:
			s := stages[name]
			s.lines = append(s.lines, strings.TrimSpace(line))
			stages[name] = s
		}
	}
	return stages
}

// inherited are the instructions of a stage with those of the stages it starts from before them.
func inherited(stages map[string]stage, name string) []string {
	s, ok := stages[name]
	if !ok {
		return nil
	}
	return append(inherited(stages, s.from), s.lines...)
}

func TestCompose_Consistent(t *testing.T) {
	t.Parallel()
	c, stages := readCompose(t), readDockerfile(t)
	for name, s := range c.Services {
		if (s.Image == "") == (s.Build.Target == "") {
			t.Errorf("%s: give either image or build target", name)
		}
		if s.Build.Target != "" && stages[s.Build.Target].from == "" {
			t.Errorf("%s: the Dockerfile has no stage %s", name, s.Build.Target)
		}
		if len(s.Healthcheck.Test) == 0 || s.Healthcheck.Test[0] != "CMD" {
			t.Errorf("%s: no health check", name)
		}
		for other := range s.DependsOn {
			if len(c.Services[other].Healthcheck.Test) == 0 {
				t.Errorf("%s waits for %s, which cannot become healthy", name, other)
			}
		}
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File == "" {
				t.Errorf("%s: secret %s has no file", name, secret)
			}
		}
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[volume]; !ok {
				t.Errorf("%s: volume %s is not declared", name, volume)
			}
		}
		for key, value := range s.Environment {
			secret, isSecret := strings.CutPrefix(value, "/run/secrets/")
			if isSecret && !slices.Contains(s.Secrets, secret) {
				t.Errorf("%s: %s names secret %s, which the service is not given", name, key, secret)
			}
			if strings.Contains(key, "PASSWORD") && !isSecret {
				t.Errorf("%s: %s holds a secret in the open", name, key)
			}
		}
	}
}

// settingNames are the environment variables that the settings of a node listen to.
func settingNames(typ reflect.Type) []string {
	var names []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		if env := f.Tag.Get("env"); env != "" {
			names = append(names, env)
		} else if f.Type.Kind() == reflect.Struct {
			names = append(names, settingNames(f.Type)...)
		}
	}
	return names
}

// TestCompose_Settings starts the real command line with the environment of the service app, secrets
// written as `make secrets` writes them, and lets the settings check themselves.
func TestCompose_Settings(t *testing.T) {
	app := readCompose(t).Services["app"]
	stages := readDockerfile(t)
	secrets := makeSecrets(t)
	known := settingNames(reflect.TypeFor[config.Server]())
	environment := map[string]string{}
	for _, line := range inherited(stages, "app") {
		if rest, ok := strings.CutPrefix(line, "ENV "); ok {
			for _, pair := range strings.Fields(rest) {
				key, value, _ := strings.Cut(pair, "=")
				environment[key] = value
			}
		}
	}
	for key, value := range app.Environment {
		if _, fallback, ok := strings.Cut(value, ":-"); ok {
			value = strings.TrimSuffix(fallback, "}")
		}
		environment[key] = strings.Replace(value, "/run/secrets", secrets, 1)
	}
	for key, value := range environment {
		if !slices.Contains(known, key) {
			t.Errorf("there is no setting %s", key)
		}
		t.Setenv(key, value)
	}
	var c cli
	parser, err := kong.New(&c, kong.Exit(func(int) { t.Error("the command line wants to end") }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(app.Command); err != nil {
		t.Fatal(err)
	}
	cfg := c.Serve.Server
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	got := []string{cfg.Listen, cfg.Media.Listen, cfg.Objects.S3Endpoint, cfg.Data}
	if diff := cmp.Diff([]string{"0.0.0.0:8080", ":8443", "objects:9000", "/data"}, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:8080:8080", "8443:8443/udp"}, app.Ports); diff != "" {
		t.Errorf("published ports (-want +got):\n%s", diff)
	}
	if !regexp.MustCompile(`^postgres://nghisu:[0-9a-f]{48}@postgres:5432/nghisu\?sslmode=disable$`).MatchString(cfg.Database.URL) {
		t.Error("the database address of `make secrets` does not name service postgres")
	}
}

// makeSecrets runs scripts/secrets in a folder of its own and returns where the secrets are.
func makeSecrets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(root, "scripts/secrets"))
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "scripts/secrets")
	if err := os.MkdirAll(filepath.Dir(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, text, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("bash", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, secret := range readCompose(t).Secrets {
		if _, err := os.Stat(filepath.Join(dir, secret.File)); err != nil {
			t.Errorf("make secrets does not make %s: %v", name, err)
		}
	}
	return filepath.Join(dir, "secrets")
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	stages := readDockerfile(t)
	for name, s := range stages {
		for _, line := range s.lines {
			if m := regexp.MustCompile(`--from=(\S+)`).FindStringSubmatch(line); m != nil && stages[m[1]].from == "" {
				t.Errorf("stage %s copies from %s, which does not exist", name, m[1])
			}
		}
	}
	for _, name := range []string{"app", "objects"} {
		lines := inherited(stages, name)
		user := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "USER ") })
		if user < 0 || strings.HasPrefix(lines[user], "USER 0") || strings.HasPrefix(lines[user], "USER root") {
			t.Errorf("%s runs as root", name)
		}
	}
	if want := "github.com/minio/minio@" + miniotest.Version; !strings.Contains(strings.Join(stages["minio"].lines, "\n"), want) {
		t.Errorf("MinIO of the Dockerfile is not %s, which the tests use", want)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	for _, name := range []string{"build", "minio"} {
		if want := "golang:" + string(version[1]) + "-"; !strings.HasPrefix(stages[name].from, want) {
			t.Errorf("stage %s starts from %s, but go.mod asks for %s", name, stages[name].from, want)
		}
	}
}

// TestScripts catches what would only show on somebody else's machine: a script that bash cannot read or
// that nobody may run.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join(root, "scripts/*"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range append(scripts, filepath.Join(root, ".ci/run")) {
		info, err := os.Stat(script)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run", script)
		}
		if out, err := exec.Command("bash", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
	}
}
