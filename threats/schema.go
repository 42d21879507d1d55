package threats

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/vauban-verifier/vauban/models"
)

// shape is what a value of a catalogue looks like: the name of its definition in the schema.
type shape string

const (
	textShape     shape = "text"
	numberShape   shape = "number"
	flagShape     shape = "flag"
	listShape     shape = "list"
	formulaShape  shape = "formula"
	formulasShape shape = "formulas"
	sortsShape    shape = "sorts"
	strideShape   shape = "stride"
	typeShape     shape = "type"
	harderShape   shape = "harder"
	unfitShape    shape = "unfit"
	askShape      shape = "ask"
	sectionShape  shape = "section"
	repairsShape  shape = "repairs"
	synonymsShape shape = "synonyms"
	threatsShape  shape = "threats"
)

// shapes are the definitions, with the words for a reader.
var shapes = map[shape]struct {
	words  string
	schema object
}{
	textShape:     {"a text", object{"type": []string{"string", "number", "boolean"}, "minLength": 1}},
	numberShape:   {"an integer from 0 on", object{"type": "integer", "minimum": 0, "maximum": 1_000_000}},
	flagShape:     {"true or false", object{"type": "boolean"}},
	listShape:     {"a list of texts", orList(textShape)},
	formulaShape:  {"a formula", ref(textShape)},
	formulasShape: {"a list of facts", orList(formulaShape)},
	sortsShape:    {"names, each with a kind", object{"type": "object", "propertyNames": object{"pattern": namePattern}, "additionalProperties": ref(textShape)}},
	strideShape:   {"a list of " + strings.Join(stride, ", "), object{"anyOf": []object{{"enum": stride}, {"type": "array", "items": object{"enum": stride}}}}},
	typeShape: {"`integer`, or a list of words", object{"anyOf": []object{
		{"const": "integer"},
		{"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"type": "string", "pattern": namePattern}},
	}}},
	harderShape: {"controls, each with a number", object{"type": "object", "additionalProperties": object{"anyOf": []object{
		ref(numberShape), {"type": "object", "additionalProperties": ref(numberShape)},
	}}}},
	unfitShape:    {"`for`, `when` and `says`, or a list of these", object{}},
	askShape:      {"a text, or `text`, `of` and `to`", object{}},
	repairsShape:  {"kinds of changes, each with `for`, `when` and `users`, or a list of these", object{}},
	sectionShape:  {"words, each with what it is", object{}},
	synonymsShape: {"sections, each with words and what they mean", object{}},
	threatsShape:  {"a list of threats", object{}},
}

// namePattern is what names look like, as [lexical] has it.
const namePattern = `^\p{L}(-?[\p{L}\p{Nd}_])*$`

// object is an object of a JSON schema.
type object map[string]any

func ref(s shape) object { return object{"$ref": "#/$defs/" + string(s)} }

// orList is one of something, or a list of them.
func orList(s shape) object {
	return object{"anyOf": []object{ref(s), {"type": "array", "items": ref(s)}}}
}

// table is what a mapping may say, for a reader: its keys with what their values look like and mean.
type table struct {
	doc  string
	rows []keyRow
}

type keyRow struct {
	key   string
	value shape
	doc   string
}

func (s section[T]) table() table { return table{s.doc, rowsOf(s.keys)} }

func rowsOf[T any](keys []key[T]) []keyRow {
	out := make([]keyRow, len(keys))
	for i, k := range keys {
		out[i] = keyRow{k.name, k.value.shape, k.doc}
	}
	return out
}

// mapping is the schema of a mapping with these keys.
func mapping(rows []keyRow, required ...string) object {
	properties := object{}
	for _, r := range rows {
		property := object{"description": r.doc}
		maps.Copy(property, ref(r.value))
		properties[r.key] = property
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// named is the schema of a section: words with what each is. It may be empty.
func named(of object) object {
	return object{"type": []string{"object", "null"}, "propertyNames": object{"pattern": namePattern}, "additionalProperties": of}
}

// Schema returns the JSON schema (draft 2020-12) of catalogues, with which an editor completes and checks them as they are written. What it accepts may
// still be wrong in its words or formulas, of which it knows nothing; what it refuses is.
func Schema() []byte {
	defs := object{}
	for name, s := range shapes {
		defs[string(name)] = s.schema
	}
	unfit := mapping(rowsOf(unfitKeys), keyNames(unfitKeys)...)
	defs[string(unfitShape)] = object{"anyOf": []object{unfit, {"type": "array", "items": unfit}}}
	repair := mapping(rowsOf(repairKeys), "for", "when", "users")
	changes := object{}
	for _, k := range models.RepairKinds {
		changes[string(k.Kind)] = object{"description": k.Means, "anyOf": []object{repair, {"type": "array", "items": repair}}}
	}
	defs[string(repairsShape)] = object{"type": []string{"object", "null"}, "properties": changes, "additionalProperties": false}
	defs[string(askShape)] = object{"anyOf": []object{ref(textShape), mapping(rowsOf(askKeys), "text")}}
	defs[string(threatsShape)] = object{"type": "array", "items": mapping(rowsOf(threatKeys), "id", "for", "when", "then")}
	synonyms := object{}
	for _, s := range synonymSections {
		synonyms[s] = named(ref(textShape))
	}
	defs[string(synonymsShape)] = object{"type": "object", "properties": synonyms, "additionalProperties": false}
	delete(defs, string(sectionShape))

	required := map[string][]string{"controls": {"of"}, "relations": {"from", "to"}, "attributes": {"of", "type"}, "kinds": {"is"}, "define": {"for"}}
	root := mapping(rowsOf(catalogueKeys), "catalogue")
	for _, s := range sections {
		key, t := s.head().key, s.table()
		property := named(mapping(t.rows, required[key]...))
		property["description"] = t.doc
		root["properties"].(object)[key] = property
	}
	maps.Copy(root, object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "A catalogue of threats of Vauban",
		"$defs":   defs,
	})
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("vauban: internal error: " + err.Error())
	}
	return append(out, '\n')
}

// Keys returns the page of what a catalogue may say, in Markdown.
func Keys() string {
	var b strings.Builder
	b.WriteString(`# The keys of a catalogue

A catalogue is a YAML file: a mapping of the keys below. Texts are read as they are written; anchors, tags and a second document are refused. Names are a
letter, then letters, digits, ` + "`_`" + `, and ` + "`-`" + ` between two of these. Where a list is expected, one text is a list of one. ` + "`vauban catalogue schema`" + ` prints a JSON schema, with which
editors complete and check catalogues; ` + "`vauban catalogue lint`" + ` checks what they mean.
`)
	section := func(title, doc string, rows []keyRow) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| key | value | meaning |\n|---|---|---|\n", title, doc)
		for _, r := range rows {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", code(r.key), shapes[r.value].words, r.doc)
		}
	}
	section("The catalogue", "Of these, only `catalogue` must be there.", rowsOf(catalogueKeys))
	for _, s := range sections {
		t := s.table()
		section(code(s.head().key), t.doc, t.rows)
	}
	section("`threats`", "What attackers can do: a list, each with `id`, `for`, `when` and `then` at least.", rowsOf(threatKeys))
	section("`unfit` of a control", "Where it does not belong; all three must be there.", rowsOf(unfitKeys))
	section("`repairs`", "Under each kind of change, when it takes nothing from anybody; `for`, `when` and `users` must be there. The kinds are:\n\n"+repairKinds(), rowsOf(repairKeys))
	section("`ask` of a relation", "A text, or a mapping of these.", rowsOf(askKeys))
	return b.String()
}

// repairKinds lists the kinds of changes of the structure.
func repairKinds() string {
	var lines []string
	for _, k := range models.RepairKinds {
		lines = append(lines, "* "+code(string(k.Kind))+", about "+strings.Join(k.Of, " and ")+": "+k.Means)
	}
	return strings.Join(lines, "\n")
}
