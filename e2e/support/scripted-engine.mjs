// Stands in for out/main/engine.js: answers calls from DIR/engine-script.json, and reads it again whenever it changes.
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { role: { type: 'string' }, data: { type: 'string' } } });
const port = process.parentPort;
let answers = {};
let last = '';

function read() {
  const text = readFileSync(join(values.data, 'engine-script.json'), 'utf8');
  if (text === last || text === '') return;
  last = text;
  const script = JSON.parse(text);
  answers = script.answers;
  for (const [name, payload] of script.events ?? []) port.postMessage({ type: 'event', name, payload });
}

port.on('message', ({ data }) => {
  if (data.type === 'stop') process.exit(0);
  if (data.type !== 'call' || answers[data.procedure] === 'never') return;
  const result = answers[data.procedure] ?? { ok: false, code: 'not-found', message: 'not in the script' };
  port.postMessage({ type: 'result', id: data.id, result });
});

port.postMessage({ type: 'ready' });
read();
watch(values.data, read);
