package notarytest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// noteKey is a key of a log (1) or of a witness (4), as C2SP signed-note has it.
type noteKey struct {
	name      string
	hash, key []byte
}

// milestones is the log that a trust file asks for, and its witnesses.
type milestones struct {
	log           noteKey
	witnesses     []noteKey
	first, within int64
	quorum        int
}

func readNoteKey(v any, kind byte) (k noteKey, ok bool) {
	s, _ := v.(string)
	parts := strings.SplitN(s, "+", 3)
	if len(parts) != 3 || parts[0] == "" || len(parts[0]) > 255 || strings.ContainsFunc(parts[0], func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return k, false
	}
	raw := based(parts[2])
	if len(raw) != 33 || raw[0] != kind || !inGroup(raw[1:]) {
		return k, false
	}
	sum := sha256.Sum256(slices.Concat([]byte(parts[0]+"\n"), raw))
	return noteKey{parts[0], sum[:4], raw[1:]}, parts[1] == hex.EncodeToString(sum[:4])
}

// readMilestones reads the field log of a trust file.
func readMilestones(v any) (*milestones, bool) {
	m, _ := v.(map[string]any)
	whole := func(name string) int64 {
		if _, there := m[name]; !there {
			return 0
		}
		n, _ := m[name].(json.Number)
		i, err := strconv.ParseInt(n.String(), 10, 64)
		if err != nil {
			return -1
		}
		return i
	}
	out := &milestones{first: whole("first"), within: whole("within"), quorum: int(whole("quorum"))}
	var ok bool
	if out.log, ok = readNoteKey(m["key"], 1); !ok || !only(m, "key", "first", "witnesses", "quorum", "within") {
		return nil, false
	}
	names, keys := map[string]bool{out.log.name: true}, map[string]bool{string(out.log.key): true}
	for _, x := range list(m, "witnesses") {
		k, ok := readNoteKey(x, 4)
		if !ok || names[k.name] || keys[string(k.key)] {
			return nil, false
		}
		names[k.name], keys[string(k.key)] = true, true
		out.witnesses = append(out.witnesses, k)
	}
	return out, out.first >= 0 && out.first <= largest && out.within >= 0 && out.quorum >= 0 && out.quorum <= len(out.witnesses) && (out.quorum > 0 || out.within == 0)
}

// decimal reads a number without leading zeros.
func decimal(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s && n >= 0
}

// has says whether a proof shows that the log has a milestone, and enough witnesses have seen that.
func (l *milestones) has(proof []byte, index, at uint32, id []byte) bool {
	head, note, ok := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(proof) > 72<<10 || len(note) > 64<<10 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return false
	}
	text, signatures, ok := strings.Cut(note, "\n\n")
	body := strings.Split(text, "\n")
	if text += "\n"; !ok || len(body) != 3 || body[0] != l.log.name {
		return false
	}
	number, isNumber := strings.CutPrefix(lines[1], "index ")
	leaf, ok1 := decimal(number)
	leaves, ok2 := decimal(body[1])
	top := based(body[2])
	if !isNumber || !ok1 || !ok2 || len(top) != 32 || leaf != int64(index)-l.first || leaf >= leaves {
		return false
	}
	var path [][]byte
	for _, line := range lines[2:] {
		hash := based(line)
		if len(hash) != 32 {
			return false
		}
		path = append(path, hash)
	}
	return bytes.Equal(climb(id, leaf, leaves, path), top) && l.seen(text, signatures, int64(at))
}

// climb returns the root to which a path leads from a leaf (RFC 9162, 2.1.3.2); nil if it leads to none.
func climb(id []byte, leaf, leaves int64, path [][]byte) []byte {
	r := sha256.Sum256(append([]byte{0}, id...))
	fn, sn := leaf, leaves-1
	for _, p := range path {
		if sn == 0 {
			return nil
		}
		if fn&1 == 1 || fn == sn {
			r = sha256.Sum256(slices.Concat([]byte{1}, p, r[:]))
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = sha256.Sum256(slices.Concat([]byte{1}, r[:], p))
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 {
		return nil
	}
	return r[:]
}

// seen says whether a checkpoint is signed by the log, and by enough witnesses at the right time.
func (l *milestones) seen(text, signatures string, milestone int64) bool {
	if !strings.HasSuffix(signatures, "\n") {
		return false
	}
	signed, times := map[string]bool{}, []int64(nil)
	for line := range strings.SplitSeq(strings.TrimSuffix(signatures, "\n"), "\n") {
		rest, ok := strings.CutPrefix(line, "— ")
		name, coded, ok2 := strings.Cut(rest, " ")
		raw, err := base64.StdEncoding.DecodeString(coded)
		if err != nil || !ok || !ok2 || name == "" || len(raw) < 5 {
			return false
		}
		by := func(k noteKey) bool { return k.name == name && bytes.Equal(k.hash, raw[:4]) }
		which := name + "+" + base64.StdEncoding.EncodeToString(raw[:4])
		if signed[which] {
			continue
		}
		i := slices.IndexFunc(l.witnesses, by)
		switch {
		case by(l.log):
			if !ed25519.Verify(l.log.key, []byte(text), raw[4:]) {
				return false
			}
		case i >= 0:
			if len(raw) != 4+8+64 {
				return false
			}
			time := binary.BigEndian.Uint64(raw[4:])
			if time > 253402300799 || !ed25519.Verify(l.witnesses[i].key, []byte("cosignature/v1\ntime "+strconv.FormatUint(time, 10)+"\n"+text), raw[12:]) {
				return false
			}
			times = append(times, int64(time))
		}
		signed[which] = true
	}
	if !signed[l.log.name+"+"+base64.StdEncoding.EncodeToString(l.log.hash)] || len(times) < l.quorum {
		return false
	}
	if l.quorum == 0 {
		return true
	}
	slices.Sort(times)
	at := times[l.quorum-1] - milestone
	return at >= -600 && (l.within == 0 || at <= l.within)
}
