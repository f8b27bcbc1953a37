package miniotest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"nghisu/storage/objects"
)

// startWithin is how long the server may take to answer, on a machine that is busy with other tests.
const startWithin = 90 * time.Second

// Server is a running MinIO.
type Server struct {
	Endpoint  string // host and port on loopback
	AccessKey string
	SecretKey string

	dir  string
	log  *os.File
	kill context.CancelFunc
	done chan struct{} // closed when the process ended
	err  error         // how it ended; read after done
}

// Start builds MinIO if needed and starts one with an empty folder. Stop it, or end the process:
// the server dies with it.
func Start(ctx context.Context) (*Server, error) {
	binary, err := Build(ctx)
	if err != nil {
		return nil, err
	}
	// Between finding a free port and listening on it another process may take it: try again.
	for attempt := 1; ; attempt++ {
		s, err := start(ctx, binary)
		if err == nil || attempt == 3 || ctx.Err() != nil {
			return s, err
		}
	}
}

func start(ctx context.Context, binary string) (*Server, error) {
	dir, err := os.MkdirTemp("", "nghisu-minio-*")
	if err != nil {
		return nil, fmt.Errorf("start MinIO: %w", err)
	}
	s := &Server{AccessKey: "nghisu-test", SecretKey: rand.Text(), dir: dir, done: make(chan struct{})}
	if s.Endpoint, err = freeAddress(ctx); err == nil {
		s.log, err = os.Create(filepath.Join(dir, "log"))
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start MinIO: %w", err)
	}
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	s.kill = kill
	started := make(chan error, 1)
	go s.run(life, binary, started)
	if err = <-started; err == nil {
		err = s.ready(ctx)
	}
	if err != nil {
		out, _ := os.ReadFile(s.log.Name())
		s.Stop()
		return nil, fmt.Errorf("start MinIO: %w\n%s", err, out)
	}
	return s, nil
}

// run starts the process and waits for its end. It keeps its thread: the parent-death signal is
// sent when the thread that started the process ends, not the whole process.
func (s *Server) run(ctx context.Context, binary string, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	cmd := exec.CommandContext(ctx, binary, "server", "--quiet", "--address", s.Endpoint, filepath.Join(s.dir, "data"))
	cmd.Env = []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "MINIO_ROOT_USER=" + s.AccessKey,
		"MINIO_ROOT_PASSWORD=" + s.SecretKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off",
		"MINIO_CI_CD=1"} // takes a folder on the disk of the system
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.SysProcAttr = processAttributes()
	err := cmd.Start()
	started <- err
	if err == nil {
		s.err = cmd.Wait()
	}
}

// freeAddress finds a port of loopback that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready asks until the server answers a signed request. Its health page says "ready" a little before
// it knows its own keys.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	client, err := minio.New(s.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: "us-east-1", MaxRetries: 1})
	if err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		_, refusal := client.ListBuckets(ctx)
		if refusal == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.done:
			return fmt.Errorf("it ended: %w", s.err)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", refusal)
		}
	}
}

// Stop kills the server and removes its folder.
func (s *Server) Stop() {
	s.kill()
	<-s.done
	_ = s.log.Close()
	_ = os.RemoveAll(s.dir)
}

// Config is how to reach a bucket of the server.
func (s *Server) Config(bucket string) objects.S3Config {
	return objects.S3Config{Endpoint: s.Endpoint, Bucket: bucket, AccessKey: s.AccessKey, SecretKey: s.SecretKey}
}

var shared struct {
	sync.Mutex
	server *Server
}

// Main runs the tests of a package and stops the server that they shared. Use it as TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	os.Exit(code)
}

// New gives a test an empty bucket on the server that the tests of its package share.
func New(t testing.TB) objects.S3Config {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s, err := Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shared.server = s
	}
	return shared.server.Config("test-" + strings.ToLower(rand.Text()))
}

// Open gives a test a store on an empty bucket.
func Open(t testing.TB) *objects.S3 {
	t.Helper()
	store, err := objects.OpenS3(t.Context(), New(t), objects.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return store
}
