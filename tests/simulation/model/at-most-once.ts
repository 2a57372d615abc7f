import {
  type Attempt,
  type AttemptState,
  advance,
  type JobProgress,
  type JobStep,
  stateOf
} from '../../../src-main/coordinator/job-state.ts';
import { outcomeOf, resultOf, type Sent, waitsInVain } from '../../../src-main/delivery/settle.ts';
import type { JobReport } from '../../../src-main/delivery/watch.ts';
import type { Model, Step } from './explore.ts';

/**
 * One job from its claim to its erasure: coordinators over one database, two nodes that hold it, one printer, people in a hurry.
 * docs/spec/mesh.md, "At most once", says what each part stands for. What the coordinator and a node decide is decided by the code
 * itself: `advance` (coordinator/job-state.ts), `waitsInVain`, `resultOf` and `outcomeOf` (delivery/settle.ts). Steps are named
 * after the function that takes them.
 *
 * Time is left out, so that nothing can depend on it: a deadline may pass at any moment. The network is the set of all that was ever said:
 * each of it may come at any time, in any order, again, or never. That is worse than TLS allows, and needs no queue.
 */
export interface Variant {
  /** `create-job`: the printer tells the number of the job before the first byte. `print-job`: only afterwards. */
  readonly way: 'create-job' | 'print-job';
  /** The printer says when it waits for more of a document. */
  readonly tells: boolean;
  /** A rule is left out, to see that the model notices. */
  readonly without?: 'fence' | 'question' | 'look' | 'answer' | 'uncertain' | undefined;
}

export interface Bounds {
  readonly attempts: number;
  readonly crashes: number;
}

/** `aborted`: by itself, or by a person at its panel. `canceled`: because a node said so. */
type JobAtPrinter = 'absent' | 'empty' | 'partly' | 'wholly' | 'completed' | 'aborted' | 'canceled';
/** What the node's process is doing for a grant. After a crash: nothing, until it is recovered. */
type Doing =
  | 'nothing'
  | 'preparing'
  | 'starting'
  | 'handing over'
  | 'sent partly'
  | 'sent wholly'
  | 'watching'
  | Asking;
/** The connection broke, or the process; what became of it? `canceled`: it has told the printer to end it. */
type Asking = `asking, ${Sent}` | `canceled, ${Sent}`;
type Ending = 'completed' | 'failed' | 'uncertain';

/** An attempt: what the coordinators know of it, its node, and its printer. */
interface Try {
  readonly db: AttemptState;
  readonly node: 0 | 1;
  /** A person was told that it may have been printed, and wanted it all the same. */
  readonly secondCopy: boolean;
  /** delivery/journal.ts: durable. */
  readonly journal: 'none' | 'accepted' | 'sending' | 'delivered' | 'ended' | 'reported';
  readonly outcome: 'none' | Ending;
  readonly doing: Doing;
  /** The node has asked whether it may begin; the answers that were given, each of which may come, or not. */
  readonly asked: boolean;
  readonly mayBegin: boolean;
  readonly refused: boolean;
  /** Bytes on their way to the printer, or in its memory: they may still arrive when the node is gone. */
  readonly wire: 'nothing' | 'partly' | 'wholly';
  readonly printer: JobAtPrinter;
  /** Whether any sheet came out. */
  readonly paper: boolean;
  /** The printer took the end of the connection for the end of the document. */
  readonly torn: boolean;
}

export interface World {
  readonly closed: JobProgress['closed'];
  readonly tries: readonly Try[];
  /** Whether each of the two nodes has its replica. */
  readonly holds: readonly boolean[];
  readonly crashes: number;
}

export function atMostOnce(variant: Variant, bounds: Bounds): Model<World> {
  return {
    initial: { closed: null, tries: [], holds: [true, true], crashes: 0 },
    key: keyOf,
    violation,
    isFinal: ({ closed, tries, holds }) =>
      isOver({ closed, tries }) &&
      !holds.includes(true) &&
      tries.every(({ journal, doing }) => doing === 'nothing' && (journal === 'none' || journal === 'reported')),
    *steps(world) {
      yield* people(world, bounds);
      for (const [at, one] of world.tries.entries()) {
        const to = (change: Partial<Try>): World => changed(world, at, change);
        yield* coordinator(world, at, one, variant);
        yield* node(world, at, variant, to);
        yield* printer(one, to);
      }
      yield* erasing(world);
      yield* crashing(world, bounds);
    }
  };
}

/* People. */

function* people(world: World, bounds: Bounds): Generator<Step<World>> {
  if (world.tries.length < bounds.attempts) {
    const acceptSecondCopy = stateOf(progressOf(world)) === 'uncertain';
    const after = taken(world, { do: 'claim', acceptSecondCopy });
    // Both nodes are alike: the first one that is asked is called the first.
    for (const node of world.tries.length === 0 ? ([0] as const) : ([0, 1] as const)) {
      if (!after) continue;
      const tries = [...after.tries, relevant({ ...untouched, node, secondCopy: acceptSecondCopy })];
      const how = acceptSecondCopy ? ', a second copy accepted' : '';
      yield { name: `grants.issue: a claim for node ${node}${how}`, to: { ...after, tries } };
    }
  }
  for (const end of ['cancel', 'expire'] as const) {
    const after = taken(world, { do: end });
    if (after) yield { name: end === 'cancel' ? 'jobs.cancel' : 'deadlines: the job expires', to: after };
  }
}

/*
 * The coordinators. Each transaction runs alone (storage: an advisory lock), so a step is whole or not at all, whichever of them takes
 * it. One that dies after its commit has told nobody, which is the same as an answer that never comes.
 */

function* coordinator(world: World, at: number, one: Try, { without }: Variant): Generator<Step<World>> {
  const fence = at + 1;
  if (one.asked) {
    const after = taken(world, { do: 'start', fence });
    if (after) yield { name: `outcomes.start ${fence}: begin`, to: changed(after, at, { mayBegin: true }) };
    else if (without === 'fence')
      yield { name: `outcomes.start ${fence}: begin, unchecked`, to: changed(world, at, { mayBegin: true }) };
    else yield { name: `outcomes.start ${fence}: refused`, to: changed(world, at, { refused: true }) };
  }
  if (one.db === 'claimed') {
    const after = taken(world, { do: 'lapse', fence });
    if (after) yield { name: `deadlines: claim ${fence} lapses`, to: after };
  }
  if (one.db === 'started') {
    const after = taken(world, { do: without === 'uncertain' ? 'failed' : 'uncertain', fence });
    if (after) yield { name: `deadlines: nothing is heard of ${fence}`, to: after };
  }
  if (one.outcome !== 'none') {
    const after = taken(world, { do: one.outcome, fence }) ?? world;
    yield { name: `outcomes.report ${fence}: ${one.outcome}`, to: changed(after, at, { journal: 'reported' }) };
    if (after !== world) yield { name: `outcomes.report ${fence}: ${one.outcome}, unheard`, to: after, fault: true };
  }
}

/* A node: delivery/. */

function* node(
  world: World,
  at: number,
  { way, without, tells }: Variant,
  to: (change: Partial<Try>) => World
): Generator<Step<World>> {
  const one = world.tries[at] ?? untouched;
  const fence = at + 1;
  const say = (what: string, change: Partial<Try>, fault = false): Step<World> => ({
    name: `node ${one.node}, ${fence}: ${what}`,
    to: to(change),
    fault
  });
  const here = world.tries.filter((other) => other.node === one.node);

  switch (one.doing) {
    case 'nothing': {
      const isUsed = world.tries.slice(at).some((other) => other.node === one.node && other.journal !== 'none');
      const isBusy = here.some(
        ({ doing }) => doing !== 'nothing' && doing !== 'watching' && sentOf(doing) !== 'unknown'
      );
      if (!isUsed && !isBusy) yield say('journal.accept', { journal: 'accepted', doing: 'preparing' });
      if (one.journal === 'accepted') yield say('recover: nothing was begun', ended('failed'));
      if (one.journal === 'sending') yield say('recover: settle', { doing: 'asking, unknown' });
      if (one.journal === 'delivered') yield say('recover: watchJob', { doing: 'watching' });
      return;
    }
    case 'preparing':
      if (world.holds[one.node]) yield say('begin: asks to start', { doing: 'starting', asked: true });
      else yield say('prepare: no replica', ended('failed'));
      return;
    case 'starting':
      if (one.mayBegin) yield say('begin: may start', { doing: 'handing over' });
      if (one.refused) yield say('begin: is refused', ended('failed'));
      yield say('begin: hears nothing', ended('failed'), true);
      return;
    case 'handing over':
      if (way === 'create-job' && one.printer === 'absent') {
        yield say('createJob', { printer: 'empty' });
        yield say('createJob: the answer is lost', { ...ended('failed'), printer: 'empty' }, true);
        yield say('createJob: the printer is away', ended('failed'), true);
      } else yield say('remember', { journal: 'sending', doing: 'sent partly' });
      return;
    case 'sent partly':
      if (one.wire === 'nothing' && isTaking(one.printer)) yield say('sends a part', { wire: 'partly' });
      else yield say('sends all', { wire: 'wholly', doing: 'sent wholly' });
      yield say('send: breaks off', without === 'question' ? ended('failed') : { doing: 'asking, partly' }, true);
      if (one.printer === 'aborted') {
        const isBelieved = !one.paper || without === 'look';
        yield say('send: refused, cameOut', isBelieved ? ended('failed') : { doing: 'asking, partly' });
        yield say('send: refused, cameOut gets no answer', { doing: 'asking, partly' }, true);
      }
      return;
    case 'sent wholly':
      if (!isTaking(one.printer) && !one.torn) {
        yield say('sent: the printer has it', { journal: 'delivered', doing: 'watching' });
        yield say('sent: the answer names no job', { doing: 'asking, wholly' }, true);
      }
      if (one.torn) yield say('sent: the printer hangs up', { doing: 'asking, unknown' });
      if (without === 'question') yield say('send: the answer is lost', ended('failed'), true);
      else {
        const doing = without === 'answer' ? 'asking, wholly' : 'asking, unknown';
        yield say('send: the answer is lost', { doing }, true);
      }
      return;
    case 'watching': {
      const { result } = outcomeOf(reportOf(one, tells), fence);
      if (isEnding(result) && isEnd(one.printer)) yield say(`watchJob: ${one.printer}`, ended(result));
      yield say('watchJob: the printer is away for good, or forgets', ended('uncertain'), true);
      return;
    }
    default:
      yield* ask(one, tells, say);
  }
}

/** delivery/settle.ts `settle`: one question to the printer, or the word that it shall end the job. */
function* ask(
  one: Try,
  tells: boolean,
  say: (what: string, change: Partial<Try>, fault?: boolean) => Step<World>
): Generator<Step<World>> {
  const sent = sentOf(one.doing) ?? 'unknown';
  const report = reportOf(one, tells);
  const canceledByUs = one.doing.startsWith('canceled');
  if (one.printer === 'absent') yield say('settle: the printer knows no such job', ended('uncertain'));
  else if (isEnd(one.printer)) yield say(`settle: ${one.printer}`, ended(resultOf(report, { sent, canceledByUs })));
  else if (canceledByUs) yield say('settle: still not over', ended('uncertain'));
  else if (waitsInVain(report, sent)) {
    yield say('settle: cancelJob', { doing: `canceled, ${sent}`, printer: 'canceled' });
    yield say('settle: cancelJob does not arrive', { doing: `canceled, ${sent}` }, true);
  }
  yield say('settle: the printer is away, or forgets', ended('uncertain'), true);
}

/** `unknown`: a restart came between. */
const sentOf = (doing: Doing): Sent | undefined => sents.find((sent) => doing.endsWith(sent));
const sents = ['partly', 'wholly', 'unknown'] as const;

const ended = (outcome: Ending): Partial<Try> => ({ journal: 'ended', outcome, doing: 'nothing' });

function reportOf({ printer: state, paper }: Try, tells: boolean): JobReport {
  const isEarly = state === 'empty' || state === 'partly';
  return {
    state: isEnd(state) ? state : 'processing',
    incoming: isEarly && tells,
    empty: state === 'empty' && tells,
    printed: paper
  };
}

/* The printer: takes what comes in its own time, and gives up by itself. It counts sheets. */

function* printer(one: Try, to: (change: Partial<Try>) => World): Generator<Step<World>> {
  const { printer: state, wire, paper } = one;
  const say = (what: string, change: Partial<Try>): Step<World> => ({ name: `the printer ${what}`, to: to(change) });
  if (state === 'empty' || state === 'absent') {
    if (wire !== 'nothing') yield say('gets a part', { printer: 'partly' });
    if (state === 'empty') yield say('gives an empty job up', { printer: 'aborted' });
  }
  if (state === 'partly') {
    if (wire === 'wholly') yield say('gets all', { printer: 'wholly' });
    if (!paper) yield say('puts out a first sheet', { paper: true });
    yield say('gives a part up', { printer: 'aborted' });
    yield say('takes a part for all', { printer: 'completed', paper: true, torn: true });
  }
  if (state === 'wholly') {
    yield say('has printed', { printer: 'completed', paper: true });
    if (!paper) yield say('puts out a first sheet', { paper: true });
    yield say('gives up', { printer: 'aborted' });
  }
}

/* The end: coordinator/job-steps.ts `end`, mesh/erasure.ts. The order comes at once, or when the node asks for it. */

function* erasing(world: World): Generator<Step<World>> {
  if (!isOver(world)) return;
  for (const [at, held] of world.holds.entries()) {
    const holds = world.holds.map((each, index) => each && index !== at);
    if (held) yield { name: `erasure: node ${at}`, to: { ...world, holds } };
  }
}

function* crashing(world: World, bounds: Bounds): Generator<Step<World>> {
  if (world.crashes >= bounds.crashes) return;
  for (const at of [0, 1]) {
    if (!world.tries.some(({ node, doing }) => node === at && doing !== 'nothing')) continue;
    const tries = world.tries.map((one) => (one.node === at ? relevant({ ...one, doing: 'nothing' }) : one));
    yield { name: `node ${at} crashes`, to: { ...world, tries, crashes: world.crashes + 1 }, fault: true };
  }
}

/** What must never be. */
function violation({ tries }: World): string | null {
  const printed = tries.filter(({ paper }) => paper).length;
  const accepted = tries.filter(({ secondCopy }) => secondCopy).length;
  if (printed > 1 + accepted) return `printed ${printed} times, and ${accepted} second copies were accepted`;
  for (const { db, paper, torn } of tries) {
    if (paper && (db === 'failed' || db === 'lapsed' || db === 'claimed')) return `printed, and called ${db}`;
    if (!paper && db === 'completed') return 'not printed, and called completed';
    if (torn && db === 'completed') return 'printed in part, and called completed';
  }
  return null;
}

const isOver = (job: Pick<World, 'closed' | 'tries'>): boolean =>
  ['completed', 'canceled', 'expired'].includes(stateOf(progressOf(job)));
/** Bytes that come still matter. */
const isTaking = (state: JobAtPrinter): boolean => state === 'absent' || state === 'empty' || state === 'partly';
const isEnd = (state: JobAtPrinter): boolean => state === 'completed' || state === 'aborted' || state === 'canceled';
const isEnding = (result: string): result is Ending => result !== 'delivered';

const untouched: Try = {
  ...{ db: 'claimed', node: 0, secondCopy: false, journal: 'none', outcome: 'none', doing: 'nothing' },
  ...{ asked: false, mayBegin: false, refused: false, wire: 'nothing', printer: 'absent', paper: false, torn: false }
};

const progressOf = ({ closed, tries }: Pick<World, 'closed' | 'tries'>): JobProgress => ({
  closed,
  attempts: tries.map(({ db }, at): Attempt => ({ fence: at + 1, state: db }))
});

/** The world after a step of the coordinator's state machine, a new attempt left to the caller; undefined: refused, or nothing changes. */
function taken(world: World, step: JobStep): World | undefined {
  const before = progressOf(world);
  const after = advance(before, step);
  if (typeof after === 'string' || after === before) return undefined;
  const tries = world.tries.map((one, at) => {
    const db = after.attempts[at]?.state ?? one.db;
    return db === one.db ? one : relevant({ ...one, db });
  });
  return { ...world, closed: after.closed, tries };
}

const changed = (world: World, at: number, change: Partial<Try>): World => ({
  ...world,
  tries: world.tries.map((one, index) => (index === at ? relevant({ ...one, ...change }) : one))
});

/** Without what can change nothing any more: two states that differ in nothing else are one. */
function relevant(one: Try): Try {
  const waits = one.doing === 'starting';
  const isReported = one.journal === 'reported';
  const outcome = isReported ? 'none' : one.outcome;
  const asked = one.asked && (waits || one.db === 'claimed');
  const mayBegin = one.mayBegin && waits;
  const refused = one.refused && waits;
  const wire = isTaking(one.printer) ? one.wire : 'nothing';
  const printer = isReported && isEnd(one.printer) ? 'aborted' : one.printer;
  let code = one.node + 2 * bits(one.secondCopy, asked, mayBegin, refused, one.paper, one.torn);
  for (const word of [one.db, one.journal, outcome, one.doing, wire, printer]) code = code * words + wordOf(word);
  const known = alike.get(code);
  if (known) return known;
  if (alike.size >= mostAlike) throw new RangeError('more kinds of attempts than a key has room for');
  const made = { ...one, outcome, asked, mayBegin, refused, wire, printer };
  numberOf.set(made, alike.size + 1);
  alike.set(code, made);
  return made;
}

const bits = (...flags: boolean[]): number => flags.reduce((sum, flag) => 2 * sum + Number(flag), 0);

/** Attempts that are alike are one object with one number, so that a key is a number: strings would take most of the time. */
const alike = new Map<number, Try>();
const numberOf = new WeakMap<Try, number>();
const mostAlike = 4095;

/** Different words of different fields share nothing but this numbering. */
const words = 64;
const numberOfWord = new Map<string, number>();
function wordOf(word: string): number {
  const known = numberOfWord.get(word) ?? numberOfWord.size;
  if (known === numberOfWord.size) numberOfWord.set(word, known);
  return known;
}

/** Up to three attempts: 2⁵³ has no room for more. */
function keyOf({ closed, tries, holds, crashes }: World): number {
  let key = (tries.length * words + wordOf(String(closed))) * 16 + crashes;
  for (const held of holds) key = 2 * key + Number(held);
  for (const one of tries) key = key * (mostAlike + 1) + (numberOf.get(one) ?? 0);
  if (key > Number.MAX_SAFE_INTEGER) throw new RangeError('more attempts than a key has room for');
  return key;
}
