/**
 * The print system of the operating system, as far as Letterlock uses it: one queue that leads to the virtual printer. An
 * adapter changes the queue it is told to and nothing else; whether a queue is ours is decided in installation.ts.
 */
export interface OsPrinter {
  /** What there is under this name; null: nothing. */
  status(name: string): Promise<QueueStatus | null>;
  /** Creates the queue, or changes the one of this name. Rejects with print-system-refused where the user may not. */
  install(queue: Queue): Promise<void>;
  /** Removes the queue; nothing happens if there is none. */
  remove(name: string): Promise<void>;
  /** Keeps what is printed in the print system until `install` opens the queue again. Nothing where that cannot be undone. */
  pause(name: string): Promise<void>;
  /** Makes it this user's default printer. */
  makeDefault(name: string): Promise<void>;
  /** Forgets that it was. */
  forgetDefault(name: string): Promise<void>;
  /** Where the queue leads to, without the password. */
  address(queue: Pick<Queue, 'port'>): string;
  /** Calls back after the print system's queues may have changed. Returns what ends it. */
  watch(listener: () => void): () => void;
}

export interface Queue {
  /** As print dialogs show it. */
  readonly name: string;
  /** Of the virtual printer, on 127.0.0.1. */
  readonly port: number;
  /** What the print system shows the virtual printer with every job (HTTP Basic over TLS). */
  readonly credentials: { readonly user: string; readonly password: string };
  /** The operating system's name of the only user who may print there. */
  readonly owner: string;
}

export interface QueueStatus {
  /** Where it leads to, in the print system's words and without a password. */
  readonly device: string;
  /** False while it takes no jobs or passes none on: paused, or the print system doesn't know what the printer can do. */
  readonly complete: boolean;
  /** A job is on its way. */
  readonly busy: boolean;
}

/** A queue as plans show it: without its password, and perhaps before the port is known. */
export interface PlannedQueue {
  readonly name: string;
  readonly port: number | 'PORT';
  readonly owner: string;
}

/** What an administrator would type to do the same; lines with # are remarks. */
export interface Plan {
  readonly status: readonly string[];
  readonly install: readonly string[];
  readonly remove: readonly string[];
}
