import { attribute, collections, enums, keyword } from './attributes.ts';
import { capabilityNames } from './capabilities.ts';
import type { IppAttribute, IppValue } from './message.ts';
import { identityOf, keywordOrName, type Printers, type Syntax, union } from './union.ts';

/** What the printers do to finished sheets (PWG 5100.1). 'none' is always offered and always the default. */
export function uniteFinishings(printers: Printers): IppAttribute[] {
  const none = enums('finishings-supported', 'none').values;
  const noneCol = collections('finishings-col-default', [keyword('finishing-template', 'none')]);
  const finishings = withFirst(none, union(printers, 'finishings-supported', ['enum']));
  const templates = withFirst(
    keyword('', 'none').values,
    union(printers, 'finishing-template-supported', keywordOrName)
  );
  const members = withFirst(
    keyword('', 'finishing-template').values,
    union(printers, 'finishings-col-supported', ['keyword'])
  );
  const database = withFirst(noneCol.values, union(printers, 'finishings-col-database', ['begCollection']));
  return [
    attribute('finishings-default', ...none),
    attribute('finishings-ready', ...finishings),
    attribute('finishings-supported', ...finishings),
    attribute('finishing-template-supported', ...templates),
    noneCol,
    attribute('finishings-col-database', ...database),
    attribute('finishings-col-ready', ...database),
    attribute('finishings-col-supported', ...members),
    ...memberNames.flatMap((name) => {
      const values = union(printers, name, memberSyntaxes);
      return values.length > 0 ? attribute(name, ...values) : [];
    })
  ];
}

/** What finishings-col can be made of: `stitching-locations-supported` and the like. */
const memberNames = capabilityNames.filter((name) =>
  /^(baling|binding|coating|covering|folding|laminating|punching|stitching|trimming)-/.test(name)
);

const memberSyntaxes: readonly Syntax[] = ['integer', 'rangeOfInteger', 'enum', ...keywordOrName];

const withFirst = (first: readonly IppValue[], others: readonly IppValue[]): IppValue[] => {
  const known = new Set(first.map(identityOf));
  return [...first, ...others.filter((each) => !known.has(identityOf(each)))];
};
