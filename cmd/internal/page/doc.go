// Package page writes the page in which a browser audits a bundle: one file, with the audit as WebAssembly in it, that works from a disk and asks for nothing.
//
// The program in directory wasm says of what was dropped in what `vauban audit` and `vauban trail verify` say, as the same canonical JSON: the same packages judge, in the browser as in the
// command (package answer). [Build] has the go command build it from the source of this program and writes the page around it. A release carries the finished page ([Carried]). The same source and the
// same Go give the same bytes.
//
// The page's policy lets nothing in and nothing out: there is no source for connections, pictures, frames or forms, and script and style are named by their hashes. The program runs in a
// worker, which can be stopped. Names and texts of files become text, never markup.
//
// # Limitations
//
// It takes a browser with WebAssembly, workers from blobs and DecompressionStream: those of 2023 and later. The browser, its extensions and the way that the page came by are trusted:
// a release names its digest. A browser takes some seven times as long as the command: for a trail of ten thousand entries a quarter of a minute. There is no ledger to search, so of a trail the checks `forks`, `fresh` and `predecessor` are the command's alone.
//
// Sources: Content Security Policy Level 3 (W3C), WebAssembly JavaScript Interface (W3C).
package page
