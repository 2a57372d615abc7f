import { Worker } from 'node:worker_threads';

/** Kills this process when it has not shown a sign of life for two minutes: a loop without an end blocks everything else. */
export function startWatchdog(what: string): { beat(): void; stop(): void } {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watch, { eval: true, workerData: { beats, what } });
  worker.unref();
  return {
    beat: () => void Atomics.add(beats, 0, 1),
    stop: () => void worker.terminate()
  };
}

const watch = `
const { workerData: { beats, what } } = require('node:worker_threads');
let last = -1;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  if (now === last) {
    require('node:fs').writeSync(2, 'hangs in batch ' + now + ' of ' + what + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
  last = now;
}, 120_000);
`;
