/** Child processes of the demo: started with a log file, known by their first line of JSON, ended in reverse order. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const cliEntry = path.join(root, 'out', 'main', 'cli.js');

export function createProcesses(logDir) {
  const started = [];
  fs.mkdirSync(logDir, { recursive: true, mode: 0o700 });

  /** Spawns; its errors go to `<name>.log`. The process ends when our end of its standard input closes, whatever ends us. */
  function start(name, command, args, options = {}) {
    const log = fs.openSync(path.join(logDir, `${name}.log`), 'a', 0o600);
    const child = spawn(command, args, {
      stdio: ['pipe', options.readyLine ? 'pipe' : log, log],
      env: options.env ?? process.env
    });
    fs.closeSync(log);
    child.stdin.on('error', () => {}); // it may be gone already
    const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
    started.push({ name, child, exited });
    return { child, exited };
  }

  /** Starts a program that says in one line of JSON when it is ready; resolves with that. */
  async function startReady(name, command, args, options = {}) {
    const { child, exited } = start(name, command, args, { ...options, readyLine: true });
    const line = firstLine(readline.createInterface({ input: child.stdout }));
    const failed = exited.then(({ code, signal }) => {
      throw new Error(`${name} ended at its start (${code ?? signal}); see ${path.join(logDir, `${name}.log`)}`);
    });
    failed.catch(() => {}); // it may well end later, when nobody waits any more
    return JSON.parse(await Promise.race([line, failed]));
  }

  /** A role of Letterlock, headless. */
  const startRole = (name, dataRoot, args) =>
    startReady(name, process.execPath, [cliEntry, '--data', dataRoot, ...args, '--exit-with-parent', '--name', name]);

  /** SIGTERM to each, last started first, waiting for its end; SIGKILL after ten seconds. */
  async function stopAll() {
    for (const { child, exited } of started.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    }
  }

  return { start, startReady, startRole, stopAll };
}

/** Keeps reading afterwards, so that the writer never blocks. */
export const firstLine = (lines) => new Promise((done) => lines.once('line', done));

/** Runs the command line once; `input` goes to its standard input, each line of its output to `onLine`. Resolves with the last. */
export function letterlock(dataRoot, args, { input = '', onLine } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cliEntry, '--data', dataRoot, ...args, '--json'], {
      stdio: ['pipe', 'pipe', 'pipe']
    });
    let last = '';
    let problem = '';
    const giveUp = (error) => {
      child.kill();
      fail(error);
    };
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      last = line;
      Promise.resolve(onLine?.(JSON.parse(line))).catch(giveUp);
    });
    child.stderr.on('data', (chunk) => {
      problem += chunk;
    });
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done(last ? JSON.parse(last) : null);
      else fail(new Error(`letterlock ${args.join(' ')}: ${problem.trim()}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Waits on a role's own events until its state is as `wanted`; resolves with it. */
export function until(dataRoot, role, wanted) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cliEntry, '--data', dataRoot, 'state', '--role', role, '--watch'], {
      stdio: ['ignore', 'pipe', 'pipe']
    });
    let problem = '';
    child.stderr.on('data', (chunk) => {
      problem += chunk;
    });
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const state = JSON.parse(line);
      if (!wanted(state)) return;
      done(state);
      child.kill();
    });
    child.once('error', fail);
    child.once('close', () => fail(new Error(`the ${role} ended: ${problem.trim()}`)));
  });
}
