// The language server, by the library with which the editor speaks to it.
"use strict";

const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { pathToFileURL } = require("node:url");
const lsp = require("vscode-languageserver-protocol/node");

const program = process.env.VAUBAN_PROGRAM;

const design = `design "Shop"
use "retail"
zone Internet: public
zone Core: private
data Card: payment_data
actor Shopper: customer in Internet
component Shop: storefront in Core { has input_validation? }
flow Buy: Shopper -> Shop over http { carries Card }
attacker Outsider { in Internet }
require Secret: confidential Card against Outsider
`;

test("a session", { skip: !program && "run by go test ./cmd/vauban", timeout: 120000 }, async (t) => {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "vauban-"));
	const file = path.join(dir, "shop.vbn");
	fs.writeFileSync(file, design);
	const server = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
	const gone = new Promise((done) => server.once("exit", done));
	t.after(() => server.kill());
	const c = lsp.createProtocolConnection(new lsp.StreamMessageReader(server.stdout), new lsp.StreamMessageWriter(server.stdin));
	const uri = pathToFileURL(file).href;
	let told = [];
	let heard = () => {};
	c.onNotification(lsp.PublishDiagnosticsNotification.type, (p) => {
		if (p.uri === uri) told = p;
		heard();
	});
	c.onRequest(lsp.CodeLensRefreshRequest.type, () => null);
	c.onRequest(lsp.InlayHintRefreshRequest.type, () => null);
	c.onRequest(lsp.WorkDoneProgressCreateRequest.type, () => {});
	c.listen();
	let version = 1;
	const until = async (what, is) => {
		const end = Date.now() + 60000;
		while (!(told.version === version && is(told.diagnostics))) {
			if (Date.now() > end) assert.fail(`never told ${what}: ${JSON.stringify(told)}`);
			await new Promise((done) => {
				heard = done;
				setTimeout(done, 500);
			});
		}
		return told.diagnostics;
	};
	const init = await c.sendRequest(lsp.InitializeRequest.type, {
		processId: process.pid, rootUri: pathToFileURL(dir).href, workspaceFolders: null,
		capabilities: { window: { workDoneProgress: true }, workspace: { codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true } } },
	});
	assert.deepStrictEqual(init.capabilities.executeCommandProvider.commands, ["vauban.server.report", "vauban.server.element"]);
	await c.sendNotification(lsp.InitializedNotification.type, {});
	await c.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "vauban", version, text: design } });
	const textDocument = { uri };
	const at = (mark, behind = 0) => {
		const before = design.slice(0, design.indexOf(mark) + behind).split("\n");
		return { line: before.length - 1, character: before.at(-1).length };
	};

	const whole = (d) => d.source === "vauban verdict" && /^Secret violated: Outsider, cost \d+$/.test(d.message); // the first ones may leave the cost open
	const verdict = (await until("a verdict", (list) => list.some(whole))).find(whole);
	assert.ok(verdict.relatedInformation.length >= 1);
	const lenses = await c.sendRequest(lsp.CodeLensRequest.type, { textDocument });
	assert.match(lenses[0].command.title, /^violated · Outsider/);
	const items = await c.sendRequest(lsp.CompletionRequest.type, { textDocument, position: at("storefront", 5) });
	assert.ok(items.items.some((i) => i.label === "storefront" && i.detail));
	const hover = await c.sendRequest(lsp.HoverRequest.type, { textDocument, position: at("storefront", 2) });
	assert.match(hover.contents.value, /`storefront`/);
	const renamed = await c.sendRequest(lsp.RenameRequest.type, { textDocument, position: at("Shop: storefront", 1), newName: "Front" });
	assert.strictEqual(renamed.changes[uri].length, 2);
	const actions = await c.sendRequest(lsp.CodeActionRequest.type, { textDocument, range: { start: at("require", 1), end: at("require", 1) }, context: { diagnostics: [] } });
	assert.ok(actions.some((a) => a.kind === "quickfix" && /so that Secret holds/.test(a.title)));
	const hints = await c.sendRequest(lsp.InlayHintRequest.type, { textDocument, range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } } });
	assert.ok(hints.some((h) => h.label === "violated"));
	const tokens = await c.sendRequest(lsp.SemanticTokensRequest.type, { textDocument });
	assert.strictEqual(tokens.data.length % 5, 0);
	const symbols = await c.sendRequest(lsp.DocumentSymbolRequest.type, { textDocument });
	assert.ok(symbols.some((s) => s.name === "Shop"));

	const report = await c.sendRequest(lsp.ExecuteCommandRequest.type, { command: "vauban.server.report", arguments: [uri] });
	assert.match(report.page, /^<!DOCTYPE html>[^]*<\/html>\s*$/);
	assert.strictEqual(report.stale, false);
	const element = await c.sendRequest(lsp.ExecuteCommandRequest.type, { command: "vauban.server.element", arguments: [uri, at("storefront", 1)] });
	assert.ok(report.page.includes(`id="${element}"`));

	version = 2;
	const where = at("storefront");
	await c.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
		textDocument: { uri, version },
		contentChanges: [{ range: { start: where, end: { line: where.line, character: where.character + 10 } }, text: "storfront" }],
	});
	const wrong = await until("the mistake", (list) => list.length > 0);
	assert.match(wrong[0].message, /did you mean "storefront"/);
	await c.sendRequest(lsp.ShutdownRequest.type);
	await c.sendNotification(lsp.ExitNotification.type);
	assert.strictEqual(await gone, 0);
	c.dispose();
	fs.rmSync(dir, { recursive: true });
});
