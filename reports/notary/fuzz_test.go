package notary

import (
	"bytes"
	"strings"
	"testing"
)

// What a reader takes it must write back as the same bytes: one meaning, one form.

func FuzzParseReceipt(f *testing.F) {
	w := newWorld()
	good, err := w.receipt(2).JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"block":"","milestone":"","network":"","path":"","salt":"","schema":"vauban.receipt/1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseReceipt(data)
		if err != nil {
			return
		}
		if again, err := r.JSON(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("another form is taken: %v", err)
		}
		if _, err := Verify(r, w.trust); err == nil && !bytes.Equal(r.Milestone, w.receipt(0).Milestone) {
			t.Error("a milestone is taken that nobody signed")
		}
	})
}

func FuzzParseBlock(f *testing.F) {
	w := newWorld()
	f.Add(w.blocks[0])
	stone, err := MilestoneBlock(w.stone.Sign(w.keys...))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stone)
	f.Fuzz(func(t *testing.T, data []byte) {
		parents, payload, nonce, err := ParseFrame(data)
		if err == nil && !bytes.Equal(Frame(parents, payload, nonce), data) {
			t.Error("another form of a frame is taken")
		}
		b, err := ParseBlock(data)
		if err == nil && !bytes.Equal(b.Bytes(), data) {
			t.Error("another form of a block is taken")
		}
	})
}

func FuzzParseMilestone(f *testing.F) {
	w := newWorld()
	f.Add(w.stone.Sign(w.keys...))
	essence := w.stone.essence()
	for _, options := range [][]byte{
		{1, 1, 9, 0, 0, 0, 2, 3, 0, 'a', 'b', 'c'}, // protocol parameters
		append(append([]byte{1, 0, 9, 0, 0, 0, 1, 1, 0}, make([]byte, 49+1+32+8)...),
			append(append([]byte{46, 0, 0, 0, 4, 0, 0, 0, 1}, make([]byte, 32)...), append([]byte{2}, make([]byte, 8)...)...)...), // migrated funds
	} {
		raw := sign(append(bytes.Clone(essence[:len(essence)-1]), options...), w.keys...)
		if _, err := ParseMilestone(raw); err != nil {
			f.Fatalf("a milestone with options: %v", err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMilestone(data)
		if err != nil {
			return
		}
		// Without options it can be written again.
		var tail []byte
		for _, s := range m.Signatures {
			tail = append(append(append(tail, 0), s.Key...), s.Signature...)
		}
		again := append([]byte{milestone, 0, 0, 0}, m.essence()...)
		again = append(append(again, byte(len(m.Signatures))), tail...)
		if m.ID == BlockID(m.essence()) && !bytes.Equal(again, data) {
			t.Error("another form of a milestone is taken")
		}
	})
}

func FuzzParseTrust(f *testing.F) {
	good, err := newWorld().trust.JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		trust, err := ParseTrust(data)
		if err != nil {
			return
		}
		again, err := trust.JSON()
		if err != nil {
			t.Fatalf("what is taken cannot be written: %v", err)
		}
		if _, err := ParseTrust(again); err != nil {
			t.Errorf("what is written is not taken: %v", err)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add(NewRecord([32]byte{1}, nil, ID{}).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := ParseRecord(data); err == nil && !bytes.Equal(r.Bytes(), data) {
			t.Error("another form of a record is taken")
		}
	})
}

func TestTrustFiles(t *testing.T) {
	t.Parallel()
	const a, b = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29", "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
	file := func(threshold, keys string) string {
		return `{"schema":"vauban.trust/1","network":"n","threshold":` + threshold + `,"keys":[` + keys + `]}`
	}
	const did = "did:key:z6MkozcJhqJFKnafnR1hstbab2z8Noed5r1dzxSpWTzEzvNn"
	issuers := func(list string) string {
		return strings.Replace(file("1", `{"key":"`+a+`"}`), `"threshold"`, `"issuers":`+list+`,"threshold"`, 1)
	}
	key := func(hex, more string) string { return `{"key":"` + hex + `"` + more + `}` }
	for name, c := range map[string]struct{ text, says string }{
		"right":                {file("2", key(a, `,"start":1,"end":5`)+","+key(a, `,"start":6`)+","+key(b, "")), ""},
		"more keys are needed": {file("2", key(a, `,"start":1,"end":5`)+","+key(a, `,"start":6`)), "its threshold is 2, and it has 1 different keys"},
		"a key twice":          {file("1", key(a, `,"start":1,"end":5`)+","+key(a, `,"start":5`)), "key 2 appears twice"},
		"no threshold":         {file("0", key(a, "")), "its threshold is 0"},
		"negative":             {file("-1", key(a, "")), "its threshold is -1"},
		"a fraction":           {file("1.5", key(a, "")), "cannot unmarshal"},
		"no keys":              {file("1", ""), "it has 0 different keys"},
		"a short key":          {file("1", key(a[:62], "")), "expected 64 lower-case hexadecimal digits"},
		"upper case":           {file("1", key("AA"+a[2:], "")), "expected 64 lower-case hexadecimal digits"},
		"ends before it starts": {
			file("1", key(a, `,"start":5,"end":4`)), "before its start",
		},
		"issuers":            {issuers(`[{"did":"` + did + `","roles":["auditor"]}]`), ""},
		"a prefix":           {strings.Replace(issuers("[]"), `"threshold"`, `"hrp":"tst","threshold"`, 1), ""},
		"no prefix":          {strings.Replace(issuers("[]"), `"threshold"`, `"hrp":"T1","threshold"`, 1), "its hrp is"},
		"no DID":             {issuers(`[{"did":"did:web:x","roles":["auditor"]}]`), "issuer 1"},
		"no role":            {issuers(`[{"did":"` + did + `","roles":[]}]`), "it names no role"},
		"an empty role":      {issuers(`[{"did":"` + did + `","roles":[""]}]`), "it names no role"},
		"no list of issuers": {issuers(`{}`), "cannot unmarshal"},
		"an unknown field":   {file("1", key(a, `,"note":"mine"`)), `unknown field "note"`},
		"a field in capital": {file("1", `{"Key":"`+a+`"}`), `unknown field "Key"`},
		"a field twice":      {file("1", key(a, `,"key":"`+b+`"`)), `the field "key" appears twice`},
		"something after it": {file("1", key(a, "")) + "{}", "something follows the document"},
		"no network":         {`{"schema":"vauban.trust/1","threshold":1,"keys":[]}`, "it names no network"},
		"another schema":     {`{"schema":"vauban.trust/2"}`, "its schema is"},
		"empty":              {"", "EOF"},
		"a list":             {"[]", "cannot unmarshal"},
		"no UTF-8":           {file("1", key(a, "")+"\xff"), "it is not UTF-8"},
		"deep":               {string(bytes.Repeat([]byte("["), 100)), "it nests too deep"},
		"huge":               {string(bytes.Repeat([]byte(" "), maxTrust+1)), "larger than 1 MB"},
	} {
		trust, err := ParseTrust([]byte(c.text))
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !bytes.Contains([]byte(err.Error()), []byte(c.says))):
			t.Errorf("%s: %v, %v, expected %q", name, trust, err, c.says)
		}
	}
}
