// Command cmd starts a MinIO server for tests that are not written in Go, prints how to reach it as
// one line of JSON (endpoint, access_key, secret_key), and stops it when standard input ends.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"nghisu/storage/objects/miniotest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := miniotest.Start(ctx)
	if err != nil {
		return err
	}
	defer server.Stop()
	err = json.NewEncoder(os.Stdout).Encode(map[string]string{
		"endpoint": server.Endpoint, "access_key": server.AccessKey, "secret_key": server.SecretKey})
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { // ends with the process at the latest
		defer close(ended)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}
