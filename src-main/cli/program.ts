import { Command } from 'commander';
import { version } from '../../package.json';
import { defaultDataRoot } from '../base/data-root.ts';
import { addAdminCommands } from './admin.ts';
import { addAuditCommands } from './audit.ts';
import { addRestoreCommand } from './backup.ts';
import { addBenchCommand } from './bench.ts';
import { addJoinCommand } from './coordinators.ts';
import { addDoctorCommand } from './doctor.ts';
import { addJobCommands } from './jobs.ts';
import { addNodeCommands } from './node.ts';
import { addPairCommand } from './pair.ts';
import { addPrinterCommands } from './printer.ts';
import { addRunCommands, type BuiltParts } from './run.ts';
import { addStateCommand } from './state.ts';
import { addTicketCommand } from './ticket.ts';
import { addWhyCommand } from './why.ts';

export function createProgram(built: BuiltParts): Command {
  const program = new Command('letterlock')
    .description('Sealed printing over an encrypted edge mesh.')
    .version(version)
    .option('--data <folder>', 'where this machine keeps its Letterlock data', defaultDataRoot())
    .addHelpText('after', exitCodes)
    .exitOverride();
  addRunCommands(program, built);
  for (const add of [
    addPairCommand,
    addStateCommand,
    addNodeCommands,
    addJobCommands,
    addTicketCommand,
    addWhyCommand,
    addPrinterCommands,
    addAdminCommands,
    addAuditCommands,
    addRestoreCommand,
    addJoinCommand,
    addDoctorCommand,
    addBenchCommand
  ])
    add(program);
  for (const command of program.commands) inheritExit(command);
  return program;
}

/** Wrong usage is thrown, never `process.exit`ed, so that output is flushed. */
function inheritExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) inheritExit(child);
}

const exitCodes = `
Exit codes: 0 done; 2 wrong usage or input; 3 refused; 4 something does not answer; 5 failed.
Errors go to standard error as "letterlock: CODE: what happened", with the next step below.`;
