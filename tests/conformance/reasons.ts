/** Why lines of the suites are skipped: patterns of their names. The first that fits counts. */
export const skipped: readonly { lines: RegExp; why: string }[] = [
  {
    lines: /Get-Jobs Operation \(/,
    why: 'These look for a job that is still waiting. The job printed before is sealed and durable when Print-Job is answered, so the print system is told `completed` and the suite leaves them out.'
  },
  {
    lines: /(Print|Send)-URI|Create-Job Operation$/,
    why: 'Print-URI and Send-URI are not offered: a printer that fetches what a client names can be made to fetch what the client may not see.'
  },
  { lines: /Standard Sheet/, why: 'Banner pages are not offered: every job comes out before the eyes of its owner.' },
  {
    lines: /(Draft|Normal|High|Best) Quality/,
    why: 'The suite looks for `print-quality` among the attributes of the printer, where no printer has it (it means `print-quality-supported`). They run against no printer.'
  },
  { lines: /PostScript/, why: 'PostScript is offered where a printer behind takes it; in this run none is known.' },
  {
    lines: /2-Up/,
    why: 'Several pages on a sheet are offered where a printer behind can do it; in this run none is known.'
  },
  {
    lines: /^Print \S+ @ \d+dpi/,
    why: 'Resolutions and colours of raster follow the printers behind; in this run none is known, and 300 and 600 dpi in black, grey and sRGB are offered.'
  }
];

const operator =
  'An operation of operators. Nobody operates the virtual printer of another person; a node is governed by its organization’s coordinator, with an audit log.';
const erased =
  'A job is erased once it was printed, so it cannot be printed again. The document is printed again from where it is.';
const sealed =
  'Documents are sealed as they come, and what is said of them with them: nothing can be read, changed or taken out afterwards.';
const noQueue = 'Jobs don’t queue for one device: each waits for its owner, who releases them in any order.';

/** Why expectations of ipp-2.1 and ipp-2.2 are not met, by the words of ipptool. */
export const unmet: Readonly<Record<string, string>> = {
  'operations-supported WITH-VALUE "0x000E"': `Restart-Job. ${erased}`,
  'operations-supported WITH-VALUE "0x0010"': `Pause-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x0011"': `Resume-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x0012"': `Purge-Jobs. ${operator}`,
  'operations-supported WITH-VALUE "0x0013"': `Set-Printer-Attributes. ${operator}`,
  'operations-supported WITH-VALUE "0x0015"':
    'Get-Printer-Supported-Values. It says what Set-Printer-Attributes may set: nothing.',
  'operations-supported WITH-VALUE "0x0022"': `Enable-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x0023"': `Disable-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x0024"': `Pause-Printer-After-Current-Job. ${operator}`,
  'operations-supported WITH-VALUE "0x0025"': `Hold-New-Jobs. Every job is held until its owner is there.`,
  'operations-supported WITH-VALUE "0x0026"': `Release-Held-New-Jobs. Only its owner releases a job.`,
  'operations-supported WITH-VALUE "0x0029"': `Restart-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x002A"': `Shutdown-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x002B"': `Startup-Printer. ${operator}`,
  'operations-supported WITH-VALUE "0x002C"': `Reprocess-Job. ${erased}`,
  'operations-supported WITH-VALUE "0x002D"': `Cancel-Current-Job. ${noQueue}`,
  'operations-supported WITH-VALUE "0x002E"': `Suspend-Current-Job. ${noQueue}`,
  'operations-supported WITH-VALUE "0x002F"': `Resume-Job. ${noQueue}`,
  'operations-supported WITH-VALUE "0x0030"': `Promote-Job. ${noQueue}`,
  'operations-supported WITH-VALUE "0x0031"': `Schedule-Job-After. ${noQueue}`,
  'operations-supported WITH-VALUE "0x0033"': `Cancel-Document. ${sealed}`,
  'operations-supported WITH-VALUE "0x0034"': `Get-Document-Attributes. ${sealed}`,
  'operations-supported WITH-VALUE "0x0035"': `Get-Documents. ${sealed}`,
  'operations-supported WITH-VALUE "0x0037"': `Set-Document-Attributes. ${sealed}`,
  'operations-supported WITH-VALUE "0x003A"': `Resubmit-Job. ${erased}`,
  'printer-alert':
    'Alerts are of devices: a logical printer has no door to open. `printer-state-reasons` and `printer-state-message` say what users must know.',
  'printer-alert-description': 'As `printer-alert`.',
  'printer-message-from-operator': 'There is no operator who could leave one.',
  'which-jobs-supported WITH-VALUE "proof-print"':
    'No proof prints: the owner stands at the printer, and prints one copy first to see one.'
};
