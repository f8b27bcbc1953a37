package signing

import (
	"context"

	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
)

// waitForAgent notes that the files wait for an agent on the person's computer.
func (j *run) waitForAgent(ctx context.Context) error {
	if j.request.State == Waiting {
		return nil
	}
	return postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		return saveTicket(ctx, tx, j.request.ID, keys.Answer{Consent: &keys.Consent{Kind: "agent"}}, j.Now())
	})
}
