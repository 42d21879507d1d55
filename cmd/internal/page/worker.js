"use strict";
// The worker of the page: it unpacks the program, runs it, and hands over what it is asked and what it answers. The Go project's wasm_exec.js stands before it.
(() => {
  const bytes = async (text) => {
    const binary = atob(text);
    const packed = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  };
  self.vaubanReady = (version) => postMessage({ ready: version });
  self.vaubanProgress = (requirement, done, total) => postMessage({ progress: { requirement, done, total } });
  const start = async (program) => {
    const go = new Go();
    const { instance } = await WebAssembly.instantiate(await bytes(program), go.importObject);
    await go.run(instance);
    throw new Error("the program ended");
  };
  self.onmessage = (event) => {
    const { program, files, asked } = event.data;
    if (program) {
      start(program).catch((error) => postMessage({ broken: String(error) }));
      return;
    }
    self.vaubanAudit(files, asked, (error, answer) => postMessage({ error, answer }));
  };
})();
