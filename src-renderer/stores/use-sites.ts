import type { Output } from '../../src-preload/contract/index.ts';
import { useAnswer } from './console.ts';
import { namesOf } from './names.ts';

type Site = Output<'admin.site.list'>[number];

/** The organization's sites. While there is only one, nobody is asked or told which. */
export const useSites = () => {
  const sites: readonly Site[] = useAnswer('admin.site.list').read.value ?? [];
  const names = namesOf(sites);
  return {
    sites,
    several: sites.length > 1,
    nameOf: (id: string): string => names.get(id) ?? id,
    options: sites.map(({ id, name }) => ({ value: id, label: name }))
  };
};
