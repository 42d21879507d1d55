-- Drives `vauban lsp` by Neovim's own client, and writes what it saw as lines.
local file, program = vim.env.VAUBAN_FILE, vim.env.VAUBAN_PROGRAM
local out = {}
local function say(...) table.insert(out, string.format(...)) end
local function finish()
	vim.fn.writefile(out, vim.env.VAUBAN_OUT)
	vim.cmd("qall!")
end
local ok, err = pcall(function()
	vim.cmd("edit " .. file)
	local buf = vim.api.nvim_get_current_buf()
	local id = vim.lsp.start_client({ name = "vauban", cmd = { program, "lsp" }, root_dir = vim.fn.fnamemodify(file, ":h") })
	vim.lsp.buf_attach_client(buf, id)
	local function wait(what, is)
		if not vim.wait(20000, is, 20) then error("never: " .. what) end
	end
	local function told(text)
		for _, d in ipairs(vim.diagnostic.get(buf)) do
			if d.message:find(text, 1, true) then return d end
		end
	end
	wait("the verdict", function() return told("violated") end)
	say("diagnostic %s", told("violated").message)
	local function ask(method, params)
		local r = vim.lsp.buf_request_sync(buf, method, params, 10000)
		return r and r[id] and r[id].result
	end
	local doc = { uri = vim.uri_from_bufnr(buf) }
	say("lens %s", ask("textDocument/codeLens", { textDocument = doc })[1].command.title)

	-- Completion where a kind is wanted.
	local last = vim.api.nvim_buf_line_count(buf)
	vim.api.nvim_buf_set_lines(buf, last, last, false, { "component Api: " })
	local list = ask("textDocument/completion", { textDocument = doc, position = { line = last, character = 15 } })
	for _, item in ipairs(list.items) do
		if item.label == "storefront" then say("completion storefront") end
	end
	vim.api.nvim_buf_set_lines(buf, last, last + 1, false, {})

	-- A name in all its places.
	local edit = ask("textDocument/rename", { textDocument = doc, position = { line = 6, character = 10 }, newName = "Front" })
	vim.lsp.util.apply_workspace_edit(edit, "utf-16")
	say("renamed %s", table.concat(vim.api.nvim_buf_get_lines(buf, 6, 8, false), " | "))
	wait("the verdict again", function() return told("violated") end)

	-- What can be done about it.
	local line = vim.fn.search("require") - 1
	local at = { line = line, character = 2 }
	local action
	wait("an action", function()
		for _, a in ipairs(ask("textDocument/codeAction", { textDocument = doc, range = { start = at, ["end"] = at }, context = { diagnostics = {} } }) or {}) do
			if a.title:find("holds", 1, true) then
				action = a
				return true
			end
		end
	end)
	vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
	wait("no verdict against it", function() return not told("violated") and not told("depends") and ask("textDocument/codeLens", { textDocument = doc })[1].command.title == "holds" end)
	say("repaired %s", action.title)
end)
if not ok then say("error %s", err) end
finish()
