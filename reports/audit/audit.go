package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
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
	Logged     = "milestone log"
	Witnesses  = "witnesses"
	Stamp      = "time stamp"
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
	{Time, "the record was on the Tangle at the milestone's time, and the report judges waivers by that day, give or take one", "the record was on the Tangle at the milestone's time"},
	{Logged, "the log of the network's milestones has this one in the place of its index", "the log of the network's milestones has this one in the place of its index"},
	{Witnesses, "enough outside witnesses had seen that, soon enough after the milestone's time", "enough outside witnesses had seen that, soon enough after the milestone's time"},
	{Stamp, "an authority that you trust has stamped the milestone, soon enough", "an authority that you trust has stamped the milestone, soon enough"},
	{Place, "the design's records are all there, in one chain, with this one in it", "the design's records are all there, in one chain, with this one in it"},
	{Inputs, "the design and the catalogues given are those that the report is about", "the design and the catalogues given are those that the explanation is about"},
	{Mapping, "", "the mapping given is the one that the explanation is about"},
	{Logs, "", "the logs given are those that the explanation is about, byte for byte; that they are true, nothing here shows"},
	{Verdicts, "every verdict follows from these inputs: each attack was replayed, each certificate checked", "what happened follows from these inputs: each run was replayed and leaves just its log, each certificate checked"},
	{Contents, "the rest of the report follows from the inputs and the evidence, byte for byte", "the rest of the explanation, but for what can follow and is not broken yet, is what inputs and evidence give, byte for byte"},
	{Rerun, "verifying again gives the same report, byte for byte", "explaining again gives the same explanation, with what can follow, byte for byte"},
	{Waivers, "every waiver that a verdict needs is still in force on the day of the audit", ""},
}

// Input is what an auditor has. What is nil was not given.
type Input struct {
	Report    []byte
	Statement []byte
	Receipt   []byte
	Proof     []byte // that the log of the network's milestones has that of the receipt
	Stamp     []byte // of that milestone, by an authority
	Trust     *notary.Trust

	Design  []string      // names of the design files, the root first
	Read    source.Reader // reads inputs by name
	Mapping *source.File  // of an explanation
	Logs    []Log         // of an explanation, in its order

	// Texts are the built-in catalogues and packs to judge by, under "builtin:NAME" and "pack:NAME", instead of those of this program. They may be anybody's. Nil: those of this program.
	Texts map[string]string

	AsOf    string         // YYYY-MM-DD: the day of the audit, by which waivers and ages are judged
	Signers []string       // did:keys each of which may have signed, at any time; empty: any
	Require []Demand       // verdicts that the auditor wants to see
	Policy  *Policy        // what else the auditor demands; nil: nothing
	History notary.Entries // the design's whole history
	Rerun   bool
	Version string // of the tool that audits, whose built-in catalogues are meant

	Judge Judge // nil: its verdicts are not judged
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

// Auditor makes the checks. A [Judge] is handed it.
type Auditor struct {
	In          *Input
	Head        document.Head         // of the document
	Report      *document.Report      // nil: it is none, or cannot be read
	Explanation *document.Explanation // nil: it is none, or cannot be read
	Claims      *Claims               // what the judge derives

	result    Result
	document  document.Document // nil: it cannot be read
	statement *attest.Statement
	receipt   *notary.Receipt // nil: it cannot be read
	proven    *notary.Proven
	record    *notary.Record
	links     []Link    // of a history that holds
	asOf      time.Time // the day of the audit
	own       int       // how many checks come before what the auditor demands
}

// Judge judges what a document says again from its inputs: it makes the checks [Inputs] to [Rerun], and derives the claims. The error is one of the tool, or the
// end of ctx. Signatures, receipts and histories need none, and a program that verifies only these links no grounding and no engine: package verdicts has the judge.
type Judge func(ctx context.Context, a *Auditor) error

// Ask adds what an auditor demands in texts: DIDs that may sign, and demands as [ParseDemand] reads them.
func (in *Input) Ask(signers, require []string) error {
	for _, s := range signers {
		if _, err := attest.ParseDID(s); err != nil {
			return fmt.Errorf("--signer: %w", err)
		}
		in.Signers = append(in.Signers, s)
	}
	for _, text := range require {
		d, err := ParseDemand(text)
		if err != nil {
			return fmt.Errorf("--require: %w", err)
		}
		in.Require = append(in.Require, d)
	}
	return in.Validate()
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

// logged reports whether the auditor's trust file names a log of the network's milestones.
func (in *Input) logged() bool { return in.Trust != nil && in.Trust.Log != nil }

// stamped reports whether it names authorities that stamp milestones.
func (in *Input) stamped() bool { return in.Trust != nil && in.Trust.Stamps != nil }

// Run makes all checks. The error is one of the tool, or the end of ctx: what is wrong with the input is in the result.
func Run(ctx context.Context, in *Input) (*Result, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	asOf, err := time.Parse(time.DateOnly, in.AsOf)
	if err != nil {
		return nil, err
	}
	a := &Auditor{In: in, asOf: asOf, result: Result{AsOf: in.AsOf}}
	read, wrong := document.ParseDocument(in.Report)
	switch d := read.(type) {
	case *document.Report:
		a.Report = d
	case *document.Explanation:
		a.Explanation = d
	}
	for _, c := range checks {
		means := c.report
		if a.Explanation != nil {
			means = c.explanation
		}
		if c.name == Waivers {
			a.own = len(a.result.Checks)
		}
		if (c.name == Logged || c.name == Witnesses) && in.Proof == nil && !in.logged() || c.name == Stamp && in.Stamp == nil && !in.stamped() {
			continue // nobody speaks of it
		}
		if means != "" {
			a.add(c.name, means)
		}
	}
	a.check(Signer).Asked = len(in.Signers) > 0
	if in.Proof != nil && !in.logged() {
		a.check(Logged).Asked, a.check(Witnesses).Asked = false, false
	}
	if in.Stamp != nil && !in.stamped() {
		a.check(Stamp).Asked = false
	}
	a.check(Place).Asked = in.History != nil
	a.check(Rerun).Asked = in.Rerun
	a.readReport(read, wrong)
	a.readStatement()
	a.readReceipt()
	a.readProof()
	a.readStamp()
	a.chain()
	if err := a.judge(ctx); err != nil {
		return nil, err
	}
	a.demands()
	a.result.Summary = a.summary()
	a.result.Passed = !slices.ContainsFunc(a.result.Checks, func(c Check) bool { return c.Status == Failed || c.Asked && c.Status != Passed })
	return &a.result, nil
}

// judge has the verdicts judged, if there is something to judge them by.
func (a *Auditor) judge(ctx context.Context) error {
	all := []string{Inputs, Verdicts, Contents, Rerun}
	if a.Explanation != nil {
		all = append(all, Mapping, Logs)
	}
	switch {
	case a.document == nil:
		a.Skip("the report cannot be read", all...)
		return nil
	case len(a.In.Design) == 0:
		a.Skip("there is no design: give its files with --design", all...)
		return nil
	case a.In.Judge == nil:
		a.Skip("this program judges no verdicts: `vauban audit` does", all...)
		return nil
	}
	if !a.In.Rerun {
		a.Skip("ask for it with --rerun", Rerun)
	}
	err := a.In.Judge(ctx, a)
	a.result.Claims = a.Claims
	return err
}

func (a *Auditor) add(name, means string) {
	a.result.Checks = append(a.result.Checks, Check{Name: name, Means: means, Status: NotMade, Asked: true})
}

func (a *Auditor) check(name string) *Check {
	i := slices.IndexFunc(a.result.Checks, func(c Check) bool { return c.Name == name })
	return &a.result.Checks[i]
}

func (a *Auditor) Pass(name, format string, args ...any) {
	c := a.check(name)
	c.Status, c.Detail = Passed, fmt.Sprintf(format, args...)
}

func (a *Auditor) Fail(name string, err error) {
	c := a.check(name)
	if c.Status, c.Detail = Failed, err.Error(); len(c.Detail) > maxError {
		c.Detail = strings.ToValidUTF8(c.Detail[:maxError], "") + "…"
	}
}

// maxError is how much of an error is kept, in bytes: it may quote what a forger has written.
const maxError = 4000

// skip says why a check, and those that follow with the same reason, could not be made.
func (a *Auditor) Skip(why string, names ...string) {
	for _, n := range names {
		if c := a.check(n); c.Detail == "" {
			c.Detail = why
		}
	}
}

func (a *Auditor) readReport(read document.Document, wrong error) {
	if wrong != nil {
		a.Fail(Report, wrong)
		return
	}
	a.document, a.Head = read, read.Head()
	a.result.Design = a.Head.Design
	a.Pass(Report, "sha256 %s", document.Digest(a.In.Report))
}

func (a *Auditor) readStatement() {
	if a.In.Statement == nil {
		a.Skip("there is no statement: give it with --statement", Statement, Signature, Signer, Record)
		return
	}
	s, err := attest.Open(a.In.Statement)
	if err != nil {
		a.Fail(Signature, err)
		a.Skip("the statement has no right signature", Statement, Signer, Record)
		return
	}
	a.statement, a.result.Signer = s, s.Signer
	a.Pass(Signature, "%s", s.Signer)
	switch {
	case len(a.In.Signers) == 0:
		a.Skip("anybody can sign: say who may with --signer", Signer)
	case slices.Contains(a.In.Signers, s.Signer):
		detail := s.Signer
		if n := len(a.In.Signers); n > 1 {
			detail += fmt.Sprintf(", one of %d who may each sign alone, at any time (a policy has signers with dates)", n)
		}
		a.Pass(Signer, "%s", detail)
	default:
		a.Fail(Signer, fmt.Errorf("it is signed by %s, expected %s", s.Signer, strings.Join(a.In.Signers, " or ")))
	}
	if a.document == nil {
		a.Skip("the report cannot be read", Statement)
		return
	}
	if err := s.Binds(a.document); err != nil {
		a.Fail(Statement, err)
		return
	}
	a.Pass(Statement, "%s", plain.Number(len(a.Head.Inputs), "input"))
}

var receiptChecks = []string{Block, Milestone, Path, Signatures}

func (a *Auditor) readReceipt() {
	if a.In.Receipt == nil {
		a.Skip("there is no receipt: give it with --receipt", append(receiptChecks, Record, Time)...)
		return
	}
	r, err := notary.ParseReceipt(a.In.Receipt)
	if err != nil {
		a.Fail(Record, err)
		a.Skip("the receipt cannot be read", append(receiptChecks, Time)...)
		return
	}
	a.receipt = r
	a.open(r)
	if a.In.Trust == nil {
		a.Skip("there is no trust file: give yours with --trust", append(receiptChecks, Time)...)
		return
	}
	p, err := notary.Verify(r, a.In.Trust)
	var refusal *notary.Refusal
	if errors.As(err, &refusal) {
		// The checks are made in this order, each on what those before it have shown.
		order := map[notary.Check]int{notary.CheckBlock: 0, notary.CheckMilestone: 1, notary.CheckPath: 2, notary.CheckSignatures: 3}
		at := order[refusal.Check]
		for _, name := range receiptChecks[:at] {
			a.Pass(name, "so far")
		}
		a.Fail(receiptChecks[at], refusal)
		a.Skip("the check before it failed", append(receiptChecks[at+1:], Time)...)
		return
	}
	a.proven = p
	a.Pass(Block, "%s", p.Block)
	a.Pass(Milestone, "%d on %q: %s", p.Index, p.Network, p.Milestone)
	a.Pass(Path, "%s to the inclusion root", plain.Number(len(r.Path)/33, "step"))
	a.Pass(Signatures, "%d of %d, at least %d were needed", len(p.Signers), p.Keys, a.In.Trust.Threshold)
	a.time(p.Time)
}

// open checks what the record commits to, which needs no trust.
func (a *Auditor) open(r *notary.Receipt) {
	block, err := notary.ParseBlock(r.Block)
	if err != nil {
		a.Skip("its block cannot be read", Record)
		return
	}
	record, err := notary.ParseRecord(block.Data)
	if err != nil {
		a.Fail(Record, err)
		return
	}
	a.record = &record
	if a.statement == nil {
		return // the reason has been given
	}
	if err := r.Opens(record, a.statement.Digest); err != nil {
		a.Fail(Record, err)
		return
	}
	how := "plainly"
	if record.Blinded {
		how = "blinded with the receipt's salt"
	}
	a.Pass(Record, "%s", how)
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
		return fmt.Errorf("it was there at %s, and waivers were judged by %s, which is more than a day later", stamp, asOf)
	case by.Before(there.Add(-day)):
		return fmt.Errorf("it was there at %s, and waivers were judged by %s, which is more than a day earlier: a report has to be notarized on its own day, give or take one", stamp, asOf)
	}
	return nil
}

// time compares the date that waivers were judged by with when the record was on the Tangle, and that with the day of the audit.
func (a *Auditor) time(at time.Time) {
	stamp := at.Format(time.RFC3339)
	if a.document == nil {
		a.Skip("the report cannot be read; the Tangle's time is "+stamp, Time)
		return
	}
	if a.Report != nil {
		if err := Dated(a.Head.AsOf, at); err != nil {
			a.Fail(Time, err)
			return
		}
	}
	if at.Truncate(day).After(a.asOf.Add(day)) {
		a.Fail(Time, fmt.Errorf("it says %s, which is still to come on the day of the audit, %s", stamp, a.In.AsOf))
		return
	}
	a.result.Time = stamp
	detail := stamp + " by the coordinators' clocks"
	if a.Report != nil {
		detail += "; waivers were judged by " + a.Head.AsOf
	}
	a.Pass(Time, "%s", detail)
}

// chain checks the history that was given, and that what is audited is in it.
func (a *Auditor) chain() {
	if a.In.History == nil {
		switch {
		case a.record == nil:
			a.Skip("there is no record", Place)
		case a.record.Previous.IsZero():
			a.Skip("it says that it is the first; give the whole history with --history", Place)
		default:
			a.Skip(fmt.Sprintf("it follows %s; give the whole history with --history", a.record.Previous), Place)
		}
		return
	}
	if a.In.Trust == nil {
		a.Skip("there is no trust file: give yours with --trust", Place)
		return
	}
	if a.statement == nil {
		a.Skip("there is no statement to look for", Place)
		return
	}
	signers := a.In.Signers
	if p := a.In.Policy; len(signers) == 0 && p != nil {
		for _, s := range p.Signers {
			signers = append(signers, s.DID)
		}
	}
	if len(signers) == 0 {
		signers = []string{a.statement.Signer}
	}
	links, waiting, err := Chain(a.In.History, a.In.Trust, signers)
	if err != nil {
		a.Fail(Place, err)
		return
	}
	a.links = links
	at := slices.IndexFunc(links, func(l Link) bool {
		return l.statement == a.statement.Digest && a.proven != nil && l.Proven.Block == a.proven.Block
	})
	if at < 0 {
		a.Fail(Place, fmt.Errorf("the history does not have this %s with this receipt", a.Head.Kind))
		return
	}
	detail := fmt.Sprintf("%d of %d", at+1, len(links))
	if newer := len(links) - at - 1; newer > 0 {
		detail += fmt.Sprintf("; %d newer, the last one %s", newer, links[len(links)-1].Proven.Time.Format(time.RFC3339))
	}
	if waiting > 0 {
		detail += fmt.Sprintf("; %d not notarized yet", waiting)
	}
	a.Pass(Place, "%s", detail)
}
