// node node.mjs FOLDER: runs every network of the folder in onnxruntime-node.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const folder = process.argv[2];
const ort = createRequire(join(process.cwd(), 'package.json'))('onnxruntime-node');
for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
  const { name, shape } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const bytes = readFileSync(join(folder, `${name}.input`));
  const pixels = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const session = await ort.InferenceSession.create(join(folder, `${name}.onnx`));
  const { Logits } = await session.run({ input: new ort.Tensor('float32', pixels, shape) }, ['Logits']);
  writeFileSync(join(folder, `${name}.node`), Buffer.from(Logits.data.buffer, Logits.data.byteOffset, Logits.data.byteLength));
  console.log(`onnxruntime-node: ${name}`);
}
