//go:build js && wasm

// The program that audits in a browser: what it does is in package answer.
//
// # Limitations
//
// It is for the worker of that page, which calls the function vaubanAudit, one call at a time.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"syscall/js"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/cmd/internal/page/answer"
)

// version is that of the command that built the page.
var version string

func main() {
	js.Global().Set("vaubanAudit", js.FuncOf(func(_ js.Value, args []js.Value) any {
		go reply(args[0], args[1], args[2]) // a function that JavaScript waits for must not wait itself
		return nil
	}))
	js.Global().Call("vaubanReady", version)
	select {}
}

// bytesOf copies an array of bytes; nil of null.
func bytesOf(v js.Value) []byte {
	if v.IsNull() {
		return nil
	}
	out := make([]byte, v.Length())
	js.CopyBytesToGo(out, v)
	return out
}

// reply audits files, and hands done an error or the answer as JSON, one of which is empty.
func reply(files, asked, done js.Value) {
	fail := func(err any) { done.Invoke(fmt.Sprint(err), "") }
	defer func() {
		if p := recover(); p != nil {
			fail(fmt.Sprintf("vauban: internal error: %v", p))
		}
	}()
	in := &answer.Asked{}
	if err := json.Unmarshal([]byte(asked.String()), in); err != nil {
		fail(err)
		return
	}
	in.Bundle, in.Trust, in.Policy = bytesOf(files.Get("bundle")), bytesOf(files.Get("trust")), bytesOf(files.Get("policy"))
	out, err := answer.Audit(context.Background(), version, in, func(p checker.Progress) {
		js.Global().Call("vaubanProgress", p.Requirement, p.Done, p.Total)
	})
	if err != nil {
		fail(err)
		return
	}
	data, err := json.Marshal(out)
	if err != nil {
		fail(err)
		return
	}
	done.Invoke("", string(data))
}
