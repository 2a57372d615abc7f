import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { codecTarget, replyTarget } from './codec-targets.ts';
import { corpus } from './corpus.ts';
import { Finding } from './finding.ts';
import { randomReply, randomRequest, reworded } from './grammar.ts';
import { mutated, randomDocument } from './mutate.ts';
import { createPrinterTarget } from './printer-target.ts';
import { createRandom, type Random } from './random.ts';
import { createClientTarget, createServerTarget } from './socket-targets.ts';
import { startWatchdog } from './watchdog.ts';

export interface FuzzOptions {
  requests: number;
  seed: number;
  /** Called now and then. */
  onProgress?: (done: number, heapBytes: number) => void;
}

export interface FuzzReport {
  requests: number;
  seconds: number;
  /** How often each target came to which outcome. */
  outcomes: Record<string, Record<string, number>>;
  /** Highest heap after a garbage collection, less that after the first batches. Bytes. */
  heapGrowth: number;
  findings: { target: string; finding: Finding }[];
}

type Target = (input: Buffer, random: Random) => string | Promise<string>;
type TargetName = keyof typeof shares;

/** Which share of the requests each target gets. Sockets are slow and add little to what runs in the process: they get few. */
const shares = { codec: 0.65, reply: 0.15, printer: 0.195, server: 0.0025, client: 0.0025 } as const;

/**
 * Generated and mutated IPP messages against the codec, a whole virtual printer, its server and the client. A finding is
 * anything but a proper answer or refusal; a hang ends the process (watchdog.ts). The same seed gives the same requests.
 */
export async function fuzz({ requests, seed, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const [server, client] = [await createServerTarget(), await createClientTarget()];
  const targets: Record<TargetName, Target> = {
    codec: codecTarget,
    reply: replyTarget,
    printer: createPrinterTarget(),
    server: server.run,
    client: client.run
  };
  const watchdog = startWatchdog(`seed ${seed}`);
  const start = performance.now();
  const report: FuzzReport = { requests: 0, seconds: 0, outcomes: {}, heapGrowth: 0, findings: [] };
  let baseline = Number.POSITIVE_INFINITY;
  for (let batch = 0; report.requests < requests && report.findings.length < mostFindings; batch += 1) {
    const random = createRandom(seed * 100_003 + batch);
    const size = Math.min(batchSize, requests - report.requests);
    for (let count = 0; count < size; count += 1) {
      const target = pickTarget(random);
      const input = randomInput(random, target);
      await tryOut(target, targets[target], input, random, report);
    }
    report.requests += size;
    watchdog.beat();
    if (batch % batchesPerMeasurement !== 0) continue;
    const heap = heapAfterCollection();
    if (batch <= warmUpBatches) baseline = Math.min(baseline, heap);
    report.heapGrowth = Math.max(report.heapGrowth, heap - baseline);
    onProgress?.(report.requests, heap);
  }
  watchdog.stop();
  await Promise.all([server.close(), client.close()]);
  return { ...report, seconds: (performance.now() - start) / 1000 };
}

const batchSize = 1000;
const batchesPerMeasurement = 20;
const warmUpBatches = 20;
const mostFindings = 20;

async function tryOut(name: string, target: Target, input: Buffer, random: Random, report: FuzzReport): Promise<void> {
  let outcome: string;
  try {
    outcome = await target(input, random);
  } catch (error) {
    const finding = error instanceof Finding ? error : new Finding('the target failed', input, { cause: error });
    report.findings.push({ target: name, finding });
    outcome = 'FINDING';
  }
  report.outcomes[name] ??= {};
  const counts = report.outcomes[name];
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}

function pickTarget(random: Random): TargetName {
  let left = random.int(1_000_000) / 1_000_000;
  for (const [name, share] of Object.entries(shares) as [TargetName, number][]) {
    left -= share;
    if (left < 0) return name;
  }
  return 'codec';
}

/** For the codec mostly broken messages, for what is behind it mostly such that can be read. */
function randomInput(random: Random, target: TargetName): Buffer {
  if (target === 'reply' || target === 'client') {
    const reply = random.chance(0.8) ? randomReply(random) : random.pick(corpus);
    return random.chance(0.6) ? reply : mutated(random, reply, corpus);
  }
  const recorded = random.pick(corpus);
  if (random.chance(target === 'printer' || target === 'server' ? 0.6 : 0.1)) {
    const request = random.chance(0.3) ? randomRequest(random) : reworded(random, recorded);
    return Buffer.concat([request, random.chance(0.5) ? randomDocument(random) : Buffer.alloc(0)]);
  }
  const kind = random.int(10);
  if (kind < 2) return mutated(random, randomRequest(random), corpus);
  if (kind < 9) return mutated(random, recorded, corpus);
  const prefix = Buffer.of(random.int(4), random.int(3), 0, random.int(64), 0, 0, 0, 1, 1);
  return Buffer.concat([prefix, random.bytes(random.int(64))]);
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
