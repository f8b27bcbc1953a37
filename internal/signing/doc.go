// Package signing signs official documents and judges the signatures on files: the leader's own, then
// the agency's seal (NĐ 30/2020 Đ.32-33). It owns requests for signatures and
// verdicts by content. Reading and extending PDF files, cryptographic messages and keys are its
// subpackages; everything that parses a stranger's file runs in a child process with
// limits (package sandbox). It does not own documents: document does.
package signing
