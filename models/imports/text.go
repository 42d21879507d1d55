package imports

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/dsl"
)

// Source is a file that was read, with the digest of what is no secret in it.
type Source struct{ Name, Digest string }

// Marks at the beginning of a generated design.
const (
	madeBy   = "// Made by `vauban import "
	fromMark = "// read: "
	bodyMark = "// text: "
)

// Text writes the plan as a file of a design. Command is what makes it again, after `vauban import`.
func (p *Plan) Text(command []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s`: facts, not for editing. Say more in the design that includes this file, with `extend`;\n// `vauban import --check` tells when it is no longer what its sources say.\n", madeBy, quoteAll(command))
	for _, s := range p.Sources {
		fmt.Fprintf(&b, "%s%s %s\n", fromMark, strconv.Quote(Clean(s.Name)), s.Digest)
	}
	for _, u := range p.Unread {
		fmt.Fprintf(&b, "// NOT READ: %s (%s)\n", Clean(u.What), Clean(u.Origin.String()))
	}
	body := dsl.Print(p.Decls())
	fmt.Fprintf(&b, "%s%s\n\n%s", bodyMark, sum(body), body)
	return b.String()
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(h[:])
}

// Edited reports whether somebody has changed a generated design since it was made.
func Edited(text string) bool {
	_, rest, ok := strings.Cut(text, "\n"+bodyMark)
	digest, body, ok2 := strings.Cut(rest, "\n\n")
	return !ok || !ok2 || digest != sum(body)
}

// quoteAll writes words so that [Command] reads them again.
func quoteAll(words []string) string {
	var out []string
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(c rune) bool {
			return !(c < 0x80 && (c == '-' || c == '_' || c == '.' || c == '/' || c == '=' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'))
		}) {
			w = strings.ReplaceAll(strconv.QuoteToASCII(w), "`", `\x60`)
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// Command returns what made a generated design, without `vauban import`; nil where a text is none.
func Command(text string) []string {
	first, _, _ := strings.Cut(text, "\n")
	rest, ok := strings.CutPrefix(first, madeBy)
	if !ok {
		return nil
	}
	rest, _, ok = strings.Cut(rest, "`")
	if !ok {
		return nil
	}
	var out []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		word := rest
		if q, err := strconv.QuotedPrefix(rest); err == nil {
			rest = rest[len(q):]
			word, _ = strconv.Unquote(q)
		} else {
			word, rest, _ = strings.Cut(rest, " ")
		}
		out = append(out, word)
	}
	return out
}

// Digest is the digest of trees without the values below some keys, where secrets may be: a digest of a secret would give it away to who can guess.
func Digest(trees []*yaml.Node, hidden ...string) string {
	h := sha256.New()
	for _, n := range trees {
		digest(h, n, false, hidden)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

func digest(h hash.Hash, n *yaml.Node, secret bool, hidden []string) {
	fmt.Fprintf(h, "%d:%d:", n.Kind, len(n.Content))
	if n.Kind == yaml.ScalarNode && !secret {
		fmt.Fprintf(h, "%q", n.Value)
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			fmt.Fprintf(h, "%q", c.Value)
			continue
		}
		digest(h, c, secret || n.Kind == yaml.MappingNode && slices.Contains(hidden, n.Content[i-1].Value), hidden)
	}
}

// DigestKeys is the digest of names without their values.
func DigestKeys(keys []string) string {
	h := sha256.New()
	for _, k := range keys {
		fmt.Fprintf(h, "%q", k)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
