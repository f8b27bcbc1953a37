import { local } from './dates';

/** One month as first and last day (yyyy-MM-dd) and as people write it. */
export interface Month {
  from: string;
  to: string;
  label: string;
}

/** This month and the ones before it, newest first. */
export function monthsBack(count: number, now: Date | string = new Date()): Month[] {
  const first = local(now).startOf('month');
  return Array.from({ length: count }, (_, i) => {
    const month = first.subtract(i, 'month');
    return {
      from: month.format('YYYY-MM-DD'),
      to: month.endOf('month').format('YYYY-MM-DD'),
      label: month.format('MM/YYYY'),
    };
  });
}
