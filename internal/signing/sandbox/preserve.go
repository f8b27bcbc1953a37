package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"

	"nghisu/internal/signing/pades"
)

// Examine surveys what a file holds before evidence is collected for it; the error may be a *pades.Refusal.
func Examine(ctx context.Context, r Runner, file *os.File) (pades.Survey, error) {
	resp, err := r.Run(ctx, file, Request{Examine: true})
	switch {
	case err != nil:
		return pades.Survey{}, fmt.Errorf("examine file: %w", err)
	case resp.Refusal != "":
		return pades.Survey{}, &pades.Refusal{Key: resp.Refusal, Err: errors.New(resp.Detail)}
	case resp.Survey == nil:
		return pades.Survey{}, fmt.Errorf("examine file: %s", resp.Error)
	}
	return *resp.Survey, nil
}

// AppendDSS plans evidence in a file; the error may be a *pades.Refusal.
func AppendDSS(ctx context.Context, r Runner, file *os.File, e pades.Evidence) (pades.Plan, error) {
	return plan(ctx, r, file, Request{Store: &e})
}

// PrepareTimestamp plans a document timestamp; the error may be a *pades.Refusal.
func PrepareTimestamp(ctx context.Context, r Runner, file *os.File, hole int) (pades.Plan, error) {
	return plan(ctx, r, file, Request{Timestamp: hole})
}

func surveyed(s pades.Survey, err error) Response {
	if err != nil {
		return planned(pades.Plan{}, err)
	}
	return Response{Survey: &s}
}
