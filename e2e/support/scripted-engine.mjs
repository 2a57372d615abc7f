// Stands in for out/main/engine.js: answers calls from DIR/engine-script.json, which is read at every call.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { role: { type: 'string' }, data: { type: 'string' } }, strict: false });
const port = process.parentPort;

port.on('message', ({ data }) => {
  if (data.type === 'stop') process.exit(0);
  if (data.type !== 'call') return;
  const script = JSON.parse(readFileSync(join(values.data, 'engine-script.json'), 'utf8'));
  const result = script[data.procedure] ?? { ok: false, code: 'internal', message: 'not in the script' };
  port.postMessage({ type: 'result', id: data.id, result });
});
port.postMessage({ type: 'ready' });
