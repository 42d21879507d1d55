package notarytest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// didWeb is a did:web: a domain in small letters, maybe a port, and maybe a path.
func didWeb(v any) bool {
	s, _ := v.(string)
	rest, ok := strings.CutPrefix(s, "did:web:")
	if !ok || len(s) > 256 {
		return false
	}
	parts := strings.Split(rest, ":")
	domain, port, hasPort := strings.Cut(parts[0], "%3A")
	if n, err := strconv.ParseUint(port, 10, 16); hasPort && (err != nil || n == 0 || port[0] == '0' || port[0] == '+') {
		return false
	}
	labels := strings.Split(domain, ".")
	for _, l := range labels {
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	if last := labels[len(labels)-1]; last[0] <= '9' { // an address, also as 127.1 or 0x7f000001
		return false
	}
	for _, p := range parts[1:] {
		if p == "" || p[0] == '.' || strings.Trim(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
			return false
		}
	}
	return true
}

// anyJSON reads a JSON text in any layout, in which no object has a name twice, and nothing stands in more than 16 lists and objects.
func anyJSON(data []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	v, err := unique(d, 16)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows")
	}
	return v, nil
}

// vouches says whether the document of a did:web, as its server gave it, has a key.
func vouches(web, document, key string) bool {
	v, err := anyJSON([]byte(document))
	return err == nil && len(document) <= 16<<10 && lists(v, web, key)
}

// lists says whether a document of a DID has a key.
func lists(v any, web, key string) bool {
	if text(v, "id") != web {
		return false
	}
	doc, _ := v.(map[string]any)
	whole := func(id string) string {
		if strings.HasPrefix(id, "#") {
			return web + id
		}
		return id
	}
	listed, asserted, methods := list(doc, "verificationMethod"), list(doc, "assertionMethod"), map[string]any{}
	if len(listed) > 64 || len(asserted) > 64 {
		return false
	}
	for _, m := range listed {
		id := whole(text(m, "id"))
		if id != "" && methods[id] != nil {
			return false
		}
		methods[id] = m
	}
	delete(methods, "")
	return slices.ContainsFunc(asserted, func(m any) bool {
		if id, ok := m.(string); ok {
			m = methods[whole(id)]
		}
		return text(m, "controller") == web && keyIn(m) == key
	})
}

// keyIn returns the key of a verification method as a DID; "" if it has none.
func keyIn(method any) string {
	var did string
	switch text(method, "type") {
	case "Multikey", "Ed25519VerificationKey2020":
		did = "did:key:" + text(method, "publicKeyMultibase")
	case "Ed25519VerificationKey2018":
		// A digit 1 at the beginning is a byte of zeros.
		digits := text(method, "publicKeyBase58")
		zeros := len(digits) - len(strings.TrimLeft(digits, "1"))
		if n, ok := base58(digits); ok && zeros+len(n.Bytes()) == 32 {
			did = keyDID(n)
		}
	case "JsonWebKey2020", "JsonWebKey":
		if x := text(method, "publicKeyJwk", "x"); text(method, "publicKeyJwk", "kty") == "OKP" && text(method, "publicKeyJwk", "crv") == "Ed25519" {
			if key, err := base64.RawURLEncoding.Strict().DecodeString(x); err == nil && !strings.ContainsAny(x, "\r\n") && len(key) == 32 {
				did = keyDID(new(big.Int).SetBytes(key))
			}
		}
	}
	if _, err := didKey(did); err != nil {
		return ""
	}
	return did
}

// keyDID writes a number of 256 bits as the did:key of an Ed25519 key.
func keyDID(key *big.Int) string {
	n, digits := new(big.Int).Add(key, new(big.Int).Lsh(big.NewInt(0xed01), 256)), ""
	for n.Sign() > 0 {
		var d big.Int
		n.DivMod(n, big.NewInt(58), &d)
		digits = string(alphabet[d.Int64()]) + digits
	}
	return "did:key:z" + digits
}
