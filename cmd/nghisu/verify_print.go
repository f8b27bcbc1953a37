package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"nghisu/internal/httpapi"
	"nghisu/internal/signing/judge"
)

// verifiedFile and verifiedSignature are the answers as JSON.
type verifiedFile struct {
	File       string              `json:"file"`
	Status     string              `json:"status"`            // the worst of its signatures; empty when it has none
	Problem    string              `json:"problem,omitempty"` // why there is nothing to judge
	Revisions  int                 `json:"revisions"`
	Signatures []verifiedSignature `json:"signatures"`
}

type verifiedSignature struct {
	Field           string         `json:"field"`
	Kind            string         `json:"kind"`
	Status          string         `json:"status"`
	SubIndication   string         `json:"sub_indication"`
	Level           string         `json:"level"`
	Signer          string         `json:"signer"`
	SignerSubject   string         `json:"signer_subject"`
	SignerIssuer    string         `json:"signer_issuer"`
	BestTime        *time.Time     `json:"best_time"`
	TimeProven      bool           `json:"time_proven"`
	ClaimedTime     *time.Time     `json:"claimed_time"`
	CoveredRevision int            `json:"covered_revision"`
	Coverage        string         `json:"coverage"`
	Changes         []judge.Change `json:"changes"`
	TrustList       string         `json:"trust_list"`
	Revocation      string         `json:"revocation"`
	Findings        []string       `json:"findings"`
}

func printVerifiedJSON(w io.Writer, files []judgedFile, lang string) error {
	out := struct {
		Files []verifiedFile `json:"files"`
	}{make([]verifiedFile, 0, len(files))}
	for _, f := range files {
		v := verifiedFile{File: f.path, Status: string(f.status()), Revisions: f.report.Revisions, Signatures: make([]verifiedSignature, 0, len(f.report.Signatures))}
		if f.problem != "" {
			v.Problem = httpapi.Message(lang, f.problem, nil)
		} else if len(f.report.Signatures) == 0 {
			v.Problem = httpapi.Message(lang, "verdict.unsigned", nil)
		}
		for _, s := range f.report.Signatures {
			v.Signatures = append(v.Signatures, verifiedSignature{
				Field: s.Field, Kind: string(s.Kind), Status: string(s.Status), SubIndication: string(s.SubIndication), Level: string(s.Level),
				Signer: s.Name, SignerSubject: s.Subject, SignerIssuer: s.Issuer, BestTime: s.BestTime, TimeProven: s.TimeProven,
				ClaimedTime: s.Claimed, CoveredRevision: s.Revision, Coverage: string(s.Coverage), Changes: append([]judge.Change{}, s.Changes...),
				TrustList: s.TrustList, Revocation: string(s.Revocation), Findings: findingTexts(s, lang)})
		}
		out.Files = append(out.Files, v)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// status is the worst of a file's signatures; empty when there is none.
func (f judgedFile) status() judge.Status {
	switch f.code() {
	case exitPassed:
		return judge.Passed
	case exitFailed:
		return judge.Failed
	case exitIndeterminate:
		return judge.Indeterminate
	}
	return ""
}

// findingTexts are the reason when a signature did not pass, with what exactly, and everything besides.
func findingTexts(s judge.Signature, lang string) []string {
	out := []string{}
	if s.Status != judge.Passed {
		text := httpapi.Message(lang, s.Reason, nil)
		if s.Finding != "" {
			text += " (" + s.Finding + ")"
		}
		out = append(out, text)
	}
	for _, key := range s.Findings {
		out = append(out, httpapi.Message(lang, key, nil))
	}
	return out
}

// printVerified prints the answers for people.
func printVerified(w io.Writer, files []judgedFile, lang string) error {
	var b strings.Builder
	say := func(key string, args map[string]any) string { return httpapi.Message(lang, key, args) }
	for _, f := range files {
		fmt.Fprintln(&b, f.path)
		switch {
		case f.problem != "":
			fmt.Fprintf(&b, "  %s\n", say(f.problem, nil))
		case len(f.report.Signatures) == 0:
			fmt.Fprintf(&b, "  %s\n", say("verdict.unsigned", nil))
		}
		for i, s := range f.report.Signatures {
			who := s.Name
			if s.Agency != "" && s.Agency != s.Name {
				who += ", " + s.Agency
			}
			words := string(s.Status)
			if s.SubIndication != "" {
				words += " " + string(s.SubIndication)
			}
			if s.Level != "" {
				words += ", " + string(s.Level)
			}
			fmt.Fprintf(&b, "  %d. %s [%s]\n     %s\n", i+1, who, s.Field, words)
			for _, line := range signatureLines(s, lang, f.report.Revisions) {
				fmt.Fprintf(&b, "     %s\n", line)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// signatureLines say about one signature why, when, what it covers and what came after.
func signatureLines(s judge.Signature, lang string, revisions int) []string {
	say := func(key string, args map[string]any) string { return httpapi.Message(lang, key, args) }
	lines := findingTexts(s, lang)
	if s.Status == judge.Passed {
		lines = append([]string{say(s.Reason, nil)}, lines...)
	}
	at := func(t *time.Time) map[string]any {
		return map[string]any{"time": t.In(vietnam).Format("02/01/2006 15:04:05 -07:00")}
	}
	switch {
	case s.BestTime != nil && s.TimeProven:
		lines = append(lines, say("verify.proven", at(s.BestTime)))
	case s.Claimed != nil:
		lines = append(lines, say("verify.claimed", at(s.Claimed)))
	}
	if s.TrustList != "" {
		lines = append(lines, say("verify.list", map[string]any{"list": s.TrustList}))
	}
	if s.Revision > 0 {
		lines = append(lines, say("verify.revision", map[string]any{"revision": s.Revision, "revisions": revisions}))
	}
	for _, c := range s.Changes {
		lines = append(lines, say("verify.later", map[string]any{"change": say("verdict.change_"+string(c.Kind), map[string]any{"page": c.Page, "field": c.Field})}))
	}
	return lines
}
