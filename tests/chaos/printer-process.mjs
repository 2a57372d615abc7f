// A printer on its host, for chaos trials: runs until its standard input closes or somebody kills it; what belongs to it dies with it.
import { startPrinter } from '../../build/ippeveprinter.mjs';

const [folder, host, port] = process.argv.slice(2);
const printer = await startPrinter({ folder, host, port: Number(port) });
process.stdout.write(`${JSON.stringify(printer)}\n`);
process.stdin.once('close', () => void printer.close().then(() => process.exit(0))).resume();
