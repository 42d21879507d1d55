package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/plain"
)

// Status is how a check came out.
type Status string

// The statuses. What could not be made is not a pass.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	NotMade Status = "could not be made"
)

// Check is one check of an audit.
type Check struct {
	Name   string `json:"name"`
	Means  string `json:"means"` // what is so when it passed
	Status Status `json:"status"`
	Detail string `json:"detail"` // what was found, or why not
	Asked  bool   `json:"asked"`  // the audit passes only if this check does
}

// Names of the checks, in the order in which they are made.
const (
	Report     = "report"
	Statement  = "statement"
	Signature  = "signature"
	Signer     = "signer"
	Record     = "record"
	Block      = "block"
	Milestone  = "milestone"
	Path       = "path"
	Signatures = "signatures"
	Time       = "time"
	Place      = "chain"
	Inputs     = "inputs"
	Mapping    = "mapping"
	Logs       = "logs"
	Verdicts   = "verdicts"
	Contents   = "contents"
	Rerun      = "rerun"
	Waivers    = "waivers"
)

// checks are all checks with what they mean, of a report and of an explanation; "" where one of these has no such check.
var checks = []struct{ name, report, explanation string }{
	{Report, "the report is in its one canonical form", "the explanation is in its one canonical form"},
	{Statement, "the statement names this report, its inputs by their digests, and its result", "the statement names this explanation, its inputs by their digests, and its result"},
	{Signature, "the statement is signed with the key that it names", "the statement is signed with the key that it names"},
	{Signer, "the signer is one that you allowed (--signer)", "the signer is one that you allowed (--signer)"},
	{Record, "the record on the Tangle commits to this statement", "the record on the Tangle commits to this statement"},
	{Block, "the record's block is canonical, without trailing bytes", "the record's block is canonical, without trailing bytes"},
	{Milestone, "the milestone is canonical, and of the trusted network", "the milestone is canonical, and of the trusted network"},
	{Path, "the milestone references the block", "the milestone references the block"},
	{Signatures, "enough trusted coordinators signed the milestone, each with a key for its index", "enough trusted coordinators signed the milestone, each with a key for its index"},
	{Time, "the record was on the Tangle at that time, and the report judges waivers by that day", "the record was on the Tangle at that time"},
	{Place, "the design's records are all there, in one chain, with this one in it", "the design's records are all there, in one chain, with this one in it"},
	{Inputs, "the design and the catalogues given are those that the report is about", "the design and the catalogues given are those that the explanation is about"},
	{Mapping, "", "the mapping given is the one that the explanation is about"},
	{Logs, "", "the logs given are those that the explanation is about, byte for byte; that they are true, nothing here shows"},
	{Verdicts, "every verdict follows from these inputs: each attack was replayed, each certificate checked", "what happened follows from these inputs: each run was replayed and leaves just its log, each certificate checked"},
	{Contents, "the rest of the report follows from the inputs and the evidence, byte for byte", "the rest of the explanation, but for what can follow, is what inputs and evidence give, byte for byte"},
	{Rerun, "verifying again gives the same report, byte for byte", "explaining again gives the same explanation, with what can follow, byte for byte"},
	{Waivers, "every waiver that a verdict needs is still in force on the day of the audit", ""},
}

// Input is what an auditor has. What is nil was not given.
type Input struct {
	Report    []byte
	Statement []byte
	Receipt   []byte
	Trust     *notary.Trust

	Design  []string      // names of the design files, the root first
	Read    source.Reader // reads inputs by name
	Mapping *source.File  // of an explanation
	Logs    []Log         // of an explanation, in its order

	AsOf    string         // YYYY-MM-DD: the day of the audit, by which waivers and ages are judged
	Signers []string       // did:keys each of which may have signed, at any time; empty: any
	Require []Demand       // verdicts that the auditor wants to see
	Policy  *Policy        // what else the auditor demands; nil: nothing
	History notary.Entries // the design's whole history
	Rerun   bool
	Version string // of the tool that audits, whose built-in catalogues are meant

	Progress func(checker.Progress) // may be nil
}

// Log is a log that an explanation may be about: its name as the auditor gives it, and its bytes.
type Log struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Result is what came of an audit.
type Result struct {
	Checks  []Check `json:"checks"`
	Passed  bool    `json:"passed"` // all checks that were asked for did
	Design  string  `json:"design,omitempty"`
	Signer  string  `json:"signer,omitempty"`
	Time    string  `json:"time,omitempty"` // RFC 3339, UTC: of the milestone; only where it is trusted
	AsOf    string  `json:"as_of"`          // the day of the audit
	Claims  *Claims `json:"claims"`         // what the evidence amounts to; null where its verdicts were not judged, or do not follow
	Summary string  `json:"summary"`        // one sentence: whether the evidence is authentic, and what it claims
}

// auditor makes the checks.
type auditor struct {
	in     *Input
	result Result

	document    reports.Document // nil: it cannot be read
	head        reports.Head
	report      *reports.Report      // nil: it is none
	explanation *reports.Explanation // nil: it is none

	statement *attest.Statement
	proven    *notary.Proven
	record    *notary.Record
	links     []Link    // of a history that holds
	asOf      time.Time // the day of the audit
	own       int       // how many checks come before what the auditor demands
}

// Validate checks what the auditor asks for, which is not a matter of the evidence.
func (in *Input) Validate() error {
	if _, err := time.Parse(time.DateOnly, in.AsOf); err != nil {
		return fmt.Errorf("the day of the audit is %q, expected a date such as 2027-01-31", in.AsOf)
	}
	seen := map[string]bool{}
	for _, d := range in.wanted() {
		if seen[d.Name] {
			return fmt.Errorf("the requirement %s is demanded twice", d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}

// Run makes all checks. The error is one of the tool, or the end of ctx: what is wrong with the input is in the result.
func Run(ctx context.Context, in *Input) (*Result, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	asOf, err := time.Parse(time.DateOnly, in.AsOf)
	if err != nil {
		return nil, err
	}
	a := &auditor{in: in, asOf: asOf, result: Result{AsOf: in.AsOf}}
	document, wrong := reports.ParseDocument(in.Report)
	switch d := document.(type) {
	case *reports.Report:
		a.report = d
	case *reports.Explanation:
		a.explanation = d
	}
	for _, c := range checks {
		means := c.report
		if a.explanation != nil {
			means = c.explanation
		}
		if c.name == Waivers {
			a.own = len(a.result.Checks)
		}
		if means != "" {
			a.add(c.name, means)
		}
	}
	a.check(Signer).Asked = len(in.Signers) > 0
	a.check(Place).Asked = in.History != nil
	a.check(Rerun).Asked = in.Rerun
	a.readReport(document, wrong)
	a.readStatement()
	a.readReceipt()
	a.chain()
	judged := a.verdicts
	if a.explanation != nil {
		judged = a.explained
	}
	if err := judged(ctx); err != nil {
		return nil, err
	}
	a.demands()
	a.result.Summary = a.summary()
	a.result.Passed = !slices.ContainsFunc(a.result.Checks, func(c Check) bool { return c.Status == Failed || c.Asked && c.Status != Passed })
	return &a.result, nil
}

func (a *auditor) add(name, means string) {
	a.result.Checks = append(a.result.Checks, Check{Name: name, Means: means, Status: NotMade, Asked: true})
}

func (a *auditor) check(name string) *Check {
	i := slices.IndexFunc(a.result.Checks, func(c Check) bool { return c.Name == name })
	return &a.result.Checks[i]
}

func (a *auditor) pass(name, format string, args ...any) {
	c := a.check(name)
	c.Status, c.Detail = Passed, fmt.Sprintf(format, args...)
}

func (a *auditor) fail(name string, err error) {
	c := a.check(name)
	if c.Status, c.Detail = Failed, err.Error(); len(c.Detail) > maxError {
		c.Detail = strings.ToValidUTF8(c.Detail[:maxError], "") + "…"
	}
}

// maxError is how much of an error is kept, in bytes: it may quote what a forger has written.
const maxError = 4000

// skip says why a check, and those that follow with the same reason, could not be made.
func (a *auditor) skip(why string, names ...string) {
	for _, n := range names {
		if c := a.check(n); c.Detail == "" {
			c.Detail = why
		}
	}
}

func (a *auditor) readReport(document reports.Document, wrong error) {
	if wrong != nil {
		a.fail(Report, wrong)
		return
	}
	a.document, a.head = document, document.Head()
	a.result.Design = a.head.Design
	a.pass(Report, "sha256 %s", reports.Digest(a.in.Report))
}

func (a *auditor) readStatement() {
	if a.in.Statement == nil {
		a.skip("there is no statement: give it with --statement", Statement, Signature, Signer, Record)
		return
	}
	s, err := attest.Open(a.in.Statement)
	if err != nil {
		a.fail(Signature, err)
		a.skip("the statement has no right signature", Statement, Signer, Record)
		return
	}
	a.statement, a.result.Signer = s, s.Signer
	a.pass(Signature, "%s", s.Signer)
	switch {
	case len(a.in.Signers) == 0:
		a.skip("anybody can sign: say who may with --signer", Signer)
	case slices.Contains(a.in.Signers, s.Signer):
		detail := s.Signer
		if n := len(a.in.Signers); n > 1 {
			detail += fmt.Sprintf(", one of %d who may each sign alone, at any time (a policy has signers with dates)", n)
		}
		a.pass(Signer, "%s", detail)
	default:
		a.fail(Signer, fmt.Errorf("it is signed by %s, expected %s", s.Signer, strings.Join(a.in.Signers, " or ")))
	}
	if a.document == nil {
		a.skip("the report cannot be read", Statement)
		return
	}
	if err := s.Binds(a.document); err != nil {
		a.fail(Statement, err)
		return
	}
	a.pass(Statement, "%s", plain.Number(len(a.head.Inputs), "input"))
}

var receiptChecks = []string{Block, Milestone, Path, Signatures}

func (a *auditor) readReceipt() {
	if a.in.Receipt == nil {
		a.skip("there is no receipt: give it with --receipt", append(receiptChecks, Record, Time)...)
		return
	}
	r, err := notary.ParseReceipt(a.in.Receipt)
	if err != nil {
		a.fail(Record, err)
		a.skip("the receipt cannot be read", append(receiptChecks, Time)...)
		return
	}
	a.open(r)
	if a.in.Trust == nil {
		a.skip("there is no trust file: give yours with --trust", append(receiptChecks, Time)...)
		return
	}
	p, err := notary.Verify(r, a.in.Trust)
	var refusal *notary.Refusal
	if errors.As(err, &refusal) {
		// The checks are made in this order, each on what those before it have shown.
		order := map[notary.Check]int{notary.CheckBlock: 0, notary.CheckMilestone: 1, notary.CheckPath: 2, notary.CheckSignatures: 3}
		at := order[refusal.Check]
		for _, name := range receiptChecks[:at] {
			a.pass(name, "so far")
		}
		a.fail(receiptChecks[at], refusal)
		a.skip("the check before it failed", append(receiptChecks[at+1:], Time)...)
		return
	}
	a.proven = p
	a.pass(Block, "%s", p.Block)
	a.pass(Milestone, "%d on %q: %s", p.Index, p.Network, p.Milestone)
	a.pass(Path, "%s to the inclusion root", plain.Number(len(r.Path)/33, "step"))
	a.pass(Signatures, "%d of %d, at least %d were needed", len(p.Signers), p.Keys, a.in.Trust.Threshold)
	a.time(p.Time)
}

// open checks what the record commits to, which needs no trust.
func (a *auditor) open(r *notary.Receipt) {
	block, err := notary.ParseBlock(r.Block)
	if err != nil {
		a.skip("its block cannot be read", Record)
		return
	}
	record, err := notary.ParseRecord(block.Data)
	if err != nil {
		a.fail(Record, err)
		return
	}
	a.record = &record
	if a.statement == nil {
		return // the reason has been given
	}
	if err := r.Opens(record, a.statement.Digest); err != nil {
		a.fail(Record, err)
		return
	}
	how := "plainly"
	if record.Blinded {
		how = "blinded with the receipt's salt"
	}
	a.pass(Record, "%s", how)
}

// day is what dates are compared by, and the grace that they get: a day may be one of a time zone that is ahead or behind.
const day = 24 * time.Hour

// Dated checks that a report that judges waivers by the date asOf is one of the day on which it was on a Tangle: on another day other waivers are in force.
func Dated(asOf string, at time.Time) error {
	by, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return err
	}
	stamp := at.UTC().Format(time.RFC3339)
	switch there := at.Truncate(day); {
	case by.After(there.Add(day)):
		return fmt.Errorf("it was there at %s, and waivers were judged by %s, which was still to come", stamp, asOf)
	case by.Before(there.Add(-day)):
		return fmt.Errorf("it was there at %s, and waivers were judged by %s, which was past: a report has to be notarized on its own day", stamp, asOf)
	}
	return nil
}

// time compares the date that waivers were judged by with when the record was on the Tangle, and that with the day of the audit.
func (a *auditor) time(at time.Time) {
	stamp := at.Format(time.RFC3339)
	if a.document == nil {
		a.skip("the report cannot be read; the Tangle's time is "+stamp, Time)
		return
	}
	if a.report != nil {
		if err := Dated(a.head.AsOf, at); err != nil {
			a.fail(Time, err)
			return
		}
	}
	if at.Truncate(day).After(a.asOf.Add(day)) {
		a.fail(Time, fmt.Errorf("it says %s, which is still to come on the day of the audit, %s", stamp, a.in.AsOf))
		return
	}
	a.result.Time = stamp
	detail := stamp + " by the coordinators' clocks"
	if a.report != nil {
		detail += "; waivers were judged by " + a.head.AsOf
	}
	a.pass(Time, "%s", detail)
}

// chain checks the history that was given, and that what is audited is in it.
func (a *auditor) chain() {
	if a.in.History == nil {
		switch {
		case a.record == nil:
			a.skip("there is no record", Place)
		case a.record.Previous.IsZero():
			a.skip("it says that it is the first; give the whole history with --history", Place)
		default:
			a.skip(fmt.Sprintf("it follows %s; give the whole history with --history", a.record.Previous), Place)
		}
		return
	}
	if a.in.Trust == nil {
		a.skip("there is no trust file: give yours with --trust", Place)
		return
	}
	if a.statement == nil {
		a.skip("there is no statement to look for", Place)
		return
	}
	signers := a.in.Signers
	if p := a.in.Policy; len(signers) == 0 && p != nil {
		for _, s := range p.Signers {
			signers = append(signers, s.DID)
		}
	}
	if len(signers) == 0 {
		signers = []string{a.statement.Signer}
	}
	links, waiting, err := Chain(a.in.History, a.in.Trust, signers)
	if err != nil {
		a.fail(Place, err)
		return
	}
	a.links = links
	at := slices.IndexFunc(links, func(l Link) bool {
		return l.statement == a.statement.Digest && a.proven != nil && l.Proven.Block == a.proven.Block
	})
	if at < 0 {
		a.fail(Place, fmt.Errorf("the history does not have this %s with this receipt", a.head.Kind))
		return
	}
	detail := fmt.Sprintf("%d of %d", at+1, len(links))
	if newer := len(links) - at - 1; newer > 0 {
		detail += fmt.Sprintf("; %d newer, the last one %s", newer, links[len(links)-1].Proven.Time.Format(time.RFC3339))
	}
	if waiting > 0 {
		detail += fmt.Sprintf("; %d not notarized yet", waiting)
	}
	a.pass(Place, "%s", detail)
}
