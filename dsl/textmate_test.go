package dsl_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl"
)

const textMateFile = "../editors/vscode/syntaxes/vauban.tmLanguage.json"

// textMate is the grammar by which editors colour a design before a language server tells them more: made of the words of the language, which a regular expression takes for such where
// the parser would at most places.
func textMate(t *testing.T) []byte {
	t.Helper()
	type rule map[string]any
	group := func(roles dsl.Role, not ...string) string {
		words := slices.DeleteFunc(dsl.Words(roles), func(w string) bool { return slices.Contains(not, w) })
		slices.Sort(words)
		words = slices.Compact(words)
		slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) }) // the longest is tried first
		return "(" + strings.ReplaceAll(strings.Join(words, "|"), " ", `\s+`) + ")"
	}
	const (
		name   = `[\p{L}_](?:[\p{L}\p{M}\p{N}_]|-(?=[\p{L}\p{N}_]))*`
		before = `(?<![\p{L}\p{N}_.-])`
		after  = `(?![\p{L}\p{N}_]|-[\p{L}\p{N}_])`
	)
	captures := func(scopes ...string) rule {
		out := rule{}
		for i, s := range scopes {
			if s != "" {
				out[string(rune('1'+i))] = rule{"name": s + ".vauban"}
			}
		}
		return out
	}
	one := func(match string, scopes ...string) rule {
		return rule{"match": match, "captures": captures(scopes...)}
	}
	rules := []any{
		rule{"begin": `///`, "end": `$`, "name": "comment.line.documentation.vauban"},
		rule{"begin": `//`, "end": `$`, "name": "comment.line.double-slash.vauban"},
		rule{"begin": `/\*`, "end": `\*/`, "name": "comment.block.vauban"},
		rule{"begin": `"`, "end": `"|$`, "name": "string.quoted.double.vauban", "patterns": []any{rule{"match": `\\.`, "name": "constant.character.escape.vauban"}}},
		one(before+`([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+)`+after, "constant.numeric"),
		one(`(\.)(`+name+`)`, "punctuation.accessor", "variable.other.property"),
		// Of declarations, the word and the name that it gives.
		one(before+`(extend|each|waive)\s+(?:(data|flow|actor|component|zone)\s+)?(`+name+`)`, "keyword.declaration", "keyword.declaration", "variable.other"),
		one(before+group(dsl.DeclarationWord|dsl.MemberWord, "extend", "each", "waive", "design", "use", "include")+`\s+(`+name+`)`, "keyword.declaration", "entity.name"),
		one(before+`(design|use|include)`+after, "keyword.declaration"),
		// Behind a colon stand what something demands, or its kind.
		one(`(:)\s*`+group(dsl.PropertyWord|dsl.QuantifierWord, "only after")+after, "punctuation.separator", "keyword.other"),
		one(`(:)\s*(`+name+`)`, "punctuation.separator", "entity.name.type"),
		one(before+group(dsl.ConnectiveWord|dsl.QuantifierWord|dsl.FormulaWord, dsl.Words(dsl.ValueWord)...)+after, "keyword.other"),
		one(before+`(`+name+`)(?=\()`, "entity.name.function"),
		one(before+group(dsl.PropertyWord|dsl.LimitWord|dsl.RelationWord|dsl.ElementClause|dsl.AttackerClause|dsl.RequireClause|dsl.PartWord|dsl.PlaceWord, dsl.Words(dsl.ValueWord)...)+after, "keyword.other"),
		one(before+group(dsl.ValueWord)+after, "constant.language"),
		one(before+`(`+name+`)`, "variable.other"),
		one(`(->|:=|\+=|-=|<=|>=|!=|=|<|>|\+|-|\*|\?)`, "keyword.operator"),
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(rule{"name": "Vauban", "scopeName": "source.vauban", "fileTypes": []string{"vbn"}, "patterns": rules}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTextMate: the grammar of editors is made of the language's words. That it reads designs, a test of the extension shows with the engine of the editor.
func TestTextMate(t *testing.T) {
	t.Parallel()
	want := textMate(t)
	if *update {
		if err := os.WriteFile(textMateFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(textMateFile); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the words of the language come to (%v): run go test ./dsl -update", textMateFile, err)
	}
}
