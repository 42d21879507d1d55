package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Entry is one report with its evidence, as they are in files.
type Entry struct{ Report, Statement, Receipt []byte }

// Proven is what evidence shows.
type Proven struct {
	Signer, Design  string
	Index, Time     uint32
	block, previous []byte
}

// Evidence makes the checks 1 to 10 of FORMAT.md, those that need no design. The error is a [*Refused].
func Evidence(e Entry, trustFile []byte, signers []string, day string) (*Proven, error) {
	trusted, err := trust(trustFile)
	if err != nil {
		return nil, fmt.Errorf("trust file: %w", err)
	}
	report, err := object(e.Report, 32<<20)
	if err != nil {
		return nil, &Refused{"report", err.Error()}
	}
	if err := shape(report); err != nil {
		return nil, &Refused{"report", err.Error()}
	}
	signer, body, err := open(e.Statement)
	if err != nil {
		return nil, &Refused{"signature", err.Error()}
	}
	if !bytes.Equal(body, statement(report, e.Report)) {
		return nil, &Refused{"statement", "it is not the one about this report"}
	}
	if len(signers) > 0 && !slices.Contains(signers, signer) {
		return nil, &Refused{"signer", signer}
	}
	digest := sha256.Sum256(e.Statement)
	index, at, err := Verify(e.Receipt, trusted.network, trusted.keys, trusted.threshold, &digest)
	if err != nil {
		return nil, err
	}
	if err := dated(text(report, "options", "as_of"), at, day); err != nil {
		return nil, &Refused{"time", err.Error()}
	}
	r, err := readReceipt(e.Receipt)
	if err != nil {
		return nil, err
	}
	return &Proven{signer, text(report, "design"), index, at, r.block, r.block[len(r.block)-8-32:][:32]}, nil
}

// Chain makes check 11: that the entries are one chain. Each must have passed the others, but for its date.
func Chain(links []*Proven) error {
	before := make([]byte, 32)
	for i, l := range links {
		if !bytes.Equal(l.previous, before) || i > 0 && (l.Index < links[i-1].Index || l.Time < links[i-1].Time || l.Design != links[i-1].Design) {
			return &Refused{"chain", fmt.Sprintf("entry %d", i+1)}
		}
		before = blake(l.block)
	}
	return nil
}

// object reads a canonical JSON object.
func object(data []byte, limit int) (map[string]any, error) {
	if len(data) > limit {
		return nil, errors.New("too large")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if !bytes.Equal(write(nil, v), data) { // names twice, blanks and whatever follows show here
		return nil, errors.New("not canonical")
	}
	return v, nil
}

// write writes canonical JSON.
func write(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, v)
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil || n > 1<<53-1 || n < 1-1<<53 {
			return append(out, "not a whole number"...)
		}
		return strconv.AppendInt(out, n, 10)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case string:
		out = append(out, '"')
		for _, r := range v {
			if i := strings.IndexRune("\"\\\b\t\n\f\r", r); i >= 0 {
				out = append(out, '\\', `"\btnfr`[i])
			} else if r < ' ' {
				out = fmt.Appendf(out, `\u%04x`, r)
			} else {
				out = utf8.AppendRune(out, r)
			}
		}
		return append(out, '"')
	case []any:
		for i, x := range v {
			out = write(append(out, "[,"[min(i, 1)]), x)
		}
		if len(v) == 0 {
			out = append(out, '[')
		}
		return append(out, ']')
	case map[string]any:
		var names []string
		for n := range v {
			names = append(names, n)
		}
		slices.SortFunc(names, func(a, b string) int { return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b))) })
		for i, n := range names {
			out = write(append(write(append(out, "{,"[min(i, 1)]), n), ':'), v[n])
		}
		if len(v) == 0 {
			out = append(out, '{')
		}
		return append(out, '}')
	}
	return append(out, "?"...)
}

// text follows names to a text; "" where there is none.
func text(v any, names ...string) string {
	for _, n := range names {
		m, _ := v.(map[string]any)
		v = m[n]
	}
	s, _ := v.(string)
	return s
}

func list(v map[string]any, name string) []any {
	l, _ := v[name].([]any)
	return l
}

// shape checks of a report what the statement depends on. What else is in it is for check 13.
func shape(r map[string]any) error {
	if text(r, "schema") != "vauban.report/1" || text(r, "tool", "name") != "vauban" || text(r, "tool", "version") == "" || text(r, "design") == "" {
		return errors.New("schema, tool or design")
	}
	if _, err := time.Parse("2006-01-02", text(r, "options", "as_of")); err != nil {
		return err
	}
	for _, in := range list(r, "inputs") {
		role, digest := text(in, "role"), text(in, "sha256")
		if raw, err := hex.DecodeString(digest); err != nil || len(raw) != 32 || strings.ToLower(digest) != digest || role != "design" && role != "catalogue" {
			return errors.New("an input")
		}
	}
	for _, q := range list(r, "requirements") {
		if !slices.Contains([]string{"holds", "violated", "depends", "waived", "unknown"}, text(q, "verdict")) {
			return errors.New("a verdict")
		}
	}
	return nil
}

// statement writes the one statement about a report.
func statement(r map[string]any, data []byte) []byte {
	resource := func(name, digest string) any {
		return map[string]any{"name": name, "digest": map[string]any{"sha256": digest}}
	}
	sum := sha256.Sum256(data)
	subject, policy := []any{resource("vauban report", hex.EncodeToString(sum[:]))}, []any{}
	for _, in := range list(r, "inputs") {
		x := resource(text(in, "path"), text(in, "sha256"))
		if text(in, "role") == "design" {
			subject = append(subject, x)
		} else {
			policy = append(policy, x)
		}
	}
	result, verdicts := "PASSED", map[string]any{}
	for _, q := range list(r, "requirements") {
		v := text(q, "verdict")
		n, _ := verdicts[v].(int)
		verdicts[v] = n + 1
		if v != "holds" && v != "waived" {
			result = "FAILED"
		}
	}
	uri := "urn:vauban:design:"
	for _, c := range []byte(text(r, "design")) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~$&+=:@", c) >= 0 {
			uri += string(rune(c))
		} else {
			uri += fmt.Sprintf("%%%02X", c)
		}
	}
	return write(nil, map[string]any{
		"_type": "https://in-toto.io/Statement/v1", "subject": subject,
		"predicateType": "https://github.com/vauban-verifier/vauban/verification-summary/v1",
		"predicate": map[string]any{
			"verifier":    map[string]any{"id": "https://github.com/vauban-verifier/vauban", "version": map[string]any{"vauban": text(r, "tool", "version")}},
			"resourceUri": uri, "policy": policy, "asOf": text(r, "options", "as_of"), "verificationResult": result, "verdicts": verdicts,
		},
	})
}

// open checks an envelope and returns its signer and payload.
func open(data []byte) (signer string, body []byte, err error) {
	const kind = "application/vnd.in-toto+json"
	e, err := object(data, 4<<20)
	if err != nil {
		return "", nil, err
	}
	signatures := list(e, "signatures")
	if len(e) != 3 || len(signatures) != 1 || text(e, "payloadType") != kind {
		return "", nil, errors.New("no envelope of that type with one signature")
	}
	signer = text(signatures[0], "keyid")
	if s, _ := signatures[0].(map[string]any); len(s) != 2 {
		return "", nil, errors.New("another field of the signature")
	}
	if body = based(e["payload"]); body == nil {
		return "", nil, errors.New("no base64")
	}
	key, err := didKey(signer)
	if err != nil {
		return "", nil, err
	}
	if !ed25519.Verify(key, preAuthentication(kind, body), based(text(signatures[0], "sig"))) {
		return "", nil, errors.New("the signature is wrong")
	}
	return signer, body, nil
}

// preAuthentication is what a signature of DSSE is for.
func preAuthentication(kind string, body []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(body), body)
}

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 reads a number.
func base58(digits string) (*big.Int, bool) {
	n := new(big.Int)
	for _, c := range []byte(digits) {
		i := strings.IndexByte(alphabet, c)
		if i < 0 {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(i)))
	}
	return n, true
}

// didKey reads a did:key.
func didKey(did string) (ed25519.PublicKey, error) {
	digits, ok := strings.CutPrefix(did, "did:key:z")
	if !ok || len(digits) != 47 { // 34 bytes that begin with ed 01
		return nil, errors.New("no did:key")
	}
	n, ok := base58(digits)
	if !ok {
		return nil, errors.New("no base58")
	}
	data := n.Bytes()
	if len(data) != 34 || data[0] != 0xed || data[1] != 1 || !inGroup(data[2:]) {
		return nil, errors.New("no Ed25519 key, or one that nobody has")
	}
	return data[2:], nil
}

// dated makes check 10.
func dated(asOf string, at uint32, day string) error {
	of := func(date string) int64 {
		t, err := time.Parse("2006-01-02", date)
		if err != nil {
			return -1 << 40
		}
		return t.Unix() / 86400
	}
	there := int64(at) / 86400
	if d := of(asOf) - there; d < -1 || d > 1 {
		return fmt.Errorf("%s is %d days from the milestone", asOf, d)
	}
	if there > of(day)+1 {
		return errors.New("it is still to come")
	}
	return nil
}

// trusted is what a trust file names.
type trusted struct {
	network   string
	threshold int
	keys      []Key
	issuers   []any
	hrp       string
	log       *milestones // nil: none is asked for
}

// trust reads a trust file.
func trust(data []byte) (*trusted, error) {
	fail := func(why string) (*trusted, error) { return nil, errors.New(why) }
	if len(data) > 1<<20 || !utf8.Valid(data) {
		return fail("too large, or no UTF-8")
	}
	v, err := anyJSON(data)
	if err != nil {
		return nil, err
	}
	file, _ := v.(map[string]any)
	number := func(m map[string]any, name string) (int64, bool) {
		x, there := m[name]
		n, _ := x.(json.Number)
		i, err := strconv.ParseUint(n.String(), 10, 32)
		return int64(i), !there || err == nil
	}
	n, ok := number(file, "threshold")
	network, keys := text(file, "network"), []Key(nil)
	if !only(file, "schema", "network", "threshold", "keys", "issuers", "hrp", "log") || text(file, "schema") != "vauban.trust/1" || network == "" || !ok || n < 1 {
		return fail("schema, network, threshold or another field")
	}
	distinct := map[string]bool{}
	for _, x := range list(file, "keys") {
		m, _ := x.(map[string]any)
		start, ok := number(m, "start")
		end, ok2 := number(m, "end")
		k := Key{text(m, "key"), uint32(start), uint32(end)}
		raw, err := hex.DecodeString(k.Hex)
		if !only(m, "key", "start", "end") || !ok || !ok2 || err != nil || len(raw) != 32 || strings.ToLower(k.Hex) != k.Hex || !inGroup(raw) || end != 0 && end < start {
			return fail("a key")
		}
		for _, o := range keys {
			if o.Hex == k.Hex && (k.Last == 0 || o.First <= k.Last) && (o.Last == 0 || k.First <= o.Last) {
				return fail("a key twice")
			}
		}
		keys = append(keys, k)
		distinct[k.Hex] = true
	}
	if p := text(file, "hrp"); file["hrp"] != nil && p != "" && (len(p) > 16 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz") != "") {
		return fail("hrp")
	} else if _, isText := file["hrp"].(string); file["hrp"] != nil && !isText {
		return fail("hrp")
	}
	if _, isList := file["issuers"].([]any); file["issuers"] != nil && !isList {
		return fail("issuers")
	}
	for _, x := range list(file, "issuers") {
		m, _ := x.(map[string]any)
		if _, err := didKey(text(m, "did")); err != nil || !only(m, "did", "roles") || len(list(m, "roles")) == 0 {
			return fail("an issuer")
		}
		for _, role := range list(m, "roles") {
			if s, _ := role.(string); s == "" {
				return fail("a role")
			}
		}
	}
	if int(n) > len(distinct) {
		return fail("too few keys")
	}
	out := &trusted{network, int(n), keys, list(file, "issuers"), text(file, "hrp"), nil}
	if file["log"] != nil {
		if out.log, ok = readMilestones(file["log"]); !ok {
			return fail("log")
		}
	}
	return out, nil
}

func only(m map[string]any, names ...string) bool {
	for n := range m {
		if !slices.Contains(names, n) {
			return false
		}
	}
	return m != nil
}

// unique reads a value and refuses names that are there twice, and what stands in more lists and objects than levels.
func unique(d *json.Decoder, levels int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if levels < 0 {
		return nil, errors.New("too deep")
	}
	switch t {
	case json.Delim('{'):
		out := map[string]any{}
		for d.More() {
			n, err := d.Token()
			if err != nil {
				return nil, err
			}
			name, _ := n.(string)
			if _, there := out[name]; there {
				return nil, errors.New("a name twice")
			}
			if out[name], err = unique(d, levels-1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			x, err := unique(d, levels-1)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		_, err = d.Token()
		return out, err
	}
	return t, nil
}
