// node web.mjs FOLDER PACKAGES: runs every network of the folder in onnxruntime-web, WebAssembly, in a headless Chromium.
// The page is served from here and posts its results back.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';

const [folder, packages] = process.argv.slice(2);
const networks = readdirSync(folder).filter(name => name.endsWith('.json')).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const page = `<!doctype html><script type="module">
  const say = (path, body) => fetch(path, { method: 'POST', body });
  try {
    const ort = await import('/ort/ort.wasm.min.mjs');
    ort.env.wasm.wasmPaths = '/ort/';
    ort.env.wasm.numThreads = 1;
    for (const { name, shape } of ${JSON.stringify(networks)}) {
      const pixels = new Float32Array(await (await fetch('/data/' + name + '.input')).arrayBuffer());
      const session = await ort.InferenceSession.create('/data/' + name + '.onnx', { executionProviders: ['wasm'] });
      const { Logits } = await session.run({ input: new ort.Tensor('float32', pixels, shape) }, ['Logits']);
      await say('/result/' + name, Logits.data.slice());
      await session.release();
    }
    await say('/done', '');
  } catch (error) {
    await say('/failed', String(error && error.stack || error));
  }
</script>`;

const profile = mkdtempSync(join(tmpdir(), 'runtimes-'));
let browser;
function end(status) {
  browser?.kill('SIGKILL');
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  process.exit(status);
}

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => {
      response.end();
      const body = Buffer.concat(chunks);
      if (request.url.startsWith('/result/')) {
        const name = basename(request.url);
        writeFileSync(join(folder, `${name}.web`), body);
        console.log(`onnxruntime-web: ${name}`);
      } else if (request.url === '/done') {
        end(0);
      } else {
        console.error(body.toString());
        end(1);
      }
    });
    return;
  }
  if (request.url === '/') {
    response.setHeader('content-type', 'text/html');
    response.end(page);
    return;
  }
  const [, place, name] = request.url.split('/');
  const path = place === 'ort' ? join(packages, 'node_modules/onnxruntime-web/dist', basename(name ?? '')) : join(folder, basename(name ?? ''));
  if (!name || !existsSync(path)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
  createReadStream(path).pipe(response);
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  browser = spawn(process.env.CHROMIUM ?? 'chromium', ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--remote-debugging-port=0', url], { stdio: 'ignore' });
  browser.on('error', error => { console.error(`Chromium did not start: ${error.message}`); end(1); });
});
setTimeout(() => { console.error('onnxruntime-web gave no answer within ten minutes.'); end(1); }, 600_000);
