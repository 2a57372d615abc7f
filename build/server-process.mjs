// Starts server programs for demo and tests. Node built-ins only. They die with us, even if we are killed.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {(pattern: RegExp) => Promise<string>} logged the first line of its output, past or future, that matches
 * @property {() => readonly string[]} lines its output so far
 * @property {Promise<never>} ended rejects when the program ends, with the end of its output
 * @property {() => Promise<void>} stop
 */

/**
 * Resolves when a line of the program's output matches `ready` (null: at once); rejects if it ends before.
 * @param {string} command
 * @param {string[]} args
 * @param {RegExp | null} ready
 * @param {Record<string, string>} [env] added to ours
 * @returns {Promise<ServerProcess>}
 */
export async function startProcess(command, args, ready, env = {}) {
  const child = spawn('setpriv', ['--pdeathsig', 'SIGKILL', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env }
  });
  /** @type {string[]} */
  const lines = [];
  const events = new EventEmitter().setMaxListeners(0);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      events.emit('line', line);
    });
  }
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(([reason]) => {
    throw new Error(`${command} ended (${reason}):\n${lines.slice(-50).join('\n')}`);
  });
  ended.catch(() => undefined);

  /** @type {ServerProcess['logged']} */
  const logged = (pattern) => {
    const past = lines.find((line) => pattern.test(line));
    if (past !== undefined) return Promise.resolve(past);
    const future = new Promise((resolve) => {
      events.on('line', function check(/** @type {string} */ line) {
        if (!pattern.test(line)) return;
        events.off('line', check);
        resolve(line);
      });
    });
    return Promise.race([future, ended]);
  };

  if (ready) await logged(ready);
  return {
    pid: child.pid ?? 0,
    logged,
    lines: () => lines,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
    }
  };
}
