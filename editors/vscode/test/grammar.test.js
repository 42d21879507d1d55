// The colours of the grammar, by the engine that the editor colours with.
"use strict";

const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const textmate = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

async function load() {
	const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
	await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
	const file = path.join(__dirname, "..", "syntaxes", "vauban.tmLanguage.json");
	const registry = new textmate.Registry({
		onigLib: Promise.resolve({ createOnigScanner: (s) => new oniguruma.OnigScanner(s), createOnigString: (s) => new oniguruma.OnigString(s) }),
		loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file),
	});
	return registry.loadGrammar("source.vauban");
}

/** Each line's tokens as [text, innermost scope, offset in the line]. */
function tokens(grammar, text) {
	let stack = textmate.INITIAL;
	return text.split("\n").map((line) => {
		const r = grammar.tokenizeLine(line, stack);
		stack = r.ruleStack;
		return r.tokens.map((t) => [line.slice(t.startIndex, t.endIndex), t.scopes[t.scopes.length - 1].replace(/\.vauban$/, ""), t.startIndex]);
	});
}

test("what a line says", async () => {
	const grammar = await load();
	const scope = (line, word) => {
		const found = tokens(grammar, line)[0].find(([text]) => text === word);
		return found && found[1];
	};
	for (const [line, word, want] of [
		["component Shop: storefront in Core { has waf? }", "component", "keyword.declaration"],
		["component Shop: storefront in Core { has waf? }", "Shop", "entity.name"],
		["component Shop: storefront in Core { has waf? }", "storefront", "entity.name.type"],
		["component Shop: storefront in Core { has waf? }", "has", "keyword.other"],
		["component Shop: storefront in Core { has waf? }", "?", "keyword.operator"],
		['design "Data: flow" use "retail" zone Core: private', "zone", "keyword.declaration"],
		["extend component Shop { sure }", "Shop", "variable.other"],
		["require S: confidential Card against Outsider", "confidential", "keyword.other"],
		["require S: never controls(Shop)", "controls", "entity.name.function"],
		["/// what it is // for", " what it is // for", "comment.line.documentation"],
		["budget 12", "12", "constant.numeric"],
		["waive A until 2026-01-31 because \"x\"", "2026-01-31", "constant.numeric"],
		["loads none", "none", "constant.language"],
		["f.zone is public", "zone", "variable.other.property"],
		["data Card-number: card", "Card-number", "entity.name"],
		["zone Größe: public", "Größe", "entity.name"],
	]) assert.strictEqual(scope(line, word), want, `${word} in ${line}`);
	assert.deepStrictEqual(tokens(grammar, "/* a\n zone b */ zone C: public")[1].map((t) => t[1]).slice(0, 2), ["comment.block", "comment.block"].slice(0, tokens(grammar, "/* a\n zone b */")[1].length));
});

// A name that a design gives is never coloured as a word of the language, a comment or a text. The Go side says where names stand in all examples.
test("names in the examples", { skip: !process.env.VAUBAN_NAMES && "run by go test ./cmd/vauban" }, async () => {
	const grammar = await load();
	const files = JSON.parse(fs.readFileSync(process.env.VAUBAN_NAMES, "utf8"));
	let names = 0;
	let wrong = [];
	for (const { text, at } of files) {
		const lines = tokens(grammar, text);
		for (const [line, column, name] of at) {
			names++;
			const token = lines[line].findLast(([, , from]) => from <= column);
			if (/^(keyword|comment|string|constant)/.test(token[1])) wrong.push(`${name} in ${text.split("\n")[line].trim()}: ${token[1]}`);
		}
	}
	console.log(`${names} names in ${files.length} designs, ${wrong.length} coloured as something else`);
	assert.deepStrictEqual(wrong, []);
});
