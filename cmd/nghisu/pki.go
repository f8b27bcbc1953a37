package main

import (
	"fmt"
	"path/filepath"
	"time"

	"nghisu/internal/signing/devpki"
)

type pkiCommand struct {
	Revoke revokeCommand `cmd:"" help:"Take back a trial certificate: signatures made with it from now on are not valid."`
}

type revokeCommand struct {
	Data   string `help:"Directory of the node's data." default:".data" env:"NGHISU_DATA" placeholder:"DIR"`
	PKIDir string `name:"pki-dir" help:"Directory of the development keys. Without it: pki in --data." env:"NGHISU_PKI_DIR" placeholder:"DIR"`
	Reason int    `help:"Reason by RFC 5280: 1 key known to others, 4 replaced, 5 not used any more, 6 on hold." default:"0"`
	Serial string `arg:"" help:"Serial number of the certificate, in hexadecimal digits."`
}

func (c *revokeCommand) Run() error {
	dir := c.PKIDir
	if dir == "" {
		dir = filepath.Join(c.Data, "pki")
	}
	if err := devpki.Revoke(dir, devpki.Revoked{Serial: c.Serial, At: time.Now(), Reason: c.Reason}); err != nil {
		return err
	}
	_, err := fmt.Println("revoked", c.Serial)
	return err
}
