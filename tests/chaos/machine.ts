import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cliEntry } from '../../build/processes.mjs';
import { callControl, watchControl } from '../../src-main/app/control-client.ts';
import type {
  ClientState,
  Input,
  NodeState,
  Output,
  Procedure,
  Role,
  StationState
} from '../../src-preload/contract/index.ts';
import { fakeTime, setClock } from './clock-jump.ts';
import type { Host } from './hosts.ts';

export interface States {
  client: ClientState;
  node: NodeState;
  station: StationState;
  coordinator: never;
}

/** One role of Letterlock as a real process on its host, with its data, that can be killed, frozen and started again. */
export interface Machine<R extends Role | 'coordinator' = Role | 'coordinator'> {
  readonly name: string;
  readonly role: R;
  readonly host: Host;
  /** The root that the command line is given, and the folder of the role in it. */
  readonly data: string;
  readonly folder: string;
  readonly pid: number;
  start(): Promise<Record<string, unknown>>;
  running(): boolean;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** How it ended when nobody killed it; null when that has not happened. */
  died(): string | null;
  /** SIGSTOP; returns what lets it go on. */
  freeze(): () => void;
  /** Its wall clock is so many seconds off from now on; its monotonic one goes on. */
  jump(seconds: number): Promise<void>;
  call<P extends Procedure>(procedure: P, input: Input<P>): Promise<Output<P>>;
  /** What it last said of itself; undefined before it has, and when it is not running. */
  latest(): States[R] | undefined;
  /** Resolves, on its own events, when it says what is wanted. */
  until(what: string, wanted: (state: States[R]) => boolean, seconds?: number): Promise<States[R]>;
  /** Tells each state; returns what ends it. */
  onState(listener: (state: States[R]) => void): () => void;
}

export interface MachineOptions<R> {
  readonly name: string;
  readonly role: R;
  readonly host: Host;
  readonly folder: string;
  readonly args?: readonly string[];
  /** Its clock can jump, which costs it a little with every look at the clock. */
  readonly jumps: boolean;
}

export function createMachine<R extends Role | 'coordinator'>(options: MachineOptions<R>): Machine<R> {
  const { name, role, host, folder: data, args = [], jumps } = options;
  const folder = join(data, role);
  const states = new EventEmitter<{ state: [States[R]] }>().setMaxListeners(0);
  const clockFile = join(data, 'clock');
  let child: ChildProcess | undefined;
  let latest: States[R] | undefined;
  let death: string | null = null;

  async function watch(of: ChildProcess) {
    if (role === 'coordinator') return;
    try {
      for await (const state of watchControl(folder, `${role as Role}.state`)) {
        if (child !== of) return;
        latest = state as States[R];
        states.emit('state', latest);
      }
    } catch {
      // It was killed, which is what happens here.
    }
    if (child === of) latest = undefined;
  }

  async function start() {
    await mkdir(join(data, 'tmp'), { recursive: true });
    await setClock(clockFile, 0);
    const log = openSync(`${data}.log`, 'a');
    const [command = '', ...words] = [
      ...host.enter,
      process.execPath,
      cliEntry,
      '--data',
      data,
      role,
      'run',
      '--exit-with-parent',
      '--name',
      name,
      ...args
    ];
    const started = spawn(command, words, {
      stdio: ['pipe', 'pipe', log],
      env: { ...process.env, TMPDIR: join(data, 'tmp'), ...(jumps ? fakeTime(clockFile) : {}) }
    });
    closeSync(log);
    child = started;
    started.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') return;
      death = `${name} ended by itself (${code ?? signal})`;
    });
    started.stdin?.on('error', () => undefined);
    const ready = new Promise<string>((done, fail) => {
      createInterface({ input: started.stdout as NodeJS.ReadableStream }).once('line', done);
      started.once('exit', (code) => fail(new Error(`${name} ended at its start (${code}); see ${data}.log`)));
    });
    const line = JSON.parse(await ready) as Record<string, unknown>;
    void watch(started);
    return line;
  }

  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const signal = (which: NodeJS.Signals) => void child?.kill(which);

  return {
    name,
    role,
    host,
    data,
    folder,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    running,
    async kill() {
      if (!child || !running()) return;
      const gone = once(child, 'exit');
      signal('SIGKILL');
      await gone;
      latest = undefined;
    },
    died: () => death,
    freeze() {
      signal('SIGSTOP');
      return () => signal('SIGCONT');
    },
    jump: (seconds) => setClock(clockFile, seconds),
    call: (procedure, input) => callControl(folder, procedure, input),
    latest: () => latest,
    onState(listener) {
      states.on('state', listener);
      return () => states.off('state', listener);
    },
    until(what, wanted, seconds = 60) {
      return new Promise((done, fail) => {
        const check = (state: States[R]) => {
          if (!wanted(state)) return;
          end();
          done(state);
        };
        const timer = setTimeout(() => {
          end();
          fail(new Error(`${name}: not ${what} within ${seconds} s; ${describe(latest)}`));
        }, seconds * 1000);
        const end = () => {
          clearTimeout(timer);
          states.off('state', check);
        };
        states.on('state', check);
        if (latest) check(latest);
      });
    }
  };
}

/** The part of a state that says why something does not happen. */
function describe(state: ClientState | NodeState | StationState | undefined): string {
  if (!state) return 'it is not running';
  const jobs = 'jobs' in state ? state.jobs.filter(({ state }) => state !== 'completed' && state !== 'canceled') : [];
  return JSON.stringify({
    connection: state.connection.coordinator,
    nodes: state.connection.nodes.map(({ name, alive }) => `${name} ${alive ? 'alive' : 'away'}`),
    ...('replicas' in state ? { replicas: state.replicas } : {}),
    jobs: jobs.map(({ id, title, state, inOutbox, holders, failure }) => ({
      id,
      title,
      state,
      inOutbox,
      holders: holders.length,
      failure: failure?.code
    }))
  });
}
