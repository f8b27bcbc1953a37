// Package miniotest gives tests a real MinIO server: built from its Go module into the user's cache
// folder, once per version, and run on a free port of loopback with a folder of its own. It imports
// nothing of MinIO; the server is a process apart. A test that cannot have it fails, it never skips.
package miniotest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Version is the version of module github.com/minio/minio that is built.
const Version = "v0.0.0-20260212201848-7aac2a2c5b7c"

// Build makes sure that the server is built and returns its path. The first time takes two to three
// minutes and needs Go and the module proxy; processes that come meanwhile wait for the one that builds.
func Build(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache folder for MinIO: %w", err)
	}
	dir := filepath.Join(cache, "nghisu", Version)
	path := filepath.Join(dir, "minio")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make cache folder for MinIO: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", fmt.Errorf("lock cache folder for MinIO: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock cache folder for MinIO: %w", err)
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, install(ctx, dir, path)
}

// install builds into a temporary folder, so that a build that was killed leaves no half binary.
func install(ctx context.Context, dir, path string) error {
	temp, err := os.MkdirTemp(dir, "build-*")
	if err != nil {
		return fmt.Errorf("build MinIO: %w", err)
	}
	defer os.RemoveAll(temp)
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/minio/minio@"+Version)
	cmd.Dir = temp // outside the checkout: its go.mod has no part in this
	cmd.Env = append(os.Environ(), "GOBIN="+temp, "CGO_ENABLED=0", "GOFLAGS=", "GO111MODULE=on")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build MinIO: %w\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(temp, "minio"), path); err != nil {
		return fmt.Errorf("build MinIO: %w", err)
	}
	return nil
}
