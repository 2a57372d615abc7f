import type { Command } from 'commander';
import type { Output } from '../../src-preload/contract/index.ts';
import { calling, done, listing } from './admin-call.ts';
import { table } from './report.ts';

/** `letterlock admin site …`, and the two commands that put something into another site. */
export function addSiteCommands(site: Command, device: Command, printer: Command): void {
  listing(site.command('list'), 'admin.site.list', (all) =>
    table(
      ['SITE', 'NAME', 'MACHINES', 'PRINTERS', 'JOBS', 'KEY'],
      all.map((one) => [one.id, one.name, one.devices, one.printers, one.heldJobs, `epoch ${one.releaseKeyEpoch}`]),
      'No site.'
    )
  );
  const named = ([id, name]: readonly string[]) => ({ id, name });
  calling(
    site
      .command('create <id> <name>')
      .description('a building or branch, with a release key of its own; the id never changes'),
    'admin.site.create',
    named,
    show
  );
  calling(site.command('rename <id> <name>'), 'admin.site.rename', named, show);
  calling(
    site.command('remove <id>').description('with its keys; only when nothing belongs to it'),
    'admin.site.remove',
    ([id]) => ({ id }),
    done
  );
  const to = ([id, site]: readonly string[]) => ({ id, site });
  calling(
    device.command('move <device> <site>').description('it stands in another building now'),
    'admin.device.move',
    to,
    (one) => `${one.name} is at ${one.site}.`
  );
  calling(
    printer.command('move <printer> <site>').description('it stands in another building now'),
    'admin.printer.move',
    to,
    (one) => `${one.name} is at ${one.site}.`
  );
}

const show = (one: Output<'admin.site.create'>): string =>
  `${one.name}: ${one.id}, release key epoch ${one.releaseKeyEpoch}`;
