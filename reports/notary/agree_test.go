package notary_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/notarytest"
)

// exhibits are the files of the finished case in examples/audit.
type exhibits struct {
	report, statement, receipt, trust []byte
}

func readExhibits(t testing.TB) *exhibits {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("..", "..", "examples", "audit", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	return &exhibits{read("case/shop.report.json"), read("case/shop.statement.json"), read("case/shop.receipt.json"), read("trust.json")}
}

// keys gives a trust file to the second verifier.
func keys(t *notary.Trust) (out []notarytest.Key) {
	for _, k := range t.Keys {
		out = append(out, notarytest.Key{Hex: k.Key, First: k.Start, Last: k.End})
	}
	return out
}

// both asks both verifiers about a receipt, and fails where they do not agree.
func both(t testing.TB, receipt []byte, trust *notary.Trust, digest [32]byte) error {
	t.Helper()
	index, at, second := notarytest.Verify(receipt, trust.Network, keys(trust), trust.Threshold, &digest)
	r, err := notary.ParseReceipt(receipt)
	var p *notary.Proven
	if err == nil {
		p, err = notary.Verify(r, trust)
	}
	if err == nil {
		err = r.Opens(p.Record, digest)
	}
	switch {
	case (err == nil) != (second == nil):
		t.Fatalf("the verifiers do not agree: %v, and %v\n%s", err, second, receipt)
	case err == nil && (p.Index != index || p.Time.Unix() != int64(at)):
		t.Fatalf("milestone %d of %v, and %d of %d", p.Index, p.Time, index, at)
	}
	return err
}

// Every change of one bit, every byte left out, doubled or replaced, in each of the files, is refused; both verifiers say so of the receipt.
func TestTamper(t *testing.T) {
	t.Parallel()
	x := readExhibits(t)
	trust, err := notary.ParseTrust(x.trust)
	if err != nil {
		t.Fatal(err)
	}
	report, err := document.Parse(x.report)
	if err != nil {
		t.Fatal(err)
	}
	statement, err := attest.Open(x.statement)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := notary.ParseReceipt(x.receipt)
	if err != nil {
		t.Fatal(err)
	}
	proven, err := notary.Verify(receipt, trust)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(x.statement)
	if err := both(t, x.receipt, trust, digest); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file   []byte
		accept func([]byte) error
	}{
		"report": {x.report, func(data []byte) error {
			r, err := document.Parse(data)
			if err == nil {
				err = statement.Binds(r)
			}
			return err
		}},
		"statement": {x.statement, func(data []byte) error {
			s, err := attest.Open(data)
			if err == nil {
				err = s.Binds(report)
			}
			if err == nil {
				err = receipt.Opens(proven.Record, s.Digest)
			}
			return err
		}},
		"receipt": {x.receipt, func(data []byte) error { return both(t, data, trust, digest) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tried := 0
			try := func(forged []byte) {
				if bytes.Equal(forged, c.file) {
					return
				}
				tried++
				if err := c.accept(forged); err == nil {
					t.Fatalf("taken: %s", forged)
				}
			}
			random := rand.New(rand.NewPCG(1, 2))
			for i := range c.file {
				for bit := range 8 {
					forged := bytes.Clone(c.file)
					forged[i] ^= 1 << bit
					try(forged)
				}
				forged := bytes.Clone(c.file)
				forged[i] = byte(random.Uint32())
				try(forged)
				try(append(bytes.Clone(c.file[:i]), c.file[i+1:]...))
				try(append(bytes.Clone(c.file[:i+1]), c.file[i:]...))
			}
			try(append(bytes.Clone(c.file), '\n'))
			t.Logf("%d changes of the %d bytes of the %s tried, none taken", tried, len(c.file), name)
		})
	}
}

// What is inside a receipt, changed and put back in its canonical form: refused by both verifiers, or by none.
func TestTamperInside(t *testing.T) {
	t.Parallel()
	x := readExhibits(t)
	trust, err := notary.ParseTrust(x.trust)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(x.statement)
	tried := 0
	for part := range 4 {
		at := func(r *notary.Receipt) *[]byte { return []*[]byte{&r.Block, &r.Path, &r.Milestone, &r.Salt}[part] }
		r, err := notary.ParseReceipt(x.receipt)
		if err != nil {
			t.Fatal(err)
		}
		raw := bytes.Clone(*at(r))
		try := func(what string, forged []byte) {
			*at(r) = forged
			data, err := r.JSON()
			if err != nil {
				t.Fatal(err)
			}
			tried++
			if err := both(t, data, trust, digest); err == nil {
				t.Errorf("part %d, %s: taken", part, what)
			}
		}
		for i := range raw {
			for bit := range 8 {
				forged := bytes.Clone(raw)
				forged[i] ^= 1 << bit
				try(fmt.Sprintf("bit %d of byte %d", bit, i), forged)
			}
			try(fmt.Sprintf("cut at %d", i), raw[:i])
			try(fmt.Sprintf("without byte %d", i), append(bytes.Clone(raw[:i]), raw[i+1:]...))
			try(fmt.Sprintf("byte %d twice", i), append(bytes.Clone(raw[:i+1]), raw[i:]...))
		}
		try("more", append(bytes.Clone(raw), 0))
		try("twice", append(bytes.Clone(raw), raw...))
	}
	t.Logf("%d changes inside of the receipt tried, none taken", tried)
}

// A record with a bit changed, in a block that the coordinators then sign for: all of it commits to the statement, but for the block before, which the chain is
// for.
func TestTamperRecord(t *testing.T) {
	t.Parallel()
	x := readExhibits(t)
	r, err := notary.ParseReceipt(x.receipt)
	if err != nil {
		t.Fatal(err)
	}
	block, err := notary.ParseBlock(r.Block)
	if err != nil {
		t.Fatal(err)
	}
	refused, previous := 0, 0
	for i := range block.Data {
		for bit := range 8 {
			data := bytes.Clone(block.Data)
			data[i] ^= 1 << bit
			record, err := notary.ParseRecord(data)
			if err == nil {
				err = r.Opens(record, sha256.Sum256(x.statement))
			}
			switch {
			case err != nil:
				refused++
			case i < 34:
				t.Errorf("bit %d of byte %d of the record is taken", bit, i)
			default:
				previous++
			}
		}
	}
	if previous != 32*8 {
		t.Errorf("%d changes of the block before are taken", previous)
	}
	t.Logf("%d changes of version, kind and commitment refused; %d name another block before, which breaks the chain", refused, previous)
}
