import { useTranslation } from 'react-i18next';
import type { PolicyEffect, PolicyEffects } from '../../../../src-preload/contract/index.ts';

/** What a rule or a decision says of one thing, in words. */
export const useEffectWords = () => {
  const { t } = useTranslation();
  const money = (hundredths: number) => (hundredths / 100).toFixed(2);
  const words: { [Effect in PolicyEffect]: (value: NonNullable<PolicyEffects[Effect]>) => string } = {
    print: (value) => t(`admin.rule.print.${value}`),
    color: (value) => t(`admin.rule.color.${value}`),
    duplex: (value) => t(`admin.rule.duplex.${value}`),
    custody: (value) => t(`admin.jobs.custodies.${value}`),
    replicas: (value) => t('admin.rule.machines', { count: value }),
    quorum: (value) => t('admin.rule.machines', { count: value }),
    cloudNodes: (value) => t(`admin.rule.cloudNodes.${value}`),
    holdHours: (value) => t('admin.rule.hours', { count: value }),
    deliveryGrade: (value) => t(`admin.grade.${value}`),
    pagesPerMonth: (value) => t('admin.rule.sides', { count: value }),
    pageCost: ({ grey, color }) => t('admin.rule.costs', { grey: money(grey), color: money(color) }),
    watermark: ({ text, place }) => t(`admin.rule.watermark.${place}`, { text })
  };
  return {
    nameOf: (effect: PolicyEffect): string => t(`admin.rule.effect.${effect}`),
    wordsOf: (effect: PolicyEffect, value: unknown): string =>
      value === null
        ? t(effect === 'watermark' ? 'admin.rule.watermark.none' : 'admin.rule.unlimited')
        : words[effect](value as never)
  };
};
