package witness

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/vauban-verifier/vauban/reports/plain"
)

// Policy is what an auditor believes of the log of a network's milestones: it is a part of the trust file.
type Policy struct {
	Key       string   `json:"key"`       // the log's
	First     uint32   `json:"first"`     // the index of the first milestone in the log
	Witnesses []string `json:"witnesses"` // keys of witnesses
	Quorum    int      `json:"quorum"`    // how many of them must have cosigned; 0: none
	Within    int64    `json:"within"`    // how long after a milestone's time they must have, in seconds; 0: at any time
}

// Validate says what is wrong with a policy.
func (p *Policy) Validate() error {
	_, _, err := p.Keys()
	return err
}

// Keys returns the keys of the log and of its witnesses, if the policy is one.
func (p *Policy) Keys() (log Key, witnesses []Key, err error) {
	if log, err = ParseKey(p.Key, Signs); err != nil {
		return log, nil, err
	}
	seen := map[string]bool{}
	for _, text := range p.Witnesses {
		k, err := ParseKey(text, Cosigns)
		if err != nil {
			return log, nil, err
		}
		if public := string(k.public); seen[public] || string(log.public) == public {
			return log, nil, fmt.Errorf("the key of the witness %s appears twice: one party would count as two", k.name)
		}
		if seen[k.name] || k.name == log.name {
			return log, nil, fmt.Errorf("the name %s appears twice", k.name)
		}
		seen[string(k.public)], seen[k.name] = true, true
		witnesses = append(witnesses, k)
	}
	switch {
	case p.Quorum < 0 || p.Quorum > len(witnesses):
		err = fmt.Errorf("the quorum is %d of %d witnesses", p.Quorum, len(witnesses))
	case p.Within < 0:
		err = fmt.Errorf("within is %d seconds", p.Within)
	case p.Within > 0 && p.Quorum == 0:
		err = errors.New("within bounds the times of witnesses, and the quorum is 0")
	}
	return log, witnesses, err
}

// MaxProof is the largest proof that is read, in bytes.
const MaxProof = MaxCheckpoint + 1<<13

const proofHead = "c2sp.org/tlog-proof@v1\n"

// Proof shows that a log has a leaf.
type Proof struct {
	Number     int64 // of the leaf
	Path       []tlog.Hash
	Checkpoint []byte // signed
}

// ParseProof reads what [Proof.Bytes] writes, and nothing else.
func ParseProof(data []byte) (*Proof, error) {
	fail := func(format string, args ...any) (*Proof, error) {
		return nil, fmt.Errorf("read proof of a log: "+format, args...)
	}
	if len(data) > MaxProof {
		return fail("it is larger than %d KB", MaxProof>>10)
	}
	head, checkpoint, found := strings.Cut(string(data), "\n\n")
	lines, ok := strings.CutPrefix(head, proofHead)
	if !found || !ok {
		return fail("it does not begin with the line %q, an index and a path", strings.TrimSpace(proofHead))
	}
	p := &Proof{Checkpoint: []byte(checkpoint)}
	for i, line := range strings.Split(lines, "\n") {
		var err error
		if i == 0 {
			p.Number, err = strconv.ParseInt(strings.TrimPrefix(line, "index "), 10, 64)
		} else {
			var h tlog.Hash
			h, err = tlog.ParseHash(line)
			p.Path = append(p.Path, h)
		}
		if err != nil {
			return fail("its line %d is %q, expected an index, and then hashes in base64", i+2, plain.Shorten(line, maxQuoted))
		}
	}
	if p.Number < 0 || string(p.Bytes()) != string(data) {
		return fail("it is not in its one form")
	}
	return p, nil
}

// Bytes writes the proof.
func (p *Proof) Bytes() []byte {
	out := append([]byte(proofHead), "index "+strconv.FormatInt(p.Number, 10)+"\n"...)
	for _, h := range p.Path {
		out = append(base64.StdEncoding.AppendEncode(out, h[:]), '\n')
	}
	return append(append(out, '\n'), p.Checkpoint...)
}

// Refusal says that a proof does not show what a policy demands: of the log, or of its witnesses.
type Refusal struct {
	Witnesses bool
	Err       error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }

// Seen is what a proof shows that passed.
type Seen struct {
	Log       string
	Number    int64 // of the leaf
	Leaves    int64 // of the log
	Witnesses []string
	Of        int       // how many witnesses might have
	By        time.Time // when the last one of the first quorum had seen it, by its clock; zero with a quorum of none
}

// maxTime is the last second of the year 9999, after which there is no date of four digits.
const maxTime = 253402300799

// tolerance is how far a witness's clock may be behind those of the coordinators.
const tolerance = 10 * time.Minute

// Verify checks that the log has a milestone in the place of its index, and that enough witnesses have seen that, soon enough. The error is a [*Refusal].
func (p *Proof) Verify(policy *Policy, index uint32, milestone [32]byte, at time.Time) (*Seen, error) {
	refuse := func(witnesses bool, format string, args ...any) (*Seen, error) {
		return nil, &Refusal{witnesses, fmt.Errorf(format, args...)}
	}
	log, witnesses, err := policy.Keys()
	if err != nil {
		return refuse(false, "the trust file: %w", err)
	}
	c, err := OpenCheckpoint(p.Checkpoint, log)
	if err != nil {
		return refuse(false, "the checkpoint of the log: %w", err)
	}
	if want := int64(index) - int64(policy.First); p.Number != want {
		return refuse(false, "it is about the leaf %d, and milestone %d would be the leaf %d", p.Number, index, want)
	}
	if p.Number >= c.N {
		return refuse(false, "the log has %d leaves, and milestone %d would be the leaf %d", c.N, index, p.Number)
	}
	if err := tlog.CheckRecord(p.Path, c.N, c.Hash, p.Number, tlog.RecordHash(milestone[:])); err != nil {
		return refuse(false, "the leaf %d of the log is not this milestone: the path does not lead to the root", p.Number)
	}
	seen := &Seen{Log: log.name, Number: p.Number, Leaves: c.N, Of: len(witnesses)}
	var times []time.Time
	if len(witnesses) > 0 {
		var list []note.Verifier
		for _, k := range witnesses {
			list = append(list, k)
		}
		n, err := note.Open(p.Checkpoint, note.VerifierList(list...))
		var none *note.UnverifiedNoteError
		if err != nil && !errors.As(err, &none) {
			return refuse(true, "%w", refusal(err))
		}
		if n != nil {
			for _, s := range n.Sigs {
				sig, err := base64.StdEncoding.DecodeString(s.Base64)
				if err != nil || len(sig) < 4+timeSize {
					return refuse(true, "the signature of %s is wrong", s.Name)
				}
				seconds := binary.BigEndian.Uint64(sig[4:])
				if seconds > maxTime {
					return refuse(true, "%s says that it signed at second %d of Unix time", s.Name, seconds)
				}
				seen.Witnesses = append(seen.Witnesses, s.Name)
				times = append(times, time.Unix(int64(seconds), 0).UTC())
			}
		}
	}
	if len(times) < policy.Quorum {
		return refuse(true, "%d of %d witnesses have cosigned the checkpoint, %d are needed", len(times), len(witnesses), policy.Quorum)
	}
	if policy.Quorum == 0 {
		return seen, nil
	}
	slices.SortFunc(times, time.Time.Compare)
	seen.By = times[policy.Quorum-1]
	stamp, said := seen.By.Format(time.RFC3339), at.UTC().Format(time.RFC3339)
	switch late := seen.By.Sub(at); {
	case late < -tolerance:
		return refuse(true, "witnesses had seen it by %s, and it says that it was made later, at %s", stamp, said)
	case policy.Within > 0 && late > time.Duration(policy.Within)*time.Second:
		return refuse(true, "%d of the witnesses had seen it by %s, and it says that it was made at %s: that is longer than the %d seconds that your trust file allows", policy.Quorum, stamp, said, policy.Within)
	}
	return seen, nil
}
