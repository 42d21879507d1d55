// The Vauban extension: it starts `vauban lsp`, which does everything, and shows the report beside the design, where the drawing follows the cursor.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

async function start() {
	const settings = vscode.workspace.getConfiguration("vauban");
	const selector = [{ scheme: "file", language: "vauban" }];
	for (const pattern of settings.get("catalogues", [])) selector.push({ scheme: "file", language: "yaml", pattern });
	client = new LanguageClient("vauban", "Vauban", { command: settings.get("path", "vauban"), args: ["lsp"] }, {
		documentSelector: selector,
		synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{vbn,yaml,yml}") },
	});
	try {
		await client.start();
	} catch (err) {
		vscode.window.showErrorMessage(`Vauban did not start: ${err.message}. Install the program, or say where it is in the setting vauban.path.`);
	}
}

async function stop() {
	const was = client;
	client = undefined;
	if (was) await was.stop();
}

/** The report of one design in a panel beside it. */
class Report {
	constructor(uri) {
		this.uri = uri;
		this.panel = vscode.window.createWebviewPanel("vauban.report", "Vauban report", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: true, localResourceRoots: [] });
	}

	ask(command, ...args) {
		return client ? client.sendRequest("workspace/executeCommand", { command, arguments: args }) : Promise.resolve(null);
	}

	/** Shows the report of the last verdicts; until there are some, that they are looked for. */
	async refresh() {
		const report = await this.ask("vauban.server.report", this.uri.toString());
		this.panel.title = report && report.stale ? "Vauban report (of an earlier text)" : "Vauban report";
		const page = report ? report.page : "<p>The report is there as soon as the design has been checked.</p>";
		if (page !== this.page) this.panel.webview.html = this.page = page;
	}

	/** Has the drawing show what the cursor is on. */
	async follow(editor) {
		const position = editor.selection.active;
		const show = await this.ask("vauban.server.element", editor.document.uri.toString(), { line: position.line, character: position.character });
		if (show) this.panel.webview.postMessage({ show });
	}
}

exports.activate = async (context) => {
	/** @type {Report | undefined} */
	let report;
	let pending;
	const later = (what) => {
		clearTimeout(pending);
		pending = setTimeout(what, 250);
	};
	context.subscriptions.push(
		vscode.commands.registerCommand("vauban.restart", async () => {
			await stop();
			await start();
		}),
		vscode.commands.registerCommand("vauban.showReport", async () => {
			const editor = vscode.window.activeTextEditor;
			if (!editor || editor.document.languageId !== "vauban") return vscode.window.showInformationMessage("Open a design first: a file that ends in .vbn.");
			if (report) report.panel.dispose();
			const now = new Report(editor.document.uri);
			report = now;
			now.panel.onDidDispose(() => {
				if (report === now) report = undefined;
			});
			await now.refresh();
		}),
		vscode.languages.onDidChangeDiagnostics(() => report && later(() => report && report.refresh())), // verdicts come as diagnostics
		vscode.window.onDidChangeTextEditorSelection((event) => {
			if (report && event.textEditor.document.languageId === "vauban") report.follow(event.textEditor);
		}),
		{ dispose: () => clearTimeout(pending) },
	);
	await start();
};

exports.deactivate = stop;
