package main

import (
	"context"
	"fmt"

	"nghisu/internal/audit"
	"nghisu/internal/config"
)

type verifyCommand struct {
	Audit verifyAuditCommand `cmd:"" help:"Check the audit record: every event, every link of its chain."`
	PDF   verifyPDFCommand   `cmd:"" name:"pdf" help:"Judge the signatures of PDF files. Exit code 0: all TOTAL-PASSED; 1: any TOTAL-FAILED; 2: any INDETERMINATE; 3: unreadable or no signature."`
}

// verifyAuditCommand exits with 0 when the record is whole and 1 when it is not.
type verifyAuditCommand struct {
	config.Server
}

func (c *verifyAuditCommand) Run(ctx context.Context) error {
	return withDatabase(ctx, &c.Server, func(n *database) error {
		rep, err := audit.Verify(ctx, n.db)
		if err != nil {
			return err
		}
		for _, f := range rep.Findings {
			fmt.Printf("link %d, event %s: %s\n", f.Seq, f.Event, f.Reason)
		}
		fmt.Printf("%d events linked, %d waiting for their link, head %s\n", rep.Linked, rep.Pending, rep.Head)
		if len(rep.Findings) > 0 {
			return fmt.Errorf("the audit record is damaged in %d places", len(rep.Findings))
		}
		fmt.Println("the audit record is whole")
		return nil
	})
}
