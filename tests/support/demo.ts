import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobView } from '../../src-preload/contract/index.ts';

/** The line of JSON that `npm run demo -- --headless --json` prints: what black-box tests may rely on. */
export interface DemoLine {
  readonly virtualPrinter: string;
  readonly coordinator: {
    readonly url: string;
    readonly webUrl: string;
    readonly pairingUrl: string;
    readonly pid: number;
    readonly dataDir: string;
    readonly adminUser: string;
    readonly adminPasswordFile: string;
  };
  readonly client: { readonly pid: number; readonly dataDir: string };
  readonly nodes: readonly {
    readonly id: string;
    readonly url: string;
    readonly pid: number;
    readonly dataDir: string;
  }[];
  readonly station: { readonly pid: number; readonly dataDir: string };
  readonly printer: { readonly id: string; readonly uri: string; readonly spoolDir: string; readonly pid: number };
  readonly users: readonly { readonly name: string; readonly pin: string }[];
  readonly cli: readonly string[];
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Demo {
  readonly line: DemoLine;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Runs the command line against the demo, or with `data` against another folder of it. */
  cli(args: readonly string[], options?: { input?: string; data?: string }): Promise<CliResult>;
  json<T>(args: readonly string[], options?: { input?: string; data?: string }): Promise<T>;
  jobs(): Promise<JobView[]>;
  /** Waits, on the client's own events, until a job is as wanted. */
  untilJob(id: string, wanted: (job: JobView) => boolean): Promise<JobView>;
  untilState<T>(role: 'client' | 'node' | 'station', wanted: (state: T) => boolean, data?: string): Promise<T>;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

/** The whole system, headless, in a folder of its own. */
export async function startDemo(args: readonly string[] = []): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-system-'));
  const child = spawn(process.execPath, ['build/demo.mjs', '--headless', '--json', '--data', folder, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let problem = '';
  child.stderr.on('data', (chunk: Buffer) => {
    problem += chunk.toString('utf8');
  });
  const line = JSON.parse(await firstLine(child, () => problem)) as DemoLine;
  const [command = '', ...prefix] = line.cli;

  const cli: Demo['cli'] = async (rest, options = {}) => {
    const words = options.data ? [...prefix.slice(0, -1), options.data] : prefix;
    return run(command, [...words, ...rest], options.input);
  };
  const json = async <T>(rest: readonly string[], options?: { input?: string; data?: string }): Promise<T> => {
    const result = await cli([...rest, '--json'], options);
    if (result.code !== 0) throw new Error(`${rest.join(' ')}: ${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  };
  const untilState: Demo['untilState'] = (role, wanted, data = folder) =>
    watch(command, [...prefix.slice(0, -1), data, 'state', '--role', role, '--watch'], wanted);
  return {
    line,
    folder,
    process: child,
    cli,
    json,
    jobs: () => json<JobView[]>(['jobs']),
    untilState,
    async untilJob(id, wanted) {
      const find = (state: { jobs: JobView[] }) => state.jobs.find((job) => job.id === id);
      const state = await untilState<{ jobs: JobView[] }>('client', (now) => {
        const job = find(now);
        return job !== undefined && wanted(job);
      });
      return find(state) as JobView;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], input = ''): Promise<CliResult> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.once('error', fail);
    child.once('close', (code) => done({ code: code ?? -1, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Asks again, at the pace of the asking, until the answer is as wanted; gives the last answer after so many seconds. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || Date.now() > deadline) return answer;
  }
}

/** Resolves with the first line of standard output; fails when the process ends before. */
export function firstLine(child: ChildProcess, problem: () => string): Promise<string> {
  return new Promise((done, fail) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', done);
    child.once('exit', (code) => fail(new Error(`ended with ${code} before it was ready: ${problem()}`)));
  });
}

function watch<T>(command: string, args: readonly string[], wanted: (state: T) => boolean): Promise<T> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let problem = '';
    child.stderr.on('data', (chunk: Buffer) => {
      problem += chunk.toString('utf8');
    });
    createInterface({ input: child.stdout }).on('line', (text) => {
      const state = JSON.parse(text) as T;
      if (!wanted(state)) return;
      done(state);
      child.kill();
    });
    child.once('close', () => fail(new Error(`the role ended: ${problem}`)));
  });
}
