/** Everything that reads time takes a clock, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function takes it back. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  }
};

/** RFC 3339 in UTC with milliseconds: the only form in which times cross a boundary. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
