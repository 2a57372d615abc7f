import type { Command } from 'commander';
import type { Output, PolicyRule } from '../../src-preload/contract/index.ts';
import { type AdminProcedure, calling, listing, type Values } from './admin-call.ts';
import { table } from './report.ts';

/** `letterlock admin policy …`: the settings of the organization, rules for some, and why they decide as they do. */
export function addPolicyCommands(policy: Command): void {
  settings(policy);
  rules(policy.command('rule').description('exceptions: for a user or a group, at a printer or a site'));
  questions(policy);
}

function settings(policy: Command): void {
  const show = (one: Output<'admin.policy.get'>) =>
    `replicas ${one.replicas}, write quorum ${one.quorum}, kept for ${one.holdHours} h, delivery ${one.deliveryGrade}, job names ${one.jobNames} to printers, shared printers ${one.sharedPrinters ? 'allowed' : 'off'}, custody ${one.custody}, cloud nodes ${one.cloudNodes === 'allow' ? 'allowed' : 'off'}, ${one.offlineHours === 0 ? 'no release' : `release for ${one.offlineHours} h`} without the coordinator`;
  listing(policy.command('get').description('the settings of the organization'), 'admin.policy.get', show);
  change(
    policy
      .command('set')
      .option('--replicas <n>')
      .option('--quorum <n>', 'how many replicas must be on disk before a job counts as sent')
      .option('--hold-hours <n>')
      .option('--grade <grade>')
      .option('--job-names <shown|opaque>', 'whether printers are told what jobs are called')
      .option('--badges <off|with-pin|alone>', 'whether a badge signs in at a station')
      .option('--shared-printers <on|off>', 'whether nodes may offer a printer on the network')
      .option('--offline-hours <0-72>', 'for how long stations release while the coordinator is away; 0: not at all')
      .option('--cloud-nodes <allow|deny>', 'whether jobs may lie on cloud nodes, outside of the network')
      .option('--custody <standard|strict>', 'strict: every release is approved on the computer that printed'),
    'admin.policy.set',
    (_, { replicas, quorum, holdHours, grade, jobNames, badges, sharedPrinters, custody, offlineHours, cloudNodes }) =>
      given({
        custody,
        cloudNodes,
        replicas: numberOf(replicas),
        quorum: numberOf(quorum),
        holdHours: numberOf(holdHours),
        deliveryGrade: grade,
        jobNames,
        badges,
        sharedPrinters: onOrOff(sharedPrinters),
        offlineHours: numberOf(offlineHours)
      }),
    show
  );
}

function rules(rule: Command): void {
  listing(rule.command('list'), 'admin.policy.show', showDocument);
  change(
    rule
      .command('set <id>')
      .description('add a rule, or replace the one of this id')
      .requiredOption('--words <text>', 'what is said to whom it refuses something')
      .option('--user <user>', 'for this user (id)')
      .option('--group <group>', 'for this group (id)')
      .option('--printer <printer>', 'at this printer (id)')
      .option('--site <name>', 'at this site')
      .option('--print <allow|deny>')
      .option('--color <allow|deny>', 'deny: black and white only')
      .option('--duplex <any|required>', 'required: both sides only')
      .option('--custody <standard|strict>')
      .option('--replicas <n>')
      .option('--quorum <n>', 'how many replicas must be on disk before a job counts as sent')
      .option('--hold-hours <n>')
      .option('--cloud-nodes <allow|deny>', 'whether their jobs may lie on cloud nodes, outside of the network')
      .option('--grade <grade>', 'ipps-required, ipps-preferred or plain-allowed')
      .option('--pages-per-month <n|unlimited>', 'for each person')
      .option('--cost <grey,color>', 'of one printed side, in hundredths')
      .option('--watermark <text|none>', 'on every page; {user}, {time}, {printer} and {job} are put in')
      .option('--watermark-place <footer|diagonal>', 'default: footer'),
    'admin.policy.rule.set',
    ([id], { words, user, group, printer, site, ...rest }) => ({
      rule: given({ id, words, user, group, printer, site, effects: effectsOf(rest) })
    }),
    showDocument
  );
  change(rule.command('remove <id>'), 'admin.policy.rule.remove', ([id]) => ({ id }), showDocument);
}

function questions(policy: Command): void {
  calling(
    policy.command('history').description('versions, newest first').option('--limit <n>', 'how many', '20'),
    'admin.policy.history',
    (_, { limit }) => ({ limit: Number(limit) }),
    (versions) =>
      versions
        .flatMap(({ version, created, author, reason, changes }) => [
          `${version}  ${created}  ${author}${reason && `  "${reason}"`}`,
          ...changes.map(({ what, before, after }) => `   ${what}: ${before ?? '-'} → ${after ?? '-'}`)
        ])
        .join('\n')
  );
  calling(
    policy
      .command('explain')
      .description('what counts for somebody, and by which rule')
      .requiredOption('--user <name>', 'name or e-mail address')
      .option('--printer <printer>', 'at this printer (id)')
      .option('--site <site>', 'from a machine of this site; default: the first one')
      .option('--color', 'in colour')
      .option('--one-sided', 'on one side of the sheet'),
    'admin.policy.explain',
    (_, { user, printer, site, color, oneSided }) =>
      given({ user, printer, site, color: color ? true : undefined, twoSided: oneSided ? false : undefined }),
    ({ version, allowed, refusals, decisions, pagesThisMonth }) =>
      [
        `${allowed ? 'Allowed' : 'Refused'} by version ${version}; ${pagesThisMonth} pages this month.`,
        ...refusals.map(({ effect, rule, words }) => `refused: ${effect}, by rule ${rule}: ${words}`),
        table(
          ['WHAT', 'COUNTS', 'RULE', 'WORDS'],
          decisions.map(({ effect, value, rule, words }) => [effect, value, rule, words]),
          ''
        )
      ].join('\n')
  );
  calling(
    policy.command('preview-remove <rule>').description('what the last week would have been without a rule'),
    'admin.policy.preview',
    ([id]) => ({ remove: [id] }),
    showPreview
  );
  calling(
    policy.command('why <job>').description('why a job was refused'),
    'admin.policy.why',
    ([job]) => ({ job }),
    (refusals) =>
      table(
        ['TIME', 'AT', 'WHAT', 'RULE', 'VERSION', 'WORDS'],
        refusals.map(({ time, step, effect, rule, version, words }) => [time, step, effect, rule, version, words]),
        'The policy has not refused it.'
      )
  );
  calling(
    policy.command('usage').description('pages and cost of everybody').option('--month <yyyy-mm>', 'default: this one'),
    'admin.policy.usage',
    (_, { month }) => given({ month }),
    ({ month, users }) =>
      table(
        ['USER', 'PAGES', 'IN COLOUR', 'COST', 'UNCOUNTED JOBS'],
        users.map(({ name, pages, colorPages, cost, uncounted }) => [
          ...[name, pages, colorPages, (cost / 100).toFixed(2), uncounted]
        ]),
        `Nothing was printed in ${month}.`
      )
  );
}

/** A command that makes a new version. */
function change<P extends AdminProcedure>(
  command: Command,
  procedure: P,
  input: (args: string[], options: Values) => object,
  show: (output: Output<P>) => string
): void {
  calling(
    command
      .option('--reason <text>', 'for those who ask later')
      .option('--seen <version>', 'refuse if it is another one'),
    procedure,
    (args, { reason, seen, ...options }) => ({ ...input(args, options), ...given({ reason, seen: numberOf(seen) }) }),
    show
  );
}

const effectsOf = ({
  print,
  color,
  duplex,
  custody,
  replicas,
  quorum,
  holdHours,
  cloudNodes,
  grade,
  pagesPerMonth,
  cost,
  ...rest
}: Values) =>
  given({
    ...{ print, color, duplex, custody, cloudNodes, deliveryGrade: grade },
    replicas: numberOf(replicas),
    quorum: numberOf(quorum),
    holdHours: numberOf(holdHours),
    pagesPerMonth: pagesPerMonth === 'unlimited' ? null : numberOf(pagesPerMonth),
    pageCost: costOf(cost),
    watermark: watermarkOf(rest)
  });

function costOf(text: string | boolean | undefined) {
  if (typeof text !== 'string') return undefined;
  const [grey, color = grey] = text.split(',').map(Number);
  return { grey, color };
}

function watermarkOf({ watermark: text, watermarkPlace: place = 'footer' }: Values) {
  return text === undefined ? undefined : text === 'none' ? null : { text, place };
}

function showDocument({ version, rules }: Output<'admin.policy.show'>): string {
  const scope = ({ user, group, printer, site }: PolicyRule) =>
    Object.entries(given({ user, group, printer, site }))
      .map(([what, id]) => `${what} ${id}`)
      .join(', ') || 'everybody';
  const all = rules.map((rule) => [rule.id, scope(rule), JSON.stringify(rule.effects), rule.words]);
  return `Version ${version}.\n${table(['RULE', 'FOR', 'LAYS DOWN', 'WORDS'], all, 'No rule.')}`;
}

const showPreview = ({ releases, refused }: Output<'admin.policy.preview'>): string =>
  `${releases} releases in the last seven days.\n${table(
    ['USER', 'PRINTER', 'RELEASES', 'RULE', 'WORDS'],
    refused.map((one) => [one.user, one.printer, one.releases, one.rule, one.words]),
    'None of them would be refused.'
  )}`;

/** Without what was not given. */
const given = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const numberOf = (text: string | boolean | undefined) => (text === undefined ? undefined : Number(text));
/** Anything else goes on as it is, so that the schema refuses it by name. */
const onOrOff = (text: string | boolean | undefined) => (text === 'on' ? true : text === 'off' ? false : text);
