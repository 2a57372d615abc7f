import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { BlobUpload } from './port.ts';
import type { Drain } from './pump.ts';

/** Where a blob must arrive unchanged. `sha256`: base64url. */
export interface BlobDigest {
  readonly sha256: string;
  readonly blobSize: number;
}

/**
 * One blob to several nodes at once: every chunk is given to all, and is done when the slowest has taken it. A node that
 * fails is given up and the others go on; when none is left, everything rejects.
 */
export interface FanOut {
  readonly write: Drain;
  /** Ends all uploads and compares what arrived; the nodes that have it on disk, at least one. */
  end(expected: BlobDigest): Promise<DeviceId[]>;
  /** Gives up what is still open, all but `keep`. */
  abort(reason: unknown, keep?: readonly DeviceId[]): void;
}

interface Lane {
  readonly node: DeviceId;
  upload?: BlobUpload;
  /** Chunks go one after the other. */
  tail: Promise<unknown>;
  lost?: LetterlockError;
}

export function createFanOut(options: {
  readonly nodes: readonly DeviceId[];
  /** May throw; then that node is lost from the start. */
  readonly upload: (node: DeviceId) => BlobUpload;
  /** Called once for each node that is given up. */
  readonly onLost: (node: DeviceId, error: LetterlockError) => void;
  /** Called when the last one is lost, so that nobody waits for more of the document. */
  readonly onNoneLeft: (error: LetterlockError) => void;
}): FanOut {
  const lanes: Lane[] = options.nodes.map((node) => ({ node, tail: Promise.resolve() }));

  const lose = (lane: Lane, reason: unknown) => {
    if (lane.lost) return;
    lane.lost = asLetterlockError(reason, 'node-unreachable');
    lane.upload?.abort(lane.lost);
    options.onLost(lane.node, lane.lost);
    if (lanes.every((each) => each.lost)) options.onNoneLeft(verdict(lanes));
  };
  /** One step of a lane. If it fails it loses the lane and nothing else. */
  const step = async (lane: Lane, run: (upload: BlobUpload) => unknown): Promise<void> => {
    if (lane.lost || !lane.upload) return;
    try {
      await run(lane.upload);
    } catch (error) {
      lose(lane, error);
    }
  };
  const expectOne = () => {
    if (lanes.every((lane) => lane.lost)) throw verdict(lanes);
  };

  for (const lane of lanes) {
    try {
      lane.upload = options.upload(lane.node);
    } catch (error) {
      lose(lane, error);
    }
  }

  return {
    async write(chunk) {
      for (const lane of lanes) lane.tail = lane.tail.then(() => step(lane, (upload) => upload.write(chunk)));
      await Promise.all(lanes.map((lane) => lane.tail));
      expectOne();
    },
    async end(expected) {
      const check = async (upload: BlobUpload) => {
        const stored = await upload.end();
        if (stored.sha256 !== expected.sha256 || stored.blobSize !== expected.blobSize)
          throw new LetterlockError('digest-mismatch');
      };
      await Promise.all(lanes.map((lane) => step(lane, check)));
      expectOne();
      return lanes.filter((lane) => !lane.lost).map((lane) => lane.node);
    },
    abort(reason, keep = []) {
      for (const lane of lanes) if (!lane.lost && !keep.includes(lane.node)) lane.upload?.abort(reason);
    }
  };
}

/** What all of them say, or that none is left. */
export function agreedFailure(failures: readonly LetterlockError[]): LetterlockError {
  const [first] = failures;
  return first && failures.every(({ code }) => code === first.code) ? first : new LetterlockError('node-unreachable');
}

const verdict = (lanes: readonly Lane[]): LetterlockError => agreedFailure(lanes.flatMap(({ lost }) => lost ?? []));
