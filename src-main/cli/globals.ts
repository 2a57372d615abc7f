import type { Command } from 'commander';

/** Options that every command has. `data`: root folder; each role has the folder of its name in it. */
export interface GlobalOptions {
  readonly data: string;
}

export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();
