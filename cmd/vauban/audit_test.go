package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/checker/evidence"
	"github.com/vauban-verifier/vauban/cmd/internal/cli"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/bundle"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/threats"
)

// This file makes examples/audit, and holds it to what it says. Its keys follow from their names, so that every byte can be made again; nobody must use them.

// fixedKey returns the key that follows from a name.
func fixedKey(name string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte("vauban example, not secret: " + name))
	return ed25519.NewKeyFromSeed(sum[:])
}

func did(key ed25519.PrivateKey) string { return attest.DID(key.Public().(ed25519.PublicKey)) }

// exhibit makes the files of examples/audit.
type exhibit struct {
	t         *testing.T
	architect ed25519.PrivateKey
	mallory   ed25519.PrivateKey
	first     ed25519.PrivateKey // coordinators
	second    ed25519.PrivateKey
	retired   ed25519.PrivateKey
	files     map[string][]byte
}

const (
	exhibitNetwork = "example-consortium"
	exhibitDesign  = "case/shop.vbn"
	exhibitAsOf    = "2026-11-23"
	exhibitAudit   = "2026-11-24"
)

// trusted are the coordinators that the auditor believes: the third one until milestone 5 only.
func (x *exhibit) trusted() []byte {
	t := &notary.Trust{Schema: notary.TrustSchema, Network: exhibitNetwork, Threshold: 2}
	for i, k := range []ed25519.PrivateKey{x.first, x.second, x.retired} {
		key := notary.TrustKey{Key: hex.EncodeToString(k.Public().(ed25519.PublicKey)), Start: 1}
		if i == 2 {
			key.End = 5
		}
		t.Keys = append(t.Keys, key)
	}
	data, err := t.JSON()
	x.must(err)
	return data
}

func (x *exhibit) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// design returns the files of a version of the design: three that the architect was proud of, and three to get round an auditor who does not look.
func (x *exhibit) design(version int) map[string]string {
	x.t.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", "audit", name))
		x.must(err)
		return string(data)
	}
	shop, mini := read("shop.vbn"), read("mini.yaml")
	switch version {
	case 1:
		shop = strings.Replace(strings.Replace(shop, "has input_validation ", "has input_validation? ", 1), "CardSecrecy holds", "CardSecrecy depends", 1)
	case 2:
		shop = strings.Replace(shop, "stores CardNumber with encryption", "stores CardNumber", 1)
	case softCatalogue:
		mini = strings.Replace(mini, "cost: 3", "cost: 30", 1)
	case boldAssumption:
		shop = strings.Replace(shop, "CardSecrecyRobust violated", "CardSecrecyRobust holds", 1)
		shop += "assume ShopIsSafe: not controls(Shop)\n"
	case emptyRequirement:
		shop = "// warns: VAU3001\n" + strings.Replace(shop, "require CardSecrecy: confidential CardNumber", "data GiftCode: cardholder_data\nrequire CardSecrecy: confidential GiftCode", 1)
	}
	return map[string]string{"shop.vbn": shop, "mini.yaml": mini}
}

const (
	softCatalogue = 4 + iota // the catalogue makes the threat that matters ten times as dear
	boldAssumption
	emptyRequirement
)

// policy is what the auditor demands of such evidence.
func (x *exhibit) policy() []byte {
	mini := sha256.Sum256([]byte(x.design(3)["mini.yaml"]))
	return fmt.Appendf(nil, `schema: vauban.policy/1
catalogues: [sha256:%x]
assumptions: []
require:
  CardSecrecy: holds
  CardSecrecyRobust: {verdict: [holds, violated], property: confidential CardNumber, against: Outsider, tolerating: 1}
  NothingInClear: [holds, waived]
max_age: 30d
signers:
  - {did: "%s", from: 2026-01-01, until: 2026-12-31}
`, mini, did(x.architect))
}

// model loads a version of the design as the case has it.
func (x *exhibit) model(version int) *threats.Model {
	x.t.Helper()
	files := x.design(version)
	diags := &diag.List{}
	m := threats.Load(func(name string) (string, error) {
		text, ok := files[name]
		if !ok {
			return "", fs.ErrNotExist
		}
		return text, nil
	}, []string{"shop.vbn"}, diags)
	if m == nil {
		x.t.Fatal(diags.Sorted())
	}
	return m
}

func (x *exhibit) report(version int, asOf string) *document.Report {
	x.t.Helper()
	r, err := checker.Check(x.t.Context(), x.model(version), checker.Options{AsOf: asOf})
	x.must(err)
	return reports.New(r, cli.Version)
}

func (x *exhibit) canonical(r *document.Report) []byte {
	x.t.Helper()
	data, err := r.Canonical()
	x.must(err)
	return data
}

// tangle is one milestone of the consortium: other people's blocks and ours.
type tangle struct {
	index  uint32
	ids    []notary.ID
	block  []byte // ours, the third
	path   notary.Path
	stone  notary.Milestone
	salt   []byte
	record notary.Record
}

// milestone puts a statement into a milestone.
func (x *exhibit) milestone(index uint32, statement []byte, previous notary.ID) *tangle {
	salt := sha256.Sum256(fmt.Appendf(nil, "salt %d", index))
	w := &tangle{index: index, salt: salt[:], record: notary.NewRecord(sha256.Sum256(statement), salt[:], previous)}
	parent := notary.BlockID(binary.LittleEndian.AppendUint32(nil, index))
	for i := range 5 {
		b := &notary.Block{Parents: []notary.ID{parent}, Tag: []byte("somebody else's"), Data: []byte{byte(i)}, Nonce: 1}
		if i == 2 {
			b.Tag, b.Data = []byte(notary.Tag), w.record.Bytes()
			w.block = b.Bytes()
		}
		w.ids = append(w.ids, notary.BlockID(b.Bytes()))
	}
	w.path = notary.PathTo(w.ids, 2)
	w.stone = notary.Milestone{
		Index: index, Time: time.Date(2026, 11, 23, 12, int(index), 0, 0, time.UTC), Previous: parent,
		Parents: notary.SortParents([]notary.ID{w.ids[4]}), InclusionRoot: notary.Root(w.ids), AppliedRoot: notary.Root(nil),
	}
	return w
}

func (x *exhibit) receipt(w *tangle) *notary.Receipt {
	return notary.NewReceipt(exhibitNetwork, w.block, &notary.Inclusion{Milestone: w.stone.Sign(x.first, x.second), Path: w.path}, w.salt)
}

func (x *exhibit) json(r *notary.Receipt) []byte {
	x.t.Helper()
	data, err := r.JSON()
	x.must(err)
	return data
}

func (x *exhibit) sign(r *document.Report, key ed25519.PrivateKey) []byte {
	x.t.Helper()
	data, err := attest.Sign(r, key)
	x.must(err)
	return data
}

func (x *exhibit) put(name string, data []byte) { x.files[name] = data }

// forgery is one forged version of the case.
type forgery struct {
	name    string
	what    string            // is wrong with it
	files   map[string][]byte // what is not as in the case
	history bool              // the auditor has the design's history
	rerun   bool              // and asks to verify afresh
	policy  string            // and has a policy
	asOf    string            // the day of the audit; "": the usual one
	require string            // a verdict that the auditor demands
	fails   []string          // the checks that fail
}

// newest is the milestone of the case.
const newest = 12

// build makes the case, and returns the forgeries.
func (x *exhibit) build() []forgery {
	x.t.Helper()
	x.put("trust.json", x.trusted())
	x.put("policy.yaml", x.policy())
	var before notary.ID
	var last *tangle
	var oldReceipt []byte
	for v := 1; v <= 3; v++ {
		r := x.report(v, exhibitAsOf)
		statement := x.sign(r, x.architect)
		last = x.milestone(uint32(newest-3+v), statement, before)
		dir := fmt.Sprintf("case/shop.history/%04d/", v)
		x.put(dir+notary.ReportName, x.canonical(r))
		x.put(dir+notary.StatementName, statement)
		x.put(dir+notary.ReceiptName, x.json(x.receipt(last)))
		if v < 3 {
			before, oldReceipt = notary.BlockID(last.block), x.files[dir+notary.ReceiptName]
		}
	}
	for name, text := range x.design(3) {
		x.put("case/"+name, []byte(text))
	}
	for to, from := range map[string]string{"report": notary.ReportName, "statement": notary.StatementName, "receipt": notary.ReceiptName} {
		x.put("case/shop."+to+".json", x.files["case/shop.history/0003/"+from])
	}
	x.bundle()

	report, statement := x.files["case/shop.report.json"], x.files["case/shop.statement.json"]
	honest := func() *document.Report {
		r, err := document.Parse(report)
		x.must(err)
		return r
	}
	// notarized is a lie of the architect, with all that the honest report has: signature, record, receipt.
	notarized := func(data, statement []byte) map[string][]byte {
		return map[string][]byte{
			"shop.report.json": data, "shop.statement.json": statement,
			"shop.receipt.json": x.json(x.receipt(x.milestone(newest, statement, before))),
		}
	}
	// another has all in order that an auditor checks without a policy, of another version of the design.
	another := func(version int) map[string][]byte {
		files := notarized(x.canonical(x.report(version, exhibitAsOf)), x.sign(x.report(version, exhibitAsOf), x.architect))
		for name, text := range x.design(version) {
			files[name] = []byte(text)
		}
		return files
	}
	lie := func(r *document.Report) map[string][]byte { return notarized(x.canonical(r), x.sign(r, x.architect)) }
	receipt := func(change func(*notary.Receipt)) map[string][]byte {
		r := x.receipt(last)
		change(r)
		return map[string][]byte{"shop.receipt.json": x.json(r)}
	}

	broken := honest() // says that what is violated holds
	for i := range broken.Requirements {
		q := &broken.Requirements[i]
		if q.Name == "CardSecrecyRobust" {
			c := &q.Cases[0]
			q.Verdict, c.Verdict, c.Attack = "holds", "holds", nil
			c.Proof = &document.Proof{Kind: "closure", RestsOn: []document.Place{}, Assumptions: []string{}}
			c.Evidence = &evidence.Answer{Holds: &evidence.Proof{Cuts: []evidence.Cut{{}}}}
		}
	}
	milder := honest() // tells another story of the same attack
	for i := range milder.Requirements {
		for k := range milder.Requirements[i].Cases {
			if a := milder.Requirements[i].Cases[k].Attack; a != nil && len(a.Steps) > 0 {
				a.Steps[len(a.Steps)-1].Says = "the attacker reads nothing of interest"
			}
		}
	}
	lazy, refused, err := checker.Recheck(x.t.Context(), x.model(3), checker.Options{AsOf: exhibitAsOf}, func(i, k int) *evidence.Answer {
		if q := honest().Requirements[i]; q.Name != "CardSecrecy" {
			return q.Cases[k].Evidence
		}
		return &evidence.Answer{Incomplete: "the search for an attack reached its limits"}
	})
	x.must(err)
	if len(refused) > 0 {
		x.t.Fatal(refused)
	}
	return []forgery{
		{name: "report", what: "a line end after the report", files: map[string][]byte{"shop.report.json": append(bytes.Clone(report), '\n')}, fails: []string{"report"}},
		{
			name: "statement", what: "the architect signs that all is well",
			files: notarized(report, x.forgeStatement(statement, func(body string) string { return strings.Replace(body, "FAILED", "PASSED", 1) })),
			fails: []string{"statement"},
		},
		{name: "signature", what: "the statement says something else than what was signed", files: map[string][]byte{
			"shop.statement.json": x.alter(statement, func(body string) string { return strings.Replace(body, "FAILED", "PASSED", 1) }),
		}, fails: []string{"signature"}},
		{name: "signer", what: "Mallory signs the report and has that notarized", files: notarized(report, x.sign(honest(), x.mallory)), fails: []string{"signer"}},
		{name: "record", what: "the receipt of an older report", files: map[string][]byte{"shop.receipt.json": oldReceipt}, fails: []string{"record"}},
		{name: "block", what: "a byte after the block", files: receipt(func(r *notary.Receipt) { r.Block = append(r.Block, 0) }), fails: []string{"block"}},
		{name: "milestone", what: "one coordinator's signature twice, for a threshold of two", files: receipt(func(r *notary.Receipt) {
			once := last.stone.Sign(x.first)
			const one = 1 + ed25519.PublicKeySize + ed25519.SignatureSize
			r.Milestone = append(bytes.Clone(once), once[len(once)-one:]...)
			r.Milestone[len(once)-one-1] = 2
		}), fails: []string{"milestone"}},
		{name: "path", what: "the path of another block of the same milestone", files: receipt(func(r *notary.Receipt) {
			r.Path = notary.PathTo(last.ids, 3).Bytes()
		}), fails: []string{"path"}},
		{name: "signatures", what: "a coordinator who had left signs in place of one", files: receipt(func(r *notary.Receipt) {
			r.Milestone = last.stone.Sign(x.first, x.retired)
		}), fails: []string{"signatures"}},
		{name: "time", what: "waivers judged by a day that was still to come", files: lie(x.report(3, "2026-12-24")), fails: []string{"time"}},
		{name: "chain", what: "the second report taken out of the history, and the numbers put right", history: true, files: map[string][]byte{
			"shop.history/0001/" + notary.ReportName:    x.files["case/shop.history/0001/"+notary.ReportName],
			"shop.history/0001/" + notary.StatementName: x.files["case/shop.history/0001/"+notary.StatementName],
			"shop.history/0001/" + notary.ReceiptName:   x.files["case/shop.history/0001/"+notary.ReceiptName],
			"shop.history/0002/" + notary.ReportName:    report,
			"shop.history/0002/" + notary.StatementName: statement,
			"shop.history/0002/" + notary.ReceiptName:   x.files["case/shop.receipt.json"],
		}, fails: []string{"chain"}},
		{name: "inputs", what: "the design without its input validation", files: map[string][]byte{
			"shop.vbn": []byte(x.design(1)["shop.vbn"]), "mini.yaml": []byte(x.design(1)["mini.yaml"]),
		}, fails: []string{"inputs"}},
		{name: "verdicts", what: "the architect claims that what is violated holds", files: lie(broken), fails: []string{"verdicts"}},
		{name: "contents", what: "the architect tells another story of the attack", files: lie(milder), fails: []string{"contents"}},
		{name: "rerun", what: "the architect claims that no verdict was found", rerun: true, files: lie(reports.New(lazy, cli.Version)), fails: []string{"rerun"}},
		{name: "backdated", what: "waivers judged by a day that was past when the report was notarized", files: lie(x.report(3, "2026-10-01")), fails: []string{"time"}},
		{name: "waivers", what: "nothing: but the day of the audit is after the waiver's end", asOf: "2027-03-02", fails: []string{"waivers"}},
		{name: "require", what: "nothing: but what the auditor demands is violated", require: "CardSecrecyRobust=holds", fails: []string{"require:CardSecrecyRobust"}},
		{name: "vacuous", what: "the requirement is about data that the design does not have", files: another(emptyRequirement), require: "CardSecrecy=holds", fails: []string{"require:CardSecrecy"}},
		{name: "catalogues", what: "a catalogue that makes the threat that matters ten times as dear", files: another(softCatalogue), policy: "policy.yaml", fails: []string{"policy:catalogues"}},
		{name: "assumptions", what: "an assumption that excludes the attack", files: another(boldAssumption), policy: "policy.yaml", fails: []string{"policy:assumptions"}},
		{name: "waived", what: "nothing: but the auditor accepts no waivers", files: map[string][]byte{
			"strict.yaml": []byte("schema: vauban.policy/1\nwaived: no\n"),
		}, policy: "forged/waived/strict.yaml", fails: []string{"policy:waived"}},
		{name: "max_age", what: "nothing: but the evidence has got old", asOf: "2026-12-24", policy: "policy.yaml", fails: []string{"policy:max_age"}},
		{name: "signers", what: "nothing: but the architect's key was not to be used any more", files: map[string][]byte{
			"signers.yaml": fmt.Appendf(nil, "schema: vauban.policy/1\nsigners:\n  - {did: \"%s\", until: 2026-11-22}\n", did(x.architect)),
		}, policy: "forged/signers/signers.yaml", fails: []string{"policy:signers"}},
	}
}

// bundle puts the finished case into one file.
func (x *exhibit) bundle() {
	x.t.Helper()
	file := func(name string) []byte { return x.files["case/"+name] }
	b := &bundle.Bundle{
		Document: file("shop.report.json"), Statement: file("shop.statement.json"), Receipt: file("shop.receipt.json"),
		Inputs: map[string][]byte{"design/shop.vbn": file("shop.vbn"), "design/mini.yaml": file("mini.yaml")},
	}
	for n := range 3 {
		dir := fmt.Sprintf("shop.history/%04d/", n+1)
		b.History = append(b.History, &notary.Item{Number: n + 1, Files: [][]byte{file(dir + notary.ReportName), file(dir + notary.StatementName)}, Receipt: file(dir + notary.ReceiptName)})
	}
	data, err := b.Bytes()
	x.must(err)
	x.put("case/shop.vaubz", data)
}

// parts takes an envelope apart.
func (x *exhibit) parts(envelope []byte) (e dsse.Envelope, body string) {
	x.t.Helper()
	x.must(json.Unmarshal(envelope, &e))
	data, err := base64.StdEncoding.DecodeString(e.Payload)
	x.must(err)
	return e, string(data)
}

// alter changes what an envelope says, and leaves the signature.
func (x *exhibit) alter(envelope []byte, change func(string) string) []byte {
	x.t.Helper()
	e, body := x.parts(envelope)
	e.Payload = base64.StdEncoding.EncodeToString([]byte(change(body)))
	data, err := json.Marshal(map[string]any{"payload": e.Payload, "payloadType": e.PayloadType, "signatures": []map[string]string{{"keyid": e.Signatures[0].KeyID, "sig": e.Signatures[0].Sig}}})
	x.must(err)
	return data
}

// forgeStatement changes what an envelope says, and signs it with the architect's key.
func (x *exhibit) forgeStatement(envelope []byte, change func(string) string) []byte {
	x.t.Helper()
	_, body := x.parts(envelope)
	pae := fmt.Sprintf("DSSEv1 %d %s %d %s", len(attest.PayloadType), attest.PayloadType, len(change(body)), change(body))
	data := x.alter(envelope, change)
	e, _ := x.parts(data)
	return bytes.Replace(data, []byte(e.Signatures[0].Sig), []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(x.architect, []byte(pae)))), 1)
}

// command is what an auditor runs in examples/audit on the case, with what is forged in place of the honest files.
func (x *exhibit) command(f forgery) []string {
	at := func(name string) string {
		if _, ok := f.files[name]; ok {
			return "forged/" + f.name + "/" + name
		}
		return "case/" + name
	}
	args := []string{
		"audit", "--as-of", cmp.Or(f.asOf, exhibitAudit), "--trust", "trust.json", "--signer", did(x.architect), "--design", at("shop.vbn"),
		"--statement", at("shop.statement.json"), "--receipt", at("shop.receipt.json"),
	}
	if f.history {
		dir := "case/shop.history"
		if f.name != "" {
			dir = "forged/" + f.name + "/shop.history"
		}
		args = append(args, "--history", dir)
	}
	if f.rerun {
		args = append(args, "--rerun")
	}
	if f.require != "" {
		args = append(args, "--require", f.require)
	}
	if f.policy != "" {
		args = append(args, "--policy", f.policy)
	}
	return append(args, at("shop.report.json"))
}

// TestAuditExamples makes examples/audit anew and compares it with what is there, then has each forged version refused, for its own reason alone.
func TestAuditExamples(t *testing.T) {
	x := &exhibit{
		t: t, architect: fixedKey("architect"), mallory: fixedKey("mallory"), files: map[string][]byte{},
		first: fixedKey("first coordinator"), second: fixedKey("second coordinator"), retired: fixedKey("retired coordinator"),
	}
	forgeries := x.build()
	for _, f := range forgeries {
		for name, data := range f.files {
			x.put("forged/"+f.name+"/"+name, data)
		}
	}
	dir := filepath.Join("..", "..", "examples", "audit")
	if *update {
		for _, sub := range []string{"case", "forged"} {
			x.must(os.RemoveAll(filepath.Join(dir, sub)))
		}
		for name, data := range x.files {
			path := filepath.Join(dir, filepath.FromSlash(name))
			x.must(os.MkdirAll(filepath.Dir(path), 0o755))
			x.must(os.WriteFile(path, data, 0o644))
		}
	}
	for name, want := range x.files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("examples/audit/%s is not what is made now (%v): `go test ./cmd/vauban -run AuditExamples -update` makes it again", name, err)
		}
	}
	t.Chdir(dir)
	audits := map[string]string{"case/audit.txt": x.audit(forgery{history: true, rerun: true, policy: "policy.yaml"})}
	for _, f := range forgeries {
		audits["forged/"+f.name+"/audit.txt"] = "# " + f.what + "\n" + x.audit(f)
	}
	for name, got := range audits {
		x.files[name] = []byte(got)
		if *update {
			x.must(os.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o755))
			x.must(os.WriteFile(filepath.FromSlash(name), []byte(got), 0o644))
		}
		if want, err := os.ReadFile(filepath.FromSlash(name)); err != nil || string(want) != got {
			t.Errorf("examples/audit/%s: %v\n%s", name, err, got)
		}
	}
	x.must(filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != "README.md" && path != "forgeries.md" && x.files[filepath.ToSlash(path)] == nil {
			t.Errorf("examples/audit/%s is not made by anything: remove it", path)
		}
		return err
	}))
}

// audit runs the audit of a forgery, checks which checks fail, and returns the command and its output.
func (x *exhibit) audit(f forgery) string {
	x.t.Helper()
	args := x.command(f)
	var out, errs strings.Builder
	code := cli.Run(context.Background(), args, strings.NewReader(""), &out, &errs)
	var failed []string
	for line := range strings.Lines(out.String()) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "FAILED" {
			failed = append(failed, fields[1])
		}
	}
	if !slices.Equal(failed, f.fails) || (code == 0) != (len(f.fails) == 0) {
		x.t.Errorf("%s: exit status %d, failed: %v, expected %v\n%s%s", f.name, code, failed, f.fails, &out, &errs)
	}
	return "$ vauban " + strings.Join(args, " ") + "\n" + out.String()
}
