package trail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/reports/audit"
	"github.com/vauban-verifier/vauban/reports/document"
	"github.com/vauban-verifier/vauban/reports/sealed"
)

// closed is a report that was sealed for the shop and the auditor, as they open it.
type closed struct {
	file, doc        []byte
	salt, commitment string
}

// closedDesign reads what was sealed once, so that the test vectors stay what they are: sealing makes other bytes each time.
func closedDesign(t testing.TB) closed {
	t.Helper()
	path := filepath.Join("testdata", "sealed.age")
	file, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && *update {
		if _, file, err = sealed.Seal(design(t, 3), []string{didOf("acme"), didOf("shop")}); err == nil {
			err = os.WriteFile(path, file, 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, salt, err := sealed.Open(file, keyOf("acme"))
	if err != nil {
		t.Fatal(err)
	}
	c := closed{file: file, doc: doc, salt: hex.EncodeToString(salt)}
	c.commitment = commitment(document.Digest(doc), c.salt)
	return c
}

// sealedReport adds the sealed report, approved as the policy asks for. It is entry 11 after an honest trail.
func sealedReport(w *world, c closed) {
	w.t.Helper()
	sum := sha256.Sum256(c.file)
	e := w.draft(KindReport, by{"shop", Architect})
	e.Document, e.Sealed = c.commitment, &Sealed{hex.EncodeToString(sum[:]), []string{didOf("acme"), didOf("shop")}}
	w.putSealed(w.sign(e, "shop"), c.file, nil)
	on := func(e *Entry) { e.Of, e.Document = 11, c.commitment }
	w.add(KindApprove, on, by{"carrier 2", Approver}, by{"shop", Approver})
	w.add(KindCountersign, func(e *Entry) { on(e); e.Result = ResultPassed }, by{"acme", Auditor})
}

func (c closed) disclosed(e *Entry) {
	e.Of, e.Document, e.Salt = 11, document.Digest(c.doc), c.salt
}

func sealForgeries(t *testing.T) []forgery {
	c := closedDesign(t)
	over := func(change func(w *world, in *Input)) func(w *world, in *Input) {
		return func(w *world, in *Input) {
			sealedReport(w, c)
			in.Document, in.Salt = c.doc, c.salt
			change(w, in)
		}
	}
	disclose := func(who string, change func(*Entry)) func(w *world, in *Input) {
		return over(func(w *world, in *Input) {
			w.add(KindDisclose, func(e *Entry) { c.disclosed(e); change(e) }, by{who, AsFounder})
		})
	}
	return []forgery{
		{"a sealed document that is not handed out", Seals, "its sealed document is missing", over(func(w *world, in *Input) { w.items[10].Files[1] = nil })},
		{"another sealed document beside the entry", Seals, "the sealed document beside it has the SHA-256", over(func(w *world, in *Input) {
			w.items[10].Files[1] = bytes.Clone(c.file)
			w.items[10].Files[1][len(c.file)-1] ^= 1
		})},
		{"a sealed document beside an entry that names none", Seals, "and it names none", func(w *world, in *Input) { w.items[5].Files[1] = []byte("x") }},
		{"another document with the salt of the sealed one", Document, "no commitment to it", over(func(w *world, in *Input) { in.Document = design(t, 2) })},
		{"the sealed document with another salt", Document, "no commitment to it", over(func(w *world, in *Input) { in.Salt = strings.Repeat("0", 64) })},
		{"another document than was disclosed", Document, "no commitment to it", over(func(w *world, in *Input) {
			w.add(KindDisclose, c.disclosed, by{"shop", AsFounder})
			in.Document, in.Salt = design(t, 2), ""
		})},
		{"a disclosure of another version", Subjects, "not what entry 11 commits to: another version", disclose("shop", func(e *Entry) { e.Document = document.Digest(design(t, 2)) })},
		{"a disclosure with another salt", Subjects, "not what entry 11 commits to", disclose("shop", func(e *Entry) { e.Salt = strings.Repeat("0", 64) })},
		{"a disclosure of what is not sealed", Subjects, "which brings no sealed document", disclose("shop", func(e *Entry) { e.Of = 6 })},
		{"a disclosure by who did not seal it", Subjects, "acme did not seal entry 11", disclose("acme", func(*Entry) {})},
		{"an approval of a sealed report by its digest, which only readers know", Subjects, "another version", over(func(w *world, in *Input) {
			w.add(KindApprove, about(11, c.doc), by{"shop", Approver})
		})},
	}
}

// Who has no salt cannot ask whether a document is the sealed one; a reader can, and everybody once it was disclosed, whatever became of the key since.
func TestSealed(t *testing.T) {
	t.Parallel()
	w, c := honest(t), closedDesign(t)
	sealedReport(w, c)
	status := func(salt string) (audit.Status, bool) {
		in := w.input(c.doc)
		in.Salt = salt
		r := mustVerify(t, in)
		for _, check := range r.Checks {
			if check.Name == Document {
				return check.Status, r.Passed
			}
		}
		t.Fatal("there is no such check")
		return "", false
	}
	if s, passed := status(""); s != audit.NotMade || passed {
		t.Errorf("without the salt: %s, %v", s, passed)
	}
	if s, passed := status(c.salt); s != audit.Passed || !passed {
		t.Errorf("with the salt: %s, %v", s, passed)
	}
	w.add(KindDisclose, c.disclosed, by{"shop", AsFounder})
	if s, passed := status(""); s != audit.Passed || !passed {
		t.Errorf("disclosed: %s, %v", s, passed)
	}
	if s, _ := status(strings.Repeat("1", 64)); s != audit.Passed {
		t.Errorf("disclosed, and with another salt: %s", s)
	}
}
